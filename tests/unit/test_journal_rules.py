"""How an entry is committed to and spelled as a leaf."""

import dataclasses
import datetime as dt
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anjuan.core import sm3 as core_sm3
from anjuan.core.merkle import tree
from anjuan.core.sm3 import sm3
from anjuan.foundation.journal import rules
from anjuan.foundation.journal.rules import Facts

FACTS = Facts(
    uid="ab" * 16,
    position=7,
    at=dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC),
    act="intake.register",
    unit="urn:uuid:0",
    staff_code="bh01",
    agency_code="BH",
    commitments={"title": "00" * 32},
    members_root="",
    members_count=0,
    commitments_sm3={"title": "33" * 32},
)


def test_a_commitment_is_sha_256_of_salt_and_value() -> None:
    assert rules.commitment(b"s" * 16, "养老") == hashlib.sha256(b"s" * 16 + "养老".encode()).hexdigest()


def test_the_same_value_under_another_salt_is_another_commitment() -> None:
    assert rules.commitment(b"a" * 16, "x") != rules.commitment(b"b" * 16, "x")


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_a_salt_has_sixteen_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        rules.commitment(b"s" * length, "x")


def test_a_leaf_is_canonical_json_of_the_entry_without_any_value() -> None:
    assert json.loads(rules.leaf(FACTS)) == {
        "format": "anjuan-entry-v2",
        "sequence": 7,
        "uid": "ab" * 16,
        "at": "2026-01-02T03:04:05.000006Z",
        "act": "intake.register",
        "unit": "urn:uuid:0",
        "staff": "bh01",
        "agency": "BH",
        "fields": {"title": "sha256:" + "00" * 32},
        "fields_sm3": {"title": "sm3:" + "33" * 32},
    }


def test_members_and_rows_stand_in_the_leaf_by_their_roots_in_both_families() -> None:
    whole = dataclasses.replace(
        FACTS, members_root="11" * 32, members_sm3="22" * 32, members_count=3, rows_root="aa" * 32,
        rows_sm3="bb" * 32, rows_count=5,
    )  # fmt: skip

    spelled = json.loads(rules.leaf(whole))

    assert spelled["members"] == {"root": "sha256:" + "11" * 32, "sm3": "sm3:" + "22" * 32, "count": 3}
    assert spelled["rows"] == {"root": "sha256:" + "aa" * 32, "sm3": "sm3:" + "bb" * 32, "count": 5}


def test_an_entry_of_the_first_version_keeps_the_spelling_that_the_log_has() -> None:
    old = dataclasses.replace(FACTS, commitments_sm3={}, version=1, members_root="11" * 32, members_count=2)

    spelled = json.loads(rules.leaf(old))

    assert spelled["format"] == "anjuan-entry-v1"
    assert spelled["members"] == {"root": "sha256:" + "11" * 32, "count": 2}
    assert "fields_sm3" not in spelled


def test_a_moment_is_spelled_in_utc_whatever_zone_it_came_in() -> None:
    shanghai = FACTS.at.astimezone(dt.timezone(dt.timedelta(hours=8)))

    assert rules.leaf(dataclasses.replace(FACTS, at=shanghai)) == rules.leaf(FACTS)


@pytest.mark.parametrize(
    "changed",
    [
        {"uid": "cd" * 16},
        {"position": 8},
        {"at": FACTS.at + dt.timedelta(microseconds=1)},
        {"act": "intake.submit"},
        {"unit": "urn:uuid:1"},
        {"staff_code": "bh02"},
        {"agency_code": "SJ"},
        {"commitments": {}},
        {"commitments_sm3": {"title": "34" * 32}},
        {"rows_root": "11" * 32, "rows_count": 1},
        {"rows_root": "11" * 32, "rows_sm3": "22" * 32, "rows_count": 1},
        {"version": 1},
        {"members_root": "11" * 32, "members_count": 1},
    ],
    ids=str,
)
def test_whatever_is_changed_in_an_entry_changes_its_leaf(changed: dict[str, object]) -> None:
    assert rules.leaf(dataclasses.replace(FACTS, **changed)) != rules.leaf(FACTS)  # type: ignore[arg-type]


def test_the_members_root_is_a_merkle_root_over_canonical_pairs() -> None:
    members = [("urn:a", "11"), ("urn:b", "22"), ("urn:c", "33")]

    leaves = [tree.leaf_hash(json.dumps(list(pair), separators=(",", ":")).encode()) for pair in members]

    assert rules.members_root(members) == tree.root(leaves).hex()
    assert rules.members_root(members) != rules.members_root(list(reversed(members)))


def test_the_sm3_root_has_the_shape_of_the_sha_256_root() -> None:
    pairs = [(f"urn:{letter}", letter * 2) for letter in "abcde"]
    leaves = [sm3(b"\x00" + json.dumps(list(pair), separators=(",", ":")).encode()) for pair in pairs]
    left = sm3(b"\x01" + sm3(b"\x01" + leaves[0] + leaves[1]) + sm3(b"\x01" + leaves[2] + leaves[3]))

    assert rules.members_root_sm3(pairs) == sm3(b"\x01" + left + leaves[4]).hex()


def test_sm3_gives_the_digest_of_the_standard_by_either_library() -> None:
    """GB/T 32905-2016, annex A.1."""
    wanted = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"

    assert core_sm3.sm3(b"abc").hex() == wanted
    assert core_sm3._by_cryptography(b"abc").hex() == wanted


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        (None, "null"),
        (True, "true"),
        (7, "7"),
        ("养老", '"养老"'),
        (0.1, '{"float":"0.1"}'),
        (dt.date(2026, 2, 3), '"2026-02-03"'),
        (dt.datetime(2026, 2, 3, 12, tzinfo=dt.timezone(dt.timedelta(hours=8))), '"2026-02-03T04:00:00.000000+00:00"'),
        ([1, {"b": 0.5, "a": None}], '[1,{"a":null,"b":{"float":"0.5"}}]'),
    ],
    ids=str,
)
def test_a_column_has_one_spelling_in_the_image_of_a_row(value: object, spelled: str) -> None:
    assert rules.image({"id": 1, "column": value}) == f'{{"column":{spelled},"id":1}}'


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    ).filter(lambda value: '"float"' not in json.dumps(value))
)
def test_what_an_image_says_of_a_json_column_can_be_read_back(value: object) -> None:
    assert rules.columns_of(rules.image({"column": value})) == {"column": value}


def test_what_has_no_single_spelling_is_refused() -> None:
    for value in (b"bytes", {"float": "1"}, {1, 2}):
        with pytest.raises(TypeError):
            rules.image({"column": value})


def test_the_number_of_a_shape_depends_on_table_and_columns_alone() -> None:
    assert rules.shape_no("records_item", ("id", "title")) == rules.shape_no("records_item", ["id", "title"])
    assert rules.shape_no("records_item", ("id",)) != rules.shape_no("records_volume", ("id",))
    assert rules.shape_no("records_item", ("id",)) != rules.shape_no("records_item", ("id", "title"))
    assert 0 < rules.shape_no("records_item", ("id",)) < 2**63
