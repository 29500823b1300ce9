"""DER: what is not spelt the one right way is not read."""

import datetime as dt

import pytest

from anjuan_verify import der


def node(text: str) -> der.Node:
    return der.read(bytes.fromhex(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "02",
        "0201",
        "020100ff",  # something follows
        "02810100",  # a long length where a short one does
        "0282000100",
        "0280000000",  # indefinite
        "0285000000000100",
        "1f010100",  # long tag
    ],
)
def test_elements_spelt_another_way_are_refused(text: str) -> None:
    with pytest.raises(der.Malformed):
        node(text)


@pytest.mark.parametrize(("text", "number"), [("020100", 0), ("02017f", 127), ("02020080", 128), ("0201ff", -1)])
def test_numbers_are_read(text: str, number: int) -> None:
    assert der.integer(node(text)) == number


@pytest.mark.parametrize("text", ["0200", "0202007f", "0202ff80", "030100"])
def test_numbers_spelt_another_way_are_refused(text: str) -> None:
    with pytest.raises(der.Malformed):
        der.integer(node(text))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("06082a8648ce3d040302", "1.2.840.10045.4.3.2"),
        ("0603551d0f", "2.5.29.15"),
        ("06022b06", "1.3.6"),
        ("0603883703", "2.999.3"),
    ],
)
def test_object_identifiers_are_read(text: str, name: str) -> None:
    assert der.oid(node(text)) == name


@pytest.mark.parametrize("text", ["0600", "060180", "06035580aa", "0602aa80", "0603558001"])
def test_object_identifiers_spelt_another_way_are_refused(text: str) -> None:
    with pytest.raises(der.Malformed):
        der.oid(node(text))


def test_times_are_read_in_utc() -> None:
    assert der.time(der.Node(der.UTC_TIME, b"260801020304Z", b"")) == dt.datetime(2026, 8, 1, 2, 3, 4, tzinfo=dt.UTC)
    assert der.time(der.Node(der.UTC_TIME, b"500101000000Z", b"")).year == 1950
    assert der.time(der.Node(der.GENERALIZED_TIME, b"20760801020304Z", b"")).year == 2076


@pytest.mark.parametrize("text", [b"2608010203Z", b"260801020304+0800", b"261301020304Z", b"26080102030\xb2Z", b""])
def test_times_spelt_another_way_are_refused(text: bytes) -> None:
    for tag in (der.UTC_TIME, der.GENERALIZED_TIME, der.OCTET_STRING):
        with pytest.raises(der.Malformed):
            der.time(der.Node(tag, text, b""))


def test_bits_are_read_and_odd_ones_refused() -> None:
    assert der.bits(node("0303000102")) == b"\x01\x02"
    assert der.named_bits(node("030206c0")) == {0, 1}
    assert der.named_bits(node("03020106")) == {5, 6}
    for text in ("0300", "03020106", "0401aa"):
        with pytest.raises(der.Malformed):
            der.bits(node(text))
    for text in ("0300", "030205c0", "03020620", "030208ff", "030107"):
        with pytest.raises(der.Malformed):
            der.named_bits(node(text))


def test_truth_has_one_spelling() -> None:
    assert der.boolean(node("0101ff"))
    for text in ("010101", "010100", "020101"):
        with pytest.raises(der.Malformed):
            der.boolean(node(text))


def test_an_element_without_children_says_so() -> None:
    with pytest.raises(der.Malformed):
        node("020100").children()
    with pytest.raises(der.Malformed):
        der.expect(node("020100"), der.OID)
