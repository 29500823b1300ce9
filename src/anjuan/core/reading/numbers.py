"""Numbers that were read: page marks, citizen numbers, credit codes, days (页码、证件号、日期)."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from anjuan.core import identifiers
from anjuan.core.reading.pages import Box, Line, part_of
from anjuan.core.reading.words import plain
from anjuan.core.refusals import Refusal

_CHINESE = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "O": 0, "两": 2}
_NUMBER = r"(\d{1,3}|[一二三四五六七八九十]{1,3})"
_MARKS = (
    re.compile(rf"第{_NUMBER}页[^\d第共]{{0,3}}共{_NUMBER}页"),
    re.compile(rf"PAGE{_NUMBER}OF{_NUMBER}"),
)
_MARK_LAST = re.compile(rf"共{_NUMBER}页[^\d第共]{{0,3}}第{_NUMBER}页")
_HALF_NO, _HALF_OF = re.compile(rf"^第{_NUMBER}页$"), re.compile(rf"^共{_NUMBER}页$")
_SLASH = re.compile(r"^-?(\d{1,3})/(\d{1,3})-?$")
_MARGIN = 0.12  # of the page's height: a bare fraction counts as a page mark only so near its edge
_CITIZEN = re.compile(r"(?<![\dA-Z])(\d{17}[\dX]|\d{15})(?![\dA-Z])")
_CREDIT = re.compile(r"(?<![\dA-Z])([0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10})(?![\dA-Z])")
_DAY = re.compile(r"(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})日?")
_DAY_CHINESE = re.compile(
    r"([〇零○O一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_NO_DAY = re.compile(r"(?:^|[:：)）])_*(?:20|19)?\d{0,2}_*年_*月_*日")
_SOME_DAY = re.compile(r"\d+年\d*月?\d*日?|年\d{1,2}月|\d{2,4}[./-]\d{1,2}[./-]\d{1,2}")
_HURT_DAY = re.compile(  # a whole line
    r"^(?=(?:\D*\d){3})(?=.*[年月日.,/-])(?:19|20)[\d年月日.,/-]{3,12}$|^(?:19|20)\d{6}$"
)
# What is read with doubt may be a day by hand or beneath a seal: figures and signs, or two of its three signs.
_POOR_DAY = re.compile(
    r"^(?=(?:\D*\d){4})(?=.*[年月日]|(?:[^.,/-]*[.,/-]\d{1,2}(?!\d)){2}).{5,13}$"
    r"|^(?=(?:.*[年月日]){2}).{3,13}$"
    r"|^(?=.*[.,/-])(?:19|20)\d.{4,10}$"
)
_POOR = 0.9
DAY_SIGNS = frozenset("年月日")


@dataclass(frozen=True)
class PageMark:
    """What a page says of its own place: 第 ``number`` 页 共 ``of`` 页."""

    number: int
    of: int
    box: Box


@dataclass(frozen=True)
class DayRead:
    """A day that is written somewhere.

    Attributes:
        day: none where the place for one is left empty, or what stands there is none that can be made out.
        box: where.
        is_unclear: something stands there.
        sure: how surely its line was read, 0 to 1.
        is_part: of an unfilled place not all three signs were read.
    """

    day: dt.date | None
    box: Box
    is_unclear: bool = False
    sure: float = 1.0
    is_part: bool = False


@dataclass(frozen=True)
class NumberRead:
    """A citizen number or credit code, by its form alone; ``is_valid`` says whether its check digit is right."""

    number: str
    box: Box
    sure: float
    is_valid: bool


def count_of(text: str) -> int:
    """A number in figures or Chinese, up to ninety-nine."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    if ten:
        return (_CHINESE[tens] if tens else 1) * 10 + (_CHINESE[ones] if ones else 0)
    return int("".join(str(_CHINESE[sign]) for sign in text))


def page_mark(lines: Sequence[Line]) -> PageMark | None:
    """What the page says of its place in its file; none where it says nothing that can be trusted."""
    numbers: list[tuple[int, Line]] = []
    totals: list[tuple[int, Line]] = []
    for line in lines:
        text = plain(line.text)
        for pattern, is_total_first in ((_MARKS[0], False), (_MARKS[1], False), (_MARK_LAST, True)):
            if found := pattern.search(text):
                counts = [count_of(value) for value in found.groups()]
                number, of = reversed(counts) if is_total_first else counts
                if 1 <= number <= of:
                    return PageMark(number, of, line.box)
        if found := _HALF_NO.match(text):
            numbers.append((count_of(found[1]), line))
        if found := _HALF_OF.match(text):
            totals.append((count_of(found[1]), line))
        is_at_edge = line.middle < _MARGIN or line.middle > 1 - _MARGIN
        if is_at_edge and (found := _SLASH.match(text)) and 1 <= int(found[1]) <= int(found[2]):
            return PageMark(int(found[1]), int(found[2]), line.box)
    for own, one in numbers:  # "第 2 页" and "共 5 页" may have been read as two lines
        for whole, other in totals:
            if abs(one.middle - other.middle) < max(one.box[3], other.box[3]) and own <= whole:
                return PageMark(own, whole, one.box)
    return None


def citizen_numbers(lines: Sequence[Line]) -> Iterator[NumberRead]:
    """Everything on the page that has the form of a citizen number."""
    for line in lines:
        text = plain(line.text)
        for found in _CITIZEN.finditer(text):
            if len(found[1]) == 15 and not _may_be_old_number(found[1]):
                continue
            try:
                number, is_valid = identifiers.citizen_id(found[1]), True
            except Refusal:
                number, is_valid = found[1], False
            if is_valid or len(found[1]) == 18:
                yield NumberRead(number, _where(line, text, found), line.sure, is_valid)


def credit_codes(lines: Sequence[Line]) -> Iterator[NumberRead]:
    """Everything on the page that has the form of a unified social credit code."""
    for line in lines:
        text = plain(line.text)
        for found in _CREDIT.finditer(text):
            if _is_citizen(found[1]):
                continue
            try:
                number, is_valid = identifiers.credit_code(found[1]), True
            except Refusal:
                if _has_birth_date(found[1]):  # a citizen number of which a figure was read wrongly
                    continue
                number, is_valid = found[1], False
            yield NumberRead(number, _where(line, text, found), line.sure, is_valid)


def days(line: Line) -> list[DayRead]:
    """Days written in a line; an unfilled 年 月 日 is a day that is none."""
    text = plain(line.text)
    found = [
        DayRead(day, _where(line, text, match), sure=line.sure)
        for match in _DAY.finditer(text)
        if (day := _day(*(int(value) for value in match.groups())))
    ]
    for match in _DAY_CHINESE.finditer(text):
        year = int("".join(str(_CHINESE[sign]) for sign in match[1]))
        if day := _day(year, count_of(match[2]), count_of(match[3])):
            found.append(DayRead(day, _where(line, text, match), sure=line.sure))
    if not found and (blank := _NO_DAY.search(text)):
        found.append(DayRead(None, _where(line, text, blank)))
    if not found and (some := _SOME_DAY.search(text) or _hurt_day(text, line.sure)):
        found.append(DayRead(None, _where(line, text, some), is_unclear=True))
    return found


def _hurt_day(text: str, sure: float) -> re.Match[str] | None:
    may_be_poor = sure < _POOR and not set(text) <= DAY_SIGNS
    return _HURT_DAY.match(text) or (_POOR_DAY.match(text) if may_be_poor else None)


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day) if 1900 <= year <= 2200 else None
    except ValueError:
        return None


def _may_be_old_number(text: str) -> bool:
    return _day(1900 + int(text[6:8]), int(text[8:10]), int(text[10:12])) is not None


def _has_birth_date(text: str) -> bool:
    return text[:17].isdigit() and _day(int(text[6:10]), int(text[10:12]), int(text[12:14])) is not None


def _is_citizen(text: str) -> bool:
    try:
        identifiers.citizen_id(text)
    except Refusal:
        return False
    return True


def _where(line: Line, text: str, found: re.Match[str]) -> Box:
    """Where a match stands: by its place in the line as it was read, blanks and all."""
    places = [place for place, sign in enumerate(line.text) if not sign.isspace()]
    if len(places) != len(text):  # a letter that unfolds into several
        return line.box
    return part_of(line, places[found.start()], places[found.end() - 1] + 1)
