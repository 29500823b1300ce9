"""The store room (库房): rooms, shelf cells, and what lies in them, in millimetres."""

from django.db import models

from anjuan.foundation.accounts.models import Agency
from anjuan.records.models import Volume


class Room(models.Model):
    """A store room (库)."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=60)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Cell(models.Model):
    """A shelf cell (格): room, rack, side, bay, shelf. The code is what its barcode says."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+")
    rack_no = models.IntegerField()
    side = models.CharField(max_length=1, choices=[("A", "A"), ("B", "B")])
    bay_no = models.IntegerField()
    shelf_no = models.IntegerField()
    code = models.CharField(max_length=30, unique=True)
    width_mm = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "rack_no", "side", "bay_no", "shelf_no"], name="one_cell_a_place")
        ]

    def __str__(self) -> str:
        return self.code


class Placement(models.Model):
    """Where a volume lies (架位)."""

    volume = models.OneToOneField(Volume, on_delete=models.PROTECT, related_name="+")
    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="+")
    thickness_mm = models.IntegerField()
    placed_by = models.CharField(max_length=40)
    placed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.volume_id}@{self.cell_id}"
