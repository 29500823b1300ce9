"""What items are known by beside words is kept once for each description; the index is made again from the records."""

from django.db import migrations

from anjuan.facilities.search.backends import tsvector


def install(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in tsvector.TABLES:
            schema_editor.execute(f"DROP TABLE IF EXISTS {table}")
        schema_editor.execute(tsvector.SCHEMA)


class Migration(migrations.Migration):
    dependencies = [("search", "0004_using")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
