
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reading', '0002_damaged_pages_layers'),
    ]

    operations = [
        migrations.CreateModel(
            name='FormTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step_code', models.CharField(max_length=40)),
                ('material_code', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=60)),
                ('opened_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('step_code', 'material_code', 'name'), name='one_template_a_name')],
            },
        ),
        migrations.CreateModel(
            name='FormEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.IntegerField()),
                ('shape', models.JSONField(default=dict)),
                ('note', models.CharField(blank=True, max_length=120)),
                ('sample', models.JSONField(default=dict)),
                ('changed_at', models.DateTimeField()),
                ('since_date', models.DateField(blank=True, null=True)),
                ('adopted_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reading.formtemplate')),
            ],
        ),
        migrations.CreateModel(
            name='FormBlank',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('image', models.BinaryField()),
                ('width', models.IntegerField()),
                ('height', models.IntegerField()),
                ('width_mm', models.FloatField()),
                ('lines', models.JSONField(default=list)),
                ('sent_at', models.DateTimeField()),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reading.formtemplate')),
            ],
        ),
        migrations.CreateModel(
            name='PageLay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha512', models.CharField(max_length=128)),
                ('page_no', models.IntegerField()),
                ('version', models.IntegerField()),
                ('laid', models.JSONField(default=dict)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reading.formedition')),
            ],
        ),
        migrations.AddConstraint(
            model_name='formedition',
            constraint=models.UniqueConstraint(fields=('template', 'edition'), name='one_shape_an_edition'),
        ),
        migrations.AddConstraint(
            model_name='formedition',
            constraint=models.UniqueConstraint(condition=models.Q(('adopted_at', None), ('withdrawn_at', None)), fields=('template',), name='one_template_draft'),
        ),
        migrations.AddConstraint(
            model_name='pagelay',
            constraint=models.UniqueConstraint(fields=('sha512', 'page_no', 'edition'), name='one_lay_a_page_and_edition'),
        ),
    ]
