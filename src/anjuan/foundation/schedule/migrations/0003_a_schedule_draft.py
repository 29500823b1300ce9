"""A draft of the table has a name of its own: another room keeps drafts of forms."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("schedule", "0002_a_editions")]
    operations = [migrations.RenameModel("Draft", "ScheduleDraft")]
