"""Watching the rows that the journal keeps: triggers that mark what a deed has written (行监视).

A mark is put down by the engine itself, whoever writes and by whatever way, so that no deed can forget a row, and a
row that was written outside any deed leaves its mark for the audit to find. The triggers are put up at every start,
because SQLite throws them away when a migration makes a table anew.
"""

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

TOUCHED = "journal_touched"
_EVENTS = (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))


def install(connection: BaseDatabaseWrapper, table: str, columns: Sequence[str]) -> bool:
    """Put up the triggers of a table where they are not as they should be; whether anything was done."""
    if connection.vendor == "sqlite":
        return _install_sqlite(connection, table, columns)
    return _install_postgresql(connection, table, columns)


def stands(connection: BaseDatabaseWrapper, table: str, columns: Sequence[str]) -> bool:
    """Whether the triggers of a table are as they should be."""
    if connection.vendor == "sqlite":
        return _standing_sqlite(connection, table) == _wanted_sqlite(table, columns)
    return _standing_postgresql(connection, table) == _wanted_postgresql(table, columns)


def is_sound(connection: BaseDatabaseWrapper) -> bool:
    """Whether nothing takes the marks away again, and the function that puts them down is ours."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TOUCHED])
            return int(cursor.fetchone()[0]) == 0
        cursor.execute("SELECT COUNT(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [TOUCHED])
        if int(cursor.fetchone()[0]):
            return False
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'anjuan_touch'")
        return [str(source).strip() for (source,) in cursor.fetchall()] == [_FUNCTION.split("$$")[1].strip()]


def begin(connection: BaseDatabaseWrapper) -> int:
    """Where the marks of the deed that now begins will start.

    On SQLite writers queue, and a mark that is there already is somebody else's. On PostgreSQL marks carry the number
    of their transaction, so nothing has to be asked.
    """
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {TOUCHED}")  # noqa: S608 (our own name)
        return int(cursor.fetchone()[0])


def take(connection: BaseDatabaseWrapper, mark: int) -> list[tuple[str, int]]:
    """The rows that this transaction has written since it began, each once, in order; their marks are taken away."""
    own = "id > %s" if connection.vendor == "sqlite" else "transaction_no = txid_current() AND id > %s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT table_name, row_pk FROM {TOUCHED} WHERE {own}", [mark])  # noqa: S608
        found = sorted((str(table), int(pk)) for table, pk in cursor.fetchall())
        if found:
            cursor.execute(f"DELETE FROM {TOUCHED} WHERE {own}", [mark])  # noqa: S608
    return found


def mark(connection: BaseDatabaseWrapper, table: str, pks: Sequence[int]) -> None:
    """Put down marks as the triggers do."""
    number = "NULL" if connection.vendor == "sqlite" else "txid_current()"
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {TOUCHED} (table_name, row_pk, transaction_no) VALUES (%s, %s, {number})",  # noqa: S608
            [(table, pk) for pk in pks],
        )


def _install_sqlite(connection: BaseDatabaseWrapper, table: str, columns: Sequence[str]) -> bool:
    standing, wanted = _standing_sqlite(connection, table), _wanted_sqlite(table, columns)
    with connection.cursor() as cursor:
        for name in sorted(wanted.keys() | standing.keys()):
            if standing.get(name) == wanted.get(name):
                continue
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            if name in wanted:
                cursor.execute(wanted[name])
    return standing != wanted


def _wanted_sqlite(table: str, columns: Sequence[str]) -> dict[str, str]:
    found = {}
    for event, row in _EVENTS:
        of = f" OF {', '.join(_quoted(column) for column in columns)}" if event == "update" else ""
        name = f"{table}_kept_{event}"
        mark = f"INSERT INTO {TOUCHED} (table_name, row_pk) VALUES ('{table}', {row}.id)"  # noqa: S608 (our own names)
        found[name] = f"CREATE TRIGGER {name} AFTER {event.upper()}{of} ON {table} BEGIN {mark}; END"
    return found


def _standing_sqlite(connection: BaseDatabaseWrapper, table: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s AND name LIKE %s",
            [table, f"{table}_kept_%"],
        )
        return {str(name): str(sql) for name, sql in cursor.fetchall()}


_FUNCTION = f"""
CREATE OR REPLACE FUNCTION anjuan_touch() RETURNS trigger AS $$ BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO {TOUCHED} (table_name, row_pk, transaction_no) VALUES (TG_TABLE_NAME, OLD.id, txid_current());
  ELSE
    INSERT INTO {TOUCHED} (table_name, row_pk, transaction_no) VALUES (TG_TABLE_NAME, NEW.id, txid_current());
  END IF;
  RETURN NULL;
END $$ LANGUAGE plpgsql
"""  # noqa: S608


def _install_postgresql(connection: BaseDatabaseWrapper, table: str, columns: Sequence[str]) -> bool:
    standing, wanted = _standing_postgresql(connection, table), _wanted_postgresql(table, columns)
    if standing == wanted:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_FUNCTION)
        for name in standing:
            cursor.execute(f"DROP TRIGGER {name} ON {table}")
        for event, _ in _EVENTS:
            of = f" OF {', '.join(_quoted(column) for column in columns)}" if event == "update" else ""
            cursor.execute(
                f"CREATE TRIGGER {table}_kept_{event} AFTER {event.upper()}{of} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION anjuan_touch()"
            )
    return True


def _wanted_postgresql(table: str, columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    return {f"{table}_kept_{event}": tuple(sorted(columns)) if event == "update" else () for event, _ in _EVENTS}


def _standing_postgresql(connection: BaseDatabaseWrapper, table: str) -> dict[str, tuple[str, ...]]:
    """Triggers of ours that are switched on, each with the columns that it watches."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = t.tgrelid "
            "AND a.attnum = ANY(t.tgattr) ORDER BY 1) FROM pg_trigger t WHERE t.tgrelid = %s::regclass "
            "AND t.tgname LIKE %s AND t.tgenabled = 'O'",
            [table, f"{table}\\_kept\\_%"],
        )
        return {str(name): tuple(sorted(watched)) for name, watched in cursor.fetchall()}


def _quoted(name: str) -> str:
    return f'"{name}"'
