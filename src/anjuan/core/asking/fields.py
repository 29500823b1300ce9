"""Fields of a question (检索字段): their names in Chinese and English, and what stands in them."""

import calendar
import re
from collections.abc import Mapping

from anjuan.core import refcode
from anjuan.core.asking import numbers
from anjuan.core.asking.folding import plain, whole
from anjuan.core.asking.pinyin import spelled
from anjuan.core.asking.questions import Column, Key, Keyed, Labelled, Masked, Number, Place, Question, Span, some
from anjuan.core.asking.terms import masked, term
from anjuan.core.refusals import Refusal

# One name each, with what people call it; names are folded before they are looked up.
NAMES: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "单位", "名称"),
    "id": ("身份证", "身份证号", "号码", "社保号"),
    "credit": ("信用代码",),
    "pinyin": ("拼音",),
    "title": ("题名",),
    "code": ("档号",),
    "no": ("受理号", "编号"),
    "text": ("正文", "页面"),
    "step": ("环节", "业务环节"),
    "class": ("门类", "类目"),
    "agency": ("机构",),
    "state": ("状态", "阶段"),
    "line": ("险种",),
    "year": ("年度",),
    "date": ("日期", "形成日期"),
}
FIELDS: Mapping[str, str] = {name: field for field, names in NAMES.items() for name in (field, *names)}

_COLUMNS = {
    "step": Column.STEP,
    "class": Column.CATEGORY,
    "agency": Column.AGENCY,
    "state": Column.STATE,
    "line": Column.LINE,
}
_DAY = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?")


def in_field(field: str, asked: str, *, is_quoted: bool = False) -> Question | None:
    """What a value in a field means; None if nothing in it can be looked for.

    Raises:
        X-004: a range goes backwards.
        X-005: a date or a year cannot be read.
        X-006: a star stands inside a word.
        X-007: too few digits of a number are known, or others than the first and the last four.
    """
    if field in _COLUMNS:
        return Labelled(asked, _COLUMNS[field], asked)
    if field in ("year", "date"):
        return _span(field, asked)
    if field == "title":
        return term(asked, is_quoted=is_quoted, place=Place.TITLE)
    if field == "text":
        return term(asked, is_quoted=is_quoted, place=Place.PAGES)
    is_start = asked.endswith("*") and not is_quoted
    if field == "id":
        return _number(asked)
    bare = asked.removesuffix("*") if is_start else asked
    if "*" in bare:
        raise Refusal("X-006", word=asked[:40])
    if field == "pinyin":
        return by_pinyin(asked)
    key, value = {
        "name": (Key.NAME, whole(bare)),
        "credit": (Key.CREDIT, whole(bare)),
        "code": (Key.CODE, refcode.normalise(bare)),
        "no": (Key.CODE, refcode.normalise(bare)),
    }[field]
    return Keyed(asked, key, value, is_start) if value else None


def by_pinyin(asked: str) -> Question | None:
    """A name by its pinyin or by its initials; None if this is no pinyin."""
    is_start = asked.endswith("*")
    value = spelled(asked.removesuffix("*"))
    if not value:
        return None
    return some([Keyed(asked, key, value, is_start) for key in (Key.PINYIN, Key.INITIALS)])


def _number(asked: str) -> Question | None:
    folded = "".join(sign for sign in plain(asked) if not sign.isspace() and sign != "-").upper()
    if hidden := re.fullmatch(r"([0-9]*)\*{2,}([0-9]*[0-9X]?)", folded):
        return masked(asked, hidden[1], hidden[2])
    if folded.endswith("*"):
        return masked(asked, folded.removesuffix("*"), "")
    if re.fullmatch(r"[0-9]{15,}|[0-9]{17}X", folded):
        return Number(asked, folded)
    if folded.isdigit() and numbers.SHORTEST_START <= len(folded) <= numbers.LONGEST_START:
        return Masked(asked, folded)
    raise Refusal("X-007", typed=asked[:40])


def _span(field: str, asked: str) -> Span:
    low, dots, high = plain(asked).partition("..")
    column = Column.YEAR if field == "year" else Column.FORMED
    found = Span(
        asked,
        column,
        _edge(column, low, is_low=True) if low else "",
        _edge(column, high if dots else low, is_low=False) if high or not dots else "",
    )
    if not found.low and not found.high:
        raise Refusal("X-005", typed=asked[:40])
    if found.low and found.high and found.low > found.high:
        raise Refusal("X-004", low=low, high=high)
    return found


def _edge(column: Column, said: str, *, is_low: bool) -> str:
    match = _DAY.fullmatch(said)
    if match is None or (column is Column.YEAR and match[2]):
        raise Refusal("X-005", typed=said[:40])
    year, month, day = (int(part) if part else None for part in match.groups())
    if column is Column.YEAR:
        return f"{year:04}"
    month = month or (1 if is_low else 12)
    if not year or not 1 <= month <= 12:
        raise Refusal("X-005", typed=said[:40])
    last = calendar.monthrange(year, month)[1]
    day = day or (1 if is_low else last)
    if day > last:
        raise Refusal("X-005", typed=said[:40])
    return f"{year:04}-{month:02}-{day:02}"
