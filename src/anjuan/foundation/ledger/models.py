"""Checkpoints kept for ever (检查点). The tiles themselves are files in a public format."""

from django.db import models


class Checkpoint(models.Model):
    """One signed statement: at this size, the log had this root."""

    size = models.BigIntegerField(unique=True)
    root = models.CharField(max_length=64)
    note = models.TextField()
    published_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.size} {self.root[:12]}"
