"""On PostgreSQL the index is tables of this database; beside SQLite it is a file of its own. See 0002 for the tables."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = []
    operations = []
