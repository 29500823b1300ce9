"""Signatures of PDF files: ours and others', one and several, edited afterwards, with SM2, and only painted."""

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pytest_django import Settings

from anjuan.core.assurance import Outcome
from anjuan.core.signatures import FlawCode, SignatureFacts, SignatureKind
from anjuan.facilities.signing import actions, queries
from tests import seal_builders as made
from tests.unit.format_builders import pdf

AT = dt.datetime(2026, 8, 1, 2, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Settings) -> Path:
    settings.ANJUAN_HOME = tmp_path
    settings.ANJUAN_SEAL_ROOTS = str(tmp_path / "roots.pem")
    (tmp_path / "roots.pem").write_text(made.root().pem)
    actions.ensure_authority(agency_name="演示馆", at=AT - dt.timedelta(days=1), practice=True)
    return tmp_path


def signed(pages: int = 2, folder: Path | None = None) -> bytes:
    return actions.sign_pdf(pdf=pdf(pages), at=AT, reason="归档", location="", name="演示馆", folder=folder)


def examined(octets: bytes, home: Path) -> tuple[SignatureFacts, ...]:
    path = home / "file.pdf"
    path.write_bytes(octets)
    return queries.examine_pdf(path)


def edited(octets: bytes, change: Callable[[IncrementalPdfFileWriter], object]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(octets))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def repaint(page: int) -> Callable[[IncrementalPdfFileWriter], object]:
    def change(writer: IncrementalPdfFileWriter) -> None:
        found, _ = writer.find_page_for_modification(page)
        found.get_object()["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"1 g 0 0 500 500 re f"))
        writer.update_container(found.get_object())

    return change


def test_our_own_signature_with_its_time_stamp_holds(home: Path) -> None:
    (found,) = examined(signed(), home)

    assert (found.outcome, found.kind, found.is_seal) == (Outcome.PASS, SignatureKind.PDF, False)
    assert found.signed_at == "2026-08-01 02:00:00" and found.signer
    assert examined(pdf(2), home) == ()


@pytest.mark.acceptance("S1-C5", "S4-C2")
def test_a_file_edited_after_signing_is_invalid_and_the_page_is_named(home: Path) -> None:
    (found,) = examined(edited(signed(3), repaint(1)), home)

    assert found.outcome is Outcome.FAIL
    assert [flaw.code for flaw in found.flaws] == [FlawCode.EDITED]
    assert found.flaws[0].detail == "p2"
    assert "签后文件又被编辑" in found.wrong(chinese=True) and "edited after signing" in found.wrong(chinese=False)


def test_a_changed_byte_is_invalid(home: Path) -> None:
    octets = bytearray(signed())
    at = octets.index(b"/MediaBox")
    octets[at + 12] ^= 1
    (found,) = examined(bytes(octets), home)

    assert found.outcome is Outcome.FAIL
    assert FlawCode.CHANGED in [flaw.code for flaw in found.flaws]


def test_a_signer_of_another_house_is_left_to_a_person(home: Path) -> None:
    other = home / "other"
    actions.ensure_authority(agency_name="外馆", at=AT - dt.timedelta(days=1), folder=other, practice=True)
    (found,) = examined(signed(folder=other), home)

    assert (found.outcome, [flaw.code for flaw in found.flaws]) == (Outcome.UNSURE, [FlawCode.UNKNOWN_SIGNER])


def test_bytes_hung_on_the_end_are_not_passed_over(home: Path) -> None:
    (found,) = examined(signed() + b"\n% something more\n%%EOF\n", home)

    assert found.outcome is Outcome.UNSURE and found.flaws[0].code is FlawCode.UNKNOWN_FORM


def _with_value(before: bytes, make: Callable[[bytes], bytes], *, is_seen: bool = True) -> bytes:
    """Another program's signature in a field of its own: the value is made of the bytes that it covers."""
    writer = IncrementalPdfFileWriter(io.BytesIO(before))
    box = (50, 50, 150, 150) if is_seen else (0, 0, 0, 0)
    append_signature_field(writer, SigFieldSpec("Seal", box=box))
    field = writer.root["/AcroForm"]["/Fields"][-1].get_object()
    if is_seen:
        field["/AP"] = generic.DictionaryObject(
            {generic.pdf_name("/N"): writer.add_object(generic.StreamObject(stream_data=b""))}
        )
    room = 20_000
    value = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Sig"),
            generic.pdf_name("/Filter"): generic.pdf_name("/GM.Filter"),
            generic.pdf_name("/SubFilter"): generic.pdf_name("/GM.pkcs7.detached"),
            generic.pdf_name("/ByteRange"): generic.ArrayObject(
                [generic.NumberObject(1_000_000_000 + n) for n in range(4)]
            ),
            generic.pdf_name("/Contents"): generic.ByteStringObject(bytes(room)),
            generic.pdf_name("/M"): generic.pdf_string("D:20260506103000+08'00'"),
        }
    )
    field["/V"] = writer.add_object(value)
    writer.update_container(field)
    out = io.BytesIO()
    writer.write(out)
    whole = out.getvalue()
    start = whole.index(b"<" + b"00" * 50)
    end = whole.index(b">", start) + 1
    spans = [0, start, end, len(whole) - end]
    # Only in what was added: an earlier signature's figures may end in 1 and be filled up with noughts.
    kept, added = whole[: len(before)], whole[len(before) :]
    for number, span in enumerate(spans):
        added = added.replace(str(1_000_000_000 + number).encode(), str(span).rjust(10).encode())
    whole = kept + added
    octets = make(whole[:start] + whole[end:]).hex().encode()
    return whole[: start + 1] + octets.ljust(end - start - 2, b"0") + whole[end - 1 :]


@pytest.mark.acceptance("S4-C2")
@pytest.mark.parametrize("make", [made.signed_data, made.sealed_value], ids=["SignedData", "seal"])
def test_domestic_signatures_in_a_pdf_are_verified(home: Path, make: Callable[[bytes], bytes]) -> None:
    (found,) = examined(_with_value(pdf(2), make), home)
    assert (found.outcome, found.is_seal, found.signer) == (Outcome.PASS, True, "市社保中心")

    (bad,) = examined(_with_value(pdf(2), lambda covered: make(covered + b"x")), home)
    assert bad.outcome is Outcome.FAIL
    (later,) = examined(edited(_with_value(pdf(2), make), repaint(0)), home)
    assert later.outcome is Outcome.FAIL and FlawCode.EDITED in [flaw.code for flaw in later.flaws]


@pytest.mark.parametrize("make", [made.signed_data, made.sealed_value], ids=["SignedData", "seal"])
def test_a_revocation_list_in_the_file_is_heeded(home: Path, make: Callable[[bytes], bytes]) -> None:
    revoked = made.revocation_list(made.clerk(), made.SIGNED - dt.timedelta(days=3))

    def keep(document: pikepdf.Pdf) -> None:
        document.Root.DSS = document.make_indirect(
            pikepdf.Dictionary(CRLs=pikepdf.Array([document.make_stream(revoked)]))
        )

    (found,) = examined(_with_value(pdf(1, keep), make), home)

    assert (found.outcome, [flaw.code for flaw in found.flaws]) == (Outcome.FAIL, [FlawCode.REVOKED])


def test_a_second_signature_does_not_undo_the_first(home: Path) -> None:
    first = signed()
    both = examined(_with_value(first, made.signed_data, is_seen=False), home)

    assert [one.outcome for one in both] == [Outcome.PASS, Outcome.PASS]


def test_a_field_with_a_picture_and_no_signature_is_only_a_picture(home: Path) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        append_signature_field(writer, SigFieldSpec("Seal", box=(50, 50, 150, 150)))
        field = writer.root["/AcroForm"]["/Fields"][-1].get_object()
        field["/AP"] = generic.DictionaryObject(
            {generic.pdf_name("/N"): writer.add_object(generic.StreamObject(stream_data=b""))}
        )
        writer.update_container(field)

    (found,) = examined(edited(pdf(1), change), home)
    assert (found.outcome, found.kind) == (Outcome.UNSURE, SignatureKind.PICTURE)

    def empty(writer: IncrementalPdfFileWriter) -> None:
        append_signature_field(writer, SigFieldSpec("Later"))

    assert examined(edited(pdf(1), empty), home) == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda octets: octets[: len(octets) // 2],
        lambda octets: octets.replace(b"/ByteRange [", b"/ByteRange [-"),
        lambda octets: octets.replace(b"/Contents <30", b"/Contents <ff"),
        lambda octets: octets.replace(b"/ByteRange", b"/ByteRagne"),
    ],
)
def test_a_damaged_or_hostile_signature_is_never_believed(home: Path, change: Callable[[bytes], bytes]) -> None:
    octets = change(signed())

    assert octets != signed()
    assert all(one.outcome is not Outcome.PASS for one in examined(octets, home))
