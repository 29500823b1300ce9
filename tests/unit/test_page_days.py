"""Days on a page that were read in pieces, hurt, or not at all."""

import datetime as dt

import pytest

from anjuan.core.reading.blanks import place_of_day, print_of
from anjuan.core.reading.fields import day_places, labels, sign_places
from anjuan.core.reading.marks import InkMark
from anjuan.core.reading.numbers import days
from anjuan.core.reading.pages import Box, Line
from anjuan.core.reading.parties import party_places
from anjuan.core.reading.said import as_kept, days_to_look, said, said_from


def line(text: str, x: float = 0.7, y: float = 0.9, width: float = 0.15, sure: float = 0.99) -> Line:
    return Line(text, (x, y, width, 0.02), sure)


def blanks(*lines: Line) -> list[tuple[dt.date | None, bool]]:
    return [(one.read.day, one.read.is_unclear) for one in day_places(lines, labels(lines))]


@pytest.mark.parametrize("text", ["月日", "年 日", "年　　月　　日", "年月", "年日日"])
def test_what_is_left_of_an_unfilled_place_is_one(text: str) -> None:
    assert blanks(line(text)) == [(None, False)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("附件共壹份年填表时间", []),  # the end of a sentence
        ("填表人张建国填表时间2024年3月5日", [(dt.date(2024, 3, 5), False)]),  # a blank was lost
        ("填表时间", [(None, False)]),
        ("填表人：张建国填表时间：", [(None, False)]),
    ],
)
def test_a_label_of_a_day_within_a_sentence_is_no_empty_place(
    text: str, found: list[tuple[dt.date | None, bool]]
) -> None:
    assert blanks(line(text, 0.1, 0.4, 0.5)) == found


def test_three_signs_read_as_three_lines_are_one_place() -> None:
    found = day_places([line("年", 0.5, width=0.02), line("月", 0.56, width=0.02), line("日", 0.62, width=0.02)], [])

    assert [(one.read.day, one.read.is_unclear) for one in found] == [(None, False)]
    assert found[0].read.box == pytest.approx((0.5, 0.9, 0.14, 0.02))


def test_signs_far_apart_or_on_other_lines_are_no_place() -> None:
    assert blanks(line("年", 0.1, width=0.02), line("日", 0.8, width=0.02)) == []
    assert blanks(line("年", 0.5, width=0.02), line("日", 0.55, 0.95, width=0.02)) == []
    assert blanks(line("日", 0.5, width=0.02)) == []


def test_figures_between_the_signs_fill_the_place() -> None:
    found = blanks(line("年", 0.5, width=0.02), line("12", 0.53, width=0.02), line("月", 0.56, width=0.02))

    assert found == [(None, True)]


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("20月23日", 0.84),
        ("201511-06", 0.99),
        ("油016,12.23", 0.74),
        ("21.4405月2%日", 0.7),
        ("七一年戊月壬伯", 0.62),
        ("201507,06", 0.95),
        ("2020 00 17", 0.87),
        ("2020-0w", 0.85),
        ("201c006.01", 0.69),
    ],
)
def test_a_hurt_day_is_a_day_that_cannot_be_made_out(text: str, sure: float) -> None:
    assert [(one.day, one.is_unclear) for one in days(line(text, sure=sure))] == [(None, True)]


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("2015", 0.99),
        ("13800138000", 0.7),
        ("3,105.50", 0.8),
        ("按月缴费，每年一次", 0.98),
        ("J001-ZY", 0.6),
        ("日常", 0.5),
    ],
)
def test_other_figures_and_words_are_no_days(text: str, sure: float) -> None:
    assert days(line(text, sure=sure)) == []


@pytest.mark.parametrize("text", ["演示市社会保险中心（美章）", "演示市社会保险中心(盖)", "演示市社会保险中心（公章）"])
def test_a_place_to_seal_is_known_with_a_letter_lost(text: str) -> None:
    (found,) = party_places([line(text, 0.5, 0.83, 0.25)], [])

    assert (found.role, found.label) == ("AGENCY", "演示市社会保险中心")


def test_half_a_sentence_is_no_place_to_sign() -> None:
    lines = [line("保险经办机构终止原因补偿金额合，经办", 0.1, 0.4, 0.5), line("经办人：", 0.1, 0.7, 0.1)]

    assert [place.role for place in sign_places(lines, labels(lines))] == ["HANDLER"]


def test_a_sentence_that_ends_with_date_is_no_place_for_one() -> None:
    assert blanks(
        line("退休人员的基本养老金自下月起按月领取出生日期", 0.1, 0.5, 0.5), line("日期", 0.1, 0.8, 0.05)
    ) == [(None, False)]


def test_a_place_of_which_not_all_signs_were_read_says_so() -> None:
    (part,) = day_places([line("月日")], [])
    (whole,) = day_places([line("年 月 日")], [])
    (pieces,) = day_places(
        [line("年", 0.5, width=0.02), line("月", 0.56, width=0.02), line("日", 0.62, width=0.02)], []
    )

    assert (part.read.is_part, whole.read.is_part, pieces.read.is_part) == (True, False, False)
    page = said([line("月日")], version=3, turn=0, turn_sure=1.0, seals=(), inks={})
    assert said_from(as_kept(page)).days[0].read.is_part


def test_ink_is_looked_for_where_a_day_is_wanted_and_none_was_read() -> None:
    lines = [
        line("演示市社会保险中心（盖章）", 0.5, 0.8, 0.3),
        line("单位意见：", 0.1, 0.8, 0.1),
        line("月日", 0.2, 0.92),
    ]

    empty, known = days_to_look(lines)

    (blank,) = [one.read for one in day_places(lines, labels(lines)) if one.read.day is None]
    (agency,) = [one.box for one in party_places(lines, labels(lines)) if one.role == "AGENCY"]
    assert empty == [place_of_day(blank), agency]
    assert lines[0].box in known and lines[2].box not in known  # between 月 and 日 somebody may have written


def test_print_of_a_day_is_told_letter_by_letter() -> None:
    wide = Line("年　月", (0.5, 0.9, 0.2, 0.02), 1.0, (0.1, 0.5, 0.9))

    boxes: list[Box] = print_of([wide])

    assert len(boxes) == 2
    assert all(box[2] <= 1.6 * 0.02 + 1e-9 for box in boxes)
    assert boxes[0][0] + boxes[0][2] < 0.6 < boxes[1][0]


def test_traces_are_kept_and_read_back_and_what_is_none_is_dropped() -> None:
    there, none = InkMark((0.7, 0.9, 0.1, 0.02), 0.1, 1.0, 0.9), InkMark((0.1, 0.9, 0.1, 0.02), 0.0, 0.0, 0.0)

    page = said([line("经办机构意见")], version=3, turn=0, turn_sure=1.0, seals=(), inks={}, traces=(there, none))

    assert page.traces == (there,)
    assert said_from(as_kept(page)).traces == (there,)
