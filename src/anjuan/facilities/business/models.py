"""Facts from the business system (业务数据): append-only snapshots that the archive never edits (decision 19)."""

from django.db import models


class Kind(models.TextChoices):
    """What a fact says."""

    CONTRIBUTION = "CONTRIBUTION", "缴费"
    BENEFIT = "BENEFIT", "待遇"
    PAYMENT = "PAYMENT", "支付"


class Fact(models.Model):
    """One value of one person or unit in one month, as the business system stated it at ``as_of``."""

    source = models.CharField(max_length=40)
    source_serial = models.CharField(max_length=60)
    kind = models.CharField(max_length=16, choices=Kind)
    holder_number = models.CharField(max_length=18, db_index=True)  # ID number of a person, credit code of a unit
    insurance_line = models.CharField(max_length=16)
    period = models.CharField(max_length=7)  # yyyy-mm
    value_fen = models.BigIntegerField()
    as_of = models.DateTimeField()
    digest = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_serial", "as_of"], name="one_fact_a_serial_and_time")
        ]
        indexes = [models.Index(fields=["holder_number", "kind", "period"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.period} {self.source_serial}"


class Completion(models.Model):
    """That a case was completed (办结): what a single-set record is filed on."""

    source = models.CharField(max_length=40)
    agency_code = models.CharField(max_length=12)
    serial = models.CharField(max_length=40)
    step_code = models.CharField(max_length=40)
    handled_by = models.CharField(max_length=60)
    reviewed_by = models.CharField(max_length=60)
    declared_pages = models.IntegerField()
    completed_at = models.DateTimeField()
    as_of = models.DateTimeField()
    digest = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency_code", "serial", "as_of"], name="one_completion_a_serial_and_time")
        ]

    def __str__(self) -> str:
        return f"{self.agency_code} {self.serial}"


class CaseRecord(models.Model):
    """What the business system holds of a case (业务记录), in its own words, for the counter to take over."""

    source = models.CharField(max_length=40)
    agency_code = models.CharField(max_length=12)
    serial = models.CharField(max_length=40)
    step_code = models.CharField(max_length=40)
    values = models.JSONField()  # its name of a field to its text
    as_of = models.DateTimeField()
    digest = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency_code", "serial", "as_of"], name="one_case_a_serial_and_time")
        ]

    def __str__(self) -> str:
        return f"{self.agency_code} {self.serial}"


class FieldMap(models.Model):
    """How a business system calls our fields (字段对照), for one business step or, without one, for all others."""

    source = models.CharField(max_length=40)
    step_code = models.CharField(max_length=40, blank=True)
    names = models.JSONField()  # our field to its name there

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "step_code"], name="one_map_a_source_and_step")]

    def __str__(self) -> str:
        return f"{self.source} {self.step_code or '*'}"
