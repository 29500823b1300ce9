"""The single sequencer row, and the guards that keep the journal append-only whoever writes the SQL."""

from django.db import migrations

from anjuan.foundation.journal.backends import guards

FIXED = ("uid", "at", "act", "unit", "staff_code", "agency_code", "commitments", "members_root", "members_count")


def install(apps, schema_editor):
    apps.get_model("journal", "Sequencer").objects.create(pk=1, next_position=0)
    guards.install(schema_editor.connection, "journal_entry", unless="OLD.position IS NULL", fixed=FIXED)
    guards.install(schema_editor.connection, "journal_member")


def remove(apps, schema_editor):
    for table in ("journal_entry", "journal_member"):
        guards.remove(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
