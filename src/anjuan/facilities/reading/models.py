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


class DamagedPage(models.Model):
    """A page whose bytes could not be had (损坏待读页): reading goes on past it, and it is tried again after a day."""

    component_pk = models.BigIntegerField()
    page_no = models.IntegerField()
    code = models.CharField(max_length=8)  # of the refusal that said why
    tried_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["component_pk", "page_no"], name="one_damage_a_page_to_read")]

    def __str__(self) -> str:
        return f"{self.component_pk} p{self.page_no} {self.code}"
