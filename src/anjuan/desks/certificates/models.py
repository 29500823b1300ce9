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


class Rating(models.Model):
    """What a reader said of the service behind one certificate (满意度评价): once, and what the leader did about it."""

    class Mark(models.TextChoices):
        GOOD = "GOOD", "good"
        FAIR = "FAIR", "so-so"
        BAD = "BAD", "bad"

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="+")
    agency_path = models.CharField(max_length=120, db_index=True)
    mark = models.CharField(max_length=4, choices=Mark)
    reasons = models.JSONField(default=list)
    words = models.CharField(max_length=200, blank=True)
    taken_by = models.CharField(max_length=40, blank=True)  # who wrote it down at the desk; empty: the reader himself
    given_at = models.DateTimeField()
    follow_up = models.CharField(max_length=300, blank=True)
    followed_by = models.CharField(max_length=40, blank=True)
    followed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.mark}"
