"""Voided numbers and former codes only grow, whoever writes the SQL: a number is given once (DA/T 13-2022, 4)."""

from django.db import migrations

from anjuan.foundation.journal.backends import guards

TABLES = ("numbering_voidednumber", "numbering_formercode")
MESSAGE = "voided numbers and former codes are append-only"


def install(apps, schema_editor):
    for table in TABLES:
        guards.install(schema_editor.connection, table, message=MESSAGE)


def remove(apps, schema_editor):
    for table in TABLES:
        guards.remove(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("numbering", "0001_initial"), ("journal", "0002_guards")]
    operations = [migrations.RunPython(install, remove)]
