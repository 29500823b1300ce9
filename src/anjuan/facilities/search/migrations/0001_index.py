"""On PostgreSQL the index is tables of this database; beside SQLite it is a file of its own."""

from django.db import migrations

from anjuan.facilities.search.backends import tsvector


def install(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(tsvector.SCHEMA)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in tsvector.TABLES:
            schema_editor.execute(f"DROP TABLE {table}")


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunPython(install, remove)]
