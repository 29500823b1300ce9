"""Times in a sentence (句中的年度和日期): years, months, days and spans, as the grammar has them. Pure."""

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

_DIGITS = "〇零一二三四五六七八九"
_YEAR = rf"(?:(?:19|20)[0-9]{{2}}|[一二][{_DIGITS}]{{3}})"
_SMALL = r"(?:[0-9]{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_TO = r"\s*(?:到|至|--?|~|—{1,2}|–)\s*"
_AFTER = r"(?:年?(?:以后|以来|之后|至今|开始|起|后))"
_BEFORE = r"(?:年?(?:以前|之前|前|为止))"


def _point(prefix: str) -> str:
    """A point of time: a year with month and day as far as they are said; every group has a name."""
    return (
        rf"(?P<{prefix}y>{_YEAR})(?:"
        rf"\s*年度?(?:\s*(?P<{prefix}m>{_SMALL})\s*月份?(?:\s*(?P<{prefix}d>{_SMALL})\s*[日号])?|(?P<{prefix}h>[上下]半年))?"
        rf"|[-./](?P<{prefix}n>[0-9]{{1,2}})(?:[-./](?P<{prefix}e>[0-9]{{1,2}}))?(?![0-9])"
        r")"
    )


_FREE = r"(?<![0-9a-z])"
# Which of several forms stands here: a span, a point that is open to one side, a point, a bare year.
_FORMS = (
    re.compile(rf"{_FREE}(?:{_point('a')}|(?P<ay0>{_YEAR})){_TO}{_point('b')}"),
    re.compile(rf"{_FREE}(?:{_point('a')}|(?P<ay0>{_YEAR}))\s*(?:(?P<after>{_AFTER})|(?P<before>{_BEFORE}))"),
    re.compile(rf"(?:自|从)\s*(?:{_point('a')})(?P<after>\s*(?:起|开始|以来|至今)?)"),
    re.compile(rf"(?:截至|截止到?)\s*(?:{_point('a')})(?P<before>)"),
    re.compile(rf"{_FREE}{_point('a')}"),
    re.compile(rf"(?:^|(?<=\s))(?P<ay0>{_YEAR})(?=\s|$)"),
)
_RELATIVE = re.compile(
    r"(?P<which>今年|本年度?|去年|上年度?|前年)(?P<after>以后|以来|之后|至今)?(?P<before>以前|之前)?"
)
_BACK = {"今年": 0, "本年": 0, "本年度": 0, "去年": 1, "上年": 1, "上年度": 1, "前年": 2}


@dataclass(frozen=True)
class Time:
    """A time in a text: where it stands, and as the grammar has it."""

    start: int
    end: int
    said: str
    asked: str


@dataclass(frozen=True)
class _Edge:
    low: str
    high: str
    is_year: bool


def times(text: str, *, today: dt.date) -> Iterator[Time]:
    """Times in a folded text, from left to right. What is no date, such as a thirteenth month, is not taken.

    Args:
        text: folded.
        today: calendar date that 今年 and 去年 are reckoned from.
    """
    at = 0
    while at < len(text):
        match = _next(text, at)
        if match is None:
            return
        asked = _asked(match, today)
        if asked:
            yield Time(match.start(), match.end(), match.group().strip(), asked)
        at = match.end() if asked else match.start() + 1


def _next(text: str, at: int) -> re.Match[str] | None:
    """The match that begins first; of those that begin together the longest, then the first form."""
    found = [match for form in (*_FORMS, _RELATIVE) if (match := form.search(text, at)) is not None]
    return min(found, key=lambda match: (match.start(), -match.end()), default=None)


def _asked(match: re.Match[str], today: dt.date) -> str:
    said = match.groupdict()
    if said.get("which"):
        year = f"{today.year - _BACK[said['which']]:04}"
        first: _Edge | None = _Edge(year, year, True)
    else:
        first = _edge(said, "a")
    if first is None:
        return ""
    if "by" in said:
        last = _edge(said, "b")
        if last is None or first.low > last.high:
            return ""
        return _span(first, last)
    if said.get("after") is not None:
        return f"{_field(first)}:{first.low}.."
    if said.get("before") is not None:
        return f"{_field(first)}:..{first.high}"
    return _span(first, first)


def _field(*edges: _Edge) -> str:
    return "年度" if all(edge.is_year for edge in edges) else "日期"


def _span(first: _Edge, last: _Edge) -> str:
    field = _field(first, last)
    return f"{field}:{first.low}" if first.low == last.high else f"{field}:{first.low}..{last.high}"


def _edge(said: dict[str, str | None], prefix: str) -> _Edge | None:
    year = _year(said.get(f"{prefix}y") or said.get(f"{prefix}y0") or "")
    if half := said.get(f"{prefix}h"):
        months = ("01", "06") if half == "上半年" else ("07", "12")
        return _Edge(f"{year:04}-{months[0]}", f"{year:04}-{months[1]}", False)
    month = _small(said.get(f"{prefix}m") or said.get(f"{prefix}n") or "")
    day = _small(said.get(f"{prefix}d") or said.get(f"{prefix}e") or "")
    if month is None:
        return _Edge(f"{year:04}", f"{year:04}", True)
    if not 1 <= month <= 12:
        return None
    if day is None:
        return _Edge(f"{year:04}-{month:02}", f"{year:04}-{month:02}", False)
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    whole = f"{year:04}-{month:02}-{day:02}"
    return _Edge(whole, whole, False)


def _year(said: str) -> int:
    return int("".join(str(max(_DIGITS.index(sign) - 1, 0)) if sign in _DIGITS else sign for sign in said))


def _small(said: str) -> int | None:
    """A number up to 39, in digits or as it is spoken; None where nothing is said."""
    if not said:
        return None
    if said.isascii():
        return int(said)
    tens, ten, ones = said.rpartition("十")
    one = _DIGITS.index(ones) - 1 if ones else 0
    return one if not ten else 10 * (_DIGITS.index(tens) - 1 if tens else 1) + one
