"""An OFD says itself what stands on its pages: its words are read as those of an image are, and nothing is doubtful."""

from pathlib import Path

import pytest

from anjuan.core.reading.said import said_from
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.formats.backends.ofd import TextRun
from anjuan.facilities.reading.backends import ofd_page, sheet
from tests.unit.format_builders import ofd, page_of

SIZE = (210.0, 297.0)


def run(text: str, x: float, baseline: float, size: float = 4.0) -> TextRun:
    return TextRun(text, x, baseline, size, size * len(text))


def test_letters_set_one_by_one_are_one_line() -> None:
    runs = [run(sign, 20 + 4 * place, 50 + 0.2 * (place % 2)) for place, sign in enumerate("姓名：王伟")]

    (line,) = ofd_page.lines_of(runs[::-1], SIZE)

    assert line.text == "姓名：王伟" and line.sure == 1.0
    assert line.box == pytest.approx((20 / 210, (50 - 0.88 * 4) / 297, 20 / 210, 1.02 * 4 / 297), abs=1e-3)
    assert line.spots == pytest.approx((0.1, 0.3, 0.5, 0.7, 0.9))


def test_what_stands_apart_or_lower_is_another_line_and_the_top_comes_first() -> None:
    runs = [run("单位名称", 20, 80), run("姓名", 20, 50), run("王伟", 60, 50)]

    assert [line.text for line in ofd_page.lines_of(runs, SIZE)] == ["姓名", "王伟", "单位名称"]


def test_a_page_is_read_from_its_own_text(tmp_path: Path) -> None:
    content = page_of(
        '<ofd:TextObject ID="9" Boundary="20 20 100 12" Size="8"><ofd:TextCode X="0" Y="8">职工养老待遇核定表'
        "</ofd:TextCode></ofd:TextObject>"
        '<ofd:TextObject ID="10" Boundary="20 50 60 6" Size="4"><ofd:TextCode X="0" Y="4">姓名：王伟</ofd:TextCode>'
        '</ofd:TextObject><ofd:TextObject ID="11" Boundary="20 60 100 6" Size="4"><ofd:TextCode X="0" Y="4">'
        "身份证号：11010519491231002X</ofd:TextCode></ofd:TextObject>"
        '<ofd:TextObject ID="12" Boundary="60 180 40 6" Size="4"><ofd:TextCode X="0" Y="4">第1页 共2页</ofd:TextCode>'
        "</ofd:TextObject>"
    )
    path = tmp_path / "form.ofd"
    path.write_bytes(ofd(2, change={"Doc_0/Pages/Page_0/Content.xml": content}))

    runs = formats.runs_of_ofd_page(path=path, page=1)
    told = sheet.read(path, 1)
    page = said_from(told["said"])

    assert runs is not None and len(runs[0]) == 4 and runs[1] == (148.0, 210.0)
    assert told["model"] == "ofd"
    assert page.is_read and page.sure == 1.0
    assert page.titles[0].text == "职工养老待遇核定表"
    assert {field.name: field.value for field in page.fields if field.value}["PERSON"] == "王伟"
    assert [(one.number, one.is_valid) for one in page.citizens] == [("11010519491231002X", True)]
    assert page.mark is not None and (page.mark.number, page.mark.of) == (1, 2)
    assert page.seals == ()


def test_a_page_without_text_says_so_and_a_damaged_file_cannot_be_read(tmp_path: Path) -> None:
    empty, torn = tmp_path / "empty.ofd", tmp_path / "torn.ofd"
    empty.write_bytes(ofd(change={"Doc_0/Pages/Page_0/Content.xml": page_of("")}))
    torn.write_bytes(ofd()[:300])

    assert sheet.read(empty, 1)["said"]["unread"] == "NO_TEXT"
    assert sheet.read(empty, 7)["said"]["unread"] == "UNREADABLE"
    assert sheet.read(torn, 1)["said"]["unread"] == "UNREADABLE"
