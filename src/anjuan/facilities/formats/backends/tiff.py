"""TIFF files: their directories followed, then every page decoded whole (TIFF 文件)."""

import io
import struct
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import rules
from anjuan.facilities.formats.backends import raster
from anjuan.facilities.formats.rules import Characterisation, Damaged, Limits, flag
from anjuan.facilities.formats.rules.tiff import TiffFacts, chain, walk_tiff

_FORMAT_ID = "fmt/353"
# What the image library raises for bad content, beside what it raises for files that it does not know.
_BAD_CONTENT = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    UnidentifiedImageError,
    struct.error,
)


def characterise(path: Path, name: str, limits: Limits) -> Characterisation:
    """Measure every page of a TIFF and decode all of them (TIFF 特征).

    Raises: M-003 truncated or damaged; M-004 a page has too many pixels; M-005 too many pages; M-008 another format
        behind the end; M-011 too many pixels in all.
    """
    octets = path.read_bytes()
    try:
        offsets = chain(octets)
        # Each page may bring one thumbnail along; a longer chain is not worth reading.
        if len(offsets) > 2 * limits.pdf_pages:
            raise Refusal("M-005", name=name, pages=len(offsets), limit=limits.pdf_pages)
        facts = walk_tiff(octets, offsets)
    except Damaged as error:
        raise Refusal("M-003", name=name, reason=str(error)) from error
    if len(facts.pages) > limits.pdf_pages:
        raise Refusal("M-005", name=name, pages=len(facts.pages), limit=limits.pdf_pages)
    for page in facts.pages:
        width, height = page.shape.width_px, page.shape.height_px
        if width * height > limits.page_pixels:
            raise Refusal("M-004", name=name, width_px=width, height_px=height, limit_px=limits.page_pixels)
    total = sum(page.shape.width_px * page.shape.height_px for page in facts.pages)
    if total > limits.file_pixels:  # empty pages pack to nothing, and each costs a second of decoding
        raise Refusal("M-011", name=name, total_px=total, limit_px=limits.file_pixels)
    tail = octets[facts.end :]
    if other := rules.carried(tail):
        raise Refusal("M-008", name=name, kind=rules.TIFF, found=other)
    _decode(octets, facts, name, limits)
    findings = [found] if (found := rules.trailing(tail)) else []
    if not all(page.shape.dpi for page in facts.pages):
        findings.append(flag("N-004", "The image states no resolution."))
    if facts.reduced:
        findings.append(
            flag("N-010", f"{facts.reduced} reduced images in the file are not pages.", count=facts.reduced)
        )
    return Characterisation(
        format_id=_FORMAT_ID,
        mime="image/tiff",
        extension="tif",
        pages=tuple(page.shape for page in facts.pages),
        size_bytes=len(octets),
        findings=tuple(findings),
    )


def _decode(octets: bytes, facts: TiffFacts, name: str, limits: Limits) -> None:
    for number, page in enumerate(facts.pages, 1):
        try:
            with Image.open(io.BytesIO(octets), formats=["TIFF"]) as image:
                image.seek(page.place)
                image.load()
                decoded = image.size
        except Image.DecompressionBombError as error:
            shape = page.shape
            raise Refusal(
                "M-004", name=name, width_px=shape.width_px, height_px=shape.height_px, limit_px=limits.page_pixels
            ) from error
        except _BAD_CONTENT as error:
            raise Refusal("M-003", name=name, reason=f"page {number}: {error}"[:200]) from error
        if decoded != (page.shape.width_px, page.shape.height_px):
            raise Refusal("M-003", name=name, reason=f"page {number} is not of the size that it states")


def page_count(path: Path) -> int:
    """Number of pages, thumbnails left out."""
    return len(_facts(path.read_bytes()).pages)


def open_page(path: Path, page: int) -> Image.Image:
    """One page upright, in greys or RGB.

    Raises: M-009 no such page.
    """
    octets = path.read_bytes()
    pages = _facts(octets).pages
    if not 1 <= page <= len(pages):
        raise Refusal("M-009", page=page)
    with Image.open(io.BytesIO(octets), formats=["TIFF"]) as image:
        image.seek(pages[page - 1].place)
        image.load()  # the library turns a TIFF upright itself
        return raster.on_paper(image)


def _facts(octets: bytes) -> TiffFacts:
    return walk_tiff(octets, chain(octets))
