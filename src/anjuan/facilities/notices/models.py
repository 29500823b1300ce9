"""What a person must know or do, by when, and what became of it (通知·待办)."""

from django.db import models

from anjuan.facilities.notices.rules import NoticeKind


class Notice(models.Model):
    """One notice to one person, or to whoever holds a post over an agency (``recipient_code`` is empty then).

    ``key`` is made of the deed that gave notice and of whom it tells: a deed done again tells nobody twice.
    """

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=24, choices=[(kind.value, kind.value) for kind in NoticeKind])
    recipient_code = models.CharField(max_length=40, blank=True, db_index=True)
    post = models.CharField(max_length=20, blank=True)
    agency_path = models.CharField(max_length=120)
    unit = models.CharField(max_length=60)
    reference = models.CharField(max_length=200)
    params = models.JSONField(default=dict)
    due_date = models.DateField()
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.CharField(max_length=40, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    escalated_to = models.CharField(max_length=20, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["done_at", "due_date"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class NoticeSubject(models.Model):
    """A record or paper that a notice waits for: when all of them have moved on, the notice is done."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=60, db_index=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "unit"], name="one_subject_a_notice")]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.unit}"
