"""The state of the paper (实体状况): what was found bad, and what was done about it. Rows are never taken away."""

from django.db import models


class Damage(models.Model):
    """One bad state of the paper of an item or a volume (破损登记): open until it was repaired.

    ``component_pk`` and ``page_no`` are 0 where the whole record is meant: nothing (NULL) would not be held to be
    equal to nothing by the constraint below.
    """

    unit = models.CharField(max_length=60, db_index=True)
    agency_path = models.CharField(max_length=120, db_index=True)
    reference = models.CharField(max_length=200)
    kind = models.CharField(max_length=12)
    component_pk = models.BigIntegerField(default=0)
    page_no = models.IntegerField(default=0)
    note = models.CharField(max_length=300)
    noted_at_state = models.CharField(max_length=16)
    noted_by = models.CharField(max_length=40)
    noted_at = models.DateTimeField()
    repair = models.CharField(max_length=300, blank=True)
    repaired_by = models.CharField(max_length=40, blank=True)
    repaired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "kind", "component_pk", "page_no"],
                condition=models.Q(repaired_at=None),
                name="one_open_damage_a_place",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
