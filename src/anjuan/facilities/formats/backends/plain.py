"""Plain text files (纯文本文件)."""

import contextlib
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from PIL import Image

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats.backends import paint
from anjuan.facilities.formats.rules import Characterisation, Limits, flag
from anjuan.facilities.formats.rules import text as text_rules
from anjuan.facilities.formats.rules.text import NotText

FORMAT_ID = "x-fmt/111"
_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 BOM", "utf-16": "UTF-16", "gb18030": "GB18030"}


def encoding_of(source: Path | bytes, most_pages: int | None = None) -> tuple[str, int] | None:
    """The encoding of a text and its number of pages; None when it is no text.

    Args:
        source: the file or its bytes.
        most_pages: counting stops one above it.
    """
    with _binary(source) as stream:
        head = stream.read(4)
    for encoding in text_rules.encodings(head):
        with contextlib.suppress(UnicodeError, NotText), _opened(source, encoding) as stream:
            bound = None if most_pages is None else most_pages + 1
            return encoding, sum(1 for _ in itertools.islice(text_rules.pages(stream), bound))
    return None


def characterise(path: Path, name: str, encoding: str, pages: int, limits: Limits) -> Characterisation:
    """The pages of a text, and how it is encoded (文本特征).

    Raises: M-005 too many pages.
    """
    if pages > limits.pdf_pages:
        raise Refusal("M-005", name=name, pages=pages, limit=limits.pdf_pages)
    said = _NAMES[encoding]
    return Characterisation(
        format_id=FORMAT_ID,
        mime="text/plain",
        extension="txt",
        pages=(paint.A4,) * pages,
        size_bytes=path.stat().st_size,
        findings=(flag("N-007", f"The text is read as {said}.", encoding=said),),
    )


def open_page(path: Path, encoding: str, page: int) -> Image.Image:
    """One page of a text, drawn.

    Raises: M-009 no such page.
    """
    return paint.text_page(_lines(path, encoding, page))


def text_of_page(source: Path | bytes, page: int) -> str:
    """The words of one page.

    Raises: M-009 no such page.
    """
    found = encoding_of(source)
    if found is None:
        raise Refusal("M-009", page=page)
    return "\n".join(_lines(source, found[0], page))


def _lines(source: Path | bytes, encoding: str, page: int) -> list[str]:
    with _opened(source, encoding) as stream:
        lines = next(itertools.islice(text_rules.pages(stream), max(0, page - 1), None), None) if page > 0 else None
    if lines is None:
        raise Refusal("M-009", page=page)
    return lines


@contextlib.contextmanager
def _binary(source: Path | bytes) -> Iterator[BinaryIO]:
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as stream:
        yield stream


@contextlib.contextmanager
def _opened(source: Path | bytes, encoding: str) -> Iterator[TextIO]:
    with _binary(source) as binary, io.TextIOWrapper(binary, encoding=encoding, errors="strict") as stream:
        yield stream
