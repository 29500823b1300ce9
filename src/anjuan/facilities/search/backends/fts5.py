"""The index of the embedded edition: ``search.db``, opened with apsw; tokens under FTS5, texts beside them.

The standard library's SQLite may be 3.40, which cannot delete from contentless FTS5 (decision 22).
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw

from anjuan.core.asking.folding import Needle, Phrase, tokens
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
from anjuan.facilities.search.backends.statements import Dialect, Sql, answered
from anjuan.facilities.search.rules import NUMBER_MARK, Grant, Order, Plan

FORMAT = 3
_BUSY_MS = 30_000
_MOST_LOG_BYTES = 4_000_000  # of the write-ahead log: whoever opens the file first reads through all of it
# `ascii` takes every character beyond ASCII as part of a token: rare ideographs are newer than the engine's tables.
# A body stands last in its row: who wants the item alone does not read it.
_SCHEMA = """
CREATE TABLE search_about (
    position INTEGER NOT NULL, rebuilt_to INTEGER, read_version INTEGER NOT NULL, polled INTEGER NOT NULL,
    key TEXT NOT NULL, begun_at TEXT NOT NULL
);
CREATE TABLE search_item (
    item INTEGER PRIMARY KEY, digest TEXT NOT NULL, path TEXT NOT NULL, agency TEXT NOT NULL, category TEXT NOT NULL,
    step TEXT NOT NULL, line TEXT NOT NULL, state TEXT NOT NULL, year TEXT NOT NULL, formed TEXT NOT NULL
);
CREATE INDEX search_item_formed ON search_item (formed, item);
CREATE TABLE search_part (
    component INTEGER PRIMARY KEY, item INTEGER NOT NULL, state TEXT NOT NULL, sha512 TEXT NOT NULL,
    page_count INTEGER NOT NULL, is_read INTEGER NOT NULL, readings TEXT NOT NULL, is_open INTEGER NOT NULL,
    sum TEXT NOT NULL
);
CREATE INDEX search_part_by_item ON search_part (item);
CREATE INDEX search_part_waiting ON search_part (component) WHERE state = 'WAITING';
CREATE INDEX search_part_open ON search_part (component) WHERE is_open = 1;
CREATE TABLE search_unit (
    id INTEGER PRIMARY KEY, item INTEGER NOT NULL, component INTEGER NOT NULL, page INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE INDEX search_unit_by_item ON search_unit (item, component, page);
CREATE TABLE search_mark (
    item INTEGER NOT NULL, component INTEGER NOT NULL, page INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL
);
CREATE INDEX search_mark_by_value ON search_mark (kind, value, item);
CREATE INDEX search_mark_by_item ON search_mark (item, component);
CREATE TABLE search_digit (value TEXT NOT NULL, number TEXT NOT NULL, PRIMARY KEY (value, number)) WITHOUT ROWID;
CREATE VIRTUAL TABLE search_words USING fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii');
INSERT INTO search_words (search_words, rank) VALUES ('secure-delete', 1);
"""
_TABLES = ("words", "about", "item", "part", "unit", "mark", "digit")
# What is behind is counted so far only: who asks a question waits for it.
_STANDING = """
SELECT position, rebuilt_to, key, (
    SELECT count(*) FROM (
        SELECT component FROM search_part WHERE state = 'WAITING'
        UNION SELECT component FROM search_part WHERE is_open = 1 LIMIT ?
    )
), begun_at FROM search_about
"""
_DAMAGE = (apsw.CorruptError, apsw.NotADBError, apsw.SQLError, apsw.FormatError)


class Fts5Index:
    """One file. A connection lives as long as one question: the file may be taken away and come back."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def standing(self) -> Standing | None:
        """How far it is; None where there is no file, or one of another format."""
        if not self.path.exists():
            return None
        with self._open() as rows:
            if rows.pragma("user_version") != FORMAT:
                return None
            return Standing(*_one(rows, _STANDING, MOST_BEHIND))

    def count(self) -> Held:
        """How much it holds."""
        with self._open() as rows:
            counts = _one(
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
        with self._open(create=True) as rows, _transaction(rows, "IMMEDIATE"):
            for table in _TABLES:
                rows.execute(f"DROP TABLE IF EXISTS search_{table}")
                rows.execute(f"DROP TABLE IF EXISTS {table}")  # of the format before
            rows.execute(_SCHEMA)
            rows.pragma("user_version", FORMAT)
            rows.execute("INSERT INTO search_about VALUES (?, 0, 0, 0, ?, ?)", (position, key, at))

    def known(self, items: Sequence[int]) -> Mapping[int, Known]:
        """What it has of these items."""
        found = {}
        with self._open() as rows, _transaction(rows):
            for item in items:
                for (digest,) in _all(rows, "SELECT digest FROM search_item WHERE item = ?", item):
                    parts = _all(rows, "SELECT component FROM search_part WHERE item = ?", item)
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
        with self._open() as rows, _transaction(rows, "IMMEDIATE"):
            if _one(rows, "SELECT position FROM search_about") != (expected,):
                return False
            for one in described:
                self._keep_one(rows, one)
            if position is not None:
                rows.execute("UPDATE search_about SET position = ?", (position,))
            if rebuilt_to is not None:
                rows.execute("UPDATE search_about SET rebuilt_to = ?", (rebuilt_to,))
        return True

    def _keep_one(self, rows: apsw.Connection, one: Described) -> None:
        labels = one.labels
        is_new = not _all(rows, "SELECT 1 FROM search_item WHERE item = ?", one.item)
        rows.execute(
            "INSERT OR REPLACE INTO search_item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                one.item,
                one.digest,
                labels.path,
                labels.agency,
                labels.category,
                labels.step,
                labels.line,
                labels.state,
                labels.year,
                labels.formed,
            ),
        )
        if not is_new:
            self._drop(rows, one.item, 0)
        for field, text in one.fields.items():
            self._add(rows, one.item, 0, field, text)
        rows.executemany(
            "INSERT INTO search_mark VALUES (?, 0, 0, ?, ?)", [(one.item, kind, value) for kind, value in one.marks]
        )
        self._number(rows, one.item, 0, 0, one.numbers)
        parts = [] if is_new else _all(rows, "SELECT component FROM search_part WHERE item = ?", one.item)
        for (component,) in parts:
            if component not in one.files:
                self._drop(rows, one.item, component)
                rows.execute("DELETE FROM search_part WHERE component = ?", (component,))
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
                for pk, file in one.files.items()
            ],
        )

    def rebuilt(self) -> None:
        """The rebuild has come to the end."""
        with self._open() as rows:
            rows.execute("UPDATE search_about SET rebuilt_to = NULL")

    def waiting(self, limit: int) -> list[int]:
        """Files whose pages have not been read yet."""
        with self._open() as rows:
            statement = "SELECT component FROM search_part WHERE state = 'WAITING' ORDER BY component LIMIT ?"
            return [component for (component,) in _all(rows, statement, limit)]

    def keep_pages(
        self, component: int, pages: Mapping[int, PageWords], *, is_readable: bool = True, readings: str = ""
    ) -> None:
        """Take the words of a file's pages."""
        with self._open() as rows, _transaction(rows, "IMMEDIATE"):
            for (item,) in _all(rows, "SELECT item FROM search_part WHERE component = ?", component):
                self._drop(rows, item, component)
                for page, words in pages.items():
                    self._add(rows, item, component, page, words.text)
                    self._number(rows, item, component, page, words.numbers)
            rows.execute(
                "UPDATE search_part SET state = ?, readings = ?, sum = ?, "
                "is_open = is_read AND ? <> (SELECT read_version FROM search_about) || ':' || page_count "
                "WHERE component = ?",
                ("READ" if is_readable else "UNREADABLE", readings, sum_of(pages, readings), readings, component),
            )

    def unread(self, *, version: int, newest: int, limit: int) -> list[Open]:
        """Files with pages still to be read."""
        fields = "SELECT component, sha512, page_count, readings FROM search_part WHERE is_open = 1 AND state = 'READ'"
        with self._open() as rows, _transaction(rows, "IMMEDIATE"):
            before, polled = _one(rows, "SELECT read_version, polled FROM search_about")
            if before != version:
                rows.execute("UPDATE search_about SET read_version = ?", (version,))
                rows.execute("UPDATE search_part SET is_open = 1 WHERE is_read = 1")
            round_ = _all(rows, f"{fields} AND component > ? ORDER BY component LIMIT ?", polled, limit)
            rows.execute("UPDATE search_about SET polled = ?", (round_[-1][0] if len(round_) == limit else 0,))
            found = {*_all(rows, f"{fields} ORDER BY component DESC LIMIT ?", newest), *round_}
        return [Open(*row) for row in sorted(found)]

    def wait_again(self, components: Sequence[int]) -> None:
        """Have these files taken in again."""
        with self._open() as rows:
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
        asked = statements.answering(plan, grants, without, _DIALECT, order=order, after=after, limit=limit)
        with self._open() as rows:
            return answered(_all(rows, asked.text, *asked.given), order)

    def units(self, items: Sequence[int], phrase: Phrase, *, limit: int) -> list[Unit]:
        """Units of these items that hold a phrase."""
        asked = statements.holding(items, phrase, limit, _DIALECT)
        with self._open() as rows:
            return [Unit(*row) for row in _all(rows, asked.text, *asked.given)]

    def numbered(self, items: Sequence[int], digests: Sequence[str], *, limit: int) -> list[Unit]:
        """Units of these items on which a number with all these digests stands."""
        asked = statements.numbering(items, digests, limit)
        with self._open() as rows:
            return [Unit(row[0], row[1], row[2], "") for row in _all(rows, asked.text, *asked.given)]

    def count_newer(self, plan: Plan, grants: Sequence[Grant], *, than: int, limit: int) -> int:
        """How many items after one a plan finds within the grants."""
        asked = statements.counting_newer(plan, grants, _DIALECT, than=than, limit=limit)
        with self._open() as rows:
            return int(_one(rows, asked.text, *asked.given)[0])

    def ends(self) -> tuple[int, int]:
        """The highest item, and the highest row of words."""
        tables = ("item", "part", "unit", "mark")
        found = " UNION ALL ".join(f"SELECT max(item) AS last FROM search_{table}" for table in tables)  # noqa: S608
        with self._open() as rows:
            (item,) = _one(rows, f"SELECT coalesce(max(last), 0) FROM ({found})")  # noqa: S608 (our own names)
            (words,) = _one(rows, "SELECT coalesce(max(id), 0) FROM search_words_docsize")
            return item, words

    def compare(self, described: Sequence[Described], *, after: int, upto: int) -> Faults:
        """Hold a stretch of items against what the index ought to have."""
        stretch = "WHERE item > ? AND item <= ? ORDER BY item"
        parts = "component, item, state, sha512, page_count, is_read, readings, is_open, sum"
        with self._open() as rows, _transaction(rows):
            wanted = digits_of(described)
            digits = "SELECT count(*) FROM search_digit WHERE value = ? AND number = ?"
            held = ComparedRows(
                version=_one(rows, "SELECT read_version FROM search_about")[0],
                items=rows.execute(f"SELECT * FROM search_item {stretch}", (after, upto)),  # noqa: S608
                parts=[
                    Part(row[0], row[1], row[2], row[3], row[4], bool(row[5]), row[6], bool(row[7]), row[8])
                    for row in _all(rows, f"SELECT {parts} FROM search_part {stretch}", after, upto)  # noqa: S608
                ],
                units=self._units_held(rows, after, upto),
                marks=rows.execute(
                    f"SELECT item, component, page, kind, value FROM search_mark {stretch}, component, page, value",  # noqa: S608
                    (after, upto),
                ),
                digits=frozenset(pair for pair in wanted if _one(rows, digits, *pair) != (0,)),
            )
            return compared(described, held)

    def _units_held(self, rows: apsw.Connection, after: int, upto: int) -> Iterator[tuple[int, int, int, str, bool]]:
        """Units with whether their words stand in the engine: as many, and in the catalogue the same ones.

        The engine keeps the words of a unit in a form that says how many there are, but not which.
        """
        statement = (
            "SELECT u.item, u.component, u.page, u.body, u.id, d.sz FROM search_unit u "
            "LEFT JOIN search_words_docsize d ON d.id = u.id "
            "WHERE u.item > ? AND u.item <= ? ORDER BY u.item, u.component, u.page"
        )
        for item, component, page, body, rowid, size in rows.execute(statement, (after, upto)):
            wanted = tokens(body)
            is_sound = size is not None and _varint(size) == len(wanted)
            if is_sound and component == 0 and wanted:
                match = " AND ".join(f'"{token}"' for token in wanted)
                asked = "SELECT count(*) FROM search_words WHERE search_words MATCH ? AND rowid = ?"
                is_sound = _one(rows, asked, match, rowid) == (1,)
            yield item, component, page, body, is_sound

    def mend(
        self, described: Sequence[Described], *, surplus: Sequence[int], pages: Sequence[int], expected: int
    ) -> bool:
        """Forget these items and take them anew, in one transaction."""
        with self._open() as rows, _transaction(rows, "IMMEDIATE"):
            if _one(rows, "SELECT position FROM search_about") != (expected,):
                return False
            for item in (*surplus, *(one.item for one in described)):
                parts = _all(rows, "SELECT component FROM search_part WHERE item = ?", item)
                units = _all(rows, "SELECT DISTINCT component FROM search_unit WHERE item = ?", item)
                for (component,) in {*parts, *units, (0,)}:
                    self._drop(rows, item, component)
                for table in ("mark", "part", "item"):
                    rows.execute(f"DELETE FROM search_{table} WHERE item = ?", (item,))  # noqa: S608 (our own names)
            for one in described:
                rows.executemany("DELETE FROM search_part WHERE component = ?", [(pk,) for pk in one.files])
                self._keep_one(rows, one)
            waiting = "UPDATE search_part SET state = 'WAITING' WHERE component = ?"
            rows.executemany(waiting, [(component,) for component in pages])
        return True

    def sweep_strays(self, *, after: int, upto: int) -> int:
        """Take away words that belong to no unit."""
        with self._open() as rows, _transaction(rows, "IMMEDIATE"):
            strays = _all(
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
        with self._open() as rows:
            return bool(rows.pragma("quick_check") == "ok")

    def _drop(self, rows: apsw.Connection, item: int, component: int) -> None:
        statement = "SELECT id FROM search_unit WHERE item = ? AND component = ?"
        units = rows.execute(statement, (item, component)).fetchall()
        rows.executemany("DELETE FROM search_words WHERE rowid = ?", units)
        rows.executemany("DELETE FROM search_unit WHERE id = ?", units)
        rows.execute("DELETE FROM search_mark WHERE item = ? AND component = ?", (item, component))

    def _add(self, rows: apsw.Connection, item: int, component: int, page: int, text: str) -> None:
        if text:
            rows.execute(
                "INSERT INTO search_unit (item, component, page, body) VALUES (?, ?, ?, ?)",
                (item, component, page, text),
            )
            rows.execute(
                "INSERT INTO search_words (rowid, tokens) VALUES (?, ?)",
                (rows.last_insert_rowid(), " ".join(tokens(text))),
            )

    def _number(
        self, rows: apsw.Connection, item: int, component: int, page: int, numbers: Mapping[str, tuple[str, ...]]
    ) -> None:
        for number, parts in numbers.items():
            rows.execute("INSERT INTO search_mark VALUES (?, ?, ?, ?, ?)", (item, component, page, NUMBER_MARK, number))
            rows.executemany("INSERT OR IGNORE INTO search_digit VALUES (?, ?)", [(part, number) for part in parts])

    @contextlib.contextmanager
    def _open(self, *, create: bool = False) -> Iterator[apsw.Connection]:
        flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
        try:
            rows = apsw.Connection(str(self.path), flags=flags)
        except apsw.CantOpenError as fault:
            raise Damaged(str(fault)) from fault
        try:
            rows.set_busy_timeout(_BUSY_MS)
            # What is lost with the power is read again from the journal: the file needs to be whole, not newest.
            rows.execute("PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON")
            if create:
                rows.execute("PRAGMA journal_mode = WAL")  # kept in the file; it needs the file for itself
            rows.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            yield rows
            self._shorten_log(rows)
        except _DAMAGE as fault:
            raise Damaged(str(fault)) from fault
        finally:
            rows.close()

    def _shorten_log(self, rows: apsw.Connection) -> None:
        """Bring a long write-ahead log into the file, unless somebody is at it: the next to close tries again."""
        log = self.path.with_name(self.path.name + "-wal")
        if log.exists() and log.stat().st_size > _MOST_LOG_BYTES:
            rows.set_busy_timeout(0)
            with contextlib.suppress(apsw.BusyError, apsw.LockedError):
                rows.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextlib.contextmanager
def _transaction(rows: apsw.Connection, kind: str = "") -> Iterator[None]:
    rows.execute(f"BEGIN {kind}")
    try:
        yield
    except BaseException:
        rows.execute("ROLLBACK")
        raise
    rows.execute("COMMIT")


def _all(rows: apsw.Connection, statement: str, *given: int | str) -> list[tuple[Any, ...]]:
    found: list[Any] = rows.execute(statement, given).fetchall()
    return found


def _one(rows: apsw.Connection, statement: str, *given: int | str) -> tuple[Any, ...]:
    found = _all(rows, statement, *given)
    if not found:
        raise Damaged("a row is missing")
    return found[0]


def _varint(octets: bytes) -> int:
    """The first number of a row of sizes, as the engine writes numbers."""
    found = 0
    for octet in octets[:9]:
        found = found << 7 | octet & 0x7F
        if not octet & 0x80:
            break
    return found


def _units(needles: Sequence[Needle]) -> Sql:
    # Tokens are letters and digits only: nothing in them can end the quotation.
    match = " AND ".join(f'"{needle.token}"{"*" if needle.is_start else ""}' for needle in needles)
    return Sql(
        "SELECT u.item FROM search_words JOIN search_unit u ON u.id = search_words.rowid WHERE search_words MATCH ?",
        (match,),
    )


_DIALECT = Dialect(_units, "instr")
