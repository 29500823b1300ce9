"""Checkpoints kept for ever (检查点), and the keys that sign them. The tiles are files in a public format."""

from django.db import models


class Checkpoint(models.Model):
    """One signed statement: at this size, the log had this root."""

    size = models.BigIntegerField(unique=True)
    root = models.CharField(max_length=64)
    note = models.TextField()
    published_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.size} {self.root[:12]}"


class LogKey(models.Model):
    """One generation of the key that signs checkpoints (日志签名密钥); the first has no row until a second is begun.

    ``since_size`` is the size of the log at which it was begun: it signs what is longer. ``believed_until`` is the last
    size at which its word counts once it is revoked.
    """

    generation = models.PositiveIntegerField(unique=True)
    vkey = models.CharField(max_length=200)
    since_size = models.BigIntegerField(default=0)
    begun_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revocation_reason = models.CharField(max_length=200, blank=True)
    believed_until = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.generation} {self.vkey}"
