"""Which lists of other archives are taken, and which answers are believed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anjuan.bridges.exchange import queries, rules
from anjuan.bridges.exchange.rules import Column, Found, Reply, ReplyOutcome, Site
from anjuan.core.refusals import Refusal

ONE = """
[[archive]]
key = "LX"
name = "临县社会保险档案馆"
address = "https://archive.lx.example:8443/"
staff_code = "gx01"
password = "secret"
"""
ROW = {column.value: "某" for column in Column}
WELL = {"house": "某馆", "rows": [ROW], "is_cut": False, "is_index_whole": True}


def reason(text: str) -> str:
    with pytest.raises(Refusal) as found:
        rules.read_sites(text)
    assert found.value.code == "X-041"
    return str(found.value.params["why"])


def test_a_list_is_read() -> None:
    (site,) = rules.read_sites(ONE)

    assert (site.key, site.name, site.address) == ("LX", "临县社会保险档案馆", "https://archive.lx.example:8443")
    assert (site.seconds, site.certificate) == (rules.USUAL_SECONDS, "")
    assert rules.read_sites("") == ()
    two = rules.read_sites(ONE + 'seconds = 9\ncertificate = "lx.pem"\n' + ONE.replace("LX", "HX"))
    assert [(site.key, site.seconds, site.certificate) for site in two] == [("LX", 9, "lx.pem"), ("HX", 4, "")]


@pytest.mark.parametrize(
    "address",
    ["http://archive.lx.example", "http://10.1.2.3", "http://[2001:db8::1]", "ftp://a.example", "archive.lx.example",
     "https://user:word@a.example", "https://a.example/find", "https://a.example?q=1", "https://a.example:port",
     "https://", "file:///etc/passwd", "http://localhost.evil.example", "http://127.0.0.1.evil.example"],
)  # fmt: skip
def test_numbers_of_persons_go_over_no_open_line(address: str) -> None:
    assert reason(ONE.replace("https://archive.lx.example:8443/", address)).startswith("LX: ")


@pytest.mark.parametrize("address", ["http://127.0.0.1:8001", "http://localhost:1", "http://[::1]:8001"])
def test_this_machine_itself_may_be_asked_without(address: str) -> None:
    (site,) = rules.read_sites(ONE.replace("https://archive.lx.example:8443/", address))

    assert site.address == address


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("[[archive]]", "[[archives]]"), "[[archive]]"),
        (('key = "LX"', ""), "archive 1: key"),
        (('key = "LX"', 'key = "临县"'), "archive 1: key"),
        (('key = "LX"', 'key = "L X"'), "archive 1: key"),
        (('password = "secret"', ""), "archive 1: password"),
        (('password = "secret"', 'passwort = "secret"'), "archive 1"),
        (('password = "secret"', 'password = "secret"\nseconds = true'), "LX: seconds"),
        (('password = "secret"', 'password = "secret"\nseconds = 31'), "LX: seconds"),
        (('password = "secret"', 'password = "secret"\ncertificate = "../lx.pem"'), "LX: certificate"),
        (('name = "', "name = "), "TOML"),
    ],
)
def test_a_list_that_is_wrong_says_where(change: tuple[str, str], told: str) -> None:
    found = reason(ONE.replace(*change))

    assert found.startswith(told)
    assert "secret" not in found


def test_no_key_stands_twice_and_there_is_an_end() -> None:
    assert reason(ONE + ONE).startswith("key")
    assert reason("".join(ONE.replace("LX", f"L{n}") for n in range(rules.MOST_SITES + 1))).startswith("[[archive]]")


@given(st.text())
def test_any_text_is_a_list_or_a_refusal(text: str) -> None:
    try:
        rules.read_sites(text)
    except Refusal as refusal:
        assert refusal.code == "X-041"


def test_an_answer_is_read() -> None:
    found = rules.read_found(json.dumps(WELL).encode())

    assert found == Found("某馆", (dict.fromkeys(Column, "某"),), False, True)


@pytest.mark.parametrize(
    "told",
    [[], None, "x", {}, {**WELL, "rows": {}}, {**WELL, "rows": ["x"]}, {**WELL, "rows": [{}]}, {**WELL, "is_cut": "no"},
     {**WELL, "is_cut": 0}, {**WELL, "house": None}, {**WELL, "rows": [ROW] * (rules.MOST_ROWS + 1)}],
)  # fmt: skip
def test_what_is_no_answer_is_not_believed(told: object) -> None:
    with pytest.raises(ValueError, match=r"^\w"):
        rules.read_found(json.dumps(told).encode())


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rows", "house", "is_cut", "is_index_whole", "code", "detail", "x"]), inner, max_size=5)))  # fmt: skip  # noqa: E501
def test_any_json_is_an_answer_or_an_error_that_is_caught(told: object) -> None:
    octets = json.dumps(told).encode()
    try:
        found = rules.read_found(octets)
    except ValueError:
        found = None
    assert found is None or isinstance(found.house, str)
    code, said = rules.read_refusal(octets)
    assert isinstance(code, str)
    assert isinstance(said, str)


@given(
    st.lists(
        st.tuples(st.sampled_from(["LX", "HX", "A1"]), st.sampled_from(ReplyOutcome), st.integers(0, 3)), max_size=3
    )
)
def test_what_the_journal_keeps_of_the_replies_is_read_back(told: list[tuple[str, ReplyOutcome, int]]) -> None:
    replies = [
        Reply(
            Site(key, key, "", "", ""),
            outcome,
            Found("", ({},) * rows, False, True) if outcome is ReplyOutcome.ANSWERED else None,
        )
        for key, outcome, rows in told
    ]

    read = queries.read_replies(queries.said_replies(replies))

    assert read == tuple((key, outcome, rows if outcome is ReplyOutcome.ANSWERED else 0) for key, outcome, rows in told)
