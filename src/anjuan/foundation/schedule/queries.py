"""Reading the schedule."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anjuan.core import retention
from anjuan.core.refusals import Refusal
from anjuan.foundation.schedule.models import BusinessStep, Material, RetentionRule, ScheduleVersion
from anjuan.foundation.schedule.rules import MaterialRow


@dataclass(frozen=True)
class RuleRow:
    """A row of the schedule in force on a day, and its term.

    ``term`` is what the record is kept by; where the row is not confirmed it is UNCONFIRMED, which blocks like a
    permanent one, whatever number a memory suggests.
    """

    version_code: str
    category_code: str
    category_name: str
    item_no: str
    material_name: str
    term: retention.Term
    is_confirmed: bool
    note: str

    @property
    def code(self) -> str:
        """How records name the rule they were filed under."""
        return f"{self.version_code}/{self.category_code}.{self.item_no}"


@dataclass(frozen=True)
class StepRow:
    """A business step with its material list."""

    code: str
    name: str
    name_en: str
    category_code: str
    rule_item_no: str
    insurance_line: str
    filing_days: int
    concerns_many: bool
    legal_basis: str
    materials: tuple[MaterialRow, ...]

    def material(self, code: str) -> MaterialRow:
        """One material of the list.

        Raises:
            H-005: it is not on the list.
        """
        for material in self.materials:
            if material.code == code:
                return material
        raise Refusal("H-005", material=code, step=self.name)


def steps() -> list[StepRow]:
    """All business steps, in two queries."""
    materials: dict[int, list[Material]] = {}
    for material in Material.objects.order_by("step_id", "ordinal"):
        materials.setdefault(material.step_id, []).append(material)
    return [_step(row, materials.get(row.pk, [])) for row in BusinessStep.objects.order_by("category_code", "code")]


def step(code: str) -> StepRow:
    """One business step.

    Raises:
        H-004: there is none of that code.
    """
    row = BusinessStep.objects.filter(code=code).first()
    if row is None:
        raise Refusal("H-004", step=code)
    return _step(row, Material.objects.filter(step=row).order_by("ordinal"))


def rule_for(step_row: StepRow, formed: dt.date) -> RuleRow:
    """The row of the schedule that was in force when the record was formed (S3-C12).

    Raises:
        H-007: no version was in force then, or it has no such row.
    """
    version = ScheduleVersion.objects.filter(effective_date__lte=formed).order_by("-effective_date", "-id").first()
    if version is None:
        raise Refusal("H-007", formed=formed.isoformat())
    row = RetentionRule.objects.filter(
        version=version, category_code=step_row.category_code, item_no=step_row.rule_item_no
    ).first()
    if row is None:
        raise Refusal("H-007", formed=formed.isoformat())
    return _rule(row, version.code)


@dataclass(frozen=True)
class Rulebook:
    """Every version of the schedule read at once, for deeds that judge many records (各版保管期限表).

    Attributes:
        versions: codes with the first day of each, newest first.
        rows: by version, category and row number.
    """

    versions: tuple[tuple[dt.date, str], ...]
    rows: Mapping[tuple[str, str, str], RuleRow]

    def rule_for(self, step_row: StepRow, formed: dt.date) -> RuleRow:
        """The row that was in force when the record was formed, as `rule_for` finds it.

        Raises:
            H-007: no version was in force then, or it has no such row.
        """
        version = next((code for since, code in self.versions if since <= formed), "")
        row = self.rows.get((version, step_row.category_code, step_row.rule_item_no))
        if row is None:
            raise Refusal("H-007", formed=formed.isoformat())
        return row


def rulebook() -> Rulebook:
    """The schedule in all its versions; two queries."""
    versions = ScheduleVersion.objects.order_by("-effective_date", "-id")
    rows = RetentionRule.objects.select_related("version").order_by("id")
    return Rulebook(
        tuple((version.effective_date, version.code) for version in versions),
        {(row.version.code, row.category_code, row.item_no): _rule(row, row.version.code) for row in rows},
    )


def rules_of(version_code: str) -> list[RuleRow]:
    """All rows of one version."""
    rows = RetentionRule.objects.filter(version__code=version_code).order_by("category_code", "item_no", "id")
    return [_rule(row, version_code) for row in rows]


def versions() -> list[ScheduleVersion]:
    """All versions, oldest first."""
    return list(ScheduleVersion.objects.order_by("effective_date", "id"))


def category_names() -> dict[str, str]:
    """Names of the categories by code."""
    rows = RetentionRule.objects.order_by("category_code", "id").values_list("category_code", "category_name")
    return dict(rows)


def _rule(row: RetentionRule, version_code: str) -> RuleRow:
    term = retention.parse(row.term)
    return RuleRow(
        version_code=version_code,
        category_code=row.category_code,
        category_name=row.category_name,
        item_no=row.item_no,
        material_name=row.material_name,
        term=term if row.is_confirmed else retention.UNCONFIRMED,
        is_confirmed=row.is_confirmed,
        note=row.note,
    )


def _step(row: BusinessStep, materials: Iterable[Material]) -> StepRow:
    return StepRow(
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        category_code=row.category_code,
        rule_item_no=row.rule_item_no,
        insurance_line=row.insurance_line,
        filing_days=row.filing_days,
        concerns_many=row.concerns_many,
        legal_basis=row.legal_basis,
        materials=tuple(
            MaterialRow(
                code=material.code,
                name=material.name,
                name_en=material.name_en,
                is_required=material.is_required,
                is_main=material.is_main,
                must_scan=material.must_scan,
                original_required=material.original_required,
                required_seals=tuple(material.required_seals),
                legal_basis=material.legal_basis,
            )
            for material in materials
        ),
    )
