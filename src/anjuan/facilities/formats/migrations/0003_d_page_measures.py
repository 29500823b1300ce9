from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("formats", "0002_n_signatures")]

    operations = [
        migrations.CreateModel(
            name="PageMeasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha512", models.CharField(max_length=128)),
                ("page_no", models.IntegerField()),
                ("version", models.IntegerField()),
                ("figures", models.JSONField(default=dict)),
                ("twins", models.JSONField(default=list)),
                ("signature", models.BinaryField(default=bytes)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("sha512", "page_no"), name="one_measure_a_page"),
                ],
            },
        ),
    ]
