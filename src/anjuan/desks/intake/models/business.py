"""Where the business system and the archive do not agree: cases sent twice, and completed cases that do not file."""

from django.db import models

from anjuan.records.models import Item


class SentConflict(models.Model):
    """A case that was sent again with other facts or bytes (重送冲突): both are kept until somebody has looked."""

    uid = models.CharField(max_length=32, unique=True)
    agency_code = models.CharField(max_length=12)
    agency_path = models.CharField(max_length=120)
    acceptance_no = models.CharField(max_length=40)
    urn = models.CharField(max_length=60)
    sent_digest = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    files = models.JSONField(default=list)  # material, name, SHA-256, size each; in the spool by their place from 1
    sender_code = models.CharField(max_length=40)
    sent_at = models.DateTimeField()
    settled_by = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency_code", "acceptance_no", "sent_digest"], name="one_conflict_a_sending"
            )
        ]

    def __str__(self) -> str:
        return f"{self.acceptance_no} {self.uid}"


class FilingTry(models.Model):
    """Why a completed case did not file itself (自动归档未成): tried again when it, or its completion, changes."""

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="+")
    seen = models.CharField(max_length=120)
    code = models.CharField(max_length=10)
    params = models.JSONField(default=dict)
    tried_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.item_id} {self.code}"


class FieldOrigin(models.Model):
    """Where a field of a registration at the counter came from (著录来源): counted for the retyping rate."""

    urn = models.CharField(max_length=60)
    agency_code = models.CharField(max_length=12)
    field = models.CharField(max_length=20)
    origin = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["urn", "field"], name="one_origin_a_field")]
        indexes = [models.Index(fields=["agency_code", "at"])]

    def __str__(self) -> str:
        return f"{self.urn} {self.field} {self.origin}"
