"""What a page says beside its labels: lines and prose, lists, wrapped values, empty places, marks, numbers, days."""

import datetime as dt

import pytest

from anjuan.core.reading import fields, numbers
from anjuan.core.reading.pages import Line, as_kept, lines_from, part_of, turned
from anjuan.core.reading.said import as_kept as kept
from anjuan.core.reading.said import places_to_look, said, said_from
from anjuan.core.reading.tables import Cell, Table
from anjuan.core.reading.titles import called, titles

NUMBER = "110101196501010018"
CODE = "91110000600037341L"


def line(text: str, x: float = 0.1, y: float = 0.2, *, wide: float | None = None, tall: float = 0.02) -> Line:
    """A line whose letters are as wide as they are tall on an A4 page."""
    width = wide if wide is not None else min(1 - x, 0.028 * len(text))
    return Line(text, (x, y, width, tall), 0.99)


def read(*lines: Line) -> dict[str, str]:
    found = fields.labels(lines)
    return {one.name: one.value for one in fields.fields(lines, found)}


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        ((line("姓名：张建国"),), {"PERSON": "张建国"}),
        ((line("姓　名：张建国"),), {"PERSON": "张建国"}),
        ((line("姓名", 0.1), line("张建国", 0.3)), {"PERSON": "张建国"}),
        ((line("姓名：张建国 身份证号：110101196501010018"),), {"PERSON": "张建国", "ID_NUMBER": NUMBER}),
        ((line("姓名：", 0.1), line("身份证号：", 0.3)), {"PERSON": "", "ID_NUMBER": ""}),
        ((line("兹证明参保人姓名为张建国，性别为男，单位名称为津南机械厂，情况属实"),),
         {"PERSON": "张建国", "UNIT": "津南机械厂"}),
        ((line("经审核情况属实予以登记，该职工参保单位为", wide=0.5), line("津南机械厂，情况属实", y=0.23)),
         {"UNIT": "津南机械厂"}),
        ((line("姓名", 0.1), line("身份证号", 0.3), line("张建国", 0.1, 0.23), line(NUMBER, 0.3, 0.23)),
         {"PERSON": "张建国", "ID_NUMBER": NUMBER}),
        ((line("申请人应当如实填写姓名"),), {}),
        ((line("月基本养老金：3,421.50元"),), {"AMOUNT": "3,421.50元"}),
        ((line("退休时间：2025年2月"),), {"RETIRED": "2025年2月"}),
    ],
)  # fmt: skip
def test_a_value_stands_behind_beside_or_below_its_label(lines: tuple[Line, ...], values: dict[str, str]) -> None:
    assert read(*lines) == values


@pytest.mark.parametrize("second", ["名：张建国", "☑名：张建国", " 名 ：张建国"])
def test_a_label_whose_letters_stand_far_apart_is_one(second: str) -> None:
    lines = fields.joined((line("姓", 0.1), line(second, 0.17), line("身份证号：" + NUMBER, y=0.3)))

    assert read(*lines) == {"PERSON": "张建国", "ID_NUMBER": NUMBER}
    assert lines[0].box[0] == 0.1 and lines[0].right > 0.2


@pytest.mark.parametrize(
    "lines",
    [
        (line("姓", 0.1), line("名：张建国", 0.5)),  # too far
        (line("姓", 0.1), line("名：张建国", 0.17, 0.3)),  # another row
        (line("男", 0.1), line("张建国", 0.17)),  # no label
        (line("姓", 0.1),),
    ],
)
def test_what_is_no_label_together_stays_as_it_is(lines: tuple[Line, ...]) -> None:
    assert fields.joined(lines) == list(lines)


def test_the_letters_of_a_label_that_is_one_again_keep_their_places() -> None:
    spots = tuple((2 * place + 1) / 10 for place in range(5))
    first, second = line("姓", 0.1, wide=0.02), Line("名：张建国", (0.2, 0.2, 0.1, 0.02), 0.9, spots)
    (one,) = fields.joined((first, second))

    assert len(one.spots) == len(one.text) == 6
    x, _, width, _ = part_of(one, 3, 6)
    assert x == pytest.approx(0.24, abs=0.002) and x + width == pytest.approx(0.3, abs=0.002)


def test_a_value_that_goes_on_in_its_cell_is_read_whole() -> None:
    name, value = Cell((0.1, 0.2, 0.2, 0.06), 0, 0), Cell((0.3, 0.2, 0.4, 0.06), 0, 1)
    lines = (line("单位名称", 0.12, 0.21), line("演示市滨江区长河", 0.32, 0.205), line("物业服务有限公司", 0.32, 0.23))
    table = Table((0.1, 0.2, 0.6, 0.06), (name, value))
    page = said(lines, version=7, turn=0, turn_sure=1, seals=(), inks={}, tables=(table,))

    assert [one.value for one in page.fields] == ["演示市滨江区长河物业服务有限公司"]
    assert said_from(kept(page)) == said_from(kept(said_from(kept(page)))) and said_from(kept(page)).tables == (table,)
    assert read(*lines) == {"UNIT": "演示市滨江区长河"}  # without the rules nobody knows that it goes on


def test_places_to_sign_are_looked_at_where_nobody_wrote_and_say_what_was_read() -> None:
    lines = (line("经办人：", 0.1, 0.8), line("复核人：郑卫东", 0.5, 0.8))
    places = fields.sign_places(lines, fields.labels(lines))

    assert [(one.role, one.words) for one in places] == [("HANDLER", ""), ("REVIEWER", "郑卫东")]
    x, _, width, _ = places[0].box
    assert 0.1 < x < 0.3 and x + width <= 0.5
    assert places_to_look(lines) == [one.box for one in places]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("申报日期：2024年3月5日", dt.date(2024, 3, 5)),
        ("申报日期：2024-03-05", dt.date(2024, 3, 5)),
        ("申报日期：二〇二四年三月十五日", dt.date(2024, 3, 15)),
        ("申报日期：      年   月   日", None),
        ("申报日期：", None),
        ("申报日期：2024年13月5日", None),
    ],
)
def test_a_day_is_read_or_its_empty_place_told(text: str, day: dt.date | None) -> None:
    lines = (line(text),)
    (place,) = fields.day_places(lines, fields.labels(lines))

    assert (place.role, place.read.day) == ("APPLIED", day)
    assert place.read.is_unclear == ("13月" in text)


@pytest.mark.parametrize(
    ("lines", "mark"),
    [
        ((line("第 2 页 共 5 页"),), (2, 5)),
        ((line("共5页 第2页"),), (2, 5)),
        ((line("第二页，共十二页"),), (2, 12)),
        ((line("Page 2 of 5"),), (2, 5)),
        ((line("2/5", y=0.95),), (2, 5)),
        ((line("2/5", y=0.5),), None),
        ((line("第2页", 0.3), line("共5页", 0.5)), (2, 5)),
        ((line("第6页 共5页"),), None),
        ((line("第二十一条 共五款"),), None),
    ],
)
def test_a_page_mark_in_the_ways_that_forms_write_it(lines: tuple[Line, ...], mark: tuple[int, int] | None) -> None:
    found = numbers.page_mark(lines)

    assert ((found.number, found.of) if found else None) == mark


def test_numbers_are_told_by_their_form_and_their_check() -> None:
    lines = [
        line(NUMBER),
        line("110101650101001"),
        line("110101196501010019"),
        line(CODE),
        line("20240305000012345678"),
    ]

    citizens = [(one.number, one.is_valid) for one in numbers.citizen_numbers(lines)]
    assert citizens == [(NUMBER, True), (NUMBER, True), ("110101196501010019", False)]
    assert [(one.number, one.is_valid) for one in numbers.credit_codes(lines)] == [(CODE, True)]


def test_the_title_is_large_and_in_the_middle_and_goes_with_the_shorter_name() -> None:
    found = titles(
        (
            line("职工基本养老保险待遇核定表", 0.28, 0.08, tall=0.035),
            line("经办机构：河西分中心", 0.1, 0.14),
            line("姓名：张建国", 0.1, 0.2),
            line("注：本表一式两份，单位和经办机构各执一份", 0.2, 0.9),
        )
    )

    assert found[0].text == "职工基本养老保险待遇核定表"
    assert called(found, "待遇核定表") == 1.0 > called(found, "劳动合同")


def test_what_a_page_says_is_kept_and_had_again() -> None:
    lines = (
        line("退休申请表", 0.4, 0.05, tall=0.04),
        line("12", 0.93, 0.02),
        line("姓名：张建国", y=0.2),
        line("身份证号：" + NUMBER, y=0.25),
        line("经办人：", y=0.8),
        line("2024年3月5日", y=0.85),
        line("第1页共2页", 0.45, 0.95),
    )
    page = said(lines, version=7, turn=90, turn_sure=0.9, seals=(), inks={})

    assert (page.mark and page.mark.number, page.stamp and page.stamp.number) == (1, 12)
    again = said_from(kept(page))
    assert (again.fields[0].value, again.days[0].read.day, again.turn) == ("张建国", dt.date(2024, 3, 5), 90)
    assert kept(again) == kept(page)
    assert lines_from(as_kept(lines)) == lines


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_box_that_is_turned_and_turned_back_is_where_it_was(degrees: int) -> None:
    box = (0.1, 0.2, 0.3, 0.05)

    assert turned(turned(box, degrees), -degrees) == pytest.approx(box)
