"""Reading the schedule."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from anjuan.core import retention
from anjuan.core.refusals import Refusal
from anjuan.core.retention import TermKind
from anjuan.foundation.prepared import Given, prepared
from anjuan.foundation.schedule.models import (
    BusinessStep,
    Circumstance,
    Material,
    RetentionRule,
    ScheduleDraft,
    ScheduleVersion,
)
from anjuan.foundation.schedule.rules import (
    ACCOUNTING_TERMS,
    AccountingClass,
    Confidence,
    MaterialRow,
    RiskGrade,
    RuleFacts,
)
from anjuan.foundation.schedule.rules import StepRow as StepRow


@dataclass(frozen=True)
class RuleRow:
    """A row of the schedule in force on a day, and its term.

    ``term`` is what the record is kept by; where the row is not confirmed it is UNCONFIRMED, which blocks like a
    permanent one, whatever number a memory suggests. Where the row refers to the accounting rule and the step says
    which kind of accounting record it makes, it is that rule's term (STD-15).
    """

    version_code: str
    category_code: str
    category_name: str
    item_no: str
    material_name: str
    term: retention.Term
    is_confirmed: bool
    note: str
    accounting_class: AccountingClass | None = None

    @property
    def code(self) -> str:
        """How records name the rule they were filed under."""
        return f"{self.version_code}/{self.category_code}.{self.item_no}"


@dataclass(frozen=True)
class Stepbook:
    """Every edition of every step read at once: each record has the one it was registered under (业务环节各版).

    Attributes:
        editions: by code, the newest first.
    """

    editions: Mapping[str, tuple[StepRow, ...]]

    def of(self, code: str, at: dt.datetime) -> StepRow:
        """The edition that held at a moment.

        Raises:
            H-004: there is no step of that code.
        """
        for row in self.editions.get(code, ()):
            if row.since_at <= at:
                return row
        raise Refusal("H-004", step=code)

    def at(self, moment: dt.datetime) -> list[StepRow]:
        """Every step as it held at a moment, by category and code; those withdrawn among them."""
        held = (next((row for row in rows if row.since_at <= moment), None) for rows in self.editions.values())
        return sorted((row for row in held if row is not None), key=lambda row: (row.category_code, row.code))


def stepbook(codes: Iterable[str] | None = None) -> Stepbook:
    """The business steps, or those of these codes, in all their editions; two queries."""
    wanted = BusinessStep.objects.all() if codes is None else BusinessStep.objects.filter(code__in=set(codes))
    lines = Material.objects.all() if codes is None else Material.objects.filter(step__in=wanted)
    materials: dict[int, list[Material]] = {}
    for material in lines.order_by("step_id", "ordinal"):
        materials.setdefault(material.step_id, []).append(material)
    editions: dict[str, list[StepRow]] = {}
    for row in wanted.order_by("code", "-edition"):
        editions.setdefault(row.code, []).append(_step(row, materials.get(row.pk, [])))
    return Stepbook({code: tuple(rows) for code, rows in editions.items()})


def steps(at: dt.datetime | None = None) -> list[StepRow]:
    """All business steps as they hold now, or at a moment, in two queries; withdrawn ones say so."""
    return stepbook().at(at or timezone.now())


def step_names(at: dt.datetime | None = None) -> dict[str, str]:
    """What business steps are called now, or at a moment, by code, ordered as ``steps``; one query, no materials."""
    newest = {code: (category, name) for code, category, name in _named_steps(at=at or timezone.now())}
    return {code: newest[code][1] for code in sorted(newest, key=lambda code: (newest[code][0], code))}


@prepared(at=Given.moment)
def _named_steps(*, at: Given) -> QuerySet[BusinessStep, tuple[str, str, str]]:
    held = BusinessStep.objects.filter(since_at__lte=at).order_by("code", "edition")
    return held.values_list("code", "category_code", "name")


def step(code: str, at: dt.datetime | None = None) -> StepRow:
    """One business step as it holds now, or held at a moment: for a record, that of its registration.

    Raises:
        H-004: there is none of that code.
    """
    rows = BusinessStep.objects.filter(code=code, since_at__lte=at or timezone.now())
    row = rows.order_by("-edition").first()
    if row is None:
        raise Refusal("H-004", step=code)
    return _step(row, Material.objects.filter(step=row).order_by("ordinal"))


def editions_of(code: str) -> tuple[StepRow, ...]:
    """Every edition of a step, the newest first; those to come among them.

    Raises:
        H-004: there is none of that code.
    """
    rows = stepbook([code]).editions.get(code)
    if not rows:
        raise Refusal("H-004", step=code)
    return rows


def circumstances_of(units: Sequence[str]) -> Mapping[str, Mapping[str, bool]]:
    """What was answered to the conditions of the list, by item URN; one query."""
    found: dict[str, dict[str, bool]] = {unit: {} for unit in units}
    rows = Circumstance.objects.filter(unit__in=units).order_by("id").values_list("unit", "condition", "holds")
    for unit, condition, holds in rows:
        found[unit][condition] = holds
    return found


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
    return for_step(_rule(row, version.code), step_row)


def for_step(row: RuleRow, step_row: StepRow) -> RuleRow:
    """A row as it holds for a step: accounting records have the term of their kind (79号令)."""
    kind = step_row.accounting_class
    if kind is None or row.term.kind is not TermKind.ACCOUNTING:
        return row
    return RuleRow(**{**vars(row), "term": ACCOUNTING_TERMS[kind], "accounting_class": kind})


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
        return for_step(row, step_row)

    def with_version(self, code: str, effective_date: dt.date, rows: Iterable[RuleFacts]) -> "Rulebook":
        """The schedule as it would be with one more version, adopted last (演练)."""
        versions = sorted(
            enumerate([(effective_date, code), *self.versions]), key=lambda one: (one[1][0], -one[0]), reverse=True
        )
        added = {
            (code, row.category_code, row.item_no): RuleRow(
                version_code=code,
                category_code=row.category_code,
                category_name=row.category_name,
                item_no=row.item_no,
                material_name=row.material_name,
                term=row.kept_as,
                is_confirmed=row.is_confirmed,
                note=row.note,
            )
            for row in rows
        }
        return Rulebook(tuple(version for _, version in versions), {**self.rows, **added})


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


def facts_of(version_code: str) -> tuple[RuleFacts, ...]:
    """All rows of one version as they were written, terms as they are spelled."""
    rows = RetentionRule.objects.filter(version__code=version_code).order_by("category_code", "item_no", "id")
    return tuple(
        RuleFacts(
            category_code=row.category_code,
            category_name=row.category_name,
            item_no=row.item_no,
            material_name=row.material_name,
            term=row.term,
            is_confirmed=row.is_confirmed,
            source=row.source,
            note=row.note,
        )
        for row in rows
    )


@dataclass(frozen=True)
class VersionRow:
    """A version, or the draft of one, as pages see it."""

    code: str
    title: str
    effective_date: dt.date
    approval_document: str
    consent_of: str
    consent_date: dt.date | None
    is_draft: bool = False
    based_on: str = ""
    changed_at: dt.datetime | None = None

    @property
    def has_consent(self) -> bool:
        """Whether the archive authority has consented (STD-21)."""
        return bool(self.consent_of and self.consent_date)


def versions() -> list[ScheduleVersion]:
    """All versions, oldest first."""
    return list(ScheduleVersion.objects.order_by("effective_date", "id"))


def version_rows() -> list[VersionRow]:
    """All versions, newest first."""
    return [_version(row) for row in ScheduleVersion.objects.order_by("-effective_date", "-id")]


def version_of(code: str) -> VersionRow:
    """One version.

    Raises:
        H-016: there is none.
    """
    row = ScheduleVersion.objects.filter(code=code).first()
    if row is None:
        raise Refusal("H-016", version=code)
    return _version(row)


def drafts() -> list[VersionRow]:
    """Versions that are being written, the one changed last first."""
    return [_draft(row) for row in ScheduleDraft.objects.filter(outcome="").order_by("-changed_at", "-id")]


def draft_of(code: str) -> tuple[VersionRow, tuple[RuleFacts, ...]]:
    """A version that is being written, with its rows.

    Raises:
        H-016: there is none.
    """
    row = ScheduleDraft.objects.filter(code=code, outcome="").first()
    if row is None:
        raise Refusal("H-016", version=code)
    return _draft(row), tuple(RuleFacts(**facts) for facts in row.rows)


def category_names() -> dict[str, str]:
    """Names of the categories by code."""
    rows = RetentionRule.objects.order_by("category_code", "id").values_list("category_code", "category_name")
    return dict(rows)


def _version(row: ScheduleVersion) -> VersionRow:
    return VersionRow(row.code, row.title, row.effective_date, row.approval_document, row.consent_of, row.consent_date)


def _draft(row: ScheduleDraft) -> VersionRow:
    return VersionRow(
        code=row.code,
        title=row.title,
        effective_date=row.effective_date,
        approval_document=row.approval_document,
        consent_of=row.consent_of,
        consent_date=row.consent_date,
        is_draft=True,
        based_on=row.based_on,
        changed_at=row.changed_at,
    )


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
        risk=RiskGrade(row.risk),
        accounting_class=AccountingClass(row.accounting_class) if row.accounting_class else None,
        source=row.source,
        confidence=Confidence(row.confidence),
        is_retired=row.is_retired,
        edition=row.edition,
        since_at=row.since_at,
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
                one_of=material.one_of,
                condition=material.condition,
                condition_en=material.condition_en,
                default_pages=material.default_pages,
            )
            for material in materials
        ),
    )
