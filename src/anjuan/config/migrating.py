"""Bringing the database to this version, one migration a transaction, its own record included.

Django records a migration that has left indexes for the end in a transaction of its own: a process killed between the
two leaves tables that the next start tries to make again. Here the indexes and the record belong to the migration.
"""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState


class WholeMigrations(MigrationExecutor):
    """Applies a migration, what it put off and its record as one; killed at any moment it is done or not begun."""

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        """Run one migration forwards. ``fake`` and ``fake_initial`` are never asked for here."""
        with self.connection.schema_editor(atomic=migration.atomic) as editor:
            state = migration.apply(state, editor)
            for statement in editor.deferred_sql:
                editor.execute(statement, None)
            editor.deferred_sql.clear()
            self.recorder.record_applied(migration.app_label, migration.name)
        return state


def migrate() -> None:
    """Apply every migration that this database has not seen. One process at a time."""
    connection.prepare_database()
    executor = WholeMigrations(connection)
    executor.loader.check_consistent_history(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
