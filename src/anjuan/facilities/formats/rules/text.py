"""Plain text (纯文本): which bytes are text, and how it is laid on pages."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Protocol

LINES, COLUMNS = 60, 80  # a page; what a Chinese font draws wide counts as two columns
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_STEP = 65_536
_TAB = 4


class NotText(ValueError):
    """The bytes decode, but hold what no text holds."""


class Reads(Protocol):
    """A text stream: as much of a line as asked for, at most."""

    def readline(self, size: int = -1, /) -> str:
        """Up to ``size`` characters of the next line."""
        ...


def encodings(head: bytes) -> tuple[str, ...]:
    """In which encodings a file that begins so is tried, in order; a mark at the beginning settles it."""
    if head.startswith(b"\xef\xbb\xbf"):
        return ("utf-8-sig",)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    return ("utf-8", "gb18030")


def pages(stream: Reads) -> Iterator[list[str]]:
    """The text page by page: 60 lines of at most 80 columns; a form feed begins a new page.

    Only a piece of the text is held at a time, however long a line is.

    Raises:
        NotText: control characters or code points that no character has.
    """
    page: list[str] = []
    is_empty = True
    while piece := stream.readline(_STEP):
        if _CONTROL.search(piece) or any(unicodedata.category(sign) in ("Cn", "Cs") for sign in set(piece)):
            raise NotText
        first, *later = piece.removesuffix("\n").split("\f")
        for number, part in enumerate((first, *later)):
            if number:
                yield page
                page = []
            for line in _wrapped(part):
                if len(page) == LINES:
                    yield page
                    page = []
                page.append(line)
        is_empty = False
    if page or is_empty:
        yield page


def is_wide(sign: str) -> bool:
    """Whether a Chinese font draws the character two columns wide."""
    return unicodedata.east_asian_width(sign) in "WFA"


def _wrapped(line: str) -> Iterator[str]:
    line = line.replace("\t", " " * _TAB)
    if line.isascii():
        yield from (line[at : at + COLUMNS] for at in range(0, len(line) or 1, COLUMNS))
        return
    start, column = 0, 0
    for at, sign in enumerate(line):
        width = 2 if is_wide(sign) else 1
        if column + width > COLUMNS:
            yield line[start:at]
            start, column = at, 0
        column += width
    yield line[start:]
