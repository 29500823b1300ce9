"""Seals of OFD files: made with another library's SM2, verified here; every way in which one is bad has a name."""

import datetime as dt
import time
from pathlib import Path

import pytest
from pytest_django import Settings

from anjuan.core.assurance import Outcome
from anjuan.core.signatures import FlawCode, SignatureFacts, SignatureKind
from anjuan.facilities.formats import queries as formats
from anjuan.facilities.signing import queries as signing
from tests import seal_builders as made
from tests.seal_builders import DESCRIBED, SIGNED, VALUE, packed, parts_of, party, sealed_ofd, sealed_value
from tests.unit.format_builders import SPACE, ofd, page_of

PAGE = "Doc_0/Pages/Page_0/Content.xml"
LATER, EARLIER = SIGNED + dt.timedelta(days=400), SIGNED - dt.timedelta(days=400)


@pytest.fixture(autouse=True)
def trust(tmp_path: Path, settings: Settings) -> None:
    """The house trusts the root of the tests; no keys of its own are needed."""
    settings.ANJUAN_HOME = tmp_path
    settings.ANJUAN_SEAL_ROOTS = str(tmp_path / "roots.pem")
    (tmp_path / "roots.pem").write_text(f"测试根\n{made.root().pem}")


def examined(octets: bytes, tmp_path: Path) -> tuple[SignatureFacts, ...]:
    path = tmp_path / "file.ofd"
    path.write_bytes(octets)
    return signing.examine_raw(formats.signatures_of(path, name="表.ofd"))


def codes(octets: bytes, tmp_path: Path) -> list[FlawCode]:
    (found,) = examined(octets, tmp_path)
    return [flaw.code for flaw in found.flaws]


@pytest.mark.acceptance("S4-C2")
@pytest.mark.parametrize(("version", "named"), [(4, "GB/T 38540-2020"), (1, "旧版"), (3, "旧版"), (5, "V5")])
def test_a_good_seal_holds_and_says_who_when_with_which_seal_and_of_which_version(
    tmp_path: Path, version: int, named: str
) -> None:
    (found,) = examined(sealed_ofd(version, pages=2), tmp_path)

    assert found.outcome is Outcome.PASS and found.flaws == ()
    assert (found.kind, found.is_seal, found.version) == (SignatureKind.SEAL, True, version)
    assert (found.signer, found.seal) == ("市社保中心", "市社会保险中心业务专用章")
    assert found.signed_at == "2026-05-06 02:30:00"
    assert named in found.form(chinese=True)


@pytest.mark.parametrize("how", ["digest of the certificate", "description alone", "64 bytes"])
def test_what_programs_write_differently_holds_too(tmp_path: Path, how: str) -> None:
    def value(described: bytes) -> bytes:
        stamp = made.seal(by_digest=how.startswith("digest"), alone=how.startswith("description"))
        return sealed_value(described, stamp=stamp, raw=how == "64 bytes")

    assert codes(sealed_ofd(value=value), tmp_path) == []


@pytest.mark.parametrize("attributes", [True, False])
def test_a_signature_that_is_no_seal_is_verified_as_signed_data(tmp_path: Path, attributes: bool) -> None:
    octets = sealed_ofd(kind="Sign", value=lambda described: made.signed_data(described, attributes=attributes))
    (found,) = examined(octets, tmp_path)

    assert (found.outcome, found.kind, found.is_seal) == (Outcome.PASS, SignatureKind.CMS, False)
    other = sealed_ofd(kind="Sign", value=lambda described: made.signed_data(described + b" ", attributes=attributes))
    assert codes(other, tmp_path) == [FlawCode.CHANGED]


@pytest.mark.acceptance("S1-C5", "S4-C2")
@pytest.mark.parametrize("version", [4, 1])
def test_a_good_seal_over_changed_content_is_invalid_and_the_part_is_named(tmp_path: Path, version: int) -> None:
    parts = parts_of(sealed_ofd(version))
    parts[PAGE] = parts[PAGE].replace("核定表 1".encode(), "核定表 9".encode())
    (found,) = examined(packed(parts), tmp_path)

    assert found.outcome is Outcome.FAIL
    assert "签后内容被改动" in found.wrong(chinese=True) and PAGE in found.wrong(chinese=True)


def test_digests_made_to_fit_a_changed_page_do_not_fit_the_seal(tmp_path: Path) -> None:
    parts = parts_of(sealed_ofd())
    parts[PAGE] = page_of("")
    signed = {name: octets for name, octets in parts.items() if "/Signs/" not in name}
    parts[DESCRIBED] = made.describing(signed)

    assert codes(packed(parts), tmp_path) == [FlawCode.CHANGED]


def test_a_page_that_was_signed_and_taken_out_is_missing(tmp_path: Path) -> None:
    extra = {"Doc_0/Res/note.xml": b"<x/>"}
    parts = parts_of(sealed_ofd(more=extra))
    del parts["Doc_0/Res/note.xml"]

    assert codes(packed(parts), tmp_path) == [FlawCode.MISSING]


def test_what_the_seal_does_not_cover_is_named_pages_worse_than_the_rest(tmp_path: Path) -> None:
    assert codes(sealed_ofd(leave_out=(PAGE,)), tmp_path) == [FlawCode.PAGES_UNCOVERED]
    assert codes(sealed_ofd(leave_out=("Doc_0/Document.xml",)), tmp_path) == [FlawCode.PAGES_UNCOVERED]
    assert codes(sealed_ofd(leave_out=("OFD.xml",)), tmp_path) == []  # its pages are covered wherever it leads
    parts = parts_of(sealed_ofd())
    parts["Doc_0/Annots/late.xml"] = b"<x/>"
    (found,) = examined(packed(parts), tmp_path)
    assert (found.outcome, [flaw.code for flaw in found.flaws]) == (Outcome.UNSURE, [FlawCode.PARTS_UNCOVERED])


def test_a_page_cannot_be_kept_outside_by_calling_it_a_part_of_the_signature(tmp_path: Path) -> None:
    parts = parts_of(sealed_ofd(leave_out=(PAGE,)))
    parts[DESCRIBED] = parts[DESCRIBED].replace(
        b"<ofd:StampAnnot", f"<ofd:Seal><ofd:BaseLoc>/{PAGE}</ofd:BaseLoc></ofd:Seal><ofd:StampAnnot".encode()
    )

    assert FlawCode.PAGES_UNCOVERED in codes(packed(parts), tmp_path)


_BAD = {
    "signed by another key": (
        lambda d: sealed_value(d)[:-8] + bytes(8),
        FlawCode.BROKEN,
    ),
    "the certificate had expired": (
        lambda d: sealed_value(d, signer=party("过期中心", made.root(), end=EARLIER)),
        FlawCode.EXPIRED,
    ),
    "the certificate did not hold yet": (
        lambda d: sealed_value(d, signer=party("未来中心", made.root(), start=LATER, end=LATER + dt.timedelta(9))),
        FlawCode.EXPIRED,
    ),
    "the seal had expired": (lambda d: sealed_value(d, stamp=made.seal(end=EARLIER)), FlawCode.SEAL_EXPIRED),
    "the seal was forged": (lambda d: sealed_value(d, stamp=made.seal(forged=True)), FlawCode.SEAL_FORGED),
    "another's seal": (
        lambda d: sealed_value(d, signer=party("别人", made.root()), stamp=made.seal()),
        FlawCode.NOT_SEALER,
    ),
}


@pytest.mark.acceptance("S4-C2")
@pytest.mark.parametrize("name", _BAD)
def test_every_bad_seal_is_invalid_and_says_why(tmp_path: Path, name: str) -> None:
    value, code = _BAD[name]
    (found,) = examined(sealed_ofd(value=value), tmp_path)

    assert found.outcome is Outcome.FAIL
    assert [flaw.code for flaw in found.flaws if flaw.is_invalid] == [code]
    assert found.wrong(chinese=True) and found.wrong(chinese=False)


def test_a_seal_moved_from_another_file_does_not_fit(tmp_path: Path) -> None:
    parts = parts_of(sealed_ofd(pages=1))
    parts[VALUE] = parts_of(sealed_ofd(pages=2))[VALUE]

    assert codes(packed(parts), tmp_path) == [FlawCode.CHANGED]


def test_who_is_vouched_for_by_nobody_trusted_is_left_to_a_person(tmp_path: Path, settings: Settings) -> None:
    stranger = party("另一根", is_ca=True)
    clerk = party("外市中心", stranger)
    octets = sealed_ofd(value=lambda described: sealed_value(described, signer=clerk))
    (found,) = examined(octets, tmp_path)

    assert (found.outcome, [flaw.code for flaw in found.flaws]) == (Outcome.UNSURE, [FlawCode.UNKNOWN_SIGNER])
    before = signing.trust_digest()
    settings.ANJUAN_SEAL_ROOTS = ""
    assert signing.trust_digest() != before
    assert codes(sealed_ofd(), tmp_path) == [FlawCode.UNKNOWN_SIGNER, FlawCode.UNKNOWN_MAKER]


def test_somebody_who_is_no_authority_vouches_for_nobody(tmp_path: Path) -> None:
    pretender = party("冒名中心", made.clerk())
    found = codes(sealed_ofd(value=lambda described: sealed_value(described, signer=pretender)), tmp_path)

    assert found == [FlawCode.UNKNOWN_SIGNER]


def test_a_certificate_that_is_not_made_for_signing_is_asked_about(tmp_path: Path) -> None:
    other = party("加密中心", made.root(), usage=0x20)

    assert codes(sealed_ofd(value=lambda d: sealed_value(d, signer=other)), tmp_path) == [FlawCode.WRONG_USE]


@pytest.mark.parametrize(
    ("since", "by_root", "code"),
    [(EARLIER, True, FlawCode.REVOKED), (LATER, True, FlawCode.REVOKED_LATER), (EARLIER, False, None)],
)
def test_a_revocation_that_travels_with_the_signature_is_heeded(
    tmp_path: Path, since: dt.datetime, by_root: bool, code: FlawCode | None
) -> None:
    by = made.root() if by_root else party("另一根", is_ca=True)
    revoked = made.revocation_list(made.clerk(), since, by=by)
    octets = sealed_ofd(kind="Sign", value=lambda described: made.signed_data(described, crl=revoked))

    assert codes(octets, tmp_path) == ([code] if code else [])


@pytest.mark.parametrize("method", ["MD5", "SHA1", "SHA256", "1.2.156.10197.1.401"])
def test_old_digests_are_read_and_asked_about(tmp_path: Path, method: str) -> None:
    weak = [FlawCode.WEAK_DIGEST] if method in ("MD5", "SHA1") else []

    assert codes(sealed_ofd(method=method), tmp_path) == weak
    parts = parts_of(sealed_ofd(method=method))
    parts[PAGE] = page_of("")
    assert codes(packed(parts), tmp_path) == [FlawCode.CHANGED, *weak]


def test_a_picture_of_a_seal_is_no_seal(tmp_path: Path) -> None:
    parts = parts_of(sealed_ofd())
    del parts[VALUE]
    (found,) = examined(packed(parts), tmp_path)
    assert (found.outcome, found.kind) == (Outcome.UNSURE, SignatureKind.PICTURE)
    assert "只有印章图片" in found.wrong(chinese=True)

    stamped = parts_of(ofd())
    stamped["Doc_0/Document.xml"] = stamped["Doc_0/Document.xml"].replace(
        b"</ofd:Document>", b"<ofd:Annotations>Annots.xml</ofd:Annotations></ofd:Document>"
    )
    stamped["Doc_0/Annots.xml"] = (
        f'<ofd:Annotations xmlns:ofd="{SPACE}"><ofd:Page PageID="0"><ofd:FileLoc>Annot_0.xml</ofd:FileLoc></ofd:Page>'
        "</ofd:Annotations>"
    ).encode()
    stamped["Doc_0/Annot_0.xml"] = (
        f'<ofd:PageAnnot xmlns:ofd="{SPACE}"><ofd:Annot Type="Stamp"/></ofd:PageAnnot>'.encode()
    )
    assert codes(packed(stamped), tmp_path) == [FlawCode.PICTURE_ONLY]
    assert examined(ofd(), tmp_path) == ()


def _hostile(kind: str) -> bytes:
    parts = parts_of(sealed_ofd())
    if kind == "a million references":
        row = b'<ofd:Reference FileRef="/OFD.xml"><ofd:CheckValue>AA==</ofd:CheckValue></ofd:Reference>'
        parts[DESCRIBED] = parts[DESCRIBED].replace(b"</ofd:References>", row * 70_000 + b"</ofd:References>")
    elif kind == "deep ASN.1":
        deep = b""
        for _ in range(3000):
            deep = made.seq(deep)
        parts[VALUE] = deep
    elif kind == "lengths that lie":
        parts[VALUE] = b"\x30\x84\xff\xff\xff\xff" + bytes(100)
    elif kind == "noise":
        parts[VALUE] = bytes(range(256)) * 40
    elif kind == "entities":
        parts[DESCRIBED] = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    else:
        parts[made.SIGNS] = parts[made.SIGNS].replace(
            b"</ofd:Signatures>", b'<ofd:Signature ID="2" BaseLoc="nowhere.xml"/>' * 90 + b"</ofd:Signatures>"
        )
    return packed(parts)


@pytest.mark.parametrize(
    "kind",
    ["a million references", "deep ASN.1", "lengths that lie", "noise", "entities", "many signatures"],
)
def test_a_hostile_file_is_not_believed_and_takes_no_long_time(tmp_path: Path, kind: str) -> None:
    octets = _hostile(kind)
    began = time.monotonic()
    found = examined(octets, tmp_path)

    assert time.monotonic() - began < 10
    assert found and len(found) <= 33
    assert all(one.outcome is not Outcome.PASS for one in found[1:]) and found[-1].outcome is not Outcome.PASS


def test_any_flipped_bit_of_the_value_is_noticed(tmp_path: Path) -> None:
    parts = parts_of(sealed_ofd())
    value = parts[VALUE]
    for place in range(0, len(value), 97):
        changed = bytearray(value)
        changed[place] ^= 0x04
        (found,) = examined(packed(parts | {VALUE: bytes(changed)}), tmp_path)
        assert found.outcome is not Outcome.PASS, place
