"""Plans as SQL (检索语句): the same statement for both engines but for how a unit's tokens are asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from anjuan.core.asking.folding import BREAK, Needle, Phrase
from anjuan.core.asking.questions import Column
from anjuan.facilities.search.backends import Answer
from anjuan.facilities.search.rules import (
    Between,
    Both,
    Either,
    Grant,
    Holding,
    Marked,
    Not,
    Numbered,
    OneOf,
    Order,
    Plan,
)

ROW = "ROW"
LAST = "\U0010ffff"  # after whatever begins so, byte by byte
COLUMNS: dict[Column, str] = {
    Column.YEAR: "year",
    Column.FORMED: "formed",
    Column.STEP: "step",
    Column.CATEGORY: "category",
    Column.AGENCY: "agency",
    Column.STATE: "state",
    Column.LINE: "line",
}
FACETS = (Column.YEAR, Column.CATEGORY, Column.STEP, Column.AGENCY, Column.STATE)
_ORDERS: dict[Order, tuple[str, bool]] = {
    Order.NEWEST: ("''", False),
    Order.OLDEST: ("''", True),
    Order.FORMED: ("i.formed", False),
    Order.FORMED_FIRST: ("i.formed", True),
}


@dataclass(frozen=True)
class Sql:
    """A part of a statement with what is filled in, ``?`` by ``?``."""

    text: str
    given: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Dialect:
    """How an engine asks for tokens and for a part of a text.

    Attributes:
        units: items of units that have these tokens, with the unit as ``u``: ends in a WHERE.
        instr: the function that says where a text has a part.
    """

    units: Callable[[Sequence[Needle]], Sql]
    instr: str


def condition(plan: Plan, dialect: Dialect) -> Sql:
    """A plan as a condition on the item ``i``."""
    match plan:
        case Both(parts) | Either(parts):
            found = [condition(part, dialect) for part in parts]
            word = " AND " if isinstance(plan, Both) else " OR "
            return Sql(f"({word.join(part.text for part in found)})", tuple(v for part in found for v in part.given))
        case Not(part):
            inside = condition(part, dialect)
            return Sql(f"(NOT {inside.text})", inside.given)
        case Holding(phrase, field):
            return _holding(phrase, field, dialect)
        case Marked(kind, value, is_start):
            text = "i.item IN (SELECT m.item FROM search_mark m WHERE m.kind = ? AND m.value"
            if is_start:
                return Sql(f"{text} >= ? AND m.value < ?)", (kind, value, value + LAST))
            return Sql(f"{text} = ?)", (kind, value))
        case Numbered(digests):
            inside = _numbered(digests)
            marked = "i.item IN (SELECT m.item FROM search_mark m WHERE m.kind = 'NUMBER' AND m.value IN "
            return Sql(f"{marked}({inside.text}))", inside.given)
        case Between(column, low, high):
            name = f"i.{COLUMNS[column]}"
            ends = [(f"{name} >= ?", low)] * bool(low) + [(f"{name} <= ?", high)] * bool(high)
            return Sql(f"({' AND '.join(text for text, _ in ends)})", tuple(value for _, value in ends))
        case OneOf(column, values):
            if not values:
                return Sql("(1 = 0)")
            return Sql(f"i.{COLUMNS[column]} IN ({', '.join('?' * len(values))})", values)


def granted(grants: Sequence[Grant]) -> Sql:
    """What may be seen, as a condition on the item."""
    parts = [Sql("1 = 0")]
    for grant in grants:
        text, given = "i.path >= ? AND i.path < ?", (grant.path, grant.path + LAST)
        if grant.states:
            text += f" AND i.state IN ({', '.join('?' * len(grant.states))})"
        parts.append(Sql(f"({text})", (*given, *grant.states)))
    return Sql(f"({' OR '.join(part.text for part in parts)})", tuple(v for part in parts for v in part.given))


def answering(
    plan: Plan,
    grants: Sequence[Grant],
    without: Sequence[int],
    dialect: Dialect,
    *,
    order: Order,
    after: tuple[str, int] | None,
    limit: int,
) -> Sql:
    """The whole answer in one statement, for what is found is looked up once: rows of kind, value, number.

    A row without a kind is the total; one of the kind `ROW` is a hit with the value it is sorted by; every other counts
    a value of a column.
    """
    where = _where(plan, grants, without, dialect)
    columns = ", ".join(f"i.{COLUMNS[column]}" for column in (*FACETS, Column.FORMED))
    counts = " ".join(
        f"UNION ALL SELECT '{column.value}', {name}, count(*) FROM hit GROUP BY {name}"  # noqa: S608 (our own names)
        for column, name in ((column, COLUMNS[column]) for column in FACETS)
    )
    key, rises = _ORDERS[order]
    sign, way = (">", "ASC") if rises else ("<", "DESC")
    start = ""
    begun: tuple[str | int, ...] = ()
    if after is not None:
        start = f"WHERE i.item {sign} ?" if key == "''" else f"WHERE ({key}, i.item) {sign} (?, ?)"
        begun = (after[1],) if key == "''" else after
    ordered = f"i.item {way}" if key == "''" else f"{key} {way}, i.item {way}"
    return Sql(
        f"WITH hit AS MATERIALIZED (SELECT i.item, {columns} FROM search_item i WHERE {where.text}) "  # noqa: S608
        f"SELECT '', '', count(*) FROM hit {counts} UNION ALL "
        f"SELECT * FROM (SELECT '{ROW}', {key}, i.item FROM hit i {start} ORDER BY {ordered} LIMIT ?) page",
        (*where.given, *begun, limit),
    )


def counting_newer(plan: Plan, grants: Sequence[Grant], dialect: Dialect, *, than: int, limit: int) -> Sql:
    """How many items after one are found, counted so far only: what is new since somebody looked."""
    where = _where(plan, grants, (), dialect)
    return Sql(
        "SELECT count(*) FROM (SELECT i.item FROM search_item i "  # noqa: S608 (our own names)
        f"WHERE i.item > ? AND {where.text} LIMIT ?) newer",
        (than, *where.given, limit),
    )


def holding(items: Sequence[int], phrase: Phrase, limit: int, dialect: Dialect) -> Sql:
    """Units of some items that hold a phrase, by their text alone."""
    has = _has(phrase, dialect)
    return Sql(
        "SELECT u.item, u.component, u.page, u.body FROM search_unit u "  # noqa: S608
        f"WHERE u.item IN ({_marks(items)}) AND {has.text} ORDER BY u.item, u.component, u.page LIMIT ?",
        (*items, *has.given, limit),
    )


def numbering(items: Sequence[int], digests: Sequence[str], limit: int) -> Sql:
    """Units of some items on which a number with all these digests stands."""
    inside = _numbered(digests)
    return Sql(
        "SELECT DISTINCT m.item, m.component, m.page FROM search_mark m "  # noqa: S608
        f"WHERE m.item IN ({_marks(items)}) AND m.kind = 'NUMBER' AND m.value IN ({inside.text}) "
        "ORDER BY 1, 2, 3 LIMIT ?",
        (*items, *inside.given, limit),
    )


def _where(plan: Plan, grants: Sequence[Grant], without: Sequence[int], dialect: Dialect) -> Sql:
    parts = [granted(grants), condition(plan, dialect)]
    if without:
        # Written out: they are keys of ours, and may be more than an engine takes as values to be filled in.
        parts.append(Sql(f"i.item NOT IN ({', '.join(f'{item:d}' for item in without)})"))
    return Sql(" AND ".join(part.text for part in parts), tuple(value for part in parts for value in part.given))


def _holding(phrase: Phrase, field: int | None, dialect: Dialect) -> Sql:
    units = dialect.units(phrase.needles)
    text, given = units.text, units.given
    if field is not None:
        text += " AND u.component > 0" if field < 0 else f" AND u.component = 0 AND u.page = {field:d}"
    if not phrase.is_certain:
        has = _has(phrase, dialect)
        text, given = f"{text} AND {has.text}", (*given, *has.given)
    return Sql(f"i.item IN ({text})", given)


def _has(phrase: Phrase, dialect: Dialect) -> Sql:
    if phrase.is_loose:
        return Sql(f"{dialect.instr}(replace(u.body, ?, ''), ?) > 0", (BREAK, phrase.text))
    return Sql(f"{dialect.instr}(u.body, ?) > 0", (phrase.text,))


def _numbered(digests: Sequence[str]) -> Sql:
    each = "SELECT d.number FROM search_digit d WHERE d.value = ?"
    return Sql(" INTERSECT ".join([each] * len(digests)), tuple(digests))


def _marks(values: Sequence[int]) -> str:
    return ", ".join("?" * len(values))


def answered(rows: Sequence[tuple[Any, ...]], order: Order) -> Answer:
    """An answer from its rows; no engine promises an order over the parts of a union, so it is made here."""
    facets: dict[str, dict[str, int]] = {}
    found: list[tuple[int, str]] = []
    total = 0
    for kind, value, number in rows:
        if kind == ROW:
            found.append((number, value))
        elif kind:
            facets.setdefault(kind, {})[value] = number
        else:
            total = number
    found.sort(key=lambda row: (row[1], row[0]), reverse=not _ORDERS[order][1])
    return Answer(total, facets, tuple(found))
