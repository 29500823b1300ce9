"""Guards in the database itself: what the journal holds cannot be changed or deleted, whoever writes the SQL.

They do not replace the log's proof (an administrator of the engine can drop a trigger); they stop accidents and make
every deliberate change a visible act.
"""

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

_MESSAGE = "the journal is append-only"


def install(
    connection: BaseDatabaseWrapper,
    table: str,
    *,
    unless: str = "",
    fixed: Sequence[str] = (),
    message: str = _MESSAGE,
) -> None:
    """Forbid DELETE on a table, and UPDATE but for the one change that is meant.

    Args:
        connection: SQLite or PostgreSQL.
        table: the table to guard.
        unless: condition on OLD and NEW under which an update may pass, such as ``OLD.position IS NULL``.
        fixed: columns that even such an update must leave as they are.
        message: what the engine says.
    """
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor, table, unless, fixed, message):
            cursor.execute(statement)


def stand(connection: BaseDatabaseWrapper, table: str) -> bool:
    """Whether a table that only grows still has both its guards, switched on."""
    names = {f"{table}_no_update", f"{table}_no_delete"}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'O'", [table])
        return names <= {str(name) for (name,) in cursor.fetchall()}


def forbid_delete(connection: BaseDatabaseWrapper, table: str, message: str) -> None:
    """Forbid only DELETE on a table."""
    with connection.cursor() as cursor:
        for statement in _delete_statements(connection.vendor, table, message):
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, table: str) -> None:
    """Lift the guards of a table; only migrations and test clean-up do this."""
    with connection.cursor() as cursor:
        for act in ("update", "delete"):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}{on}")


def _delete_statements(vendor: str, table: str, message: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END"
        ]
    return [
        "CREATE OR REPLACE FUNCTION anjuan_refuse() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION anjuan_refuse('{message}')",
    ]


def _statements(vendor: str, table: str, unless: str, fixed: Sequence[str], message: str) -> list[str]:
    condition = ""
    if unless:
        # jsonb has no ordinary inequality across a row comparison with NULLs: compare each column distinctly.
        differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
        changed = "".join(f" OR OLD.{column} {differs} NEW.{column}" for column in fixed)
        condition = f" WHEN (NOT ({unless}){changed})"
    deletes = _delete_statements(vendor, table, message)
    if vendor == "sqlite":
        return [
            *deletes,
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}{condition} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
        ]
    return [
        *deletes,
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
        f"FOR EACH ROW{condition} EXECUTE FUNCTION anjuan_refuse('{message}')",
    ]
