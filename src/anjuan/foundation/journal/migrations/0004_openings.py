"""On PostgreSQL openings stand in a guarded table; beside SQLite they are a file of their own."""

from django.db import migrations

from anjuan.foundation.journal.backends import access, guards


def install(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(access.TABLE_SCHEMA)
        guards.install(schema_editor.connection, access.TABLE, message="openings are append-only")


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TABLE {access.TABLE}")


class Migration(migrations.Migration):
    dependencies = [("journal", "0003_member_commitments")]
    operations = [migrations.RunPython(install, remove)]
