"""A migration and its record are one: whoever is killed between the two finds nothing half-made. User ask 18."""

from pathlib import Path

from tests.journey import commands

# A migration that leaves an index for the end, as most of ours do; the process dies where its record is written.
PROBE = """
    import os, sys
    from django.db import connection, migrations, models
    from django.db.migrations.state import ProjectState
    from anjuan.config.migrating import WholeMigrations

    class Migration(migrations.Migration):
        operations = [migrations.CreateModel("Probe", [
            ("id", models.BigAutoField(primary_key=True)),
            ("word", models.CharField(max_length=8, db_index=True)),
        ])]

    executor = WholeMigrations(connection)
    connection.ensure_connection()
    executor.recorder.ensure_schema()
    if sys.argv[1] == "die":
        executor.recorder.record_applied = lambda *_: os._exit(0)
    executor.apply_migration(ProjectState(), Migration("0001_probe", "probe"))
"""
FOUND = """
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder
    table = "probe_probe" in connection.introspection.table_names()
    record = ("probe", "0001_probe") in MigrationRecorder(connection).applied_migrations()
    indexes = 0
    if table:
        with connection.cursor() as cursor:
            constraints = connection.introspection.get_constraints(cursor, "probe_probe").values()
        indexes = sum(one["index"] and one["columns"] == ["word"] for one in constraints)
    print(table, record, indexes)
"""


def test_a_migration_whose_record_is_not_written_leaves_no_table(tmp_path: Path) -> None:
    commands.python(tmp_path, PROBE, "die")
    assert commands.python(tmp_path, FOUND) == "False False 0"

    commands.python(tmp_path, PROBE, "live")
    assert commands.python(tmp_path, FOUND) == "True True 1"
