import datetime as dt

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from anjuan.core.terms import Route
from anjuan.desks.intake import actions, forms, queries
from anjuan.desks.intake.rules import Registration
from anjuan.facilities.formats.api import FormatFlagOut, flags_out
from anjuan.foundation.accounts import occasions
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.queries import StepRow
from anjuan.records import queries as records
from anjuan.records.api import ItemOut, MovedOut, ObstacleOut, obstacle_out
from anjuan.records.rules import Employer, Person

router = Router(tags=["intake"])


class MaterialOut(Schema):
    """One line of a material list."""

    code: str
    name: str
    name_en: str
    is_required: bool
    is_main: bool
    must_scan: bool
    original_required: bool
    required_seals: tuple[str, ...]
    legal_basis: str


class StepOut(Schema):
    """A business step with its material list."""

    code: str
    name: str
    name_en: str
    category_code: str
    insurance_line: str
    filing_days: int
    concerns_many: bool
    materials: list[MaterialOut]


class PersonIn(Schema):
    """An insured person as named on the form."""

    name: str
    id_number: str


class EmployerIn(Schema):
    """An employer as named on the form; old forms may have no code."""

    name: str
    credit_code: str = ""


class RegistrationIn(Schema):
    """A case as the counter takes it in."""

    agency_code: str
    acceptance_no: str
    step_code: str
    title: str = ""
    formed_date: dt.date
    paper_pages: int
    persons: list[PersonIn] = []
    employer: EmployerIn | None = None
    route: Route = Route.TARGET


class RegisteredOut(Schema):
    """The receipt of a registration."""

    urn: str
    acceptance_no: str
    rule_code: str
    term: str
    is_confirmed: bool


class WaitingItemOut(Schema):
    """An item on the counter and what it lacks."""

    item: ItemOut
    missing: list[ObstacleOut]
    open_faults: int
    due_date: dt.date | None


class ComponentOut(Schema):
    """A captured file."""

    pk: int
    ordinal: int
    material_code: str
    original_name: str
    format_id: str
    mime: str
    page_count: int
    size_bytes: int
    sha512: str
    sha256: str
    sm3: str


class MaskedSubjectOut(Schema):
    """Whom the item concerns; the number is masked."""

    urn: str
    kind: str
    name: str
    masked_id: str


class CollectedOut(Schema):
    """An item with what has been collected for it."""

    item: ItemOut
    components: list[ComponentOut]
    subjects: list[MaskedSubjectOut]
    pages_by_material: dict[str, int]
    image_pages: int
    missing: list[ObstacleOut]
    may_change: bool
    flags: list[FormatFlagOut]


class CapturedOut(Schema):
    """The receipt of a capture: the version of the object that now holds the bytes."""

    urn: str
    version: int
    files: int
    pages: int


class PaperPagesIn(Schema):
    """Pages of paper, counted again."""

    paper_pages: int


@router.get("/intake/steps", response=list[StepOut], operation_id="intake_steps")
def steps(request: HttpRequest) -> list[StepRow]:
    """The business steps that can be registered, each with its material list."""
    queries.permit_counter(occasions.actor_of(request))
    return schedule.steps()


@router.get("/intake/items", response=list[WaitingItemOut], operation_id="intake_counter")
def counter(request: HttpRequest) -> list[dict[str, object]]:
    """What lies on the counter, longest waiting first; 200 at most."""
    actor = occasions.actor_of(request)
    queries.permit_counter(actor)
    return [
        {
            "item": row.item,
            "missing": [obstacle_out(one) for one in row.obstacles],
            "open_faults": row.open_faults,
            "due_date": row.due_date,
        }
        for row in queries.waiting(queries.collecting(actor))
    ]


@router.post("/intake/items", response={201: RegisteredOut}, operation_id="intake_register")
def register(request: HttpRequest, body: RegistrationIn) -> Status[actions.Registered]:
    """Register a case."""
    registration = Registration(
        acceptance_no=body.acceptance_no,
        step_code=body.step_code,
        title=body.title,
        formed_date=body.formed_date,
        paper_pages=body.paper_pages,
        persons=tuple(Person(one.name, one.id_number) for one in body.persons),
        employer=Employer(body.employer.name, body.employer.credit_code) if body.employer else None,
        route=body.route,
    )
    return Status(
        201, actions.register(occasion=occasions.of(request), agency_code=body.agency_code, registration=registration)
    )


@router.get("/intake/items/{urn}", response=CollectedOut, operation_id="intake_item")
def item(request: HttpRequest, urn: str) -> dict[str, object]:
    """One item with its files and what is still missing."""
    found = queries.opened(occasions.actor_of(request), urn)
    return {
        "item": found.item,
        "components": found.components,
        "flags": flags_out(found.components, found.findings),
        "subjects": found.subjects,
        "pages_by_material": found.pages_by_material,
        "image_pages": found.image_pages,
        "missing": [obstacle_out(one) for one in found.obstacles],
        "may_change": found.may_change,
    }


@router.post("/intake/items/{urn}/files", response={201: CapturedOut}, operation_id="intake_capture")
def capture(
    request: HttpRequest,
    urn: str,
    file: File[UploadedFile],
    material: Form[str],
    name: Form[str] = "",
) -> Status[actions.Captured]:
    """Capture one file. ``name`` is what it was called, where the name of the part cannot carry it."""
    queries.opened(occasions.actor_of(request), urn)  # nothing is written to our disk for a stranger
    with forms.staged(file) as path:
        upload = actions.Upload(path, forms.file_name(name or file.name or ""), material)
        return Status(201, actions.capture(occasion=occasions.of(request), urn=urn, uploads=[upload]))


@router.post("/intake/components/{int:component}/replace", response=CapturedOut, operation_id="intake_replace_page")
def replace_page(
    request: HttpRequest, component: int, file: File[UploadedFile], name: Form[str] = ""
) -> actions.Captured:
    """Put a better scan in a file's place; the earlier bytes stay in the earlier version."""
    row = records.get_component_for(occasions.actor_of(request), component)
    queries.opened(occasions.actor_of(request), row.item_urn)
    with forms.staged(file) as path:
        upload = actions.Upload(path, forms.file_name(name or file.name or ""), row.material_code)
        return actions.replace_page(occasion=occasions.of(request), component_pk=component, upload=upload)


@router.post("/intake/components/{int:component}/withdraw", response={204: None}, operation_id="intake_withdraw_page")
def withdraw_page(request: HttpRequest, component: int) -> Status[None]:
    """Take a wrongly captured file out."""
    actions.withdraw_page(occasion=occasions.of(request), component_pk=component)
    return Status(204, None)


@router.post("/intake/items/{urn}/paper-pages", response={204: None}, operation_id="intake_correct_page_count")
def correct_page_count(request: HttpRequest, urn: str, body: PaperPagesIn) -> Status[None]:
    """Correct the number of paper pages after counting again."""
    actions.correct_page_count(occasion=occasions.of(request), urn=urn, paper_pages=body.paper_pages)
    return Status(204, None)


@router.post("/intake/items/{urn}/submit", response=MovedOut, operation_id="intake_submit")
def submit(request: HttpRequest, urn: str) -> object:
    """Hand the case to the reviewer."""
    return actions.submit(occasion=occasions.of(request), urn=urn)


@router.post("/intake/items/{urn}/close", response=MovedOut, operation_id="intake_close")
def close(request: HttpRequest, urn: str) -> object:
    """File a single-set case that the business system has completed; the four-nature tests are done first."""
    return actions.close(occasion=occasions.of(request), urn=urn)
