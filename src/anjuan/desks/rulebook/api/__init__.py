import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from anjuan.core import workbooks
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, Classification
from anjuan.desks.rulebook import actions, forms, queries, rules
from anjuan.desks.rulebook.actions import departments as department_actions
from anjuan.desks.rulebook.queries import departments as department_queries
from anjuan.foundation.accounts import occasions
from anjuan.foundation.schedule import actions as schedule_actions
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import Change, RuleFacts, compare
from anjuan.records import actions as records
from anjuan.records import numbering
from anjuan.records.actions import fonds as fonds_actions

router = Router(tags=["rulebook"])


class ScheduleVersionOut(Schema):
    """A version of the table, or the draft of one."""

    code: str
    title: str
    effective_date: dt.date
    approval_document: str
    consent_of: str
    consent_date: dt.date | None
    has_consent: bool
    is_draft: bool
    based_on: str
    changed_at: str | None  # to the microsecond: it says which draft was seen

    @staticmethod
    def resolve_changed_at(row: schedule.VersionRow) -> str | None:
        return row.changed_at.isoformat() if row.changed_at else None


class ScheduleRow(Schema):
    """One row of the table, the term as it is spelled: 永久, 30年, 待核实 …"""

    category_code: str
    category_name: str
    item_no: str
    material_name: str
    term: str
    is_confirmed: bool
    source: str = ""
    note: str = ""


class ScheduleTableOut(Schema):
    version: ScheduleVersionOut
    rows: list[ScheduleRow]


class RowChangeOut(Schema):
    change: str
    before: ScheduleRow | None
    after: ScheduleRow | None
    fields: list[str]


class ScheduleHeadingIn(Schema):
    title: str
    effective_date: dt.date
    approval_document: str = ""
    consent_of: str = ""
    consent_date: dt.date | None = None


class ScheduleDraftIn(ScheduleHeadingIn):
    code: str
    based_on: str = ""
    rows: list[ScheduleRow] = []


class ScheduleRevisionIn(ScheduleHeadingIn):
    rows: list[ScheduleRow]
    seen_at: dt.datetime


class ConsentIn(Schema):
    consent_of: str
    consent_date: dt.date


class CellErrorOut(Schema):
    row: int
    column: str
    cell: str
    reason: str
    place: str


class SheetOut(Schema):
    """What a sheet would change or has changed: nothing, as long as a cell is wrong or ``apply`` is not asked for."""

    applied: bool
    errors: list[CellErrorOut]
    changed: list[str]


class EffectOut(Schema):
    urn: str
    reference: str
    before_rule: str
    after_rule: str
    before: str
    after: str


class RehearsalOut(Schema):
    """What adopting a draft would do now; the first 1,000 records are listed."""

    items: int
    retermed: int
    volumes: int
    sealed: int
    mixed: list[str]
    homeless: list[str]
    effects: list[EffectOut]


class AdoptIn(Schema):
    seen_at: dt.datetime


class AdoptedOut(Schema):
    code: str
    rows: int
    items: int
    retermed: int


class EditionsOut(Schema):
    """The editions of a step, newest first, each as JSON of its facts."""

    code: str
    editions: list[dict[str, Any]]


class RestoredOut(Schema):
    edition: int


class CategoryOut(Schema):
    code: str
    name: str
    arrangement: str
    volumes: int


class FondsOut(Schema):
    code: str
    name: str
    agency_code: str
    template: str
    classification: str
    categories: list[CategoryOut]


class FondsIn(Schema):
    code: str
    name: str
    agency_code: str
    classification: Classification = Classification.YEAR_LINE_STEP


class NumberingIn(Schema):
    """A template; without ``apply`` it is only looked at."""

    template: str
    reason: str = ""
    apply: bool = False


class CategoryIn(Schema):
    code: str
    name: str
    kind: Arrangement = Arrangement.BY_VOLUME


class ArrangementIn(Schema):
    kind: Arrangement


class PartTimerOut(Schema):
    """Who looks after a department's records, or did; ``open_count`` is what he had in hand when he was relieved."""

    staff_code: str
    name: str
    since_date: dt.date
    until_date: dt.date | None
    open_count: int | None


class DepartmentOut(Schema):
    """A department: ``standing`` is ONE, TWO (while work is handed over) or NOBODY."""

    pk: int
    agency_code: str
    name: str
    standing: department_queries.Standing
    now: list[PartTimerOut]
    to_come: list[PartTimerOut]
    past: list[PartTimerOut]


class DepartmentIn(Schema):
    agency_code: str
    name: str


class PartTimerIn(Schema):
    staff_code: str
    since_date: dt.date


class RelievedIn(Schema):
    until_date: dt.date


class RelievedOut(Schema):
    """How many records the relieved person has in hand."""

    open_count: int


@router.get("/schedules", response=list[ScheduleVersionOut], operation_id="rulebook_versions")
def versions(request: HttpRequest) -> object:
    """Drafts and versions of the retention table, newest first."""
    queries.permit_rulebook(occasions.actor_of(request))
    return [*schedule.drafts(), *schedule.version_rows()]


@router.get("/schedules/{code}", response=ScheduleTableOut, operation_id="rulebook_version")
def version(request: HttpRequest, code: str) -> object:
    """One version or draft with its rows."""
    queries.permit_rulebook(occasions.actor_of(request))
    row, facts = _table(code)
    return {"version": row, "rows": facts}


@router.get("/schedules/{code}/against/{other}", response=list[RowChangeOut], operation_id="rulebook_compare")
def compared(request: HttpRequest, code: str, other: str) -> object:
    """What differs in a version from another: added, removed, changed rows."""
    queries.permit_rulebook(occasions.actor_of(request))
    changes = compare(_table(other)[1], _table(code)[1])
    return [one for one in changes if one.change is not Change.SAME]


@router.post("/schedules/{code}/consent", response={204: None}, operation_id="rulebook_record_consent")
def record_consent(request: HttpRequest, code: str, body: ConsentIn) -> Status[None]:
    """Record the archive authority's consent to a version in force."""
    schedule_actions.record_consent(
        occasion=occasions.of(request), code=code, consent_of=body.consent_of, consent_date=body.consent_date
    )
    return Status(204, None)


@router.post("/drafts", response={201: ScheduleTableOut}, operation_id="rulebook_open_draft")
def open_draft(request: HttpRequest, body: ScheduleDraftIn) -> Status[object]:
    """Begin a version from an earlier one, or from given rows."""
    schedule_actions.open_draft(
        occasion=occasions.of(request),
        heading=_heading(body.code, body),
        based_on=body.based_on,
        rows=[_facts(row) for row in body.rows],
    )
    row, facts = schedule.draft_of(body.code)
    return Status(201, {"version": row, "rows": facts})


@router.put("/drafts/{code}", response=list[RowChangeOut], operation_id="rulebook_revise_draft")
def revise_draft(request: HttpRequest, code: str, body: ScheduleRevisionIn) -> object:
    """Write a draft anew: its heading and all its rows. The answer names what changed."""
    return schedule_actions.revise_draft(
        occasion=occasions.of(request),
        heading=_heading(code, body),
        rows=[_facts(row) for row in body.rows],
        seen_at=body.seen_at,
    )


@router.post("/drafts/{code}/sheet", response=SheetOut, operation_id="rulebook_draft_sheet")
def draft_sheet(request: HttpRequest, code: str, sheet: File[UploadedFile], apply: Form[bool] = False) -> object:
    """Change a draft by a spreadsheet; first looked at, then applied as one act."""
    queries.permit_rulebook(occasions.actor_of(request))
    row, facts = schedule.draft_of(code)
    after, errors = forms.rules_after(forms.carried(request.POST, request.FILES).content, facts)
    changes = [one for one in compare(facts, after) if one.change is not Change.SAME]
    named = [f"{one.change}:{one.row.category_code}.{one.row.item_no}" for one in changes]
    if apply and row.changed_at is not None:
        rules.must_be_right(errors)
        heading = schedule_actions.Heading(
            row.code, row.title, row.effective_date, row.approval_document, row.consent_of, row.consent_date
        )
        schedule_actions.revise_draft(
            occasion=occasions.of(request), heading=heading, rows=after, seen_at=row.changed_at
        )
    return {"applied": apply, "errors": errors, "changed": named}


@router.get("/drafts/{code}/rehearsal", response=RehearsalOut, operation_id="rulebook_rehearse")
def rehearsal(request: HttpRequest, code: str) -> object:
    """What adopting a draft would change now."""
    queries.permit_rulebook(occasions.actor_of(request))
    row, facts = schedule.draft_of(code)
    found = queries.rehearse(code, row.effective_date, facts)
    return {
        "items": len(found.effects),
        "retermed": len(found.retermed),
        "volumes": found.volumes,
        "sealed": found.sealed,
        "mixed": list(found.mixed),
        "homeless": list(found.homeless),
        "effects": [
            {
                "urn": one.urn,
                "reference": one.reference,
                "before_rule": one.before_rule,
                "after_rule": one.after_rule,
                "before": str(one.before),
                "after": str(one.after),
            }
            for one in found.effects[:1000]
        ],
    }


@router.post("/drafts/{code}/adopt", response=AdoptedOut, operation_id="rulebook_adopt")
def adopt(request: HttpRequest, code: str, body: AdoptIn) -> object:
    """Put a draft into force."""
    return actions.adopt(occasion=occasions.of(request), code=code, seen_at=body.seen_at)


@router.delete("/drafts/{code}", response={204: None}, operation_id="rulebook_drop_draft")
def drop_draft(request: HttpRequest, code: str) -> Status[None]:
    """Give a draft up."""
    schedule_actions.drop_draft(occasion=occasions.of(request), code=code)
    return Status(204, None)


@router.get("/steps/{code}", response=EditionsOut, operation_id="rulebook_step")
def step(request: HttpRequest, code: str) -> object:
    """A business step in all its editions."""
    queries.permit_rulebook(occasions.actor_of(request))
    return {"code": code, "editions": [_edition(row) for row in schedule.editions_of(code)]}


@router.get("/steps.xlsx", operation_id="rulebook_step_sheet")
def step_sheet(request: HttpRequest) -> HttpResponse:
    """The steps and their material lists as a workbook."""
    queries.permit_rulebook(occasions.actor_of(request))
    found = rules.step_sheets(queries.newest_steps())
    return HttpResponse(workbooks.write_xlsx(found), content_type="application/octet-stream")


@router.post("/step-sheet", response=SheetOut, operation_id="rulebook_upload_steps")
def upload_steps(
    request: HttpRequest, sheet: File[UploadedFile], apply: Form[bool] = False, since: Form[dt.date | None] = None
) -> object:
    """Change steps and their lists by a spreadsheet; first looked at, then applied as one act."""
    queries.permit_rulebook(occasions.actor_of(request))
    after, errors = forms.steps_after(forms.carried(request.POST, request.FILES).content)
    known = {row.code: row for row in queries.newest_steps()}
    changed = [row.code for row in after if row.code not in known or not row.same_as(known[row.code])]
    if apply:
        rules.must_be_right(errors)
        schedule_actions.revise_steps(occasion=occasions.of(request), steps=after, since_date=since)
    return {"applied": apply, "errors": errors, "changed": changed}


@router.post("/steps/{code}/restore/{int:edition}", response=RestoredOut, operation_id="rulebook_restore_step")
def restore_step(request: HttpRequest, code: str, edition: int) -> object:
    """Let an earlier edition of a step hold again."""
    return {"edition": schedule_actions.restore_step(occasion=occasions.of(request), code=code, edition=edition)}


@router.get("/fonds", response=list[FondsOut], operation_id="rulebook_fonds")
def fonds(request: HttpRequest) -> object:
    """Every fonds with its numbering and categories."""
    queries.permit_rulebook(occasions.actor_of(request))
    return numbering.fonds_rows()


@router.post("/fonds", response={201: FondsOut}, operation_id="rulebook_open_fonds")
def open_fonds(request: HttpRequest, body: FondsIn) -> Status[object]:
    """Set up a fonds."""
    records.open_fonds(
        occasion=occasions.of(request),
        code=body.code,
        name=body.name,
        agency_code=body.agency_code,
        categories={},
        classification=body.classification,
    )
    return Status(201, numbering.fonds_row(body.code))


@router.post("/fonds/{code}/numbering", response=FondsOut, operation_id="rulebook_set_numbering")
def set_numbering(request: HttpRequest, code: str, body: NumberingIn) -> object:
    """Number a fonds by another template, or see whether it could be."""
    queries.permit_rulebook(occasions.actor_of(request))
    if body.apply:
        fonds_actions.set_numbering(
            occasion=occasions.of(request), fonds_code=code, template=body.template, reason=body.reason
        )
    else:
        numbering.may_number(code, body.template)
    return numbering.fonds_row(code)


@router.post("/fonds/{code}/categories", response={201: FondsOut}, operation_id="rulebook_add_category")
def add_category(request: HttpRequest, code: str, body: CategoryIn) -> Status[object]:
    """Add a category to a fonds."""
    fonds_actions.add_category(
        occasion=occasions.of(request), fonds_code=code, code=body.code, name=body.name, kind=body.kind
    )
    return Status(201, numbering.fonds_row(code))


@router.post("/fonds/{code}/categories/{category}", response=FondsOut, operation_id="rulebook_arrange_category")
def arrange_category(request: HttpRequest, code: str, category: str, body: ArrangementIn) -> object:
    """Arrange a category another way from now on."""
    fonds_actions.arrange_category(occasion=occasions.of(request), fonds_code=code, code=category, kind=body.kind)
    return numbering.fonds_row(code)


@router.get("/departments", response=list[DepartmentOut], operation_id="rulebook_departments")
def departments(request: HttpRequest) -> object:
    """The departments of the reader's agencies and who looks after the records of each; those with nobody first."""
    actor = occasions.actor_of(request)
    queries.permit_rulebook(actor)
    return department_queries.listed(actor, on=occasions.today())


@router.post("/departments", response={201: DepartmentOut}, operation_id="rulebook_open_department")
def open_department(request: HttpRequest, body: DepartmentIn) -> Status[object]:
    """Set up a department."""
    pk = department_actions.open_department(
        occasion=occasions.of(request), agency_code=body.agency_code, name=body.name
    )
    return Status(201, department_queries.one(occasions.actor_of(request), pk, on=occasions.today()))


@router.delete("/departments/{int:pk}", response={204: None}, operation_id="rulebook_close_department")
def close_department(request: HttpRequest, pk: int) -> Status[None]:
    """Strike a department that is no more."""
    department_actions.close_department(occasion=occasions.of(request), pk=pk)
    return Status(204, None)


@router.post("/departments/{int:pk}/part-timer", response=DepartmentOut, operation_id="rulebook_name_part_timer")
def name_part_timer(request: HttpRequest, pk: int, body: PartTimerIn) -> object:
    """Name who looks after a department's records."""
    department_actions.name_part_timer(
        occasion=occasions.of(request), pk=pk, staff_code=body.staff_code, since_date=body.since_date
    )
    return department_queries.one(occasions.actor_of(request), pk, on=occasions.today())


@router.post("/departments/{int:pk}/relieve", response=RelievedOut, operation_id="rulebook_relieve_part_timer")
def relieve_part_timer(request: HttpRequest, pk: int, body: RelievedIn) -> object:
    """Relieve that person as of a day."""
    return {
        "open_count": department_actions.relieve_part_timer(
            occasion=occasions.of(request), pk=pk, until_date=body.until_date
        )
    }


def _table(code: str) -> tuple[schedule.VersionRow, tuple[RuleFacts, ...]]:
    try:
        return schedule.draft_of(code)
    except Refusal:
        return schedule.version_of(code), schedule.facts_of(code)


def _facts(row: ScheduleRow) -> RuleFacts:
    return RuleFacts(**row.model_dump())


def _heading(code: str, body: ScheduleHeadingIn) -> schedule_actions.Heading:
    return schedule_actions.Heading(
        code, body.title, body.effective_date, body.approval_document, body.consent_of, body.consent_date
    )


def _edition(row: schedule.StepRow) -> dict[str, Any]:
    return {**vars(row), "materials": [vars(material) for material in row.materials]}
