"""What was decided of persons and units is appended, never changed or taken away, whoever writes the SQL."""

from django.db import migrations

from anjuan.foundation.journal.backends import guards

TABLES = (
    "lives_bond",
    "lives_naming",
    "lives_parting",
    "lives_parteditem",
    "lives_succession",
    "lives_withdrawal",
)
MESSAGE = "decisions on subjects are append-only"


def install(apps, schema_editor):
    for table in TABLES:
        guards.install(schema_editor.connection, table, message=MESSAGE)


def remove(apps, schema_editor):
    for table in TABLES:
        guards.remove(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("lives", "0001_initial"), ("journal", "0002_guards")]
    operations = [migrations.RunPython(install, remove)]
