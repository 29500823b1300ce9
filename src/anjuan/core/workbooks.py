"""Spreadsheets (电子表格): CSV and XLSX in and out, cells as text, nothing carried out.

Only what stands in the cells is read: no formula is reckoned, no link followed, no macro looked at. A hostile file is
refused before it can grow: entities, and sheets that swell beyond the limits when unpacked.

Standard: RFC 4180 (CSV); ECMA-376 part 1, 18 (SpreadsheetML): inline and shared strings, numbers, booleans.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from anjuan.core.refusals import Refusal

MOST_BYTES = 8 * 1024 * 1024
MOST_UNPACKED = 64 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 80
MOST_SHEETS = 12
CELL_TEXT = 2_000

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINKS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
# A cell that begins so would be reckoned by a program that opens the CSV; it is written with a mark before it.
_FORMULA = ("=", "+", "@", "\t", "\r")
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


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
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read(content: bytes) -> tuple[Sheet, ...]:
    """The sheets of a file, whichever of the two formats it has.

    Raises:
        H-020: it is neither, or damaged.
        H-021: it is too large.
    """
    if len(content) > MOST_BYTES:
        raise Refusal("H-021", most=f"{MOST_BYTES // 1024 // 1024} MB")
    if content.startswith(b"PK\x03\x04"):
        return _xlsx(content)
    return (Sheet("", _csv(content)),)


def _csv(content: bytes) -> tuple[tuple[str, ...], ...]:
    if b"\x00" in content:
        raise Refusal("H-020", reason="NUL")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise Refusal("H-020", reason="UTF-8, GB 18030") from None
    rows: list[tuple[str, ...]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), strict=True):
            rows.append(tuple(_plain(cell) for cell in cells))
            _within(len(rows), len(cells))
    except csv.Error as error:
        raise Refusal("H-020", reason=str(error)[:80]) from None
    return _trimmed(rows)


def _xlsx(content: bytes) -> tuple[Sheet, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise Refusal("H-021", most=f"{MOST_UNPACKED // 1024 // 1024} MB")
            names = set(packed.namelist())
            shared = _shared(_xml(packed, "xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else []
            links = {
                link.get("Id"): str(link.get("Target"))
                for link in _xml(packed, "xl/_rels/workbook.xml.rels").iter(f"{_PACKAGE}Relationship")
            }
            sheets = []
            for entry in list(_xml(packed, "xl/workbook.xml").iter(f"{_MAIN}sheet"))[:MOST_SHEETS]:
                target = links.get(entry.get(f"{_LINKS}id"), "").lstrip("/")
                path = target if target.startswith("xl/") else f"xl/{target}"
                sheets.append(Sheet(str(entry.get("name")), _cells(_xml(packed, path), shared)))
            return tuple(sheets)
    except (zipfile.BadZipFile, KeyError, ET.ParseError, ValueError, EOFError, NotImplementedError) as error:
        raise Refusal("H-020", reason=str(error)[:80]) from None


def _xml(packed: zipfile.ZipFile, name: str) -> ET.Element:
    with packed.open(name) as stream:
        octets = stream.read(MOST_UNPACKED + 1)
    if len(octets) > MOST_UNPACKED:
        raise Refusal("H-021", most=f"{MOST_UNPACKED // 1024 // 1024} MB")
    if b"<!" in octets[:4096] and re.search(rb"<!(DOCTYPE|ENTITY)", octets):
        raise ValueError("DOCTYPE")
    return ET.fromstring(octets)  # noqa: S314 - no entity can be declared without a DOCTYPE


def _shared(root: ET.Element) -> list[str]:
    return ["".join(text.text or "" for text in entry.iter(f"{_MAIN}t")) for entry in root.iter(f"{_MAIN}si")]


def _cells(root: ET.Element, shared: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    for row in root.iter(f"{_MAIN}row"):
        number = int(row.get("r") or len(rows) + 1)
        _within(number, 0)
        while len(rows) < number - 1:
            rows.append(())
        cells: dict[int, str] = {}
        for place, cell in enumerate(row.iter(f"{_MAIN}c"), 1):
            named = _CELL.fullmatch(cell.get("r") or "")
            column = _number(named.group(1)) if named else place
            _within(number, column)
            cells[column] = _plain(_text(cell, shared))
        rows.append(tuple(cells.get(column, "") for column in range(1, max(cells, default=0) + 1)))
    return _trimmed(rows)


def _text(cell: ET.Element, shared: Sequence[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_MAIN}t"))
    value = cell.find(f"{_MAIN}v")
    said = (value.text or "") if value is not None else ""
    if kind == "s":
        place = int(said)
        return shared[place] if 0 <= place < len(shared) else ""
    if kind == "n" and re.fullmatch(r"-?\d+\.0+", said):
        return said.partition(".")[0]
    return said


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _plain(cell: str) -> str:
    text = "".join(sign for sign in cell if sign >= " " or sign == "\n").strip()
    if len(text) > CELL_TEXT:
        raise Refusal("H-021", most=f"{CELL_TEXT}")
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA and text[1:2] else text


def _within(rows: int, columns: int) -> None:
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise Refusal("H-021", most=f"{MOST_ROWS} × {MOST_COLUMNS}")


def _trimmed(rows: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    kept = list(rows)
    while kept and not any(kept[-1]):
        kept.pop()
    return tuple(kept)


def write_csv(sheet: Sheet) -> bytes:
    """A sheet as CSV, with the mark by which office programs know UTF-8."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(
        [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in sheet.rows
    )
    return stream.getvalue().encode("utf-8-sig")


def write_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Sheets as one workbook; every cell is text, so that 01 stays 01. The same sheets give the same bytes."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    main, office = _MAIN.strip("{}"), _LINKS.strip("{}")
    package = _PACKAGE.strip("{}")
    types = _PACKAGE.strip("{}").replace("relationships", "content-types")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    places = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="{types}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>' for n in places
        )
        + "</Types>",
        "_rels/.rels": f'{head}<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        + "".join(
            f'<sheet name="{escape(sheet.name, {chr(34): "&quot;"})}" sheetId="{n}" r:id="r{n}"/>'
            for n, sheet in enumerate(sheets, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{package}">'
        + "".join(
            f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in places
        )
        + "</Relationships>",
    }
    for n, sheet in enumerate(sheets, 1):
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'{head}<worksheet xmlns="{main}"><sheetData>'
            + "".join(
                f'<row r="{at}">'
                + "".join(
                    f'<c r="{column_letter(column)}{at}" t="inlineStr">'
                    f'<is><t xml:space="preserve">{escape(cell)}</t></is></c>'
                    for column, cell in enumerate(row, 1)
                    if cell
                )
                + "</row>"
                for at, row in enumerate(sheet.rows, 1)
            )
            + "</sheetData></worksheet>"
        )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, text.encode())
    return stream.getvalue()
