"""The index of the embedded edition: ``search.db``, opened with apsw, FTS5 without the text.

The standard library's SQLite may be 3.40, which cannot delete from contentless FTS5 (decision 22).
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw

from anjuan.facilities.search.backends import Damaged, Described, Held, Known, Standing
from anjuan.facilities.search.rules import Needle

FORMAT = 1
_BUSY_MS = 30_000
# `ascii` takes every character beyond ASCII as part of a token: rare ideographs are newer than the engine's tables.
_SCHEMA = """
CREATE TABLE about (position INTEGER NOT NULL, rebuilt_to INTEGER);
CREATE TABLE item (item INTEGER PRIMARY KEY, digest TEXT NOT NULL);
CREATE TABLE part (component INTEGER PRIMARY KEY, item INTEGER NOT NULL, state TEXT NOT NULL);
CREATE INDEX part_by_item ON part (item);
CREATE INDEX part_waiting ON part (component) WHERE state = 'WAITING';
CREATE TABLE unit (id INTEGER PRIMARY KEY, item INTEGER NOT NULL, component INTEGER NOT NULL, page INTEGER NOT NULL);
CREATE INDEX unit_by_item ON unit (item, component, page);
CREATE VIRTUAL TABLE words USING fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii');
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
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
            return Standing(*_one(rows, "SELECT position, rebuilt_to FROM about"))

    def count(self) -> Held:
        """How much it holds."""
        with self._open() as rows:
            counts = _one(
                rows,
                "SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM unit), "
                "(SELECT count(*) FROM part WHERE state = 'WAITING'), "
                "(SELECT count(*) FROM part WHERE state = 'UNREADABLE')",
            )
            return Held(*counts)

    def begin(self, *, position: int) -> None:
        """Empty the file where it can be opened, else make another; freed pages are overwritten with noughts."""
        try:
            self._begin(position)
        except Damaged:
            for end in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + end).unlink(missing_ok=True)
            self._begin(position)

    def _begin(self, position: int) -> None:
        with self._open(create=True) as rows, _transaction(rows, "IMMEDIATE"):
            for table in ("words", "about", "item", "part", "unit"):
                rows.execute(f"DROP TABLE IF EXISTS {table}")
            rows.execute(_SCHEMA)
            rows.pragma("user_version", FORMAT)
            rows.execute("INSERT INTO about VALUES (?, 0)", (position,))

    def known(self, items: Sequence[int]) -> Mapping[int, Known]:
        """What it has of these items."""
        found = {}
        with self._open() as rows, _transaction(rows):
            for item in items:
                for (digest,) in _all(rows, "SELECT digest FROM item WHERE item = ?", item):
                    parts = _all(rows, "SELECT component FROM part WHERE item = ?", item)
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
            if _one(rows, "SELECT position FROM about") != (expected,):
                return False
            for one in described:
                self._keep_one(rows, one)
            if position is not None:
                rows.execute("UPDATE about SET position = ?", (position,))
            if rebuilt_to is not None:
                rows.execute("UPDATE about SET rebuilt_to = ?", (rebuilt_to,))
        return True

    def _keep_one(self, rows: apsw.Connection, one: Described) -> None:
        rows.execute(
            "INSERT INTO item VALUES (?, ?) ON CONFLICT (item) DO UPDATE SET digest = excluded.digest",
            (one.item, one.digest),
        )
        self._drop(rows, one.item, 0)
        self._add(rows, one.item, 0, 0, one.tokens)
        for (component,) in _all(rows, "SELECT component FROM part WHERE item = ?", one.item):
            if component not in one.components:
                self._drop(rows, one.item, component)
                rows.execute("DELETE FROM part WHERE component = ?", (component,))
        rows.executemany(
            "INSERT OR IGNORE INTO part VALUES (?, ?, ?)",
            [(pk, one.item, "WAITING" if may_hold else "READ") for pk, may_hold in one.components.items()],
        )

    def rebuilt(self) -> None:
        """The rebuild has come to the end."""
        with self._open() as rows:
            rows.execute("UPDATE about SET rebuilt_to = NULL")

    def waiting(self, limit: int) -> list[int]:
        """Files whose pages have not been read yet."""
        with self._open() as rows:
            statement = "SELECT component FROM part WHERE state = 'WAITING' ORDER BY component LIMIT ?"
            return [component for (component,) in _all(rows, statement, limit)]

    def keep_pages(self, component: int, pages: Mapping[int, tuple[str, ...]], *, is_readable: bool = True) -> None:
        """Take the tokens of a file's pages."""
        with self._open() as rows, _transaction(rows, "IMMEDIATE"):
            for (item,) in _all(rows, "SELECT item FROM part WHERE component = ?", component):
                self._drop(rows, item, component)
                for page, tokens in pages.items():
                    self._add(rows, item, component, page, tokens)
            state = "READ" if is_readable else "UNREADABLE"
            rows.execute("UPDATE part SET state = ? WHERE component = ?", (state, component))

    def candidates(self, asked: Sequence[Sequence[Needle]], *, below: int | None, limit: int) -> list[int]:
        """Items of which, for each term, some unit has all its needles; newest first."""
        each = "SELECT item FROM words JOIN unit ON unit.id = words.rowid WHERE words MATCH ? AND item < ?"
        statement = " INTERSECT ".join([each] * len(asked)) + " ORDER BY item DESC LIMIT ?"
        last = below if below is not None else 2**62
        given = [value for needles in asked for value in (_match(needles), last)]
        if len(asked) == 1:
            statement = statement.replace("SELECT item", "SELECT DISTINCT item", 1)
        with self._open() as rows:
            return [item for (item,) in _all(rows, statement, *given, limit)]

    def pages(self, item: int, needles: Sequence[Needle]) -> list[tuple[int, int]]:
        """Units of an item that have all these needles."""
        statement = (
            "SELECT component, page FROM unit WHERE item = ? AND id IN (SELECT rowid FROM words WHERE words MATCH ?) "
            "ORDER BY component, page"
        )
        with self._open() as rows:
            return [(component, page) for component, page in _all(rows, statement, item, _match(needles))]

    def is_sound(self) -> bool:
        """Whether the engine finds no damage in it."""
        with self._open() as rows:
            return bool(rows.pragma("quick_check") == "ok")

    def _drop(self, rows: apsw.Connection, item: int, component: int) -> None:
        units = rows.execute("SELECT id FROM unit WHERE item = ? AND component = ?", (item, component)).fetchall()
        rows.executemany("DELETE FROM words WHERE rowid = ?", units)
        rows.executemany("DELETE FROM unit WHERE id = ?", units)

    def _add(self, rows: apsw.Connection, item: int, component: int, page: int, tokens: tuple[str, ...]) -> None:
        if tokens:
            rows.execute("INSERT INTO unit (item, component, page) VALUES (?, ?, ?)", (item, component, page))
            rows.execute(
                "INSERT INTO words (rowid, tokens) VALUES (?, ?)", (rows.last_insert_rowid(), " ".join(tokens))
            )

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
        except _DAMAGE as fault:
            raise Damaged(str(fault)) from fault
        finally:
            rows.close()


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


def _one(rows: apsw.Connection, statement: str) -> tuple[Any, ...]:
    found = _all(rows, statement)
    if not found:
        raise Damaged("a row is missing")
    return found[0]


def _match(needles: Sequence[Needle]) -> str:
    # Tokens are letters and digits only: nothing in them can end the quotation.
    return " AND ".join(f'"{needle.token}"{"*" if needle.is_start else ""}' for needle in needles)
