"""Transfer's own papers: the handover batch, its volumes, its sample (移交批次)."""

from django.db import models

from anjuan.core.terms import Route


class Batch(models.Model):
    """A handover batch: APPLIED → SAMPLED → WITNESSED → DISPATCHED → RECEIVED."""

    class Stage(models.TextChoices):
        APPLIED = "APPLIED", "applied"
        SAMPLED = "SAMPLED", "sampled"
        WITNESSED = "WITNESSED", "witnessed"
        DISPATCHED = "DISPATCHED", "dispatched"
        RECEIVED = "RECEIVED", "received"

    batch_no = models.CharField(max_length=30, unique=True)
    agency_code = models.CharField(max_length=12)
    agency_path = models.CharField(max_length=120, db_index=True)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.APPLIED)
    route = models.CharField(
        max_length=12, choices=[(route.value, route.value) for route in Route], default=Route.TARGET
    )
    applied_by = models.CharField(max_length=40)
    applied_at = models.DateTimeField()
    journal_uid = models.CharField(max_length=32)
    seed = models.CharField(max_length=64, blank=True)
    checkpoint_size = models.BigIntegerField(null=True, blank=True)
    witnessed_by = models.CharField(max_length=40, blank=True)
    witnessed_at = models.DateTimeField(null=True, blank=True)
    dispatched_by = models.CharField(max_length=40, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    vehicle = models.CharField(max_length=60, blank=True)
    received_by = models.CharField(max_length=40, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    accession_no = models.CharField(max_length=30, blank=True)

    def __str__(self) -> str:
        return f"{self.batch_no} {self.stage}"


class BatchVolume(models.Model):
    """A volume in a batch. A returned one leaves the batch, with the reason; it comes again in a later one."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    ordinal = models.IntegerField()
    volume_urn = models.CharField(max_length=60, db_index=True)
    is_drawn = models.BooleanField(default=False)
    witnessed = models.JSONField(null=True, blank=True)  # paper, images, contents: true each
    counted_pages = models.IntegerField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "ordinal"], name="one_batch_place"),
            models.UniqueConstraint(fields=["batch", "volume_urn"], name="once_in_a_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}#{self.ordinal}"


class Trip(models.Model):
    """An order for a vehicle (派车单): one trip that fetches the batches of one or several agencies."""

    trip_no = models.CharField(max_length=30, unique=True)
    on_date = models.DateField()
    plate = models.CharField(max_length=20)
    driver = models.CharField(max_length=40)
    seats = models.IntegerField()
    load_mm = models.IntegerField()  # shelf length that the vehicle takes
    note = models.CharField(max_length=200, blank=True)
    planned_by = models.CharField(max_length=40)
    planned_at = models.DateTimeField()
    cancelled_by = models.CharField(max_length=40, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.trip_no


class TripStop(models.Model):
    """One batch that a trip fetches, and who hands it over there (接收点)."""

    trip = models.ForeignKey(Trip, on_delete=models.PROTECT, related_name="+")
    ordinal = models.IntegerField()
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    agency_path = models.CharField(max_length=120, db_index=True)
    hands_over = models.CharField(max_length=40)
    thickness_mm = models.IntegerField()  # as it was estimated when the trip was planned
    dropped_at = models.DateTimeField(null=True, blank=True)  # the trip was cancelled

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trip", "ordinal"], name="one_trip_place"),
            models.UniqueConstraint(fields=["batch"], condition=models.Q(dropped_at=None), name="one_trip_a_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.trip_id}#{self.ordinal}"
