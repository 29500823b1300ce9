"""Images that came to be attached by their 档号 (按档号挂接); the bytes wait in the spool."""

from django.db import models


class ImageSet(models.Model):
    """A set of images that one person laid down to be attached (挂接批)."""

    uid = models.CharField(max_length=32, unique=True)
    owner_code = models.CharField(max_length=40, db_index=True)
    agency_path = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    images = models.JSONField(default=list)  # name with its folders, SHA-256; in the spool by their place from 1
    laid_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)  # its images lie in the spool no more
    is_started = models.BooleanField(default=False)
    takes_twins = models.BooleanField(default=False)  # its owner said that equal pages are sheets of their own

    def __str__(self) -> str:
        return f"{self.uid} {len(self.images)}"
