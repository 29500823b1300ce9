"""One PDF of an item's files, to be searched (双层PDF): a sheet that says what it is, then page after page.

Images go in untouched with the words over them (`two_layers`). Pages of a PDF go in as they are; words are laid over
those that carry none of their own. What was others' in them and acts by itself is left behind.
"""

import contextlib
import io
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

import pikepdf

from anjuan.core.reading.pages import Line
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.reading.backends.two_layers import ImagePages

_PDF = "application/pdf"
_CREATOR = "Anjuan"


@dataclass(frozen=True)
class Sheet:
    """One page of the PDF.

    Attributes:
        file: what opens its file, verified; the file is open as long as what it gives.
        mime: of the file.
        page: from 1 in the file.
        turn: degrees clockwise that set it upright.
        lines: its words, on the upright page.
        heading: what the outline calls it; empty for further pages of a file.
    """

    file: Callable[[], BinaryIO]
    mime: str
    page: int
    turn: int
    lines: Sequence[Line]
    heading: str = ""


def compose(out: IO[bytes], *, cover: bytes, sheets: Sequence[Sheet], title: str, said: str) -> None:
    """Write the whole.

    Args:
        out: where to; at its beginning.
        cover: the PDF of the first sheet.
        sheets: the pages in order; those of one file side by side.
        title: of the document.
        said: what it says of itself, beside its title.

    Raises: B-005, B-007, B-008 a file cannot be had, or its bytes changed.
    Concurrency: memory holds one image and what is in PDF files that are no images; the rest lies in temporary files.
    """
    with ExitStack() as held, tempfile.NamedTemporaryFile(suffix=".pdf") as spool:
        images = ImagePages(spool)
        opened: dict[int, tuple[BinaryIO, pikepdf.Pdf]] = {}
        plan: list[tuple[Sheet, bool, pikepdf.Pdf | None]] = []
        last: tuple[Callable[[], BinaryIO], BinaryIO] | None = None
        for sheet in sheets:
            if sheet.mime == _PDF:
                stream, source = opened.get(id(sheet.file)) or _opened(held, sheet)
                opened[id(sheet.file)] = stream, source
                text, (width, height) = formats.text_of_pdf_page(path=Path(stream.name), page=sheet.page)
                is_laid = bool(sheet.lines) and not text.strip()
                if is_laid:
                    across, down = (height, width) if sheet.turn % 180 else (width, height)
                    images.add_words(across, down, sheet.lines)
                plan.append((sheet, is_laid, source))
                continue
            if last is None or last[0] is not sheet.file:
                if last is not None:
                    last[1].close()
                last = sheet.file, held.enter_context(contextlib.closing(sheet.file()))
            images.add(Path(last[1].name), sheet.mime, sheet.page, sheet.turn, sheet.lines)
            plan.append((sheet, True, None))
        images.close()
        spool.flush()
        _assemble(out, held, Path(spool.name), cover, plan, title, said)


def _opened(held: ExitStack, sheet: Sheet) -> tuple[BinaryIO, pikepdf.Pdf]:
    stream = held.enter_context(contextlib.closing(sheet.file()))
    return stream, held.enter_context(pikepdf.open(stream.name, attempt_recovery=False, suppress_warnings=True))


def _assemble(
    out: IO[bytes],
    held: ExitStack,
    images: Path,
    cover: bytes,
    plan: Sequence[tuple[Sheet, bool, pikepdf.Pdf | None]],
    title: str,
    said: str,
) -> None:
    whole = held.enter_context(pikepdf.new())
    first = held.enter_context(pikepdf.open(io.BytesIO(cover)))
    whole.pages.extend(first.pages)
    drawn = None
    if any(is_laid for _, is_laid, _ in plan):
        drawn = held.enter_context(pikepdf.open(images))
    reached = 0
    outline: list[tuple[str, int]] = []
    for sheet, is_laid, source in plan:
        if sheet.heading:
            outline.append((sheet.heading, len(whole.pages)))
        if source is not None:
            whole.pages.append(source.pages[sheet.page - 1])
            page = whole.pages[-1]
            _quiet(page)
            if sheet.turn:
                page.rotate(sheet.turn, relative=True)
            if is_laid and drawn is not None:
                page.add_overlay(drawn.pages[reached], pikepdf.Rectangle(*map(float, page.cropbox)))
        elif drawn is not None:
            whole.pages.append(drawn.pages[reached])
        reached += is_laid
    with whole.open_outline() as entries:
        entries.root.extend(pikepdf.OutlineItem(name, at) for name, at in outline)
    whole.docinfo["/Title"] = title
    whole.docinfo["/Subject"] = said
    whole.docinfo["/Creator"] = _CREATOR
    # Streams stay as they are packed: what came as a JPEG is byte for byte what lies in the store.
    whole.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def _quiet(page: pikepdf.Page) -> None:
    """Leave behind what acts by itself; what is seen stays."""
    if "/AA" in page.obj:
        del page.obj["/AA"]
    for note in page.obj.get("/Annots", []):
        for act in ("/A", "/AA"):
            if act in note:
                del note[act]
