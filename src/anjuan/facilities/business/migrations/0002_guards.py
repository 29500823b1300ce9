"""What the business system stated is appended, never changed (decision 19), whoever writes the SQL."""

from django.db import migrations

from anjuan.foundation.journal.backends import guards

TABLES = ("business_fact", "business_completion")
MESSAGE = "business facts are append-only"


def install(apps, schema_editor):
    for table in TABLES:
        guards.install(schema_editor.connection, table, message=MESSAGE)


def remove(apps, schema_editor):
    for table in TABLES:
        guards.remove(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("business", "0001_initial"), ("journal", "0002_guards")]
    operations = [migrations.RunPython(install, remove)]
