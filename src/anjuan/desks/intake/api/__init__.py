import dataclasses
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import ValidationError

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Route
from anjuan.desks.intake import actions, forms, queries
from anjuan.desks.intake.actions import batches
from anjuan.desks.intake.rules import MOST_IN_ONE_ACT, Registration
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
    one_of: str
    condition: str
    default_pages: int | None


class StepOut(Schema):
    """A business step with its material list."""

    code: str
    name: str
    name_en: str
    category_code: str
    insurance_line: str
    filing_days: int
    concerns_many: bool
    risk: str
    edition: int
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
    answers: dict[str, bool] = {}  # to the conditions of the material list, by their words


class CounterRegistrationIn(RegistrationIn):
    """A case as the counter takes it in, with the state in which its paper came."""

    paper_state: str = ""
    paper_note: str = ""


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
    conditions: dict[str, bool | None]


class CapturedOut(Schema):
    """The receipt of a capture: the version of the object that now holds the bytes."""

    urn: str
    version: int
    files: int
    pages: int


class PaperPagesIn(Schema):
    """Pages of paper, counted again."""

    paper_pages: int


class SentFileIn(Schema):
    """A file of a case: the name of its part in this request, which material it is, what it was called."""

    part: str
    material: str
    name: str = ""


class SentCaseIn(RegistrationIn):
    """A case of a batch: what the counter would type, its files, and whether it goes to review when it is complete."""

    files: list[SentFileIn]
    submit: bool = False
    repeats: bool = False  # files with equal bytes are sheets of their own


class SentReceiptOut(Schema):
    """A case that was taken in: its identity, the version that holds its bytes, and where it stood then."""

    urn: str
    version: int
    pages: int
    state: str
    missing: list[ObstacleOut]
    is_repeat: bool


class SentRefusalOut(Schema):
    """Why a case was not taken in, in both languages, and what to do."""

    code: str
    zh: str
    en: str
    clause: str
    remedy_zh: str
    remedy_en: str


class SentAnswerOut(Schema):
    """The answer to one case, by its place in the manifest from 1: a receipt or a refusal."""

    place: int
    acceptance_no: str
    accepted: SentReceiptOut | None
    refused: SentRefusalOut | None


class SentBatchOut(Schema):
    """The answers in the order of the manifest, and the file parts that no case named."""

    answers: list[SentAnswerOut]
    unclaimed: list[str]


@router.get("/intake/steps", response=list[StepOut], operation_id="intake_steps")
def steps(request: HttpRequest) -> list[StepRow]:
    """The business steps that can be registered, each with its material list."""
    queries.permit_counter(occasions.actor_of(request))
    return [step for step in schedule.steps() if not step.is_retired]


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
def register(request: HttpRequest, body: CounterRegistrationIn) -> Status[actions.Registered]:
    """Register a case."""
    occasion = occasions.of(request)
    return Status(
        201,
        actions.register(
            occasion=occasion,
            agency_code=body.agency_code,
            registration=dataclasses.replace(
                _registration(body), paper_state=body.paper_state, paper_note=body.paper_note
            ),
        ),
    )


def _registration(body: RegistrationIn) -> Registration:
    return Registration(
        acceptance_no=body.acceptance_no,
        step_code=body.step_code,
        title=body.title,
        formed_date=body.formed_date,
        paper_pages=body.paper_pages,
        persons=tuple(Person(one.name, one.id_number) for one in body.persons),
        employer=Employer(body.employer.name, body.employer.credit_code) if body.employer else None,
        route=body.route,
        answers=body.answers,
    )


@router.get("/intake/items/{urn}", response=CollectedOut, operation_id="intake_item")
def item(request: HttpRequest, urn: str) -> dict[str, object]:
    """One item with its files and what is still missing."""
    found = queries.opened(occasions.actor_of(request), urn)
    return {
        "item": found.item,
        "components": found.components,
        "flags": flags_out(found.components, found.findings),
        "conditions": {words: found.answers.get(words) for words, _ in found.step.conditions},
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
    before: Form[int | None] = None,
    repeats: Form[bool] = False,
) -> Status[actions.Captured]:
    """Capture one file. ``name`` is what it was called, where the name of the part cannot carry it.

    ``before`` is the key of the file before which it is put; without it, it comes last. ``repeats`` says that a file
    with the bytes of another is a sheet of its own.
    """
    queries.opened(occasions.actor_of(request), urn)  # nothing is written to our disk for a stranger
    with forms.staged(file) as path:
        upload = actions.Upload(path, forms.file_name(name or file.name or ""), material)
        captured = actions.capture(
            occasion=occasions.of(request), urn=urn, uploads=[upload], before=before, repeats=repeats
        )
        return Status(201, captured)


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


class ConditionsIn(Schema):
    """Whether each condition of the material list holds, by its words."""

    answers: dict[str, bool]


@router.post("/intake/items/{urn}/conditions", response={204: None}, operation_id="intake_answer_conditions")
def answer_conditions(request: HttpRequest, urn: str, body: ConditionsIn) -> Status[None]:
    """Answer what the material list asks of the case itself."""
    actions.answer_conditions(occasion=occasions.of(request), urn=urn, answers=body.answers)
    return Status(204, None)


@router.post("/intake/items/{urn}/submit", response=MovedOut, operation_id="intake_submit")
def submit(request: HttpRequest, urn: str) -> object:
    """Hand the case to the reviewer."""
    return actions.submit(occasion=occasions.of(request), urn=urn)


@router.post("/intake/items/{urn}/close", response=MovedOut, operation_id="intake_close")
def close(request: HttpRequest, urn: str) -> object:
    """File a single-set case that the business system has completed; the four-nature tests are done first."""
    return actions.close(occasion=occasions.of(request), urn=urn)


_BATCH = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["manifest"],
                    "properties": {
                        "manifest": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "description": "An object with one part, `cases`: a list of objects as `RegistrationIn`, "
                            "each with `files` (a list of `part`, `material`, `name`) and `submit` (false).",
                        }
                    },
                    "additionalProperties": {"type": "string", "contentMediaType": "application/octet-stream"},
                }
            }
        },
    }
}


@router.post("/intake/batches", response=SentBatchOut, operation_id="intake_take_in", openapi_extra=_BATCH)
def take_in(request: HttpRequest) -> dict[str, object]:
    """Take in up to 100 cases with up to 100 files: the part ``manifest``, and one part a file, named as it names them.

    A case that is refused does not keep the others away. The same case sent again gets the receipt it had.
    """
    queries.permit_counter(occasions.actor_of(request))  # nothing is written to our disk for a stranger
    parts = forms.Parts(request.FILES)
    typed = [_case_of(raw) for raw in forms.manifest(request.POST.get("manifest", ""), files=len(parts))]
    claims = [[file.part for file in one.files] for one in typed if isinstance(one, SentCaseIn)]
    with parts.staged(claims) as paths:
        cases = [one if isinstance(one, Refusal) else _case(one, paths) for one in typed]
        sound = [one for one in cases if not isinstance(one, Refusal)]
        found = iter(
            [
                answer
                for at in range(0, len(sound), MOST_IN_ONE_ACT)
                for answer in batches.take_in(occasion=occasions.of(request), cases=sound[at : at + MOST_IN_ONE_ACT])
            ]
        )
        answers = [one if isinstance(one, Refusal) else next(found) for one in cases]
    return {
        "answers": [
            _answer(place, one, answer) for place, (one, answer) in enumerate(zip(typed, answers, strict=True), 1)
        ],
        "unclaimed": parts.unclaimed(claims),
    }


def _case_of(raw: object) -> SentCaseIn | Refusal:
    try:
        return SentCaseIn.model_validate(raw)
    except ValidationError as error:
        wrong = {".".join(str(part) for part in fault["loc"]): fault["msg"] for fault in error.errors()}
        return Refusal("A-010", fields="; ".join(f"{where}: {why}" for where, why in wrong.items())[:400])


def _case(body: SentCaseIn, paths: Mapping[str, Path | Refusal]) -> batches.Case | Refusal:
    uploads = []
    for file in body.files:
        path = paths[file.part]
        if isinstance(path, Refusal):
            return path
        uploads.append(actions.Upload(path, forms.file_name(file.name or file.part), file.material))
    return batches.Case(body.agency_code, _registration(body), tuple(uploads), body.submit, body.repeats)


def _answer(place: int, body: SentCaseIn | Refusal, answer: batches.TakenIn | Refusal) -> SentAnswerOut:
    acceptance_no = "" if isinstance(body, Refusal) else body.acceptance_no
    if isinstance(answer, Refusal):
        said = SentRefusalOut(
            code=answer.code,
            zh=answer.message("zh"),
            en=answer.message("en"),
            clause=answer.clause,
            remedy_zh=answer.remedy("zh"),
            remedy_en=answer.remedy("en"),
        )
        return SentAnswerOut(place=place, acceptance_no=acceptance_no, accepted=None, refused=said)
    receipt = SentReceiptOut(
        urn=answer.urn,
        version=answer.version,
        pages=answer.pages,
        state=answer.state,
        missing=[obstacle_out(one) for one in answer.missing],
        is_repeat=answer.is_repeat,
    )
    return SentAnswerOut(place=place, acceptance_no=acceptance_no, accepted=receipt, refused=None)
