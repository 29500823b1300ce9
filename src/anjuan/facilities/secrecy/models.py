"""Marks of secrecy on records, and requests to read what is marked (密级标识、查阅申请)."""

from django.db import models

from anjuan.core.terms import Secrecy

_GRADES = [(grade.value, grade.value) for grade in Secrecy]


class Marking(models.Model):
    """That an item was put under a grade of secrecy, or out of it (密级变更): who, when and why. Never changed."""

    unit = models.CharField(max_length=60, db_index=True)
    before = models.CharField(max_length=12, choices=_GRADES)
    after = models.CharField(max_length=12, choices=_GRADES)
    reason = models.CharField(max_length=200)
    marked_by = models.CharField(max_length=40)
    marked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.unit} {self.before} → {self.after}"


class LeaveRequest(models.Model):
    """That somebody asked to read a restricted item, and what he was told (查阅申请)."""

    uid = models.CharField(max_length=16, unique=True)
    unit = models.CharField(max_length=60, db_index=True)
    agency_path = models.CharField(max_length=120)
    staff_code = models.CharField(max_length=40, db_index=True)
    reason = models.CharField(max_length=200)
    days = models.IntegerField()
    asked_at = models.DateTimeField()
    is_given = models.BooleanField(null=True, blank=True)  # unknown until it is decided
    days_given = models.IntegerField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True, default="")
    decided_by = models.CharField(max_length=40, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff_code", "unit"], condition=models.Q(is_given=None), name="one_waiting_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.staff_code} {self.unit} {self.is_given}"
