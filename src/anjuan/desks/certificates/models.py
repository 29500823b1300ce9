"""Certificates (查档证明): asked for, issued, revoked. The PDF lies beside the store; its digest is in the journal."""

from django.db import models


class Certificate(models.Model):
    """One certificate: REQUESTED → ISSUED → REVOKED. Numbers run on and are never reused."""

    class Status(models.TextChoices):
        REQUESTED = "REQUESTED", "requested"
        ISSUED = "ISSUED", "issued"
        REVOKED = "REVOKED", "revoked"

    certificate_no = models.CharField(max_length=30, unique=True)
    check_code = models.CharField(max_length=16, unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    subject_urn = models.CharField(max_length=60, db_index=True)
    item_urns = models.JSONField()
    reader_name = models.CharField(max_length=60)
    reader_id_number = models.CharField(max_length=18)
    relation = models.CharField(max_length=12)
    basis = models.CharField(max_length=120, blank=True)
    purpose = models.CharField(max_length=120)
    agency_path = models.CharField(max_length=120)
    requested_by = models.CharField(max_length=40)
    requested_at = models.DateTimeField()
    issued_by = models.CharField(max_length=40, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    revoked_by = models.CharField(max_length=40, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.certificate_no} {self.status}"
