"""Runs of numbers, numbers held and voided, and codes that a record had before (号段、预留号、作废号、旧档号)."""

from django.db import models


class Run(models.Model):
    """Where numbers run on (号段), and the last one taken. Never goes back."""

    key = models.CharField(max_length=120, unique=True)
    last_no = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key} {self.last_no}"


class Claim(models.Model):
    """A number held for a volume that is about to be sealed (预留号), until it is sealed or the number voided."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    number = models.IntegerField()
    unit = models.CharField(max_length=60, db_index=True)
    claimed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_claim_a_number")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.number} {self.unit}"


class VoidedNumber(models.Model):
    """A number that is given to nobody any more (作废号), and why: it stays visible."""

    run_key = models.CharField(max_length=120)
    number = models.IntegerField()
    code = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=200)
    voided_by = models.CharField(max_length=40)
    voided_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run_key", "number"], name="one_voiding_a_number")]

    def __str__(self) -> str:
        return f"{self.run_key}:{self.number} {self.reason}"


class FormerCode(models.Model):
    """A 档号 that a record had before it was numbered anew (旧档号): found by it all the same."""

    unit = models.CharField(max_length=60, db_index=True)
    code = models.CharField(max_length=80, db_index=True)
    replaced_by = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    recorded_by = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "code"], name="one_former_code_a_unit")]

    def __str__(self) -> str:
        return f"{self.code} → {self.replaced_by}"
