"""Every signature of a PDF, with what became of the file after it (PDF 验签). What changed is pyHanko's judgement."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from asn1crypto import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from anjuan.core.signatures import Flaw, FlawCode, RawSignature, SignatureFacts, SignatureKind, ordered
from anjuan.facilities.signing.backends import certificates, seals, signed_data

_MOST = 32  # signatures of one file
_MOST_BYTES = 256 << 20
_MOST_PAGES = 2000
_MOST_NAMED = 5
# What a PDF that is not what it says makes its reader raise.
_UNREADABLE = (PdfError, RecursionError, AssertionError, NotImplementedError, ArithmeticError, *certificates.UNREADABLE)


def examine(path: Path, *, roots: Sequence[x509.Certificate]) -> tuple[SignatureFacts, ...]:
    """Say what every signature of a PDF is worth, in the order of its fields (验签); never raises on a bad file.

    Args:
        path: the PDF.
        roots: certificates that the house trusts.

    Standard: ISO 32000-1, 12.8; ETSI EN 319 142-1.
    """
    with path.open("rb") as stream:
        try:
            reader = PdfFileReader(stream, strict=False)
            fields = [(found, field) for _, found, field in enumerate_sig_fields(reader)]
        except _UNREADABLE as error:
            problem = Flaw(FlawCode.UNKNOWN_FORM, str(error)[:120])
            return (SignatureFacts(1, SignatureKind.UNKNOWN, False, flaws=(problem,)),) if _may_be(path) else ()
        return tuple(_all(stream, path.stat().st_size, reader, fields, roots))


def _may_be(path: Path) -> bool:
    """Whether a file that cannot be read speaks of a signature at all."""
    with path.open("rb") as stream:
        return b"/ByteRange" in stream.read(_MOST_BYTES)


def _all(
    stream: BinaryIO, size: int, reader: PdfFileReader, fields: Sequence[Any], roots: Sequence[x509.Certificate]
) -> Iterator[SignatureFacts]:
    number = 0
    for held, field in fields:
        is_seen = _is_seen(field)
        if held is None and not is_seen:
            continue  # a place where somebody may sign yet
        number += 1
        if held is None:
            picture = (Flaw(FlawCode.PICTURE_ONLY),)
            yield SignatureFacts(number, SignatureKind.PICTURE, True, flaws=picture)
        elif number > _MOST or size > _MOST_BYTES:
            yield SignatureFacts(number, SignatureKind.UNKNOWN, is_seen, flaws=(Flaw(FlawCode.TOO_MUCH),))
            return
        else:
            yield _one(stream, size, reader, field, number, is_seen, roots)


def _is_seen(field: Any) -> bool:
    """Whether the field shows something on a page."""
    try:
        widget = field.get_object()
        left, bottom, right, top = (float(value) for value in widget.get("/Rect", (0, 0, 0, 0)))
        return "/AP" in widget and abs(right - left) > 1 and abs(top - bottom) > 1
    except _UNREADABLE:
        return False


def _one(
    stream: BinaryIO,
    size: int,
    reader: PdfFileReader,
    field: Any,
    number: int,
    is_seen: bool,
    roots: Sequence[x509.Certificate],
) -> SignatureFacts:
    try:
        held = field.get_object()["/V"]
        value, covered, is_whole = _covered(stream, size, held)
    except _UNREADABLE as error:
        flaw = Flaw(FlawCode.UNKNOWN_FORM, str(error)[:120])
        return SignatureFacts(number, SignatureKind.UNKNOWN, is_seen, flaws=(flaw,))
    if held.get("/Type") == "/DocTimeStamp" or held.get("/SubFilter") == "/ETSI.RFC3161":
        facts = _stamp(number, value, covered, roots)
    else:
        raw = RawSignature(
            number,
            is_seen,
            stated_at=_stated(held),
            described=covered,
            value=value,
            revocations=_revocations(reader),
        )
        facts = seals.examine(raw, roots=roots)
        if facts.kind is SignatureKind.CMS:
            facts = dataclasses.replace(facts, kind=SignatureKind.PDF)
    if is_whole:
        return facts
    return dataclasses.replace(facts, flaws=ordered([*facts.flaws, *_later(reader, field)]))


def _covered(stream: BinaryIO, size: int, held: Any) -> tuple[bytes, bytes, bool]:
    """The value, the bytes that it is over, and whether these are the whole file but the value itself."""
    value = held.raw_get("/Contents")
    octets = bytes(getattr(value, "original_bytes", value))
    first, one, second, two = (int(place) for place in held["/ByteRange"])
    if first != 0 or not 0 < one <= second or two < 0 or second + two > size:
        raise ValueError("ByteRange")
    stream.seek(0)
    covered = stream.read(one)
    stream.seek(second)
    covered += stream.read(two)
    return octets, covered, second - one == 2 * len(octets) + 2 and second + two == size


def _revocations(reader: PdfFileReader) -> tuple[bytes, ...]:
    """Revocation lists that the file keeps (DSS)."""
    try:
        held = reader.root["/DSS"]["/CRLs"]
        return tuple(held[place].data for place in range(min(len(held), certificates.MOST_SENT)))
    except _UNREADABLE:
        return ()


def _stated(held: Any) -> str:
    try:
        found: dt.datetime = generic.parse_pdf_date(held["/M"], strict=False)
        return f"{found.astimezone(dt.UTC):%Y%m%d%H%M%SZ}"
    except _UNREADABLE:
        return ""


def _stamp(number: int, value: bytes, covered: bytes, roots: Sequence[x509.Certificate]) -> SignatureFacts:
    try:
        said = signed_data.stamped(value, covered, roots=roots)
    except certificates.Unknown as error:
        flaw = Flaw(FlawCode.UNKNOWN_FORM, str(error))
        return SignatureFacts(number, SignatureKind.TIMESTAMP, False, flaws=(flaw,))
    at = f"{said.signed_at:%Y-%m-%d %H:%M:%S}" if said.signed_at else ""
    return SignatureFacts(
        number, SignatureKind.TIMESTAMP, False, signer=said.signer, signed_at=at, flaws=ordered(said.flaws)
    )


def _later(reader: PdfFileReader, field: Any) -> list[Flaw]:
    """What was done to the file after it was signed, where that is more than signing again or adding proofs."""
    try:
        signature = EmbeddedPdfSignature(reader, field, "")
    except _UNREADABLE:
        return [Flaw(FlawCode.EDITED)]  # something stands behind it, and nobody can say that it is harmless
    try:
        signature.compute_integrity_info()
        judged = signature.summarise_integrity_info()
    except _UNREADABLE:
        return [Flaw(FlawCode.EDITED)]
    if judged["coverage"] < SignatureCoverageLevel.ENTIRE_REVISION or not judged["docmdp_ok"]:
        return [Flaw(FlawCode.EDITED, _changed(reader, signature.signed_revision))]
    return []


def _changed(reader: PdfFileReader, revision: int) -> str:
    """Which pages were changed after a revision, as far as their own objects tell."""
    try:
        later = {
            ref.idnum
            for after in range(revision + 1, reader.total_revisions)
            for ref in reader.xrefs.explicit_refs_in_revision(after)
        }
        before = int(reader.get_historical_root(revision)["/Pages"]["/Count"])
        now = int(reader.root["/Pages"]["/Count"])
        pages = [f"p{at + 1}" for at in range(min(now, _MOST_PAGES)) if later & _objects_of(reader, at)]
        counted = [f"{before} → {now} p"] if before != now else []
        return " ".join([*counted, *pages[:_MOST_NAMED], *(["…"] if len(pages) > _MOST_NAMED else [])])
    except _UNREADABLE:
        return ""


def _objects_of(reader: PdfFileReader, at: int) -> set[int]:
    """Numbers of the objects that a page is drawn from, one level down: itself, its contents, its annotations."""
    found, _resources = reader.find_page_for_modification(at)
    numbers = {found.idnum} if hasattr(found, "idnum") else set()
    page = found.get_object()
    for key in ("/Contents", "/Annots"):
        held = page.raw_get(key) if key in page else None
        if isinstance(held, generic.IndirectObject):
            numbers.add(held.idnum)
            held = held.get_object()
        if isinstance(held, generic.ArrayObject):
            numbers |= {one.idnum for one in held if isinstance(one, generic.IndirectObject)}
    return numbers
