"""OFD files: the container bounded, the XML read without entities, pages measured, text taken out (OFD 版式文件)."""

import io
import math
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree as ET

import ofdkit
from PIL import Image

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats.backends import paint
from anjuan.facilities.formats.backends.container import open_container
from anjuan.facilities.formats.backends.ofd_parts import ELEMENTS, XML_BYTES, Parts, child, children, parsed, words
from anjuan.facilities.formats.rules import RENDER_DPI, Characterisation, Damaged, Limits, PageShape, flag

FORMAT_ID = "anjuan/ofd"
ENTRY = "OFD.xml"
_SPACE = "{http://www.ofdspec.org/2016}"
_COMPOSED = 50_000  # objects a page becomes once its composites are put in place
_NESTING = 32
_RUNS = 4000
_PX_PER_MM = RENDER_DPI / 25.4
_A4_MM = (210.0, 297.0)
_NOTICE = "仅文字层：未绘出线条、图像与印章  Text layer only: no lines, images or seals"
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, LookupError, ValueError, TypeError, RuntimeError)


@dataclass(frozen=True)
class TextRun:
    """A piece of text on a page (文字对象); millimetres.

    Attributes:
        text: as it is written.
        x: its left edge.
        baseline: on which its letters stand.
        size: of its letters.
        width: as far as it reaches, about.
    """

    text: str
    x: float
    baseline: float
    size: float
    width: float


@dataclass(frozen=True)
class OfdFacts:
    """What the parts of an OFD tell (OFD 结构)."""

    pages: tuple[PageShape, ...]
    seals: int
    attachments: int


def is_ofd(container: zipfile.ZipFile, name: str) -> bool:
    """Whether the container's root part has the namespace of the standard.

    Raises: M-003 the root part cannot be read.
    """
    if ENTRY not in container.namelist():
        return False
    try:
        with container.open(ENTRY) as stream:
            return parsed(stream.read(XML_BYTES + 1), ELEMENTS)[0].tag == f"{_SPACE}OFD"
    except (Damaged, *UNREADABLE) as error:
        raise Refusal("M-003", name=name, reason=f"{ENTRY}: {error}"[:200]) from error


def characterise(path: Path, name: str, limits: Limits) -> Characterisation:
    """Read all parts of an OFD and measure its pages (OFD 特征).

    Raises: M-003 damaged; M-004 a page has too many pixels; M-005 too many pages; M-007 encrypted; M-010 it would
        unpack to too much.
    Standard: GB/T 33190-2016.
    """
    with path.open("rb") as stream, open_container(stream, name, limits) as container:
        try:
            if bad := container.testzip():
                raise Damaged(f"the sum of {bad} is wrong")
            facts = _read(stream, name, limits)
        except (Damaged, ofdkit.OFDError, *UNREADABLE) as error:
            raise Refusal("M-003", name=name, reason=str(error)[:200]) from error
    findings = [flag("N-009", "Only the text of the pages is drawn.")]
    if facts.seals:
        findings.append(flag("N-008", f"{facts.seals} seals or signatures.", count=facts.seals))
    if facts.attachments:
        findings.append(flag("N-002", f"The file carries {facts.attachments} embedded files.", count=facts.attachments))
    return Characterisation(
        format_id=FORMAT_ID,
        mime="application/ofd",
        extension="ofd",
        pages=facts.pages,
        size_bytes=path.stat().st_size,
        findings=tuple(findings),
    )


def _read(stream: BinaryIO, name: str, limits: Limits) -> OfdFacts:
    parts = Parts(stream)
    root = parts.read(ENTRY)
    if child(root, "Encryptions") is not None or parts.has("Encryptions.xml"):
        raise Refusal("M-007", name=name)
    pages: list[PageShape] = []
    seals = attachments = 0
    for body in children(root, "DocBody"):
        at = parts.find(ENTRY, words(body, "DocRoot"))
        document = parts.read(at)
        box = _box(child(child(document, "CommonData"), "PageArea"))
        composed = _Composed(parts, at, document)
        places = [page.get("BaseLoc") for page in children(child(document, "Pages"), "Page")]
        if len(pages) + len(places) > limits.pdf_pages:
            raise Refusal("M-005", name=name, pages=len(pages) + len(places), limit=limits.pdf_pages)
        for place in places:
            where = parts.find(at, place)
            content = parts.read(where)
            composed.judge(where, content)
            shape = _shape(_box(child(content, "Area")) or box or _A4_MM)
            if shape.width_px * shape.height_px > limits.page_pixels:
                raise Refusal(
                    "M-004", name=name, width_px=shape.width_px, height_px=shape.height_px, limit_px=limits.page_pixels
                )
            pages.append(shape)
        if location := words(body, "Signatures"):
            signatures = parts.read(parts.find(ENTRY, location))
            seals += sum(1 for _ in children(signatures, "Signature"))
        if location := words(document, "Attachments"):
            listed = parts.read(parts.find(at, location))
            attachments += sum(1 for _ in children(listed, "Attachment"))
    if not pages:
        raise Damaged("no page")
    return OfdFacts(tuple(pages), seals, attachments)


class _Composed:
    """How many objects a page becomes when its composites are put in place: they may name one another."""

    def __init__(self, parts: Parts, at: str, document: ET.Element) -> None:
        self._parts = parts
        self._units: dict[str, list[ET.Element]] = {}
        self._sizes: dict[str, int] = {}
        self._templates: dict[str, int] = {}
        common = child(document, "CommonData")
        for kind in ("PublicRes", "DocumentRes"):
            for found in children(common, kind):
                self._learn(parts.read(parts.find(at, found.text)))
        for template in children(common, "TemplatePage"):
            where = parts.find(at, template.get("BaseLoc"))
            self._templates[template.get("ID") or ""] = self._size([parts.read(where)], 0)

    def _learn(self, resources: ET.Element) -> None:
        for unit in resources.findall(".//{*}CompositeGraphicUnit"):
            self._units.setdefault(unit.get("ID") or "", []).append(unit)
        self._sizes.clear()

    def judge(self, at: str, content: ET.Element) -> None:
        """Raises Damaged when the page would become too much."""
        for found in children(content, "PageRes"):
            self._learn(self._parts.read(self._parts.find(at, found.text)))
        templates = sum(
            self._templates.get(found.get("TemplateID") or "", 0) for found in children(content, "Template")
        )
        if self._size([content], 0) + templates > _COMPOSED:
            raise Damaged("a page is composed of too many objects")

    def _size(self, roots: list[ET.Element], depth: int) -> int:
        if depth > _NESTING:
            raise Damaged("composite objects contain one another")
        total = 0
        for root in roots:
            total += len(root.findall(".//{*}TextObject"))
            for found in root.findall(".//{*}CompositeObject"):
                code = found.get("ResourceID") or ""
                if code not in self._sizes:
                    self._sizes[code] = 1 + self._size(self._units.get(code, []), depth + 1)
                total += self._sizes[code]
                if total > _COMPOSED:
                    raise Damaged("a page is composed of too many objects")
        return total


def _box(area: ET.Element | None) -> tuple[float, float] | None:
    """Width and height in millimetres; None when the element is absent."""
    if area is None:
        return None
    try:
        _, _, width, height = (float(part) for part in words(area, "PhysicalBox").split())
    except ValueError:
        raise Damaged("a page area is no box") from None
    if not (math.isfinite(width) and math.isfinite(height) and width > 0 and height > 0):
        raise Damaged("a page area is no box")
    return width, height


def _shape(box: tuple[float, float]) -> PageShape:
    width, height = (max(1, round(side * _PX_PER_MM)) for side in box)
    return PageShape(width, height, RENDER_DPI)


def page_count(path: Path) -> int:
    """Number of pages."""
    with _document(path) as document:
        return len(document.pages)


def open_page(path: Path, page: int) -> Image.Image:
    """The text layer of one page; where there is none, the page that says so.

    Raises: M-009 no such page.
    """
    with _document(path) as document:
        found, count = _page(document, page), len(document.pages)
        runs = [
            (
                run.text,
                *(value * _PX_PER_MM for value in (run.x - found.box[0], run.y - found.box[1], run.size)),
                run.width * _PX_PER_MM,
            )
            for run in found.runs
            if run.text.strip()
        ]
        shape = _shape((found.width, found.height))
    return paint.placed(shape, runs, _NOTICE) if runs else paint.blank_page(shape, "OFD", page, count)


def runs_of_page(path: Path, page: int) -> tuple[list[TextRun], tuple[float, float]]:
    """The pieces of text of one page, in the order in which the file has them, and the page's size in millimetres.

    Places are told from the page's own upper left corner; what stands outside of it is left out, and what comes behind
    the first 4,000 pieces.

    Raises: M-009 no such page.
    """
    with _document(path) as document:
        found = _page(document, page)
        left, top, width, height = found.box
        runs = [
            TextRun(run.text, run.x - left, run.y - top, run.size, run.width)
            for run in found.runs[:_RUNS]
            if run.text.strip() and 0 <= run.x - left <= width and 0 <= run.y - top <= height + run.size
        ]
        return runs, (width, height)


def text_of_page(source: Path | bytes, page: int) -> str:
    """The words of one page in reading order.

    Raises: M-009 no such page.
    """
    with _document(source) as document:
        found = _page(document, page)
        # Putting many runs into reading order takes time that grows with their square.
        return str(found.text()) if len(found.runs) <= _RUNS else "\n".join(run.text for run in found.runs)


def _document(source: Path | bytes) -> ofdkit.OFDDocument:
    return ofdkit.open(source if isinstance(source, Path) else io.BytesIO(source))


def _page(document: ofdkit.OFDDocument, page: int) -> ofdkit.Page:
    if not 1 <= page <= len(document.pages):
        raise Refusal("M-009", page=page)
    return document.pages[page - 1]
