"""The file of the index: its tables, how it is opened, and connections that are kept for reading (检索文件)."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw

from anjuan.facilities.search.backends import Damaged

FORMAT = 4
UNIT_BITS = 20  # of a unit's key: its place in its item; the item stands before it, and the schema says so too
FIRST_PAGE = 16  # places below are fields of the catalogue
_BUSY_MS = 30_000
_MOST_LOG_BYTES = 4_000_000  # of the write-ahead log: whoever opens the file first reads through all of it
_CACHE_KIB = 32_000
# `ascii` takes every character beyond ASCII as part of a token: rare ideographs are newer than the engine's tables.
# A body stands last in its row: who wants the item alone does not read it. A unit's key has the item in it: what has a
# token is known without another table. What an item is known by beside words and its date is one number: a city has
# some thousands of such descriptions, and a million items.
SCHEMA = """
CREATE TABLE search_about (
    position INTEGER NOT NULL, rebuilt_to INTEGER, read_version INTEGER NOT NULL, polled INTEGER NOT NULL,
    key TEXT NOT NULL, begun_at TEXT NOT NULL
);
CREATE TABLE search_label (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, agency TEXT NOT NULL, category TEXT NOT NULL, step TEXT NOT NULL,
    line TEXT NOT NULL, state TEXT NOT NULL, year TEXT NOT NULL,
    UNIQUE (path, agency, category, step, line, state, year)
);
CREATE TABLE search_item (
    item INTEGER PRIMARY KEY, label INTEGER NOT NULL, formed TEXT NOT NULL, digest TEXT NOT NULL
);
CREATE TABLE search_part (
    component INTEGER PRIMARY KEY, item INTEGER NOT NULL, state TEXT NOT NULL, sha512 TEXT NOT NULL,
    page_count INTEGER NOT NULL, is_read INTEGER NOT NULL, readings TEXT NOT NULL, is_open INTEGER NOT NULL,
    sum TEXT NOT NULL
);
CREATE INDEX search_part_by_item ON search_part (item);
CREATE INDEX search_part_waiting ON search_part (component) WHERE state = 'WAITING';
CREATE INDEX search_part_open ON search_part (component) WHERE is_open = 1;
CREATE TABLE search_unit (
    id INTEGER PRIMARY KEY, component INTEGER NOT NULL, page INTEGER NOT NULL, body TEXT NOT NULL,
    item INTEGER AS (id >> 20)
);
CREATE TABLE search_mark (
    item INTEGER NOT NULL, component INTEGER NOT NULL, page INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL
);
CREATE INDEX search_mark_by_item ON search_mark (item, component);
CREATE TABLE search_digit (value TEXT NOT NULL, number TEXT NOT NULL, PRIMARY KEY (value, number)) WITHOUT ROWID;
CREATE TABLE search_heap (number TEXT NOT NULL, digits TEXT NOT NULL);
CREATE VIRTUAL TABLE search_words USING fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii');
INSERT INTO search_words (search_words, rank) VALUES ('secure-delete', 1);
"""
# What is scattered over the whole tree is sorted once, when every record is there: to put a million persons' digests
# into their places one by one is to write the tree many times over. Each step is one transaction and can be repeated.
SORTED = (
    """
WITH RECURSIVE place(at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM place WHERE at < 31)
INSERT OR IGNORE INTO search_digit
SELECT DISTINCT substr(digits, at * 16 + 1, 16) AS value, number FROM search_heap JOIN place
ON at * 16 < length(digits) ORDER BY value, number;
DELETE FROM search_heap;
""",
    "CREATE INDEX IF NOT EXISTS search_mark_by_value ON search_mark (kind, value, item)",
    "CREATE INDEX IF NOT EXISTS search_item_formed ON search_item (formed, item)",
    "UPDATE search_about SET rebuilt_to = NULL",
)
TABLES = ("words", "about", "item", "label", "part", "unit", "mark", "digit", "heap")
# An input or output error is one of a file that was changed under the hands of who keeps it open, too.
DAMAGE = (apsw.CorruptError, apsw.NotADBError, apsw.SQLError, apsw.FormatError, apsw.IOError)


class _Kept(threading.local):
    """The connection of a thread, and the file as it was when it was opened."""

    def __init__(self) -> None:
        self.of: tuple[object, ...] | None = None
        self.rows: apsw.Connection | None = None


_kept = _Kept()


@contextlib.contextmanager
def reading(path: Path) -> Iterator[apsw.Connection]:
    """A connection that this thread keeps for its next question.

    The file may be taken away and come back, or be overwritten: then it is opened anew.
    """
    try:
        seen = path.stat()
    except OSError as fault:
        raise Damaged(str(fault)) from fault
    of = (os.getpid(), path, seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns)
    rows = _kept.rows
    if rows is None or _kept.of != of or rows.in_transaction:
        _kept.rows = rows = _connected(path, apsw.SQLITE_OPEN_READWRITE)
        _kept.of = of
    try:
        yield rows
    except DAMAGE as fault:
        _kept.rows = None
        raise Damaged(str(fault)) from fault
    except BaseException:
        _kept.rows = None
        raise


@contextlib.contextmanager
def writing(path: Path, *, create: bool = False) -> Iterator[apsw.Connection]:
    """A connection for one piece of work."""
    rows = _connected(path, apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0))
    try:
        # What is lost with the power is read again from the journal: the file needs to be whole, not newest.
        rows.execute("PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON")
        if create:
            rows.execute("PRAGMA journal_mode = WAL")  # kept in the file; it needs the file for itself
        rows.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        yield rows
        _shorten_log(rows, path)
    except DAMAGE as fault:
        raise Damaged(str(fault)) from fault
    finally:
        rows.close()


def _connected(path: Path, flags: int) -> apsw.Connection:
    try:
        rows = apsw.Connection(str(path), flags=flags)
        rows.set_busy_timeout(_BUSY_MS)
        rows.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    except (apsw.CantOpenError, *DAMAGE) as fault:
        raise Damaged(str(fault)) from fault
    return rows


def _shorten_log(rows: apsw.Connection, path: Path) -> None:
    """Bring a long write-ahead log into the file, unless somebody is at it: the next to close tries again."""
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size > _MOST_LOG_BYTES:
        rows.set_busy_timeout(0)
        with contextlib.suppress(apsw.BusyError, apsw.LockedError):
            rows.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextlib.contextmanager
def transaction(rows: apsw.Connection, kind: str = "") -> Iterator[None]:
    """All of it, or nothing."""
    rows.execute(f"BEGIN {kind}")
    try:
        yield
    except BaseException:
        rows.execute("ROLLBACK")
        raise
    rows.execute("COMMIT")


def fetched(rows: apsw.Connection, statement: str, *given: int | str) -> list[tuple[Any, ...]]:
    """All rows."""
    found: list[Any] = rows.execute(statement, given).fetchall()
    return found


def first(rows: apsw.Connection, statement: str, *given: int | str) -> tuple[Any, ...]:
    """The one row there must be."""
    found = fetched(rows, statement, *given)
    if not found:
        raise Damaged("a row is missing")
    return found[0]
