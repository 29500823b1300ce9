"""Spreadsheets in and out, without a database."""

import datetime as dt
import io
import zipfile

import pytest

from anjuan.core import sheets
from anjuan.core.refusals import Refusal


def read(octets: bytes) -> list[tuple[int, sheets.Row]]:
    return list(sheets.rows(io.BytesIO(octets), "x"))


def test_what_is_written_is_read_again_with_every_character() -> None:
    stream = io.BytesIO()
    lines = [("姓名", "𠮷田·A"), ("<&>\"'", " 两 端 "), ("", "00123"), ("", "")]

    sheets.write_xlsx(lines, stream)

    assert read(stream.getvalue()) == [(1, ("姓名", "𠮷田·A")), (2, ("<&>\"'", "两 端")), (3, ("", "00123"))]


def book(sheet: str, texts: str = "") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("xl/worksheets/sheet1.xml", sheet)
        if texts:
            made.writestr("xl/sharedStrings.xml", texts)
    return stream.getvalue()


def test_shared_texts_gaps_numbers_and_readings_are_understood() -> None:
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="C3"><v>45366</v></c><c r="D3"><v>2.0</v></c></row>'
        "</sheetData></worksheet>"
    )
    texts = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<si><r><t>王</t></r><r><t>伟</t></r><rPh><t>ワン</t></rPh></si></sst>"
    )

    assert read(book(sheet, texts)) == [(3, ("王伟", "", "45366", "2"))]


@pytest.mark.parametrize(
    "octets",
    [
        book('<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'),
        book("<worksheet><sheetData>"),
        zipfile.ZipFile(io.BytesIO(), "w") and b"PK\x05\x06" + b"\x00" * 18,
    ],
)
def test_a_workbook_that_could_swell_or_is_cut_is_refused(octets: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        read(octets)
    assert caught.value.code == "I-060"


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-03-15", dt.date(2024, 3, 15)),
        ("2024/3/5 00:00:00", dt.date(2024, 3, 5)),
        ("2024.3.5", dt.date(2024, 3, 5)),
        ("20240305", dt.date(2024, 3, 5)),
        ("2024年3月5日", dt.date(2024, 3, 5)),
        ("45366", dt.date(2024, 3, 15)),
        ("2024-02-30", None),
        ("三月", None),
        ("", None),
    ],
)
def test_dates_are_read_as_offices_write_them(text: str, date: dt.date | None) -> None:
    assert sheets.date(text) == date


def test_no_cell_of_a_csv_is_a_formula() -> None:
    written = "".join(sheets.write_csv([("=1+1", "-2", "@x", "平常", "+3", "\tx")]))

    assert written == "\ufeff'=1+1,'-2,'@x,平常,'+3,'\tx\r\n"
