"""Guards in the database itself: what the journal holds cannot be changed or deleted, whoever writes the SQL.

They do not replace the log's proof (an administrator of the engine can drop a trigger); they stop accidents and make
every deliberate change a visible act.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

_MESSAGE = "the journal is append-only"


def install(
    connection: BaseDatabaseWrapper, table: str, *, numbered_once: bool = False, message: str = _MESSAGE
) -> None:
    """Forbid DELETE on a table, and UPDATE unless it only gives a position to an unnumbered entry.

    Args:
        connection: SQLite or PostgreSQL.
        table: the table to guard.
        numbered_once: allow the one update that fills an empty ``position``.
        message: what the engine says.
    """
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor, table, numbered_once, message):
            cursor.execute(statement)


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


def _statements(vendor: str, table: str, numbered_once: bool, message: str) -> list[str]:
    if numbered_once:
        kept = ("uid", "at", "act", "unit", "staff_code", "agency_code", "commitments", "members_root", "members_count")
        if vendor == "sqlite":
            changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in kept)
            condition = f" WHEN OLD.position IS NOT NULL OR {changed}"
        else:
            # jsonb has no ordinary inequality across a row comparison with NULLs: compare each column distinctly.
            changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in kept)
            condition = f" WHEN (OLD.position IS NOT NULL OR {changed})"
    else:
        condition = ""
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
