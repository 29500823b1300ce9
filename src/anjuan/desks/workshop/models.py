"""The workshop's own papers: a volume's order, and each station signed (加工单)."""

from django.db import models


class WorkOrder(models.Model):
    """One stay of a volume in the workshop (加工单): taken in, then finished or abandoned."""

    volume_urn = models.CharField(max_length=60, db_index=True)
    opened_by = models.CharField(max_length=40)
    opened_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    abandoned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["volume_urn"],
                condition=models.Q(finished_at=None, abandoned_at=None),
                name="one_open_order_a_volume",
            )
        ]

    def __str__(self) -> str:
        return f"{self.volume_urn} {self.opened_at}"


class StationPass(models.Model):
    """That a person signed one station of an order (工序签字). What was undone stays, marked, with its reason."""

    order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="+")
    station = models.CharField(max_length=12)
    done_by = models.CharField(max_length=40)
    done_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)
    contents = models.CharField(max_length=64)  # digest of what the volume held then
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "station"], condition=models.Q(undone_at=None), name="one_pass_a_station"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.station} {self.done_by}"


class Selection(models.Model):
    """What was chosen for the workshop, and by which criteria and formula it was ranked (遴选单)."""

    uid = models.CharField(max_length=32, unique=True)
    criteria = models.JSONField()
    powers = models.CharField(max_length=20)
    offered = models.IntegerField()
    opened_by = models.CharField(max_length=40)
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.uid} {self.opened_at}"


class SelectedVolume(models.Model):
    """A volume that was chosen, with its place in the ranking and what it was ranked by (遴选理由)."""

    selection = models.ForeignKey(Selection, on_delete=models.PROTECT, related_name="+")
    volume_urn = models.CharField(max_length=60, db_index=True)
    reference = models.CharField(max_length=200)
    place = models.IntegerField()
    score = models.BigIntegerField()
    uses = models.IntegerField()
    risk = models.IntegerField()
    damage_grade = models.IntegerField()
    age_years = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["selection", "volume_urn"], name="one_choice_a_selection")]

    def __str__(self) -> str:
        return f"{self.place} {self.reference}"
