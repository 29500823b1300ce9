"""Long work and what became of it (任务). The queue itself is Django's Tasks; these rows say what people ask about."""

from django.db import models

from anjuan.facilities.jobs.rules import UNFINISHED, JobStatus


class Job(models.Model):
    """A piece of long work, done in chunks.

    ``chunk_no`` is the key of the chunk that comes next: whoever carries another number comes too late. ``claimed_by``
    is the worker that has it in hand. ``heartbeat_at`` is the last sign of life, ``queued_at`` when the chunk was last
    put into the queue. ``leg_at`` and ``leg_done`` are where the present run began: pace is reckoned from there.
    """

    uid = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=30)
    reference = models.CharField(max_length=200, blank=True)
    owner_code = models.CharField(max_length=40, db_index=True)
    agency_path = models.CharField(max_length=120)
    status = models.CharField(
        max_length=16, choices=[(status.value, status.value) for status in JobStatus], default=JobStatus.WAITING.value
    )
    params = models.JSONField(default=dict)
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    cursor = models.CharField(max_length=240, blank=True)
    is_walked = models.BooleanField(default=False)
    chunk_no = models.IntegerField(default=0)
    claimed_by = models.CharField(max_length=32, blank=True)
    tries = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    leg_at = models.DateTimeField(null=True, blank=True)
    leg_done = models.IntegerField(default=0)
    reason_code = models.CharField(max_length=10, blank=True)
    reason_params = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["status", "heartbeat_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "reference"],
                condition=models.Q(status__in=[status.value for status in UNFINISHED]),
                name="one_unfinished_job",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[status.value for status in JobStatus]), name="job_of_a_known_status"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference} {self.status} {self.done}/{self.total}"


class JobItem(models.Model):
    """A unit of a job that failed, why, and whether it has been mended since."""

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=240)
    reference = models.CharField(max_length=200)
    urn = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=10)
    params = models.JSONField(default=dict)
    tries = models.IntegerField(default=1)
    failed_at = models.DateTimeField()
    is_wanted = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "key"], name="one_line_a_failed_unit")]

    def __str__(self) -> str:
        return f"{self.reference} {self.code}"


class Pulse(models.Model):
    """The last sign of life of a worker; taken away when it stops in order."""

    worker = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.worker} {self.at}"
