"""Amounts, spans of months and months of the calendar as forms write them (金额、年限、年月)."""

import datetime as dt
import re
from decimal import Decimal

from anjuan.core.reading.words import plain

_FIGURES = re.compile(r"^[^\d-]{0,6}?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?(万元|万|元)?(?:[^\d]*)$")
_CAPITALS = {sign: value for value, sign in enumerate("零壹贰叁肆伍陆柒捌玖")} | {
    "〇": 0, "贰": 2, "貳": 2, "两": 2, "叄": 3, "参": 3, "陸": 6,
}  # fmt: skip
_PLACES = {"拾": 10, "佰": 100, "仟": 1000}
_CAPITAL_RUN = re.compile(r"[零〇壹贰貳两叁叄参肆伍陆陸柒捌玖拾佰仟万亿元圆角分整正]{3,}")
_YEARS_MONTHS = re.compile(r"^[^\d]{0,4}(\d{1,2})年(?:零)?(\d{1,2})?个?月?[^\d]{0,3}$")
_MONTHS = re.compile(r"^[^\d]{0,4}(\d{1,3})个?月[^\d]{0,3}$")
_YEAR_MONTH = re.compile(r"((?:19|20)\d{2})[年./-](\d{1,2})(?!\d)")


def fen(text: str) -> int | None:
    """An amount in fen (分), from figures or capital figures (大写); none where it is not one amount and no more.

    >>> fen("￥3,421.50元"), fen("叁仟肆佰贰拾壹元伍角整"), fen("见附表")
    (342150, 342150, None)
    """
    words = plain(text)
    if found := _FIGURES.match(words):
        whole, part, unit = found.groups()
        value = Decimal(f"{whole.replace(',', '')}.{part or 0}")
        return int(value * 100 * (10_000 if unit and unit.startswith("万") else 1))
    if (run := _CAPITAL_RUN.search(words)) and ("元" in run[0] or "圆" in run[0]):
        return _capitals(run[0])
    return None


def span_months(text: str) -> tuple[int, bool] | None:
    """A span in months, and whether it is told to the month; none where it is not one.

    >>> span_months("23年5个月"), span_months("281个月"), span_months("23年")
    ((281, True), (281, True), (276, False))
    """
    words = plain(text)
    if found := _MONTHS.match(words):
        return int(found[1]), True
    if (found := _YEARS_MONTHS.match(words)) and int(found[2] or 0) < 12:
        return int(found[1]) * 12 + int(found[2] or 0), found[2] is not None
    return None


def month_of(text: str) -> dt.date | None:
    """The first day of the only month that is written there; none where there is none, or more than one."""
    months = {(int(year), int(month)) for year, month in _YEAR_MONTH.findall(plain(text)) if 1 <= int(month) <= 12}
    return dt.date(*months.pop(), 1) if len(months) == 1 else None


def _capitals(text: str) -> int | None:
    """Fen of an amount in capital figures; none where they do not go together."""
    yuan, section, digit = 0, 0, None
    total: int | None = None
    for sign in text:
        if sign in _CAPITALS:
            digit = _CAPITALS[sign]
        elif sign in _PLACES:
            section += (1 if digit is None and not section else digit or 0) * _PLACES[sign]
            digit = None
        elif sign in "万亿":
            part = section + (digit or 0)
            yuan = yuan + part * 10_000 if sign == "万" else (yuan + part) * 100_000_000
            section, digit = 0, None
        elif sign in "元圆":
            if total is not None:
                return None
            total, section, digit = (yuan + section + (digit or 0)) * 100, 0, None
        elif sign in "角分":
            if total is None or digit is None:
                return None
            total += digit * (10 if sign == "角" else 1)
            digit = None
    return total
