"""How a PDF or OFD is built, looked at page by page (版式文件查验): what cannot be drawn, what it does not carry."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import ofdkit
import pikepdf
import pypdfium2
import pypdfium2.raw as raw

from anjuan.core.detection.facts import FormFacts, OwnText
from anjuan.core.reading.pages import turned
from anjuan.facilities.formats.backends.container import open_container
from anjuan.facilities.formats.backends.ofd import ENTRY, UNREADABLE
from anjuan.facilities.formats.backends.ofd_parts import Parts, child, children, words
from anjuan.facilities.formats.backends.pdf import PDFIUM, dictionaries
from anjuan.facilities.formats.rules import Damaged, Limits

VERSION = 2  # raised when the same file may be found to be built otherwise
MOST_PAGES = 1000
MOST_TEXTS = 100  # pages whose own text is kept
_MOST_LETTERS = 6000  # of a page: as many as are kept of what is read
_MOST_NAMED = 20
_MOST_OBJECTS = 5000  # of a page that may be a scan with a word layer
_FILLS = 0.8  # of the page: a picture of paper covers as much, margins cut off
_SCALE = 0.25  # 18 dpi: enough to make every object of a page be drawn
_MOST_FORMS = 200  # forms within forms of one page whose fonts are looked for
# Actions and streams that leave the file or run something; a hyperlink is counted apart.
_REACHING = frozenset(
    {"/Launch", "/GoToR", "/GoToE", "/ImportData", "/SubmitForm", "/JavaScript", "/Rendition", "/Movie"}
)
_PDF_ERRORS = (pikepdf.PdfError, RuntimeError, ValueError, LookupError, TypeError, AttributeError)


def as_kept(found: FormFacts) -> dict[str, Any]:
    """What was found, as it is kept."""
    return dataclasses.asdict(found)


def from_kept(figures: dict[str, Any]) -> FormFacts:
    """What was found, as it was kept."""
    named: dict[str, Any] = {name: tuple(it) if isinstance(it, list) else it for name, it in figures.items()}
    texts = tuple(
        OwnText(page["page_no"], tuple((words, (x, y, wide, tall)) for words, (x, y, wide, tall) in page["lines"]))
        for page in named.pop("texts", ())
    )
    return FormFacts(**named, texts=texts)


def check_pdf(path: Path) -> FormFacts:
    """Draw every page of a PDF small, and look for fonts it does not carry and for what it reaches outside itself.

    Args:
        path: a PDF that has been characterised.

    Standard: DA/T 47, ISO 19005 (what a file for keeping must carry itself).
    Concurrency: one page at a time in the whole process; see `pdf.PDFIUM`.
    """
    count, undrawn, texts, is_scan = _draw(path)
    fonts: set[str] = set()
    is_bare = False
    reaches: set[str] = set()
    links = 0
    with pikepdf.open(path, suppress_warnings=True) as document:
        for page in list(document.pages)[:MOST_PAGES]:
            try:
                found, has_picture = _page_fonts(page.obj)
            except _PDF_ERRORS:
                continue  # a page whose resources cannot be read is not drawn either
            fonts |= found
            is_bare = is_bare or bool(found and not has_picture)
        for one in dictionaries(document):
            kind = str(one.get("/S", ""))
            if kind in _REACHING:
                reaches.add(kind.strip("/"))
            elif kind == "/URI":
                links += 1
            if isinstance(one, pikepdf.Stream) and "/F" in one:
                reaches.add("external stream")
    return FormFacts(
        pages=min(count, MOST_PAGES),
        undrawn=tuple(undrawn[:_MOST_NAMED]),
        loose_fonts=tuple(sorted(fonts)[:_MOST_NAMED]),
        has_loose_text=is_bare,
        reaches=tuple(sorted(reaches)),
        links=links,
        is_cut=count > MOST_PAGES,
        texts=tuple(texts),
        is_scan=is_scan and not undrawn and count <= MOST_PAGES,
    )


def _draw(path: Path) -> tuple[int, list[int], list[OwnText], bool]:
    """How many pages, which cannot be drawn, what the first hundred with text carry, and whether all are scans."""
    undrawn: list[int] = []
    is_scan = True
    texts: list[OwnText] = []
    with PDFIUM:
        document = pypdfium2.PdfDocument(path)
        count = len(document)
    for number in range(min(count, MOST_PAGES)):
        with PDFIUM:  # let go between pages: somebody may wait for one page of another file
            try:
                page = document[number]
                page.render(scale=_SCALE)
                lines = _own_lines(page) if len(texts) < MOST_TEXTS else ()
                is_scan = is_scan and _is_picture(page)
                page.close()
            except (pypdfium2.PdfiumError, ValueError, RuntimeError, MemoryError):
                undrawn.append(number + 1)
            else:
                texts += [OwnText(number + 1, lines)] if lines else []
    with PDFIUM:
        document.close()
    return count, undrawn, texts, is_scan and count > 0


def _is_picture(page: Any) -> bool:
    """Whether one picture fills the page, and beside it are only words that nobody sees. Called with PDFium held."""
    left, low, right, high = page.get_cropbox()
    whole = (right - left) * (high - low)
    has_picture = False
    for number, one in enumerate(page.get_objects(max_depth=3)):
        if number >= _MOST_OBJECTS:
            return False
        if one.type == raw.FPDF_PAGEOBJ_IMAGE:
            x0, y0, x1, y1 = one.get_bounds()
            wide, tall = min(x1, right) - max(x0, left), min(y1, high) - max(y0, low)
            has_picture = has_picture or (wide > 0 and tall > 0 and wide * tall >= _FILLS * whole)
        elif one.type == raw.FPDF_PAGEOBJ_TEXT:
            if raw.FPDFTextObj_GetTextRenderMode(one) != raw.FPDF_TEXTRENDERMODE_INVISIBLE:
                return False
        elif one.type != raw.FPDF_PAGEOBJ_FORM:
            return False
    return has_picture


def _own_lines(page: Any) -> tuple[tuple[str, tuple[float, float, float, float]], ...]:
    """The lines of a page's own text, each with its box on the page as it is shown. Called with PDFium held."""
    text = page.get_textpage()
    try:
        if text.count_chars() <= 0:
            return ()
        left, low, right, high = page.get_cropbox()
        width, height, turn = right - left, high - low, page.get_rotation()
        found: list[tuple[str, tuple[float, float, float, float]]] = []
        at = letters = 0
        for line in text.get_text_range().split("\r\n"):
            units = len(line.encode("utf-16-le", "surrogatepass")) // 2  # as PDFium counts
            if line.strip() and width > 0 and height > 0:
                boxes = [text.get_charbox(place, loose=True) for place in range(at, at + units)]
                x, y = min(box[0] for box in boxes) - left, high - max(box[3] for box in boxes)
                wide = max(box[2] for box in boxes) - left - x
                tall = high - min(box[1] for box in boxes) - y
                box = turned((x / width, y / height, wide / width, tall / height), turn)
                words = line.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").strip()
                found.append((words, _within(box)))
                letters += len(words)
            at += units + 2
            if letters > _MOST_LETTERS:
                break
        return tuple(found)
    finally:
        text.close()


def _within(box: tuple[float, ...]) -> tuple[float, float, float, float]:
    """The part of a box that lies on the page, to a ten-thousandth."""
    x, y = (min(1.0, max(0.0, part)) for part in box[:2])
    right, low = min(1.0, max(x, box[0] + box[2])), min(1.0, max(y, box[1] + box[3]))
    return round(x, 4), round(y, 4), round(right - x, 4), round(low - y, 4)


def _page_fonts(page: Any) -> tuple[set[str], bool]:
    """Fonts of a page that the file does not carry, and whether the page shows a picture."""
    loose: set[str] = set()
    has_picture = False
    seen: set[tuple[int, int]] = set()
    waiting = [_resources(page)]
    while waiting and len(seen) < _MOST_FORMS:
        resources = waiting.pop()
        for font in _values(resources, "/Font"):
            if not _is_carried(font):
                loose.add(str(font.get("/BaseFont", "?")).strip("/")[:60])
        for held in _values(resources, "/XObject"):
            if held.get("/Subtype") == "/Image":
                has_picture = True
            elif held.get("/Subtype") == "/Form" and held.objgen not in seen:
                seen.add(held.objgen)
                waiting.append(held.get("/Resources"))
    return loose, has_picture


def _resources(page: Any) -> Any:
    for _ in range(50):  # they may be inherited
        if page is None or "/Resources" in page:
            break
        page = page.get("/Parent")
    return page.get("/Resources") if page is not None else None


def _values(resources: Any, kind: str) -> Iterator[Any]:
    held = resources.get(kind) if isinstance(resources, pikepdf.Dictionary) else None
    if isinstance(held, pikepdf.Dictionary):
        yield from (value for _, value in held.items() if isinstance(value, pikepdf.Dictionary | pikepdf.Stream))


def _is_carried(font: Any) -> bool:
    if font.get("/Subtype") == "/Type3":
        return True
    if font.get("/Subtype") == "/Type0":
        return all(_is_carried(one) for one in font.get("/DescendantFonts", []))
    described = font.get("/FontDescriptor")
    return described is not None and any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3"))


def check_ofd(path: Path, name: str, limits: Limits) -> FormFacts:
    """Read every page of an OFD, and look for fonts and parts it does not carry and for where it leads (OFD 查验).

    Args:
        path: an OFD that has been characterised.
        name: what people call it, for the refusal.
        limits: of containers.

    Raises: M-003, M-007, M-008, M-010 the container is not sound.
    Standard: GB/T 33190-2016, 7.9, 14.
    """
    count, undrawn = _read_pages(path)
    fonts: set[str] = set()
    reaches: set[str] = set()
    links = 0
    with path.open("rb") as stream, open_container(stream, name, limits):
        parts = Parts(stream)
        for where, tree in _trees(parts):
            links += len(tree.findall(".//{*}URI"))
            if tree.find(".//{*}GotoA") is not None:
                reaches.add("GotoA")
            for font in tree.findall(".//{*}Font"):
                file = words(font, "FontFile")
                if not file or not _is_there(parts, where, tree.get("BaseLoc") or "", file):
                    fonts.add(str(font.get("FontName") or "?")[:60])
            for media in tree.findall(".//{*}MultiMedia"):
                if not _is_there(parts, where, tree.get("BaseLoc") or "", words(media, "MediaFile")):
                    reaches.add(words(media, "MediaFile")[:60] or "MediaFile")
    return FormFacts(
        pages=min(count, MOST_PAGES),
        undrawn=tuple(undrawn[:_MOST_NAMED]),
        loose_fonts=tuple(sorted(fonts)[:_MOST_NAMED]),
        has_loose_text=bool(fonts),
        reaches=tuple(sorted(reaches)[:_MOST_NAMED]),
        links=links,
        is_cut=count > MOST_PAGES,
    )


def _read_pages(path: Path) -> tuple[int, list[int]]:
    undrawn: list[int] = []
    with ofdkit.open(path) as document:
        count = len(document.pages)
        for number in range(min(count, MOST_PAGES)):
            try:
                for run in document.pages[number].runs:
                    run.text, run.x, run.y  # noqa: B018 - read lazily
            except (ofdkit.OFDError, *UNREADABLE):
                undrawn.append(number + 1)
    return count, undrawn


def _trees(parts: Parts) -> Iterator[tuple[str, ET.Element]]:
    """The parts in which fonts, media and actions stand, each with its place; what cannot be read is left out."""
    for body in children(parts.read(ENTRY), "DocBody"):
        at = parts.find(ENTRY, words(body, "DocRoot"))
        document = parts.read(at)
        yield at, document
        common = child(document, "CommonData")
        places = [found.text for kind in ("PublicRes", "DocumentRes") for found in children(common, kind)]
        places += [found.get("BaseLoc") for found in children(common, "TemplatePage")]
        places += [found.get("BaseLoc") for found in children(child(document, "Pages"), "Page")][:MOST_PAGES]
        for place in places:
            try:
                where = parts.find(at, place)
                yield where, parts.read(where)
            except (Damaged, ofdkit.OFDError, *UNREADABLE):
                continue  # a page is named among those that cannot be drawn; capture refuses the rest


def _is_there(parts: Parts, where: str, base: str, location: str) -> bool:
    for candidate in (location, f"{base}/{location}"):
        try:
            parts.find(where, candidate)
        except Damaged:
            continue
        return True
    return False
