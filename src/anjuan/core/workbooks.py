"""Spreadsheets (电子表格): CSV and XLSX in and out, cells as text, nothing carried out.

Only what stands in the cells is read: no formula is reckoned, no link followed, no macro looked at. A hostile file is
refused before it can grow: entities, and sheets that swell beyond the limits when unpacked.

Standard: RFC 4180 (CSV); ECMA-376 part 1, 18 (SpreadsheetML): inline and shared strings, numbers, booleans.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anjuan.core import sheets
from anjuan.core.refusals import Refusal

MOST_BYTES = 8 * 1024 * 1024
MOST_UNPACKED = 64 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 80
MOST_SHEETS = 12
CELL_TEXT = 2_000


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, and its rows as text. The first row names the columns."""

    name: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def heading(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.rows[0] if self.rows else ()


def column_letter(place: int) -> str:
    """How a spreadsheet calls a column: 1 is A, 27 is AA."""
    return sheets.letters(place - 1)


def read(content: bytes) -> tuple[Sheet, ...]:
    """The sheets of a file, whichever of the two formats it has.

    Raises:
        H-020: it is neither, or damaged.
        H-021: it is too large.
    """
    if len(content) > MOST_BYTES:
        raise Refusal("H-021", most=f"{MOST_BYTES >> 20} MB")
    stream = io.BytesIO(content)
    try:
        if not content.startswith(b"PK"):
            return (Sheet("", _within(sheets.csv_rows(stream, strict=True))),)
        with sheets.opened(stream, MOST_UNPACKED) as book:
            if sum(part.file_size for part in book.infolist()) > MOST_UNPACKED:
                raise Refusal("H-021", most=f"{MOST_UNPACKED >> 20} MB")
            texts = sheets.texts_of(book)
            return tuple(
                Sheet(name, _within(sheets.sheet_rows(book, part, texts))) for name, part in _parts(book)[:MOST_SHEETS]
            )
    except sheets.Swollen:
        raise Refusal("H-021", most=f"{MOST_UNPACKED >> 20} MB") from None
    except sheets.Unreadable as error:
        raise Refusal("H-020", reason=str(error)[:80]) from None


def _parts(book: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Name and part of each worksheet, in the order in which the workbook shows them."""
    named: list[tuple[str, str]] = []
    targets: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(" ")[2]
        if local == "sheet":
            named.append((attributes.get("name", ""), attributes.get(f"{sheets.OFFICE} id", "")))
        elif local == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "").lstrip("/")

    for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        parser = sheets.new_parser()
        parser.StartElementHandler = start
        parser.Parse(book.read(part), True)
    paths = {key: target if target.startswith("xl/") else f"xl/{target}" for key, target in targets.items()}
    return [(name, paths[key]) for name, key in named]


def _within(found: Iterable[tuple[int, Sequence[str]]]) -> tuple[tuple[str, ...], ...]:
    """Rows at their places, empty ones between them kept, those at the end not."""
    rows: list[tuple[str, ...]] = []
    for number, cells in found:
        if number > MOST_ROWS or len(cells) > MOST_COLUMNS:
            raise Refusal("H-021", most=f"{MOST_ROWS} × {MOST_COLUMNS}")
        rows += [()] * (number - 1 - len(rows))
        rows.append(tuple(_plain(cell) for cell in cells))
    while rows and not any(rows[-1]):
        rows.pop()
    return tuple(rows)


def _plain(cell: str) -> str:
    text = "".join(sign for sign in cell if sign >= " " or sign == "\n").strip()
    if len(text) > CELL_TEXT:
        raise Refusal("H-021", most=f"{CELL_TEXT}")
    return text[1:] if text[:1] == "'" and text[1:2] in sheets.RISKY and text[1:2] else text


def write_csv(sheet: Sheet) -> bytes:
    """A sheet as CSV, with the mark by which office programs know UTF-8."""
    return "".join(sheets.write_csv(sheet.rows)).encode()


def write_xlsx(found: Sequence[Sheet]) -> bytes:
    """Sheets as one workbook; every cell is text, so that 01 stays 01. The same sheets give the same bytes."""
    stream = io.BytesIO()
    sheets.write_book([(sheet.name, sheet.rows) for sheet in found], stream)
    return stream.getvalue()
