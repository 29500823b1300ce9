"""归档范围和保管期限表 in versions with their drafts, and the business steps in editions with their material lists."""

from django.db import models

from anjuan.core.terms import InsuranceLine
from anjuan.foundation.schedule.rules import FIRST_DAY, AccountingClass, Confidence, RiskGrade


class ScheduleVersion(models.Model):
    """One version of the schedule (期限表版本), with the consent it rests on (STD-21)."""

    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    effective_date = models.DateField()
    approval_document = models.CharField(max_length=120, blank=True)
    consent_of = models.CharField(max_length=120, blank=True)
    consent_date = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.code


class ScheduleDraft(models.Model):
    """A version that is being written (期限表草案): nothing falls under it until it is adopted."""

    code = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    effective_date = models.DateField()
    approval_document = models.CharField(max_length=120, blank=True)
    consent_of = models.CharField(max_length=120, blank=True)
    consent_date = models.DateField(null=True, blank=True)
    based_on = models.CharField(max_length=40, blank=True)
    rows = models.JSONField(default=list)
    changed_by = models.CharField(max_length=40)
    changed_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True)  # ADOPTED, DROPPED

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=models.Q(outcome=""), name="one_open_draft_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.outcome or 'OPEN'}"


class RetentionRule(models.Model):
    """One row of the schedule. ``is_confirmed`` false is shown as 待核实 wherever the row is used."""

    version = models.ForeignKey(ScheduleVersion, on_delete=models.PROTECT, related_name="+")
    category_code = models.CharField(max_length=4)
    category_name = models.CharField(max_length=40)
    item_no = models.CharField(max_length=4, blank=True)
    material_name = models.CharField(max_length=120)
    term = models.CharField(max_length=12)
    is_confirmed = models.BooleanField()
    source = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "category_code", "item_no"], name="one_rule_a_row"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}:{self.category_code}.{self.item_no} {self.material_name}"


class BusinessStep(models.Model):
    """An act of business that makes records (业务环节), and the row of the schedule it falls under.

    A row is one edition (版次): it is never changed, a change is the next edition. Records keep the edition that held
    at the moment they were registered.
    """

    code = models.CharField(max_length=40)
    edition = models.IntegerField(default=1)
    since_at = models.DateTimeField(default=FIRST_DAY)
    is_retired = models.BooleanField(default=False)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)
    category_code = models.CharField(max_length=4)
    rule_item_no = models.CharField(max_length=4)
    insurance_line = models.CharField(max_length=16, choices=[(line.value, line.value) for line in InsuranceLine])
    filing_days = models.IntegerField()
    concerns_many = models.BooleanField(default=False)
    legal_basis = models.CharField(max_length=120)
    risk = models.CharField(
        max_length=8, choices=[(grade.value, grade.value) for grade in RiskGrade], default=RiskGrade.MEDIUM
    )
    accounting_class = models.CharField(
        max_length=20, choices=[(one.value, one.value) for one in AccountingClass], blank=True
    )
    source = models.CharField(max_length=200, blank=True)
    confidence = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in Confidence], default=Confidence.UNCONFIRMED
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "edition"], name="one_step_an_edition")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Material(models.Model):
    """One line of a step's material list (材料): what to collect, and how."""

    step = models.ForeignKey(BusinessStep, on_delete=models.PROTECT, related_name="+")
    ordinal = models.IntegerField()
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)
    is_required = models.BooleanField(default=True)
    is_main = models.BooleanField(default=False)
    must_scan = models.BooleanField(default=True)
    original_required = models.BooleanField(default=False)
    required_seals = models.JSONField(default=list)
    legal_basis = models.CharField(max_length=120)
    one_of = models.CharField(max_length=40, blank=True)
    condition = models.CharField(max_length=60, blank=True)
    condition_en = models.CharField(max_length=80, blank=True)
    default_pages = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "code"], name="one_material_a_code"),
            models.UniqueConstraint(fields=["step", "ordinal"], name="one_material_a_place"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Circumstance(models.Model):
    """Whether a condition of the material list holds in one case (情形): the counter's answer, by the item's URN."""

    unit = models.CharField(max_length=60)
    condition = models.CharField(max_length=60)
    holds = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "condition"], name="one_answer_a_condition")]

    def __str__(self) -> str:
        return f"{self.unit} {self.condition}: {self.holds}"
