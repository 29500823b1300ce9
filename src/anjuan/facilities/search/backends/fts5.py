"""The index of the embedded edition: ``search.db``, opened with apsw; tokens under FTS5, texts beside them.

The standard library's SQLite may be 3.40, which cannot delete from contentless FTS5 (decision 22).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import apsw

from anjuan.core.asking.folding import MOST_TOKEN, Needle, Phrase, tokens
from anjuan.facilities.search.backends import (
    MOST_BEHIND,
    Answer,
    Damaged,
    Described,
    Faults,
    Held,
    Known,
    Open,
    PageWords,
    Standing,
    Unit,
    statements,
)
from anjuan.facilities.search.backends.comparing import Held as ComparedRows
from anjuan.facilities.search.backends.comparing import Part, compared, digits_of, sum_of
from anjuan.facilities.search.backends.file import (
    FIRST_PAGE,
    FORMAT,
    SCHEMA,
    SORTED,
    TABLES,
    UNIT_BITS,
    fetched,
    first,
    reading,
    transaction,
    writing,
)
from anjuan.facilities.search.backends.statements import Dialect, Sql, answered
from anjuan.facilities.search.rules import NUMBER_MARK, Grant, Labels, Order, Plan

# What is behind is counted so far only: who asks a question waits for it.
_STANDING = """
SELECT position, rebuilt_to, key, (
    SELECT count(*) FROM (
        SELECT component FROM search_part WHERE state = 'WAITING'
        UNION SELECT component FROM search_part WHERE is_open = 1 LIMIT ?
    )
), begun_at FROM search_about
"""


class Fts5Index:
    """One file. Who writes opens it for one piece of work; who reads keeps it open, as long as it is the same file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def standing(self) -> Standing | None:
        """How far it is; None where there is no file, or one of another format."""
        if not self.path.exists():
            return None
        with reading(self.path) as rows:
            if rows.pragma("user_version") != FORMAT:
                return None
            return Standing(*first(rows, _STANDING, MOST_BEHIND))

    def count(self) -> Held:
        """How much it holds."""
        with reading(self.path) as rows:
            counts = first(
                rows,
                "SELECT (SELECT count(*) FROM search_item), (SELECT count(*) FROM search_unit), "
                "(SELECT count(*) FROM search_part WHERE state = 'WAITING'), "
                "(SELECT count(*) FROM search_part WHERE state = 'UNREADABLE'), "
                "(SELECT count(*) FROM search_part WHERE is_open = 1 AND state <> 'WAITING')",
            )
            return Held(*counts)

    def begin(self, *, position: int, key: str = "", at: str = "") -> None:
        """Empty the file where it can be opened, else make another; freed pages are overwritten with noughts."""
        try:
            self._begin(position, key, at)
        except Damaged:
            for end in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + end).unlink(missing_ok=True)
            self._begin(position, key, at)

    def _begin(self, position: int, key: str, at: str) -> None:
        with writing(self.path, create=True) as rows, transaction(rows, "IMMEDIATE"):
            for table in TABLES:
                rows.execute(f"DROP TABLE IF EXISTS search_{table}")
                rows.execute(f"DROP TABLE IF EXISTS {table}")  # of the format before
            rows.execute(SCHEMA)
            rows.pragma("user_version", FORMAT)
            rows.execute("INSERT INTO search_about VALUES (?, 0, 0, 0, ?, ?)", (position, key, at))

    def known(self, items: Sequence[int]) -> Mapping[int, Known]:
        """What it has of these items."""
        found = {}
        with reading(self.path) as rows, transaction(rows):
            for item, digest in _present(rows, items).items():
                parts = fetched(rows, "SELECT component FROM search_part WHERE item = ?", item)
                found[item] = Known(digest, frozenset(component for (component,) in parts))
        return found

    def keep(
        self,
        described: Sequence[Described],
        *,
        expected: int,
        position: int | None = None,
        rebuilt_to: int | None = None,
    ) -> bool:
        """Take items as they are now, in one transaction."""
        with writing(self.path) as rows, transaction(rows, "IMMEDIATE"):
            if first(rows, "SELECT position FROM search_about") != (expected,):
                return False
            self._keep(rows, described, is_anew=rebuilt_to is not None)
            if position is not None:
                rows.execute("UPDATE search_about SET position = ?", (position,))
            if rebuilt_to is not None:
                rows.execute("UPDATE search_about SET rebuilt_to = ?", (rebuilt_to,))
        return True

    def _keep(self, rows: apsw.Connection, described: Sequence[Described], *, is_anew: bool = False) -> None:
        there = _present(rows, [one.item for one in described])
        for one in described:
            if one.item in there:
                self._drop(rows, one.item, 0)
                for (component,) in fetched(rows, "SELECT component FROM search_part WHERE item = ?", one.item):
                    if component not in one.files:
                        self._drop(rows, one.item, component)
                        rows.execute("DELETE FROM search_part WHERE component = ?", (component,))
        known: dict[tuple[str, ...], int] = {}
        rows.executemany(
            "INSERT OR REPLACE INTO search_item VALUES (?, ?, ?, ?)",
            [(one.item, _label(rows, one.labels, known), one.labels.formed, one.digest) for one in described],
        )
        self._add(
            rows,
            [
                (one.item << UNIT_BITS | field, 0, field, text)
                for one in described
                for field, text in one.fields.items()
            ],
        )
        rows.executemany(
            "INSERT INTO search_mark VALUES (?, 0, 0, ?, ?)",
            [(one.item, kind, value) for one in described for kind, value in one.marks],
        )
        self._number(rows, [(one.item, 0, 0, one.numbers) for one in described], is_anew=is_anew)
        rows.executemany(
            "INSERT OR IGNORE INTO search_part VALUES (?, ?, ?, ?, ?, ?, '', ?, '')",
            [
                (
                    pk,
                    one.item,
                    "WAITING" if file.has_words or file.is_read else "READ",
                    file.sha512,
                    file.page_count,
                    int(file.is_read),
                    int(file.is_read),
                )
                for one in described
                for pk, file in one.files.items()
            ],
        )

    def rebuilt(self) -> None:
        """The rebuild has come to the end: what was put aside is sorted into its place, in steps."""
        for step in SORTED:
            with writing(self.path) as rows, transaction(rows, "IMMEDIATE"):
                rows.execute(step)

    def waiting(self, limit: int) -> list[int]:
        """Files whose pages have not been read yet."""
        with reading(self.path) as rows:
            statement = "SELECT component FROM search_part WHERE state = 'WAITING' ORDER BY component LIMIT ?"
            return [component for (component,) in fetched(rows, statement, limit)]

    def keep_pages(
        self, component: int, pages: Mapping[int, PageWords], *, is_readable: bool = True, readings: str = ""
    ) -> None:
        """Take the words of a file's pages."""
        with writing(self.path) as rows, transaction(rows, "IMMEDIATE"):
            for (item,) in fetched(rows, "SELECT item FROM search_part WHERE component = ?", component):
                self._drop(rows, item, component)
                start = self._next_place(rows, item)
                self._add(
                    rows,
                    [(start + place, component, page, words.text) for place, (page, words) in enumerate(pages.items())],
                )
                self._number(rows, [(item, component, page, words.numbers) for page, words in pages.items()])
            rows.execute(
                "UPDATE search_part SET state = ?, readings = ?, sum = ?, "
                "is_open = is_read AND ? <> (SELECT read_version FROM search_about) || ':' || page_count "
                "WHERE component = ?",
                ("READ" if is_readable else "UNREADABLE", readings, sum_of(pages, readings), readings, component),
            )

    def unread(self, *, version: int, newest: int, limit: int) -> list[Open]:
        """Files with pages still to be read."""
        fields = "SELECT component, sha512, page_count, readings FROM search_part WHERE is_open = 1 AND state = 'READ'"
        with writing(self.path) as rows, transaction(rows, "IMMEDIATE"):
            before, polled = first(rows, "SELECT read_version, polled FROM search_about")
            if before != version:
                rows.execute("UPDATE search_about SET read_version = ?", (version,))
                rows.execute("UPDATE search_part SET is_open = 1 WHERE is_read = 1")
            round_ = fetched(rows, f"{fields} AND component > ? ORDER BY component LIMIT ?", polled, limit)
            rows.execute("UPDATE search_about SET polled = ?", (round_[-1][0] if len(round_) == limit else 0,))
            found = {*fetched(rows, f"{fields} ORDER BY component DESC LIMIT ?", newest), *round_}
        return [Open(*row) for row in sorted(found)]

    def wait_again(self, components: Sequence[int]) -> None:
        """Have these files taken in again."""
        with writing(self.path) as rows:
            rows.executemany(
                "UPDATE search_part SET state = 'WAITING' WHERE component = ?", [(pk,) for pk in components]
            )

    def answer(
        self,
        plan: Plan,
        grants: Sequence[Grant],
        *,
        order: Order,
        after: tuple[str, int] | None,
        limit: int,
        without: Sequence[int] = (),
    ) -> Answer:
        """What a plan finds within the grants."""
        with reading(self.path) as rows:
            weigh = statements.weighing(DIALECT, _counted(rows))
            asked = statements.answering(
                plan, grants, without, DIALECT, order=order, after=after, limit=limit, weigh=weigh
            )
            return answered(fetched(rows, asked.text, *asked.given), order)

    def units(self, items: Sequence[int], phrase: Phrase, *, limit: int) -> list[Unit]:
        """Units of these items that hold a phrase."""
        asked = statements.holding(items, phrase, limit, DIALECT)
        with reading(self.path) as rows:
            return [Unit(*row) for row in fetched(rows, asked.text, *asked.given)]

    def numbered(self, items: Sequence[int], digests: Sequence[str], *, limit: int) -> list[Unit]:
        """Units of these items on which a number with all these digests stands."""
        asked = statements.numbering(items, digests, limit)
        with reading(self.path) as rows:
            return [Unit(row[0], row[1], row[2], "") for row in fetched(rows, asked.text, *asked.given)]

    def count_some(self, plan: Plan, grants: Sequence[Grant], *, limit: int) -> tuple[int, bool]:
        """How many items a plan finds within the grants, as far as so many places tell."""
        asked = statements.counting_some(plan, grants, DIALECT, limit=limit)
        with reading(self.path) as rows:
            items, places = first(rows, asked.text, *asked.given)
            return int(items), int(places) == limit

    def count_newer(self, plan: Plan, grants: Sequence[Grant], *, than: int, limit: int) -> int:
        """How many items after one a plan finds within the grants."""
        with reading(self.path) as rows:
            weigh = statements.weighing(DIALECT, _counted(rows))
            asked = statements.counting_newer(plan, grants, DIALECT, than=than, limit=limit, weigh=weigh)
            return int(first(rows, asked.text, *asked.given)[0])

    def ends(self) -> tuple[int, int]:
        """The highest item, and the highest row of words."""
        tables = ("item", "part", "mark")
        found = " UNION ALL ".join(f"SELECT max(item) AS last FROM search_{table}" for table in tables)  # noqa: S608
        unit = f"SELECT max(id) >> {UNIT_BITS} FROM search_unit"  # noqa: S608 (our own names)
        with reading(self.path) as rows:
            (item,) = first(rows, f"SELECT coalesce(max(last), 0) FROM ({found} UNION ALL {unit})")  # noqa: S608
            (words,) = first(rows, "SELECT coalesce(max(id), 0) FROM search_words_docsize")
            return item, words

    def compare(self, described: Sequence[Described], *, after: int, upto: int) -> Faults:
        """Hold a stretch of items against what the index ought to have."""
        stretch = "WHERE item > ? AND item <= ? ORDER BY item"
        parts = "component, item, state, sha512, page_count, is_read, readings, is_open, sum"
        with reading(self.path) as rows, transaction(rows):
            wanted = digits_of(described)
            digits = "SELECT count(*) FROM search_digit WHERE value = ? AND number = ?"
            held = ComparedRows(
                version=first(rows, "SELECT read_version FROM search_about")[0],
                items=rows.execute(f"{statements.HELD_ITEMS} {stretch}", (after, upto)),
                parts=[
                    Part(row[0], row[1], row[2], row[3], row[4], bool(row[5]), row[6], bool(row[7]), row[8])
                    for row in fetched(rows, f"SELECT {parts} FROM search_part {stretch}", after, upto)  # noqa: S608
                ],
                units=self._units_held(rows, after, upto),
                marks=rows.execute(
                    f"SELECT item, component, page, kind, value FROM search_mark {stretch}, component, page, value",  # noqa: S608
                    (after, upto),
                ),
                digits=frozenset(pair for pair in wanted if first(rows, digits, *pair) != (0,)),
            )
            return compared(described, held)

    def _units_held(self, rows: apsw.Connection, after: int, upto: int) -> Iterator[tuple[int, int, int, str, bool]]:
        """Units with whether their words stand in the engine: as many, and in the catalogue the same ones.

        The engine keeps the words of a unit in a form that says how many there are, but not which.
        """
        statement = (
            "SELECT u.item, u.component, u.page, u.body, u.id, d.sz FROM search_unit u "
            "LEFT JOIN search_words_docsize d ON d.id = u.id "
            "WHERE u.id > ? AND u.id <= ? ORDER BY u.item, u.component, u.page"
        )
        ends = (_ends(after)[1], _ends(upto)[1])
        for item, component, page, body, rowid, size in rows.execute(statement, ends):
            wanted = tokens(body)
            is_sound = size is not None and _varint(size) == len(wanted)
            if is_sound and component == 0 and wanted:
                match = " AND ".join(f'"{token}"' for token in wanted)
                asked = "SELECT count(*) FROM search_words WHERE search_words MATCH ? AND rowid = ?"
                is_sound = first(rows, asked, match, rowid) == (1,)
            yield item, component, page, body, is_sound

    def mend(
        self, described: Sequence[Described], *, surplus: Sequence[int], pages: Sequence[int], expected: int
    ) -> bool:
        """Forget these items and take them anew, in one transaction."""
        with writing(self.path) as rows, transaction(rows, "IMMEDIATE"):
            if first(rows, "SELECT position FROM search_about") != (expected,):
                return False
            for item in (*surplus, *(one.item for one in described)):
                parts = fetched(rows, "SELECT component FROM search_part WHERE item = ?", item)
                held = "SELECT DISTINCT component FROM search_unit WHERE id BETWEEN ? AND ?"
                units = fetched(rows, held, *_ends(item))
                for (component,) in {*parts, *units, (0,)}:
                    self._drop(rows, item, component)
                for table in ("mark", "part", "item"):
                    rows.execute(f"DELETE FROM search_{table} WHERE item = ?", (item,))  # noqa: S608 (our own names)
            for one in described:
                rows.executemany("DELETE FROM search_part WHERE component = ?", [(pk,) for pk in one.files])
            self._keep(rows, described)
            waiting = "UPDATE search_part SET state = 'WAITING' WHERE component = ?"
            rows.executemany(waiting, [(component,) for component in pages])
        return True

    def sweep_strays(self, *, after: int, upto: int) -> int:
        """Take away words that belong to no unit."""
        with writing(self.path) as rows, transaction(rows, "IMMEDIATE"):
            strays = fetched(
                rows,
                "SELECT d.id FROM search_words_docsize d LEFT JOIN search_unit u ON u.id = d.id "
                "WHERE d.id > ? AND d.id <= ? AND u.id IS NULL",
                after,
                upto,
            )
            rows.executemany("DELETE FROM search_words WHERE rowid = ?", strays)
        return len(strays)

    def is_sound(self) -> bool:
        """Whether the engine finds no damage in it."""
        with writing(self.path) as rows:
            return bool(rows.pragma("quick_check") == "ok")

    def _drop(self, rows: apsw.Connection, item: int, component: int) -> None:
        statement = "SELECT id FROM search_unit WHERE id BETWEEN ? AND ? AND component = ?"
        units = fetched(rows, statement, *_ends(item), component)
        rows.executemany("DELETE FROM search_words WHERE rowid = ?", units)
        rows.executemany("DELETE FROM search_unit WHERE id = ?", units)
        rows.execute("DELETE FROM search_mark WHERE item = ? AND component = ?", (item, component))

    def _next_place(self, rows: apsw.Connection, item: int) -> int:
        """The key of the next page of an item."""
        low, high = _ends(item)
        (last,) = first(rows, "SELECT max(id) FROM search_unit WHERE id BETWEEN ? AND ?", low, high)
        return max(low + FIRST_PAGE, (last or 0) + 1)

    def _add(self, rows: apsw.Connection, units: Iterable[tuple[int, int, int, str]]) -> None:
        kept = [unit for unit in units if unit[3]]
        rows.executemany("INSERT INTO search_unit (id, component, page, body) VALUES (?, ?, ?, ?)", kept)
        rows.executemany(
            "INSERT INTO search_words (rowid, tokens) VALUES (?, ?)",
            [(unit[0], " ".join(tokens(unit[3]))) for unit in kept],
        )

    def _number(
        self,
        rows: apsw.Connection,
        found: Sequence[tuple[int, int, int, Mapping[str, tuple[str, ...]]]],
        *,
        is_anew: bool = False,
    ) -> None:
        rows.executemany(
            "INSERT INTO search_mark VALUES (?, ?, ?, ?, ?)",
            [(*where, NUMBER_MARK, number) for *where, numbers in found for number in numbers],
        )
        each = {number: parts for *_, numbers in found for number, parts in numbers.items()}
        if is_anew:
            rows.executemany("INSERT INTO search_heap VALUES (?, ?)", [(n, "".join(each[n])) for n in each])
        else:
            pairs = [(part, number) for number, parts in each.items() for part in parts]
            rows.executemany("INSERT OR IGNORE INTO search_digit VALUES (?, ?)", pairs)


def _present(rows: apsw.Connection, items: Sequence[int]) -> dict[int, str]:
    """Which of these items there are, with their digests; a stretch of them is read in one go."""
    if not items:
        return {}
    low, high = min(items), max(items)
    if high - low > 4 * len(items):
        each = [fetched(rows, "SELECT item, digest FROM search_item WHERE item = ?", item) for item in items]
        return dict(row for found in each for row in found)
    wanted = set(items)
    held = fetched(rows, "SELECT item, digest FROM search_item WHERE item BETWEEN ? AND ?", low, high)
    return {item: digest for item, digest in held if item in wanted}


def _label(rows: apsw.Connection, labels: Labels, known: dict[tuple[str, ...], int]) -> int:
    """The number of a description; it has one as soon as one item is so."""
    values = (labels.path, labels.agency, labels.category, labels.step, labels.line, labels.state, labels.year)
    if values not in known:
        rows.execute("INSERT OR IGNORE INTO search_label VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", values)
        wanted = (
            "SELECT id FROM search_label WHERE path = ? AND agency = ? AND category = ? AND step = ? AND line = ? "
            "AND state = ? AND year = ?"
        )
        known[values] = int(first(rows, wanted, *values)[0])
    return known[values]


def _ends(item: int) -> tuple[int, int]:
    """The lowest and the highest key a unit of an item may have."""
    return item << UNIT_BITS, (item + 1 << UNIT_BITS) - 1


def _varint(octets: bytes) -> int:
    """The first number of a row of sizes, as the engine writes numbers."""
    found = 0
    for octet in octets[:9]:
        found = found << 7 | octet & 0x7F
        if not octet & 0x80:
            break
    return found


def _match(needles: Sequence[Needle]) -> str:
    # Tokens are letters and digits only: nothing in them can end the quotation.
    return " AND ".join(f'"{needle.token}"{"*" if needle.is_start else ""}' for needle in needles)


def _holding(phrase: Phrase, field: int | None) -> Sql:
    """Items with a unit that holds a phrase. The item stands in the key: often no text is looked at."""
    place = f"(w.rowid & {(1 << UNIT_BITS) - 1})"
    where = "" if field is None else f" AND {place} >= {FIRST_PAGE}" if field < 0 else f" AND {place} = {field:d}"
    match = _match(phrase.needles)
    if phrase.is_certain:
        return Sql(f"SELECT {_ITEM} FROM search_words w WHERE w.search_words MATCH ?{where}", (match,))  # noqa: S608
    has = statements.has(phrase, "instr")
    return Sql(
        f"SELECT {_ITEM} FROM search_words w JOIN search_unit u ON u.id = w.rowid "  # noqa: S608
        f"WHERE w.search_words MATCH ?{where} AND {has.text}",
        (match, *has.given),
    )


def _checking(phrase: Phrase, field: int | None) -> Sql | None:
    """Whether the item ``i`` holds a phrase: its fields are read; its pages, where it has any, by their tokens.

    A word that is cut in the tokens is found by them alone: then nothing is said.
    """
    if any(len(needle.token) >= MOST_TOKEN for needle in phrase.needles):
        return None
    low, page = f"(i.item << {UNIT_BITS})", f"(i.item << {UNIT_BITS}) + {FIRST_PAGE}"
    high = f"(i.item << {UNIT_BITS}) + {(1 << UNIT_BITS) - 1}"
    has = statements.has(phrase, "instr")
    parts = []
    if field is None or field >= 0:
        ends = f"BETWEEN {low} AND {low} + {FIRST_PAGE - 1}" if field is None else f"= {low} + {field:d}"
        parts.append(Sql(f"EXISTS (SELECT 1 FROM search_unit u WHERE u.id {ends} AND {has.text})", has.given))  # noqa: S608
    if field is None or field < 0:
        held = "" if phrase.is_certain else f" AND {has.text}"
        joined = "" if phrase.is_certain else " JOIN search_unit u ON u.id = w.rowid"
        parts.append(
            Sql(
                f"(EXISTS (SELECT 1 FROM search_unit p WHERE p.id BETWEEN {page} AND {high}) "  # noqa: S608
                f"AND EXISTS (SELECT 1 FROM search_words w{joined} WHERE w.search_words MATCH ? "
                f"AND w.rowid BETWEEN {page} AND {high}{held}))",
                (_match(phrase.needles), *(() if phrase.is_certain else has.given)),
            )
        )
    return Sql(f"({' OR '.join(part.text for part in parts)})", tuple(v for part in parts for v in part.given))


def _within(items: Sequence[int]) -> Sql:
    given = tuple(end for item in items for end in _ends(item))
    return Sql(f"({' OR '.join(['u.id BETWEEN ? AND ?'] * len(items))})", given)


def _counted(rows: apsw.Connection) -> Callable[[Sql], int]:
    return lambda asked: int(first(rows, asked.text, *asked.given)[0])


_ITEM = f"w.rowid >> {UNIT_BITS} AS item"
DIALECT = Dialect(_holding, "instr", _within, _checking)
