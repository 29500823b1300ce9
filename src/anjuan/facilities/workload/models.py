"""Days on which a helper worked elsewhere."""

from django.db import models


class Diversion(models.Model):
    """That an archive helper's account did other work on a day (越岗记录), and what the supervisor said to it."""

    staff_code = models.CharField(max_length=40)
    agency_code = models.CharField(max_length=12)
    agency_path = models.CharField(max_length=120)
    date = models.DateField()
    acts = models.IntegerField()
    noted_at = models.DateTimeField()
    explanation = models.CharField(max_length=300, blank=True)
    explained_by = models.CharField(max_length=40, blank=True)
    explained_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff_code", "date"], name="one_diversion_a_helper_and_day")]

    def __str__(self) -> str:
        return f"{self.staff_code} {self.date}"
