"""Phones that serve as cameras, and what was taken over instead of being scanned again."""

from django.db import models

from anjuan.records.models import Component


class Pairing(models.Model):
    """A phone that photographs pages for one item for a while (手机配对): its token opens that and nothing else."""

    token_digest = models.CharField(max_length=64, unique=True)  # SHA-256; the token is shown once, as a QR
    item_urn = models.CharField(max_length=60, db_index=True)
    staff_code = models.CharField(max_length=40)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.staff_code} {self.item_urn}"


class Reuse(models.Model):
    """That a file was not scanned again but taken over from an earlier record (材料复用), and from which version."""

    component = models.OneToOneField(Component, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="+")
    source_urn = models.CharField(max_length=60)
    source_version = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.component_id} < {self.source_id}"
