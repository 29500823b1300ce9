"""Corrections (整改): raised by any desk, answered by those who made the record, closed on re-check."""

from django.db import models


class Correction(models.Model):
    """One fault in one record, and what became of it.

    OPEN until answered, ANSWERED until the desk that looks again passes the record, then CLOSED.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", "open"
        ANSWERED = "ANSWERED", "answered"
        CLOSED = "CLOSED", "closed"

    unit = models.CharField(max_length=60, db_index=True)
    item_urn = models.CharField(max_length=60, db_index=True)
    agency_path = models.CharField(max_length=120)
    reference = models.CharField(max_length=200)
    fault_code = models.CharField(max_length=6)
    component_pk = models.BigIntegerField(null=True, blank=True)
    page_no = models.IntegerField(null=True, blank=True)
    box = models.JSONField(null=True, blank=True)  # [x, y, width, height], 0 to 1 of the page
    note = models.CharField(max_length=300, blank=True)
    raised_at_state = models.CharField(max_length=16)
    raised_by = models.CharField(max_length=40)
    raised_at = models.DateTimeField()
    due_date = models.DateField()
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    answer = models.CharField(max_length=300, blank=True)
    cause = models.CharField(max_length=12, blank=True, default="")  # root cause, said by who mended it
    responsible = models.JSONField(default=list)  # staff codes of those whose work it was
    answered_by = models.CharField(max_length=40, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["status", "due_date"])]

    def __str__(self) -> str:
        return f"{self.fault_code} {self.reference} {self.status}"
