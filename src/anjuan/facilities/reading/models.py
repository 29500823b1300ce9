"""What was read on pages (识读). The images lie untouched in the store, under the same digest."""

from django.db import models


class PageReading(models.Model):
    """What one page says, by the digest of its file (页面识读): read again when the way of reading changes."""

    sha512 = models.CharField(max_length=128)
    page_no = models.IntegerField()
    version = models.IntegerField()  # of the way of reading
    model = models.CharField(max_length=40)  # that read the words; empty where nothing was read
    lines = models.JSONField(default=list)  # [text, box, sureness, middles of letters]; boxes on the upright page
    said = models.JSONField(default=dict)  # what detectors need, as core.reading.said keeps it
    read_at = models.DateTimeField()
    cpu_ms = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sha512", "page_no"], name="one_reading_a_page")]

    def __str__(self) -> str:
        return f"{self.sha512[:12]} p{self.page_no} v{self.version}"


class ReadingMark(models.Model):
    """Up to which file everything is read (识读进度): what came before it is not looked through again."""

    part = models.CharField(max_length=8, unique=True)
    version = models.IntegerField()
    component_pk = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.part} up to {self.component_pk}"
