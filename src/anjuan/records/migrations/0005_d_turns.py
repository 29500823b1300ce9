from django.db import migrations, models

from anjuan.foundation.journal.backends import guards

# SQLite makes the table anew to change it, and its trigger goes with the old one.
TABLE = "records_component"
MESSAGE = "records are not deleted: appraisal and approval come first (R-006)"


def lift(apps, schema_editor):
    guards.remove(schema_editor.connection, TABLE)


def install(apps, schema_editor):
    guards.forbid_delete(schema_editor.connection, TABLE, MESSAGE)


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0004_arrangement'),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.AddField(
            model_name='component',
            name='turns',
            field=models.JSONField(default=dict),
        ),
        migrations.RunPython(install, lift),
    ]
