"""Training (培训): sessions as they are planned and held, and who came."""

from django.db import models


class TrainingSession(models.Model):
    """One session for an agency's people on where its faults come from: planned, then held or called off (培训)."""

    session_no = models.CharField(max_length=30, unique=True)
    agency_code = models.CharField(max_length=12)
    agency_path = models.CharField(max_length=120, db_index=True)
    cause = models.CharField(max_length=12, blank=True)  # root cause that it is about; empty: another subject
    topic = models.CharField(max_length=100)
    reason = models.CharField(max_length=300, blank=True)  # the faults that it was planned for, as they stood then
    on_date = models.DateField()
    place = models.CharField(max_length=60)
    trainer = models.CharField(max_length=40)
    planned_by = models.CharField(max_length=40)
    planned_at = models.DateTimeField()
    held_date = models.DateField(null=True, blank=True)
    held_by = models.CharField(max_length=40, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    cancelled_by = models.CharField(max_length=40, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.session_no} {self.topic}"


class Attendance(models.Model):
    """That a person came to a session (培训签到)."""

    session = models.ForeignKey(TrainingSession, on_delete=models.PROTECT, related_name="+")
    staff_code = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "staff_code"], name="one_attendance_a_session_and_person")
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.staff_code}"
