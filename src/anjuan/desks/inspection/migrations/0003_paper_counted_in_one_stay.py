from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    """Counts made before carry the moment of this migration, so that none of them stands for a later stay."""

    dependencies = [("inspection", "0002_samples_and_paper")]

    operations = [
        migrations.AddField(
            model_name="papercheck",
            name="state_since",
            field=models.DateTimeField(default=timezone.now),
            preserve_default=False,
        ),
    ]
