"""Files that come in pieces and may be broken off (断点续传): how much is here says the file itself."""

from django.db import models


class Sending(models.Model):
    """A file on its way in: only who began it goes on with it."""

    uid = models.CharField(max_length=32, unique=True)
    owner_code = models.CharField(max_length=40)
    name = models.CharField(max_length=255)
    size_bytes = models.BigIntegerField()
    begun_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64, blank=True)  # when it is whole

    class Meta:
        indexes = [models.Index(fields=["owner_code", "name"])]

    def __str__(self) -> str:
        return f"{self.uid} {self.size_bytes}"
