"""Rows that stand in the journal by their digests, SM3 beside SHA-256, and the guards of the tables made anew."""

from django.db import migrations, models

from anjuan.foundation.journal.backends import guards

FIXED = (
    "uid", "at", "act", "unit", "staff_code", "agency_code", "commitments", "commitments_sm3", "members_root",
    "members_sm3", "members_count", "rows_root", "rows_sm3", "rows_count", "leaf_version",
)  # fmt: skip


def install(apps, schema_editor):
    guards.remove(schema_editor.connection, "journal_entry")  # SQLite may have dropped them with the old table
    guards.install(schema_editor.connection, "journal_entry", unless="OLD.position IS NULL", fixed=FIXED)
    guards.install(
        schema_editor.connection,
        "journal_row",
        unless="NEW.salt = ''",
        fixed=("entry_uid", "ordinal", "table_name", "row_pk", "shape_no", "digest", "sm3"),
    )


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, "journal_row")


class Migration(migrations.Migration):

    dependencies = [
        ('journal', '0004_openings'),
    ]

    operations = [
        migrations.CreateModel(
            name='RowShape',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table_name', models.CharField(max_length=60)),
                ('columns', models.JSONField()),
            ],
            options={
                'db_table': 'journal_shape',
            },
        ),
        migrations.CreateModel(
            name='Touched',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table_name', models.CharField(max_length=60)),
                ('row_pk', models.BigIntegerField()),
                ('transaction_no', models.BigIntegerField(db_index=True, null=True)),
            ],
            options={
                'db_table': 'journal_touched',
            },
        ),
        migrations.AddField(
            model_name='entry',
            name='commitments_sm3',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='entry',
            name='leaf_version',
            field=models.SmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='entry',
            name='members_sm3',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='entry',
            name='rows_count',
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name='entry',
            name='rows_root',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='entry',
            name='rows_sm3',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.CreateModel(
            name='RowDigest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry_uid', models.CharField(max_length=32)),
                ('ordinal', models.IntegerField()),
                ('table_name', models.CharField(max_length=60)),
                ('row_pk', models.BigIntegerField()),
                ('shape_no', models.BigIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('sm3', models.CharField(max_length=64)),
                ('salt', models.CharField(blank=True, max_length=32)),
            ],
            options={
                'db_table': 'journal_row',
                'indexes': [models.Index(fields=['table_name', 'row_pk', 'id'], name='journal_row_newest')],
                'constraints': [models.UniqueConstraint(fields=('entry_uid', 'ordinal'), name='one_row_an_ordinal')],
            },
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('position__gte', 0)), name='position_from_zero'),
        ),
        migrations.RunPython(install, remove),
    ]
