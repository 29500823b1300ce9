"""Spreadsheets in and out (表格): rows of CSV and XLSX read one by one, rows written as XLSX; streams are passed in.

A workbook of a hundred thousand rows is never held whole, but for its table of shared texts.
"""

import csv
import datetime as dt
import io
import re
import xml.parsers.expat
import zipfile
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
_RISKY = ("=", "+", "-", "@", "\t", "\r")

Row = tuple[str, ...]


def rows(stream: IO[bytes], name: str) -> Iterator[tuple[int, Row]]:
    """The rows of a CSV or of the first sheet of a workbook, each with its number there; empty ones are left out.

    Raises:
        I-060: it is neither, it is damaged, or it holds more than a table has.
    """
    head = stream.read(4)
    stream.seek(0)
    found = _workbook(stream, name) if head.startswith(b"PK") else _csv(stream, name)
    for number, cells in found:
        tidy = tuple(cell.strip()[:MOST_CELL] for cell in cells[:MOST_COLUMNS])
        if any(tidy):
            yield number, tidy


def _csv(stream: IO[bytes], name: str) -> Iterator[tuple[int, Sequence[str]]]:
    octets = stream.read(1 << 20)
    stream.seek(0)
    if b"\x00" in octets:
        raise Refusal("I-060", name=name[:60], reason="NUL")
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
        reader = csv.reader(text, delimiter=separator)
        for cells in reader:
            yield reader.line_num, cells
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refusal("I-060", name=name[:60], reason=str(error)[:80]) from error
    finally:
        text.detach()


def _workbook(stream: IO[bytes], name: str) -> Iterator[tuple[int, Sequence[str]]]:
    try:
        with zipfile.ZipFile(stream) as book:
            sheets = sorted(
                (one for one in book.namelist() if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", one)),
                key=lambda one: (len(one), one),
            )
            if not sheets:
                raise Refusal("I-060", name=name[:60], reason="xl/worksheets")
            for part in ("xl/sharedStrings.xml", sheets[0]):
                if part in book.namelist() and book.getinfo(part).file_size > _MOST_UNPACKED:
                    raise Refusal("I-060", name=name[:60], reason="> 1 GiB")
            texts = _texts(book) if "xl/sharedStrings.xml" in book.namelist() else []
            with book.open(sheets[0]) as part_stream:
                yield from _Sheet(texts).rows(part_stream)
    except (zipfile.BadZipFile, xml.parsers.expat.ExpatError, NotImplementedError, EOFError, RuntimeError) as error:
        raise Refusal("I-060", name=name[:60], reason=str(error)[:80]) from error


def _parser() -> xml.parsers.expat.XMLParserType:
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise Refusal("I-060", name="—", reason="DOCTYPE")  # a workbook has none: entities could swell without end

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]


def _texts(book: zipfile.ZipFile) -> list[str]:
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
                raise Refusal("I-060", name="—", reason="sharedStrings")

    def text(words: str) -> None:
        if in_text:
            pieces.append(words)

    parser = _parser()
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
        parser = _parser()
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
    return f"'{text}" if text.startswith(_RISKY) else text


def write_csv(lines: Iterable[Sequence[object]]) -> Iterator[str]:
    """Rows as CSV, a piece a row, with the mark by which office programs know UTF-8."""
    yield "\ufeff"
    for line in lines:
        piece = io.StringIO()
        csv.writer(piece).writerow([plain(cell) for cell in line])
        yield piece.getvalue()


_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def write_xlsx(lines: Iterable[Sequence[object]], stream: IO[bytes], *, title: str = "Sheet1") -> None:
    """Rows as a workbook of one sheet. Every cell is text, so that numbers of persons keep their digits."""
    rels = f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_PACKAGE}">'
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", _TYPES)
        book.writestr(
            "_rels/.rels",
            f'{rels}<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            f'<sheet name="{escape(title, {chr(34): "&quot;"})}" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'{rels}<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        with book.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for number, line in enumerate(lines, 1):
                cells = "".join(
                    f'<c r="{_letters(at)}{number}" t="inlineStr"><is><t xml:space="preserve">'
                    f"{escape(_writable(cell))}</t></is></c>"
                    for at, cell in enumerate(line)
                    if str(cell)
                )
                part.write(f'<row r="{number}">{cells}</row>'.encode())
            part.write(b"</sheetData></worksheet>")


def _letters(at: int) -> str:
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _writable(cell: object) -> str:
    return "".join(sign for sign in str(cell) if sign in "\t\n" or sign >= " ")
