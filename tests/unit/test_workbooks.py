"""Spreadsheets in and out: what was written is read again, and hostile files are refused."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anjuan.core import workbooks
from anjuan.core.refusals import Refusal
from anjuan.core.workbooks import Sheet

CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"], exclude_characters="'\ufeff"), max_size=20
)


@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=6))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    def tidy(found: tuple[tuple[str, ...], ...]) -> list[list[str]]:
        kept = [[cell for cell in row] for row in found]
        for row in kept:
            while row and not row[-1]:
                row.pop()
        while kept and not kept[-1]:
            kept.pop()
        return kept

    sheet = Sheet("甲", tuple(tuple(row) for row in rows))

    for content in (workbooks.write_csv(sheet), workbooks.write_xlsx([sheet])):
        (read, *_) = workbooks.read(content) or (Sheet("", ()),)
        assert tidy(read.rows) == tidy(sheet.rows)


def test_codes_keep_their_noughts_and_formulas_stay_words() -> None:
    sheet = Sheet("表", (("类别代码", "材料"), ("01", "=1+1"), ("02", "+86")))

    assert workbooks.read(workbooks.write_xlsx([sheet]))[0].rows == sheet.rows
    assert b"'=1+1" in workbooks.write_csv(sheet)
    assert workbooks.read(workbooks.write_csv(sheet))[0].rows == sheet.rows


def test_an_office_program_may_write_gb18030() -> None:
    assert workbooks.read("材料名称,保管期限\r\n登记表,永久\r\n".encode("gb18030"))[0].rows[1] == ("登记表", "永久")


def packed(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return stream.getvalue()


BOOK = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><workbook>&a;</workbook>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe\x00", "H-020"),
        (b"PK\x03\x04 and no more", "H-020"),
        (packed(a_dot_txt=b"x"), "H-020"),
        (packed(xl__workbook_dot_xml=BOOK, xl___rels__workbook_dot_xml_dot_rels=BOOK), "H-020"),
        (packed(bomb=b"0" * (workbooks.MOST_UNPACKED + 1)), "H-021"),
        (b"a," * (workbooks.MOST_COLUMNS + 1), "H-021"),
        (b"x" * (workbooks.MOST_BYTES + 1), "H-021"),
        (b'"open', "H-020"),
    ],
)
def test_a_file_that_is_no_table_or_would_swell_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        workbooks.read(content)

    assert caught.value.code == code
    assert "…" not in caught.value.message("zh") + caught.value.remedy("en")
