"""The departments of an agency and who looks after the records of each (业务科室、科室兼职人员)."""

from django.db import models

from anjuan.foundation.accounts.models import Agency, Staff


class Department(models.Model):
    """A business department of an agency (业务科室), from a day to a day."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    opened_date = models.DateField()
    closed_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "name"], condition=models.Q(closed_date=None), name="one_open_department_a_name"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.name}"


class PartTimer(models.Model):
    """Who collects, arranges and hands over a department's records beside his own work (科室兼职人员).

    One without a last day is the only such row of its department; one who is relieved on a later day may still stand
    beside the successor, so that work is handed over. ``open_count`` is what he had in hand when that day was set.
    """

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    since_date = models.DateField()
    until_date = models.DateField(null=True, blank=True)
    open_count = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["department"], condition=models.Q(until_date=None), name="one_part_timer_a_department"
            )
        ]

    def __str__(self) -> str:
        return f"{self.department_id} {self.staff_id} {self.since_date}"
