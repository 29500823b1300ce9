import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.core.terms import Route
from anjuan.desks.intake import queries as counter
from anjuan.desks.intake.actions import Registered
from anjuan.desks.intake.actions import declarations as actions
from anjuan.desks.intake.api import EmployerIn, PersonIn, RegisteredOut
from anjuan.desks.intake.queries import declarations as queries
from anjuan.desks.intake.rules import Registration
from anjuan.foundation.accounts import occasions
from anjuan.records.rules import Employer, Person

router = Router(tags=["intake"])


class DeclaredFileOut(Schema):
    """A file of a declaration, as the receipt names it."""

    material: str
    name: str
    size_bytes: int
    sha256: str
    pages: int


class DeclarationOut(Schema):
    """A case that came from outside, and how it stands; numbers of persons are not told in lists."""

    uid: str
    declaration_no: str
    agency_code: str
    step_code: str
    status: str
    round: int
    lodged_at: dt.datetime
    moved_at: dt.datetime
    files: list[DeclaredFileOut]
    returned: dict[str, str]
    note: str
    acceptance_no: str
    item_urn: str
    cleared_at: dt.datetime | None


class AdmittedIn(Schema):
    """What the handler confirms; what is left out stays as it was sent in."""

    acceptance_no: str
    title: str | None = None
    formed_date: dt.date | None = None
    paper_pages: int | None = None
    persons: list[PersonIn] | None = None
    employer: EmployerIn | None = None
    route: Route = Route.TARGET
    answers: dict[str, bool] | None = None


class SentBackIn(Schema):
    """Why a declaration goes back, by code of the material."""

    reasons: dict[str, str]
    note: str = ""


@router.get("/intake/declarations", response=list[DeclarationOut], operation_id="intake_declarations")
def declarations(request: HttpRequest) -> list[queries.DeclarationRow]:
    """What waits for pre-review, longest waiting first; 100 at most."""
    actor = occasions.actor_of(request)
    counter.permit_registering(actor)
    return queries.waiting(actor)


@router.get("/intake/declarations/{uid}", response=DeclarationOut, operation_id="intake_declaration")
def declaration(request: HttpRequest, uid: str) -> queries.DeclarationRow:
    """One of them, also when it was answered."""
    actor = occasions.actor_of(request)
    counter.permit_registering(actor)
    return queries.get_declaration_for(actor, uid)


@router.post("/intake/declarations/{uid}/admit", response={201: RegisteredOut}, operation_id="intake_admit_declaration")
def admit(request: HttpRequest, uid: str, body: AdmittedIn) -> Status[Registered]:
    """Accept it: the case is registered and its files are captured."""
    occasion = occasions.of(request)
    counter.permit_registering(occasion.actor)
    declared = queries.registration_of(queries.get_declaration_for(occasion.actor, uid))
    registration = Registration(
        acceptance_no=body.acceptance_no,
        step_code=declared.step_code,
        title=declared.title if body.title is None else body.title,
        formed_date=body.formed_date or declared.formed_date,
        paper_pages=declared.paper_pages if body.paper_pages is None else body.paper_pages,
        persons=declared.persons
        if body.persons is None
        else tuple(Person(person.name, person.id_number) for person in body.persons),
        employer=Employer(body.employer.name, body.employer.credit_code) if body.employer else declared.employer,
        route=body.route,
        answers=declared.answers if body.answers is None else body.answers,
    )
    return Status(201, actions.admit(occasion=occasion, uid=uid, registration=registration))


@router.post("/intake/declarations/{uid}/return", response={204: None}, operation_id="intake_return_declaration")
def send_back(request: HttpRequest, uid: str, body: SentBackIn) -> Status[None]:
    """Return it to its sender with what is to be mended."""
    occasion = occasions.of(request)
    counter.permit_registering(occasion.actor)
    actions.send_back(occasion=occasion, uid=uid, reasons=body.reasons, note=body.note)
    return Status(204, None)
