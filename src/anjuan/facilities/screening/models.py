"""Files that were kept aside, why, and what became of them (隔离登记)."""

from django.db import models

from anjuan.facilities.screening.rules import AsideStatus


class Quarantined(models.Model):
    """A file that was not taken in (隔离文件): its bytes lie in the ward, outside the store, until somebody judges."""

    uid = models.CharField(max_length=16, unique=True)
    status = models.CharField(max_length=12, choices=[(one.value, one.value) for one in AsideStatus])
    door = models.CharField(max_length=8)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    code = models.CharField(max_length=10)
    params = models.JSONField(default=dict)
    sender_code = models.CharField(max_length=40)
    agency_code = models.CharField(max_length=12)
    agency_path = models.CharField(max_length=120)
    unit = models.CharField(max_length=60, blank=True)
    material = models.CharField(max_length=40, blank=True)
    kept_at = models.DateTimeField()
    judged_by = models.CharField(max_length=40, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["status", "id"])]

    def __str__(self) -> str:
        return f"{self.uid} {self.status} {self.code}"
