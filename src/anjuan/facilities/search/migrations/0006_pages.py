"""Tokens of pages are cut by the engine and kept in its index alone; the index is made again from the records."""

from django.db import migrations

from anjuan.facilities.search.backends import tsvector


def install(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in tsvector.TABLES:
            schema_editor.execute(f"DROP TABLE IF EXISTS {table}")
        schema_editor.execute(tsvector.SCHEMA)


class Migration(migrations.Migration):
    dependencies = [("search", "0005_labels")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
