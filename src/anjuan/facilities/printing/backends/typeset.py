"""Setting forms in type (排版): typst, the one font that travels with us, and facts that stay data."""

import bisect
import datetime as dt
import functools
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import typst

from anjuan.core.refusals import Refusal
from anjuan.facilities.printing.rules import texts

FONT_FOLDER = Path(__file__).resolve().parent.parent / "fonts"
FORM_FOLDER = Path(__file__).resolve().parent.parent / "forms"
FONT_FILE = FONT_FOLDER / "NotoSansCJKsc-Regular.otf"

PdfStandard = Literal["a-2b", "a-3b"]

_LAYOUT_CHARACTERS = frozenset("\n\r\t")
_compiler_lock = threading.Lock()


@functools.cache
def _coverage() -> tuple[list[int], list[int]]:
    """First and last code points of the runs that the font can draw, written when the font was taken in."""
    ranges = json.loads((FONT_FOLDER / "coverage.json").read_text(encoding="ascii"))
    return [first for first, _ in ranges], [last for _, last in ranges]


def undrawable(text: str) -> str | None:
    """The first character that the embedded font cannot draw (缺字), or None."""
    firsts, lasts = _coverage()
    for character in text:
        point = ord(character)
        place = bisect.bisect_right(firsts, point) - 1
        if (place < 0 or point > lasts[place]) and character not in _LAYOUT_CHARACTERS:
            return character
    return None


def refuse_undrawable(words: Iterable[str]) -> None:
    """Refuse before anything is printed when a name holds a character that would come out as a box (缺字拒印).

    Raises: P-001 the font cannot draw the character.
    """
    for text in words:
        character = undrawable(text)
        if character is not None:
            raise Refusal("P-001", character=character, code_point=f"U+{ord(character):04X}")


@functools.cache
def _compiler() -> Any:
    """One compiler for the process: it keeps the parsed font and the parsed forms between certificates."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_FOLDER)])
    return typst.Compiler(root=str(FORM_FOLDER), font_paths=fonts)


def typeset(
    template: str,
    facts: Mapping[str, object],
    attachments: Mapping[str, bytes] | None = None,
    pdf_standard: PdfStandard = "a-2b",
    *,
    at: dt.datetime,
    practice: bool = False,
    code: str = "",
    codes: Sequence[str] = (),
) -> bytes:
    """Set one form in type and give its PDF (排版成PDF): same facts and time, same bytes.

    Facts reach the template as JSON data, so that a name such as ``#panic()`` prints as it is written.

    Args:
        template: name of a form in ``forms/``, without its ending.
        facts: what JSON can say: strings, numbers, lists, mappings.
        attachments: files to embed, by name; only PDF/A-3 may carry them.
        pdf_standard: which PDF/A to write.
        at: aware time, kept in the file as its time of making.
        practice: whether every page says 演示.
        code: QR symbol as SVG text, for the forms that show one.
        codes: the same, one a row, for sheets of labels.

    Raises: P-001 the font cannot draw a character.
    Standard: ISO 19005-2, ISO 19005-3 (PDF/A); GB/T 18894 long-term formats.
    Concurrency: one compiler behind a lock; calls wait for one another, some 30 ms each.
    """
    if at.tzinfo is None:
        raise ValueError("a time without a zone says nothing")
    refuse_undrawable(texts(facts))

    inputs = _inputs(facts, attachments or {}, practice=practice, code=code, codes=codes)
    with _compiler_lock:
        pdf: bytes = _compiler().compile(
            input=str(FORM_FOLDER / f"{template}.typ"),
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=[pdf_standard],
            timestamp=at.astimezone(dt.UTC).replace(microsecond=0),
        )
    return pdf


def picture(template: str, facts: Mapping[str, object], page: int, *, practice: bool = False, code: str = "") -> bytes:
    """One page of a form as a PNG of 96 dots an inch (页面图).

    Raises: P-001 the font cannot draw a character; P-004 the form has no such page.
    Concurrency: as ``typeset``.
    """
    refuse_undrawable(texts(facts))
    inputs = _inputs(facts, {}, practice=practice, code=code, codes=())
    with _compiler_lock:
        drawn = _compiler().compile(
            input=str(FORM_FOLDER / f"{template}.typ"), format="png", sys_inputs=inputs, ppi=96.0
        )
    pages: list[bytes] = drawn if isinstance(drawn, list) else [drawn]
    if not 1 <= page <= len(pages):
        raise Refusal("P-004", page=page, pages=len(pages))
    return pages[page - 1]


def _inputs(
    facts: Mapping[str, object], attachments: Mapping[str, bytes], *, practice: bool, code: str, codes: Sequence[str]
) -> dict[str, str]:
    return {
        "facts": json.dumps(facts, ensure_ascii=False),
        "attachments": json.dumps({name: _carried(content) for name, content in attachments.items()}),
        "practice": "1" if practice else "0",
        "code": code,
        "codes": json.dumps(list(codes)),
    }


def _carried(content: bytes) -> str | list[int]:
    """Bytes in a shape that JSON can hold and typst turns back into the same bytes."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return list(content)
