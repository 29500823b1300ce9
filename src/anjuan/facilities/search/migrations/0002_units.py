"""The index keeps texts, marks and columns as well: it is made again from the records (nothing is carried over)."""

from django.db import migrations

from anjuan.facilities.search.backends import tsvector

BEFORE = ("search_about", "search_item", "search_part", "search_unit")


def install(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in BEFORE:
            schema_editor.execute(f"DROP TABLE IF EXISTS {table}")
        schema_editor.execute(tsvector.SCHEMA)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in tsvector.TABLES:
            schema_editor.execute(f"DROP TABLE {table}")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_index")]
    operations = [migrations.RunPython(install, remove)]
