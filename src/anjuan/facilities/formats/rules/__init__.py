"""What a file is, judged by its bytes alone (格式判断): signatures, structure, where it ends. Names prove nothing."""

import re
import struct
import zlib
from dataclasses import dataclass, field

from anjuan.core.refusals import Finding, Severity

JPEG, PNG, PDF, TIFF, OFD, TEXT = "JPEG", "PNG", "PDF", "TIFF", "OFD", "TEXT"
# Kept as it is and flagged: something we can name or not even that. It counts as one page and has no preview.
STRANGE = "STRANGE"
RENDER_DPI = 200  # DA/T 31: the least resolution of an archival scan; PDF pages are measured and rendered at it


@dataclass(frozen=True)
class Limits:
    """How large a file may be (上限); a guard against bombs and slips, set in ``ANJUAN_FORMAT_LIMITS``.

    Attributes:
        file_bytes: of one file.
        page_pixels: of one page; 80 million is A1 at 300 dpi.
        file_pixels: of all pages of one file that must be decoded; 20 thousand million are 2,000 A4 pages at 300 dpi.
        pdf_pages: of one PDF, TIFF, OFD or text.
        container_bytes: of all that a ZIP container holds, unpacked.
    """

    file_bytes: int = 256 * 1024 * 1024
    page_pixels: int = 80_000_000
    file_pixels: int = 20_000_000_000
    pdf_pages: int = 2000
    container_bytes: int = 512 * 1024 * 1024


@dataclass(frozen=True)
class PageShape:
    """Size of one page as it is shown (页面尺寸).

    Attributes:
        width_px: pixels.
        height_px: pixels.
        dpi: dots per inch as the file states them; 0 when it does not. PDF pages are measured at 200.
    """

    width_px: int
    height_px: int
    dpi: int


@dataclass(frozen=True)
class Characterisation:
    """What a file is (格式特征).

    Attributes:
        format_id: PRONOM identifier; ``anjuan/…`` where PRONOM has none that we are sure of.
        mime: media type.
        extension: usual ending of a name, without the dot.
        pages: shapes, in order.
        size_bytes: length.
        findings: what is worth knowing and no reason to refuse.
    """

    format_id: str
    mime: str
    extension: str
    pages: tuple[PageShape, ...]
    size_bytes: int
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class ImageFacts:
    """What the structure of an image file tells before anything is decoded."""

    width_px: int
    height_px: int
    format_id: str
    end: int  # where the image ends in the file, bytes


class Damaged(ValueError):
    """The bytes do not hold together; the text says where."""


_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"%PDF-", PDF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
)
_CARRIED = re.compile(
    rb"PK\x03\x04|PK\x05\x06|%PDF-|Rar!\x1a|7z\xbc\xaf\x27\x1c|\x7fELF|MZ.{38,120}This program|<(?:html|script|\?php)",
    re.IGNORECASE | re.DOTALL,
)
_NAMES = {b"PK": "ZIP", b"%P": "PDF", b"RA": "RAR", b"7Z": "7-Zip", b"\x7fE": "Linux program", b"MZ": "Windows program"}


def sniff(head: bytes) -> str | None:
    """Which family the first bytes alone prove (识别), or None: text and containers must be read further."""
    for signature, family in _SIGNATURES:
        if head.startswith(signature):
            return family
    return None


def carried(tail: bytes) -> str | None:
    """Which other format stands in the bytes after the end of a file, or None (夹带识别)."""
    found = _CARRIED.search(tail)
    return _NAMES.get(found[0][:2].upper(), "HTML") if found else None


def trailing(tail: bytes) -> Finding | None:
    """A finding for bytes after the end that are of no format known here; padding does not count."""
    if not tail.strip(b"\x00\r\n\t \xff"):
        return None
    return flag("N-003", f"{len(tail)} bytes stand after the end of the page image.", size_bytes=len(tail))


def flag(code: str, message: str, **params: object) -> Finding:
    """A finding on a whole file that a person must judge; ``params`` are what its words name (标记)."""
    return Finding(code, Severity.WARNING, "", message, params)


_ENTROPY_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JFIF = {(1, 0): "fmt/42", (1, 1): "fmt/43", (1, 2): "fmt/44"}
_EXIF = {b"0200": "x-fmt/398", b"0210": "x-fmt/390", b"0220": "x-fmt/391", b"0221": "fmt/645"}


_HOLE = bytes(256)  # half a sector
_END_OF_BLOCK = 0


def _meant_by_zeros(body: bytes) -> dict[int, int]:
    """What a row of zero bits says in each table of a segment: the value of its first code, by class and number."""
    found, at = {}, 0
    while at + 17 < len(body):
        found[body[at]] = body[at + 17]
        at += 17 + sum(body[at + 1 : at + 17])
    return found


def walk_jpeg(octets: bytes) -> ImageFacts:
    """Follow a JPEG from marker to marker to its end (JPEG 结构).

    Raises:
        Damaged: a marker or the end is missing, or a stretch of the picture's data is empty.

    Standard: ITU-T T.81, Annex B.
    """
    at = 2
    zeros: dict[int, int] = {}
    is_sequential = False
    size: tuple[int, int] | None = None
    format_id = "fmt/41"  # a raw stream, unless it says otherwise
    while True:
        if octets[at : at + 1] != b"\xff":
            raise Damaged("no JPEG marker where one must stand" if at < len(octets) else "the end is missing")
        while octets[at : at + 1] == b"\xff":
            at += 1
        marker = octets[at] if at < len(octets) else -1
        at += 1
        if marker == 0xD9:
            break
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            continue
        if at + 2 > len(octets):
            raise Damaged("the end is missing")
        (length,) = struct.unpack_from(">H", octets, at)
        body = octets[at + 2 : at + length]
        if length < 2 or at + length > len(octets):
            raise Damaged("a JPEG segment is cut")
        if marker in _FRAMES and len(body) >= 5:
            height, width = struct.unpack_from(">HH", body, 1)
            size = (width, height)
            is_sequential = marker in (0xC0, 0xC1)
        elif marker == 0xC4:
            zeros |= _meant_by_zeros(body)
        elif marker == 0xE0 and body.startswith(b"JFIF\x00") and len(body) >= 7:
            format_id = _JFIF.get((body[5], body[6]), "fmt/43")
        elif marker == 0xE1 and body.startswith(b"Exif\x00"):
            found = re.search(rb"\x00\x90\x07\x00\x04\x00\x00\x00(\d{4})|\x90\x00\x00\x07\x00\x00\x00\x04(\d{4})", body)
            if found:
                format_id = _EXIF.get(found[1] or found[2], "fmt/1507")
        at += length
        if marker == 0xDA:
            after = _ENTROPY_END.search(octets, at)
            if after is None:
                raise Damaged("the image data break off")
            # A lost sector reads as zeros, and no decoder minds. They can be the picture's own only where a block
            # may end at once: then a blank stretch of paper is written so.
            may_be_blank = all(
                zeros.get(0x10 | tables & 0x0F, _END_OF_BLOCK) == _END_OF_BLOCK for tables in body[2:-3:2]
            )
            if is_sequential and not may_be_blank and octets.find(_HOLE, at, after.start()) >= 0:
                raise Damaged("a stretch of the picture's data is empty")
            at = after.start()
    if size is None or 0 in size:
        raise Damaged("the JPEG states no size")
    return ImageFacts(width_px=size[0], height_px=size[1], format_id=format_id, end=at)


def walk_png(octets: bytes) -> ImageFacts:
    """Follow a PNG from chunk to chunk to its end, checking every sum (PNG 结构).

    Raises:
        Damaged: a chunk is cut or its sum is wrong, or the end is missing.

    Standard: ISO/IEC 15948.
    """
    at = 8
    size = (0, 0)
    kinds: set[bytes] = set()
    while b"IEND" not in kinds:
        if at + 12 > len(octets):
            raise Damaged("the end is missing")
        length, kind = struct.unpack_from(">I4s", octets, at)
        end = at + 12 + length
        if end > len(octets):
            raise Damaged("a PNG chunk is cut")
        (stated,) = struct.unpack_from(">I", octets, end - 4)
        if zlib.crc32(octets[at + 4 : end - 4]) != stated:
            raise Damaged("the sum of a PNG chunk is wrong")
        if not kinds:
            if kind != b"IHDR" or length != 13:
                raise Damaged("the PNG does not begin with its header")
            size = struct.unpack_from(">II", octets, at + 8)
        kinds.add(kind)
        at = end
    if 0 in size:
        raise Damaged("the PNG states no size")
    later = {b"iTXt": "fmt/13", b"iCCP": "fmt/12", b"sRGB": "fmt/12", b"sPLT": "fmt/12"}  # chunks of PNG 1.2 and 1.1
    format_id = max((later[kind] for kind in kinds & later.keys()), default="fmt/11")
    return ImageFacts(width_px=size[0], height_px=size[1], format_id=format_id, end=at)


PDF_IDS = {
    "1.0": "fmt/14",
    "1.1": "fmt/15",
    "1.2": "fmt/16",
    "1.3": "fmt/17",
    "1.4": "fmt/18",
    "1.5": "fmt/19",
    "1.6": "fmt/20",
    "1.7": "fmt/276",
    "2.0": "fmt/1129",
}
PDFA_IDS = {
    "1A": "fmt/95",
    "1B": "fmt/354",
    "2A": "fmt/476",
    "2B": "fmt/477",
    "2U": "fmt/478",
    "3A": "fmt/479",
    "3B": "fmt/480",
    "3U": "fmt/481",
}


def pdf_id(version: str, conformance: str) -> str:
    """The PRONOM identifier of a PDF, from its version and the PDF/A level that it claims."""
    return PDFA_IDS.get(conformance.upper(), PDF_IDS.get(version, "fmt/276"))
