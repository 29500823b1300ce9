"""PDF files: their structure read strictly, their pages measured and rendered (PDF 文件)."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image

from anjuan.core.refusals import Finding, Refusal
from anjuan.facilities.formats import rules
from anjuan.facilities.formats.rules import RENDER_DPI, Characterisation, Limits, PageShape, flag

# PDFium keeps global state and must not be entered by two threads at once, not even for different documents: its
# authors say so and crashes prove it. One lock for the process; a page is a fraction of a second.
PDFIUM = threading.Lock()

_TAIL_BYTES = 1 << 20
_POINTS_PER_INCH = 72


def characterise(path: Path, name: str, limits: Limits) -> Characterisation:
    """Read a PDF strictly and measure its pages (PDF 特征).

    Raises: M-003 truncated or damaged; M-004 a page has too many pixels; M-005 too many pages; M-007 encrypted; M-008
        another format behind the end.
    """
    tail = _tail(path)
    if tail is None:
        raise Refusal("M-003", name=name, reason="the end is missing")
    if other := rules.carried(tail):
        raise Refusal("M-008", name=name, kind=rules.PDF, found=other)
    try:
        # No repair: qpdf could mend a cut file by leaving pages out, and nobody would know which.
        with pikepdf.open(path, attempt_recovery=False, suppress_warnings=True) as document:
            if document.is_encrypted:
                raise Refusal("M-007", name=name)
            count = len(document.pages)
            if count > limits.pdf_pages:
                raise Refusal("M-005", name=name, pages=count, limit=limits.pdf_pages)
            if count == 0:
                raise Refusal("M-003", name=name, reason="no page")
            if problems := document.check_pdf_syntax():
                raise Refusal("M-003", name=name, reason=str(problems[0]))
            format_id = rules.pdf_id(document.pdf_version, _conformance(document))
            findings = list(_active(document))
    except pikepdf.PasswordError as error:
        raise Refusal("M-007", name=name) from error
    except (pikepdf.PdfError, RuntimeError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Refusal("M-003", name=name, reason=str(error).removeprefix(f"{path}").strip(" :")[:200]) from error
    if found := rules.trailing(tail):
        findings.append(found)
    return Characterisation(
        format_id=format_id,
        mime="application/pdf",
        extension="pdf",
        pages=_shapes(path, name, limits),
        size_bytes=path.stat().st_size,
        findings=tuple(findings),
    )


def _tail(path: Path) -> bytes | None:
    """What stands after the last end-of-file mark; None when the last megabyte has no such mark."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        _, mark, tail = stream.read().rpartition(b"%%EOF")
    return tail if mark else None


def _conformance(document: pikepdf.Pdf) -> str:
    """The PDF/A level that the document claims, such as ``2B``; empty when it claims none."""
    try:
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            return str(metadata.pdfa_status)
    except (ValueError, KeyError, AttributeError, SyntaxError):  # metadata that are no XMP claim nothing
        return ""


_ACTIVE_KINDS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/RichMedia"}
_MAXIMUM_DEPTH = 100


def dictionaries(document: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary of the file: the indirect objects, and what stands directly inside them."""
    waiting: list[Any] = [(found, 0) for found in document.objects]
    while waiting:
        found, depth = waiting.pop()
        inner: list[Any] = []
        if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            yield found
            inner = [value for _, value in found.items()]
        elif isinstance(found, pikepdf.Array):
            inner = list(found)
        if depth < _MAXIMUM_DEPTH:
            waiting += [(v, depth + 1) for v in inner if isinstance(v, pikepdf.Object) and not v.is_indirect]


def _active(document: pikepdf.Pdf) -> Iterator[Finding]:
    """What a PDF could do or carry beside showing pages: flagged, for the reviewer to judge."""
    active: set[str] = set()
    embedded = 0
    for found in dictionaries(document):
        kinds = {str(found.get(key, "")) for key in ("/S", "/Subtype", "/Type")}
        active |= kinds & _ACTIVE_KINDS
        active |= {key for key in ("/JS", "/AA", "/XFA") if key in found}
        embedded += "/EF" in found
    if active:
        names = ", ".join(sorted(name.strip("/") for name in active))
        yield flag("N-001", f"The PDF has active content: {names}.", names=names)
    if embedded:
        yield flag("N-002", f"The PDF carries {embedded} embedded files.", count=embedded)


def _shapes(path: Path, name: str, limits: Limits) -> tuple[PageShape, ...]:
    shapes: list[PageShape] = []
    try:
        with PDFIUM:
            document = pypdfium2.PdfDocument(path)
            try:
                for number in range(len(document)):
                    page = document[number]
                    shapes.append(_shape(page))
                    page.close()
            finally:
                document.close()
    except pypdfium2.PdfiumError as error:
        raise Refusal("M-003", name=name, reason=str(error)) from error
    for shape in shapes:
        if shape.width_px * shape.height_px > limits.page_pixels:
            raise Refusal(
                "M-004", name=name, width_px=shape.width_px, height_px=shape.height_px, limit_px=limits.page_pixels
            )
    return tuple(shapes)


def _shape(page: Any) -> PageShape:
    width, height = page.get_size()
    scale = RENDER_DPI / _POINTS_PER_INCH
    return PageShape(max(1, round(width * scale)), max(1, round(height * scale)), RENDER_DPI)


def page_count(path: Path) -> int:
    """Number of pages."""
    with PDFIUM:
        document = pypdfium2.PdfDocument(path)
        try:
            return len(document)
        finally:
            document.close()


def open_page(path: Path, page: int) -> Image.Image:
    """One page rendered at 200 dpi, in RGB.

    Args:
        path: the PDF.
        page: number of the page, from 1.

    Raises: M-009 no such page.
    Concurrency: one page at a time in the whole process; see the lock above.
    """
    with PDFIUM:
        document = pypdfium2.PdfDocument(path)
        try:
            if not 1 <= page <= len(document):
                raise Refusal("M-009", page=page)
            # Copied before the document is closed: the bitmap would point into memory that PDFium has freed.
            drawn: Image.Image = document[page - 1].render(scale=RENDER_DPI / _POINTS_PER_INCH).to_pil()
            return drawn.convert("RGB").copy()
        finally:
            document.close()


def text_of_page(source: Path | bytes, page: int) -> str:
    """The text layer of one page; empty where the page is only a picture.

    Raises: M-009 no such page.
    """
    with PDFIUM:
        document = pypdfium2.PdfDocument(source)
        try:
            if not 1 <= page <= len(document):
                raise Refusal("M-009", page=page)
            return str(document[page - 1].get_textpage().get_text_bounded())
        finally:
            document.close()


def text_and_size(path: Path, page: int) -> tuple[str, tuple[float, float]]:
    """The text layer of one page, and the page's size as it is shown, in points.

    Raises: M-009 no such page.
    """
    with PDFIUM:
        document = pypdfium2.PdfDocument(path)
        try:
            if not 1 <= page <= len(document):
                raise Refusal("M-009", page=page)
            opened = document[page - 1]
            return str(opened.get_textpage().get_text_bounded()), opened.get_size()
        finally:
            document.close()
