"""Where openings are put down: a file of its own beside SQLite, a guarded table in PostgreSQL (查阅登记).

Both only grow. A line is durable before ``put`` returns; whoever serves a page waits for that.
"""

import contextlib
import datetime as dt
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

import apsw
from django.db import connection, transaction

from anjuan.foundation.journal.rules import Opening

GATHER_SECONDS = 0.005  # lines that come while the disk writes go together; far below the 100 ms allowed
_BUSY_MS = 30_000
_COLUMNS = "staff_code, agency_code, unit, purpose, slot, component, page, at"
_SAME = "staff_code = {0} AND unit = {0} AND purpose = {0} AND slot = {0} AND component = {0} AND page = {0}"

_FILE_SCHEMA = """
CREATE TABLE opening (
    no INTEGER PRIMARY KEY AUTOINCREMENT, staff_code TEXT NOT NULL, agency_code TEXT NOT NULL, unit TEXT NOT NULL,
    purpose TEXT NOT NULL, slot TEXT NOT NULL, component INTEGER NOT NULL, page INTEGER NOT NULL, at TEXT NOT NULL,
    UNIQUE (unit, slot, staff_code, purpose, component, page)
);
CREATE TRIGGER opening_no_update BEFORE UPDATE ON opening BEGIN SELECT RAISE(ABORT, 'openings are append-only'); END;
CREATE TRIGGER opening_no_delete BEFORE DELETE ON opening BEGIN SELECT RAISE(ABORT, 'openings are append-only'); END;
"""
TABLE = "journal_opening"
TABLE_SCHEMA = f"""
CREATE TABLE {TABLE} (
    no bigserial PRIMARY KEY, staff_code text NOT NULL, agency_code text NOT NULL, unit text NOT NULL,
    purpose text NOT NULL, slot text NOT NULL, component bigint NOT NULL, page integer NOT NULL, at text NOT NULL,
    UNIQUE (unit, slot, staff_code, purpose, component, page)
)
"""


class Openings(Protocol):
    """A file that only grows: lines numbered from 1 in the order in which they became durable."""

    def put(self, opening: Opening) -> None:
        """Put a line down, durably; nothing happens if the same line stands there already."""
        ...

    def after(self, no: int, limit: int) -> list[tuple[int, Opening]]:
        """The next durable lines after a number, without a hole that could still be filled."""
        ...

    def of(self, units: Sequence[str], limit: int) -> list[Opening]:
        """Lines of these units, newest first."""
        ...


class AccessFile:
    """``access.db``: lines of all threads that come together are one transaction, with one flush of the disk.

    Args:
        path: the file.
        closed: the last number the journal has closed; a file that was lost goes on behind it, so that no number is
            given twice.
    """

    def __init__(self, path: Path, closed: Callable[[], int]) -> None:
        self.path = path
        self.closed = closed

    def put(self, opening: Opening) -> None:
        """Put a line down, durably."""
        if not self._stands(opening):
            _Group.of(self.path).put(opening, self._write)

    def after(self, no: int, limit: int) -> list[tuple[int, Opening]]:
        """The next lines after a number."""
        statement = f"SELECT no, {_COLUMNS} FROM opening WHERE no > ? ORDER BY no LIMIT ?"  # noqa: S608 (our own names)
        return [(found[0], _opening(found[1:])) for found in self._ask(statement, no, limit)]

    def of(self, units: Sequence[str], limit: int) -> list[Opening]:
        """Lines of these units, newest first."""
        marks = ", ".join("?" * len(units))
        statement = f"SELECT {_COLUMNS} FROM opening WHERE unit IN ({marks}) ORDER BY no DESC LIMIT ?"  # noqa: S608
        return [_opening(found) for found in self._ask(statement, *units, limit)]

    def _stands(self, opening: Opening) -> bool:
        statement = f"SELECT 1 FROM opening WHERE {_SAME.format('?')}"  # noqa: S608
        return bool(self._ask(statement, *_key(opening)))

    def _ask(self, statement: str, *given: int | str) -> list[Any]:
        if not self.path.exists():
            return []
        with self._open() as rows:
            return rows.execute(statement, given).fetchall()

    def _write(self, openings: Sequence[Opening]) -> None:
        if not self.path.exists():
            self._create()
        with self._open() as rows:
            rows.execute("BEGIN IMMEDIATE")
            marks = ", ".join("?" * 8)
            # Not OR IGNORE: that would swallow what a guard refuses.
            rows.executemany(
                f"INSERT INTO opening ({_COLUMNS}) VALUES ({marks}) "  # noqa: S608
                "ON CONFLICT (unit, slot, staff_code, purpose, component, page) DO NOTHING",
                [_values(opening) for opening in openings],
            )
            rows.execute("COMMIT")

    def _create(self) -> None:
        """Made whole under another name first: nobody ever opens a file without its table."""
        partial = self.path.with_name(f"{self.path.name}.{os.getpid()}-{threading.get_ident()}")
        rows = apsw.Connection(str(partial))
        try:
            rows.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            rows.execute(_FILE_SCHEMA)
            rows.execute("INSERT INTO sqlite_sequence VALUES ('opening', ?)", (self.closed(),))
        finally:
            rows.close()
        try:
            os.link(partial, self.path)
        except FileExistsError:
            pass  # another process was first: its file is the one
        finally:
            partial.unlink()

    @contextlib.contextmanager
    def _open(self) -> Iterator[apsw.Connection]:
        rows = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            rows.set_busy_timeout(_BUSY_MS)
            rows.execute("PRAGMA synchronous = FULL")
            rows.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            yield rows
        finally:
            rows.close()


class _Group:
    """Lines that wait for the disk together: the first to come writes for all who come meanwhile (成组落盘)."""

    _groups: dict[Path, "_Group"] = {}
    _lock = threading.Lock()

    def __init__(self) -> None:
        self.waiting: list[tuple[Opening, Future[None]]] = []
        self.is_led = False

    @classmethod
    def of(cls, path: Path) -> "_Group":
        with cls._lock:
            return cls._groups.setdefault(path, cls())

    def put(self, opening: Opening, write: Callable[[Sequence[Opening]], None]) -> None:
        done: Future[None] = Future()
        with self._lock:
            self.waiting.append((opening, done))
            leads, self.is_led = not self.is_led, True
        if leads:
            time.sleep(GATHER_SECONDS)
            self._lead(write)
        done.result()

    def _lead(self, write: Callable[[Sequence[Opening]], None]) -> None:
        while True:
            with self._lock:
                batch, self.waiting = self.waiting, []
                if not batch:
                    self.is_led = False
                    return
            try:
                write([opening for opening, _ in batch])
            except BaseException as fault:  # noqa: BLE001 (each who waits is told, and serves nothing)
                for _, done in batch:
                    done.set_exception(fault)
            else:
                for _, done in batch:
                    done.set_result(None)


class AccessTable:
    """A table of PostgreSQL, which flushes together what commits together."""

    def put(self, opening: Opening) -> None:
        """Put a line down, durably."""
        with connection.cursor() as rows:
            rows.execute(f"SELECT 1 FROM {TABLE} WHERE {_SAME.format('%s')}", _key(opening))  # noqa: S608
            if rows.fetchone() is None:
                marks = ", ".join(["%s"] * 8)
                rows.execute(
                    f"INSERT INTO {TABLE} ({_COLUMNS}) VALUES ({marks}) ON CONFLICT DO NOTHING",  # noqa: S608
                    _values(opening),
                )

    def after(self, no: int, limit: int) -> list[tuple[int, Opening]]:
        """The next lines after a number: numbers are given early and seen late, so whoever still writes is awaited."""
        with transaction.atomic(), connection.cursor() as rows:
            rows.execute(f"LOCK TABLE {TABLE} IN SHARE MODE")
            rows.execute(f"SELECT no, {_COLUMNS} FROM {TABLE} WHERE no > %s ORDER BY no LIMIT %s", [no, limit])  # noqa: S608
            return [(found[0], _opening(found[1:])) for found in rows.fetchall()]

    def of(self, units: Sequence[str], limit: int) -> list[Opening]:
        """Lines of these units, newest first."""
        with connection.cursor() as rows:
            rows.execute(
                f"SELECT {_COLUMNS} FROM {TABLE} WHERE unit = ANY(%s) ORDER BY no DESC LIMIT %s",  # noqa: S608
                [list(units), limit],
            )
            return [_opening(found) for found in rows.fetchall()]


def _key(opening: Opening) -> tuple[str | int, ...]:
    return (
        opening.staff_code,
        opening.unit,
        opening.purpose,
        opening.slot.isoformat(),
        opening.component,
        opening.page,
    )


def _values(opening: Opening) -> tuple[str | int, ...]:
    staff_code, unit, purpose, slot, component, page = _key(opening)
    return (staff_code, opening.agency_code, unit, purpose, slot, component, page, opening.at.isoformat())


def _opening(found: Sequence[Any]) -> Opening:
    staff_code, agency_code, unit, purpose, slot, component, page, at = found
    return Opening(
        staff_code=staff_code,
        agency_code=agency_code,
        unit=unit,
        purpose=purpose,
        slot=dt.datetime.fromisoformat(slot),
        component=component,
        page=page,
        at=dt.datetime.fromisoformat(at),
    )
