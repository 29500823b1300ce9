"""Records are not deleted, whoever writes the SQL (STD-2): destruction is a procedure with its own desk."""

from django.db import migrations

from anjuan.foundation.journal.backends import guards

TABLES = (
    "records_fonds",
    "records_category",
    "records_volume",
    "records_item",
    "records_component",
    "records_subject",
    "records_involvement",
    "records_restraint",
    "records_participation",
)
MESSAGE = "records are not deleted: appraisal and approval come first (R-006)"


def install(apps, schema_editor):
    for table in TABLES:
        guards.forbid_delete(schema_editor.connection, table, MESSAGE)


def remove(apps, schema_editor):
    for table in TABLES:
        guards.remove(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial"), ("journal", "0002_guards")]
    operations = [migrations.RunPython(install, remove)]
