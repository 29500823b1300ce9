"""Plans as SQL (检索语句): the same statement for both engines but for how a unit's tokens are asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from anjuan.core.asking.folding import BREAK, Phrase
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
# An item's columns as the labels have them, for a check.
HELD_ITEMS = (
    "SELECT i.item, i.digest, l.path, l.agency, l.category, l.step, l.line, l.state, l.year, i.formed "
    "FROM search_item i LEFT JOIN search_label l ON l.id = i.label"
)
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
        holding: items with a unit that holds a phrase, in a field or anywhere.
        instr: the function that says where a text has a part.
        within: that the unit ``u`` is of one of these items.
        checking: that the item ``i`` holds a phrase, where that can be asked of one item.
    """

    holding: Callable[[Phrase, int | None], Sql]
    instr: str
    within: Callable[[Sequence[int]], Sql]
    checking: Callable[[Phrase, int | None], Sql | None]


Weigh = Callable[[Plan], int]
FEW = 2_000  # hits that are rather looked at one by one than held against all that another part of the question finds

MANY_TOKENS = 3  # a part of more is weighed last: it is a phrase, and names are rarer
SURELY_RAREST = 500  # so few that it does not pay to ask whether another part finds fewer


def condition(plan: Plan, dialect: Dialect, weigh: Weigh | None = None) -> Sql:
    """A plan as a condition on the item ``i``."""
    match plan:
        case Both(parts):
            return _both(parts, dialect, weigh)
        case Either(parts) if _finding(plan, dialect) is None:
            return _joined(" OR ", [condition(part, dialect, weigh) for part in parts])
        case Not(part):
            inside = condition(part, dialect, weigh)
            return Sql(f"(NOT {inside.text})", inside.given)
        case Either() | Holding() | Marked() | Numbered():
            found = _finding(plan, dialect)
            return Sql(f"i.item IN ({found.text})", found.given) if found else Sql("(1 = 0)")
        case Between(column, low, high):
            name = COLUMNS[column]
            ends = [(f"{name} >= ?", low)] * bool(low) + [(f"{name} <= ?", high)] * bool(high)
            return _labelled(column, " AND ".join(text for text, _ in ends), tuple(value for _, value in ends))
        case OneOf(column, values):
            if not values:
                return Sql("(1 = 0)")
            return _labelled(column, f"{COLUMNS[column]} IN ({', '.join('?' * len(values))})", values)


def _finding(plan: Plan, dialect: Dialect) -> Sql | None:
    """The items a part finds, as one list; None where it is no list.

    PostgreSQL goes through all items for two lists, of which one may have it.
    """
    if isinstance(plan, Either):
        each = [_finding(part, dialect) for part in plan.parts]
        known = [part for part in each if part is not None]
        if not known or len(known) < len(each):
            return None
        return Sql(" UNION ALL ".join(part.text for part in known), tuple(v for part in known for v in part.given))
    if isinstance(plan, Holding):
        return dialect.holding(plan.phrase, plan.field)
    if isinstance(plan, Marked | Numbered):
        inside = _marking(plan)
        return Sql(f"SELECT m.item FROM search_mark m WHERE {inside.text}", inside.given)  # noqa: S608 (our own names)
    return None


def _labelled(column: Column, text: str, given: tuple[str, ...]) -> Sql:
    if column is Column.FORMED:
        return Sql(f"({text})", given)
    return Sql(f"i.label IN (SELECT l.id FROM search_label l WHERE {text})", given)  # noqa: S608 (our own names)


def _joined(word: str, parts: Sequence[Sql]) -> Sql:
    return Sql(f"({word.join(part.text for part in parts)})", tuple(value for part in parts for value in part.given))


def _both(parts: Sequence[Plan], dialect: Dialect, weigh: Weigh | None) -> Sql:
    """All of these: where one part finds few, each of these is looked at; else what all find is held together.

    To find all that a common word finds takes as long as there are records; to look at a few takes no time.
    """
    wordy = [part for part in parts if not isinstance(part, Between | OneOf)]
    if weigh is not None and len(wordy) > 1:
        few, rarest = FEW, 0
        for place in sorted(range(len(parts)), key=lambda place: _tokens(parts[place]) > MANY_TOKENS):
            few, rarest = min((few, rarest), (weigh(parts[place]), place))
            if few <= SURELY_RAREST:
                break
        checks = [checked(part, dialect) for place, part in enumerate(parts) if place != rarest]
        known = [check for check in checks if check is not None]
        if few < FEW and len(known) == len(checks):
            return _joined(" AND ", [condition(parts[rarest], dialect, weigh), *known])
    return _joined(" AND ", [condition(part, dialect, weigh) for part in parts])


def _tokens(plan: Plan) -> int:
    """How many lists are read to weigh a part: of a phrase those of all its tokens; marks are looked up."""
    match plan:
        case Both(parts) | Either(parts):
            return sum(_tokens(part) for part in parts)
        case Holding(phrase, _):
            return len(phrase.needles)
        case _:
            return 0


def checked(plan: Plan, dialect: Dialect) -> Sql | None:
    """A plan as a condition that is judged for one item; None where an engine cannot."""
    match plan:
        case Both(parts) | Either(parts):
            found = [checked(part, dialect) for part in parts]
            known = [part for part in found if part is not None]
            word = " AND " if isinstance(plan, Both) else " OR "
            return _joined(word, known) if len(known) == len(found) else None
        case Not(part):
            inside = checked(part, dialect)
            return Sql(f"(NOT {inside.text})", inside.given) if inside else None
        case Holding(phrase, field):
            return dialect.checking(phrase, field)
        case Marked() | Numbered():
            inside = _marking(plan)
            return Sql(f"EXISTS (SELECT 1 FROM search_mark m WHERE m.item = i.item AND {inside.text})", inside.given)  # noqa: S608
        case _:
            return condition(plan, dialect)


def weighing(dialect: Dialect, count: Callable[[Sql], int]) -> Weigh:
    """How many items a part finds, about, and counted no further than `FEW`."""

    def weigh(plan: Plan) -> int:
        match plan:
            case Both(parts):
                return min(weigh(part) for part in parts)
            case Either(parts):
                total = 0
                for part in parts:
                    total += weigh(part)
                    if total >= FEW:
                        break
                return min(total, FEW)
            case Holding(phrase, field):
                inside = dialect.holding(replace(phrase, is_certain=True), field)
                return count(Sql(f"SELECT count(*) FROM ({inside.text} LIMIT {FEW}) few", inside.given))  # noqa: S608
            case Marked() | Numbered():
                inside = _marking(plan)
                some = f"SELECT 1 FROM search_mark m WHERE {inside.text} LIMIT {FEW}"  # noqa: S608
                return count(Sql(f"SELECT count(*) FROM ({some}) few", inside.given))  # noqa: S608
            case _:
                return FEW

    return weigh


def _marking(plan: Marked | Numbered) -> Sql:
    """A mark as a condition on ``m``."""
    if isinstance(plan, Numbered):
        inside = _numbered(plan.digests)
        return Sql(f"m.kind = 'NUMBER' AND m.value IN ({inside.text})", inside.given)
    if plan.is_start:
        return Sql("m.kind = ? AND m.value >= ? AND m.value < ?", (plan.kind, plan.value, plan.value + LAST))
    return Sql("m.kind = ? AND m.value = ?", (plan.kind, plan.value))


def granted(grants: Sequence[Grant]) -> Sql:
    """What may be seen, as a condition on the item: on what it is known by, of which there are few."""
    if not grants:
        return Sql("(1 = 0)")
    parts = []
    for grant in grants:
        text, given = "l.path >= ? AND l.path < ?", (grant.path, grant.path + LAST)
        if grant.states:
            text += f" AND l.state IN ({', '.join('?' * len(grant.states))})"
        parts.append(Sql(f"({text})", (*given, *grant.states)))
    joined = _joined(" OR ", parts)
    return Sql(f"i.label IN (SELECT l.id FROM search_label l WHERE {joined.text})", joined.given)  # noqa: S608


def answering(
    plan: Plan,
    grants: Sequence[Grant],
    without: Sequence[int],
    dialect: Dialect,
    *,
    order: Order,
    after: tuple[str, int] | None,
    limit: int,
    weigh: Weigh | None = None,
) -> Sql:
    """The whole answer in one statement, for what is found is looked up once: rows of kind, value, number and columns.

    A row of the kind `ROW` is a hit with the value it is sorted by; every other counts hits of one description.
    """
    where = _where(plan, grants, without, dialect, weigh)
    columns = ", ".join(f"l.{COLUMNS[column]}" for column in FACETS)
    nothing = ", ".join(["''"] * len(FACETS))
    key, rises = _ORDERS[order]
    sign, way = (">", "ASC") if rises else ("<", "DESC")
    start = ""
    begun: tuple[str | int, ...] = ()
    if after is not None:
        start = f"WHERE i.item {sign} ?" if key == "''" else f"WHERE ({key}, i.item) {sign} (?, ?)"
        begun = (after[1],) if key == "''" else after
    ordered = f"i.item {way}" if key == "''" else f"{key} {way}, i.item {way}"
    return Sql(
        f"WITH hit AS MATERIALIZED (SELECT i.item, i.label, i.formed FROM search_item i WHERE {where.text}) "  # noqa: S608
        f"SELECT '', '', c.number, {columns} FROM (SELECT label, count(*) AS number FROM hit GROUP BY label) c "
        f"JOIN search_label l ON l.id = c.label UNION ALL "
        f"SELECT * FROM (SELECT '{ROW}', {key}, i.item, {nothing} FROM hit i {start} ORDER BY {ordered} LIMIT ?) page",
        (*where.given, *begun, limit),
    )


def counting_newer(
    plan: Plan, grants: Sequence[Grant], dialect: Dialect, *, than: int, limit: int, weigh: Weigh | None = None
) -> Sql:
    """How many items after one are found, counted so far only: what is new since somebody looked."""
    where = _where(plan, grants, (), dialect, weigh)
    return Sql(
        "SELECT count(*) FROM (SELECT i.item FROM search_item i "  # noqa: S608 (our own names)
        f"WHERE i.item > ? AND {where.text} LIMIT ?) newer",
        (than, *where.given, limit),
    )


def counting_some(plan: Plan, grants: Sequence[Grant], dialect: Dialect, *, limit: int) -> Sql:
    """How many items a plan finds among the first places where it finds any, and how many such places were read."""
    found = _finding(plan, dialect)
    if found is None:
        where = _where(plan, grants, (), dialect, None)
        inside = Sql(f"SELECT i.item FROM search_item i WHERE {where.text} LIMIT ?", (*where.given, limit))  # noqa: S608
    else:
        held = granted(grants)
        inside = Sql(
            f"SELECT f.item FROM ({found.text}) f JOIN search_item i ON i.item = f.item WHERE {held.text} LIMIT ?",  # noqa: S608
            (*found.given, *held.given, limit),
        )
    return Sql(f"SELECT count(DISTINCT item), count(*) FROM ({inside.text}) few", inside.given)  # noqa: S608


def holding(items: Sequence[int], phrase: Phrase, limit: int, dialect: Dialect) -> Sql:
    """Units of some items that hold a phrase, by their text alone."""
    held, within = has(phrase, dialect.instr), dialect.within(items)
    return Sql(
        "SELECT u.item, u.component, u.page, u.body FROM search_unit u "  # noqa: S608
        f"WHERE {within.text} AND {held.text} ORDER BY u.item, u.component, u.page LIMIT ?",
        (*within.given, *held.given, limit),
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


def _where(plan: Plan, grants: Sequence[Grant], without: Sequence[int], dialect: Dialect, weigh: Weigh | None) -> Sql:
    parts = [granted(grants), condition(plan, dialect, weigh)]
    if without:
        # Written out: they are keys of ours, and may be more than an engine takes as values to be filled in.
        parts.append(Sql(f"i.item NOT IN ({', '.join(f'{item:d}' for item in without)})"))
    return Sql(" AND ".join(part.text for part in parts), tuple(value for part in parts for value in part.given))


def has(phrase: Phrase, instr: str) -> Sql:
    """That the unit ``u`` holds a phrase, by its text alone."""
    if phrase.is_loose:
        return Sql(f"{instr}(replace(u.body, ?, ''), ?) > 0", (BREAK, phrase.text))
    return Sql(f"{instr}(u.body, ?) > 0", (phrase.text,))


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
    for kind, value, number, *labels in rows:
        if kind == ROW:
            found.append((number, value))
            continue
        total += number
        for column, label in zip(FACETS, labels, strict=True):
            counts = facets.setdefault(column.value, {})
            counts[label] = counts.get(label, 0) + number
    found.sort(key=lambda row: (row[1], row[0]), reverse=not _ORDERS[order][1])
    return Answer(total, facets, tuple(found))
