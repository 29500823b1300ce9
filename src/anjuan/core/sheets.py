"""Spreadsheets in and out (表格): rows of CSV and XLSX read one by one, rows written as XLSX; streams are passed in.

A workbook of a hundred thousand rows is never held whole, but for its table of shared texts.
"""

import contextlib
import csv
import datetime as dt
import io
import re
import xml.parsers.expat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import IO
from xml.sax.saxutils import escape

from anjuan.core.refusals import Refusal

MOST_COLUMNS = 100
MOST_CELL = 2000  # characters
_MOST_UNPACKED = 1 << 30  # bytes of one part
_MOST_TEXTS = 2_000_000
_CHUNK = 1 << 16
_CELL = re.compile(r"([A-Z]{1,3})[0-9]+")
_EPOCH = dt.date(1899, 12, 30)  # day nought of a workbook
RISKY = ("=", "+", "-", "@", "\t", "\r")

Row = tuple[str, ...]


class Unreadable(ValueError):
    """A table that is damaged, hostile or none at all; the room that asked says so in its own words."""


class Swollen(Unreadable):
    """A table that would swell beyond all bounds when it is unpacked."""


def rows(stream: IO[bytes], name: str) -> Iterator[tuple[int, Row]]:
    """The rows of a CSV or of the first sheet of a workbook, each with its number there; empty ones are left out.

    Raises:
        I-060: it is neither, it is damaged, or it holds more than a table has.
    """
    head = stream.read(4)
    stream.seek(0)
    try:
        for number, cells in _workbook(stream) if head.startswith(b"PK") else csv_rows(stream):
            tidy = tuple(cell.strip()[:MOST_CELL] for cell in cells[:MOST_COLUMNS])
            if any(tidy):
                yield number, tidy
    except Unreadable as error:
        raise Refusal("I-060", name=name[:60], reason=str(error)[:80]) from error


def csv_rows(stream: IO[bytes], *, strict: bool = False) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows of a CSV in UTF-8 or GB 18030, each with its number there; ``strict`` refuses an open quotation mark.

    Raises:
        Unreadable: it is none.
    """
    octets = stream.read(1 << 20)
    stream.seek(0)
    if b"\x00" in octets:
        raise Unreadable("NUL")
    encoding = "utf-8-sig"
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(octets) - 4:  # what is cut at the end of the first megabyte is no fault
            encoding = "gb18030"
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        line = text.readline()
        text.seek(0)
        separator = "\t" if line.count("\t") > line.count(",") else ","
        reader = csv.reader(text, delimiter=separator, strict=strict)
        for cells in reader:
            yield reader.line_num, cells
    except (UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(str(error)) from error
    finally:
        with contextlib.suppress(ValueError):  # who stopped reading half-way may have closed the stream
            text.detach()


def _workbook(stream: IO[bytes]) -> Iterator[tuple[int, Sequence[str]]]:
    with opened(stream) as book:
        sheets = sorted(
            (one for one in book.namelist() if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", one)),
            key=lambda one: (len(one), one),
        )
        if not sheets:
            raise Unreadable("xl/worksheets")
        yield from sheet_rows(book, sheets[0], texts_of(book))


@contextlib.contextmanager
def opened(stream: IO[bytes], most_unpacked: int = _MOST_UNPACKED) -> Iterator[zipfile.ZipFile]:
    """A workbook, open for reading.

    Args:
        stream: its bytes.
        most_unpacked: bytes that no part may have when unpacked.

    Raises:
        Unreadable: it is none, is damaged, or a part would swell beyond the bound; also from inside the block.
    """
    try:
        with zipfile.ZipFile(stream) as book:
            if max((part.file_size for part in book.infolist()), default=0) > most_unpacked:
                raise Swollen(f"> {most_unpacked >> 20} MiB")
            yield book
    except (
        zipfile.BadZipFile, xml.parsers.expat.ExpatError, NotImplementedError, EOFError, RuntimeError, KeyError,
        zlib.error,
    ) as error:  # fmt: skip
        raise Unreadable(str(error)) from error


def sheet_rows(book: zipfile.ZipFile, part: str, texts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The rows of one worksheet, each with its number; handed out as soon as they are whole."""
    with book.open(part) as stream:
        yield from _Sheet(texts).rows(stream)


def new_parser() -> xml.parsers.expat.XMLParserType:
    """A parser that believes no entity: a workbook declares none, and they could swell without end."""
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise Unreadable("DOCTYPE")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]


def texts_of(book: zipfile.ZipFile) -> list[str]:
    """The table of shared texts of a workbook; empty where it has none."""
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    found: list[str] = []
    depth_phonetic = 0
    pieces: list[str] = []
    in_text = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth_phonetic, in_text
        if _local(tag) == "rPh":
            depth_phonetic += 1
        in_text = _local(tag) == "t" and not depth_phonetic

    def end(tag: str) -> None:
        nonlocal depth_phonetic, in_text
        in_text = False
        if _local(tag) == "rPh":
            depth_phonetic -= 1
        elif _local(tag) == "si":
            found.append("".join(pieces))
            pieces.clear()
            if len(found) > _MOST_TEXTS:
                raise Unreadable("sharedStrings")

    def text(words: str) -> None:
        if in_text:
            pieces.append(words)

    parser = new_parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    with book.open("xl/sharedStrings.xml") as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    return found


class _Sheet:
    """A worksheet as it is parsed: rows are handed out as soon as they are whole."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.done: list[tuple[int, list[str]]] = []
        self.number = 0
        self.cells: list[str] = []
        self.column = 0
        self.kind = ""
        self.pieces: list[str] = []
        self.reads = False

    def rows(self, stream: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
        parser = new_parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            yield from self.done
            self.done.clear()
        parser.Parse(b"", True)
        yield from self.done

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "row":
            said = attributes.get("r", "")
            self.number = int(said) if said.isdigit() and len(said) < 9 else self.number + 1
            self.cells = []
            self.column = 0
        elif name == "c":
            if found := _CELL.fullmatch(attributes.get("r", "")):
                self.column = _column(found.group(1))
            self.kind = attributes.get("t", "n")
            self.pieces = []
        self.reads = name in ("v", "t")

    def _end(self, tag: str) -> None:
        name = _local(tag)
        self.reads = False
        if name == "c":
            if self.column < MOST_COLUMNS:
                self.cells += [""] * (self.column + 1 - len(self.cells))
                self.cells[self.column] = self._value("".join(self.pieces))
            self.column += 1
        elif name == "row":
            self.done.append((self.number, self.cells))

    def _text(self, words: str) -> None:
        if self.reads:
            self.pieces.append(words)

    def _value(self, raw: str) -> str:
        if self.kind == "s":
            at = int(raw) if raw.isdigit() and len(raw) < 9 else -1
            return self.texts[at] if 0 <= at < len(self.texts) else ""
        if self.kind == "n" and re.fullmatch(r"-?[0-9]+\.0+", raw):
            return raw.partition(".")[0]
        return raw


def _column(letters: str) -> int:
    at = 0
    for letter in letters:
        at = at * 26 + ord(letter) - 64
    return at - 1


def date(text: str) -> dt.date | None:
    """A date as people and workbooks write it: 2024-03-15, 2024/3/15, 20240315, 2024年3月15日, or a day number."""
    tidy = text.strip().partition(" ")[0].partition("T")[0]
    if found := re.fullmatch(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?", tidy):
        parts = [int(part) for part in found.groups()]
    elif re.fullmatch(r"(?:19|20)[0-9]{6}", tidy):
        parts = [int(tidy[:4]), int(tidy[4:6]), int(tidy[6:])]
    elif re.fullmatch(r"[1-9][0-9]{4}(?:\.[0-9]+)?", tidy):
        return _EPOCH + dt.timedelta(days=int(tidy.partition(".")[0]))
    else:
        return None
    try:
        return dt.date(*parts)
    except ValueError:
        return None


def plain(cell: object) -> str:
    """A cell that no spreadsheet program runs as a formula when it opens the CSV (防公式注入)."""
    text = str(cell)
    return f"'{text}" if text.startswith(RISKY) else text


def write_csv(lines: Iterable[Sequence[object]]) -> Iterator[str]:
    """Rows as CSV, a piece a row, with the mark by which office programs know UTF-8."""
    yield "\ufeff"
    for line in lines:
        piece = io.StringIO()
        csv.writer(piece).writerow([plain(cell) for cell in line])
        yield piece.getvalue()


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same rows give the same bytes


def write_xlsx(lines: Iterable[Sequence[object]], stream: IO[bytes], *, title: str = "Sheet1") -> None:
    """Rows as a workbook of one sheet; see `write_book`."""
    write_book([(title, lines)], stream)


def write_book(sheets: Sequence[tuple[str, Iterable[Sequence[object]]]], stream: IO[bytes]) -> None:
    """Sheets as one workbook, each with its name. Every cell is text, so that numbers of persons keep their digits."""
    places = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{PACKAGE.replace("relationships", "content-types")}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>' for n in places
        )
        + "</Types>",
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{OFFICE}"><sheets>'
        + "".join(
            f'<sheet name="{escape(title, {chr(34): "&quot;"})}" sheetId="{n}" r:id="r{n}"/>'
            for n, (title, _) in enumerate(sheets, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{PACKAGE}">'
        + "".join(
            f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in places
        )
        + "</Relationships>",
    }
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(_part(name), text)
        for n, (_, lines) in enumerate(sheets, 1):
            with book.open(_part(f"xl/worksheets/sheet{n}.xml"), "w", force_zip64=True) as part:
                part.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
                for number, line in enumerate(lines, 1):
                    part.write(_row(number, line).encode())
                part.write(b"</sheetData></worksheet>")


def _part(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _row(number: int, line: Sequence[object]) -> str:
    cells = "".join(
        f'<c r="{letters(at)}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(_writable(cell))}</t></is></c>'
        for at, cell in enumerate(line)
        if str(cell)
    )
    return f'<row r="{number}">{cells}</row>'


def letters(at: int) -> str:
    """How a workbook calls a column: 0 is A, 26 is AA."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


def _writable(cell: object) -> str:
    return "".join(sign for sign in str(cell) if sign in "\t\n" or sign >= " ")
