"""Form templates for programs: the same acts as on the screens (表单模板接口)."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile

from anjuan.core.reading.templates import MOST_FILE_BYTES, as_kept
from anjuan.desks.rulebook import queries
from anjuan.desks.rulebook.queries import templates as shown
from anjuan.facilities.formats import serving
from anjuan.facilities.reading.actions import templates as actions
from anjuan.facilities.reading.queries import templates
from anjuan.facilities.reading.queries.templates import EditionRow, TemplateRow
from anjuan.foundation.accounts import occasions
from anjuan.foundation.schedule.actions import permit

router = Router(tags=["form templates"])


class FormEditionOut(Schema):
    """An edition: DRAFT, IN_USE, TO_COME, REPLACED or WITHDRAWN, and when it was changed last."""

    edition: int
    state: str
    note: str
    since_date: dt.date | None
    changed_at: str  # to the microsecond: it says which draft was seen
    shape: dict[str, Any]


class FormTemplateOut(Schema):
    """A template with its editions, the newest first."""

    pk: int
    step_code: str
    material_code: str
    name: str
    editions: list[FormEditionOut]


class FormTemplateIn(Schema):
    step_code: str
    material_code: str
    name: str


class FormShapeIn(Schema):
    """What was drawn: `shape` as an exported file has it: page, telling, anchors, boxes."""

    seen_at: dt.datetime
    shape: dict[str, Any]
    note: str = ""


class FormAdoptionIn(Schema):
    seen_at: dt.datetime
    since_date: dt.date


class TriedPageOut(Schema):
    """What a page says with a template: how many anchors were found, and what detectors find today and would find."""

    component: int
    page: int
    fits: bool
    anchors_found: int
    gone: list[str]
    new: list[str]
    same: list[str]
    boxes: dict[str, str]


def _edition(row: EditionRow) -> dict[str, Any]:
    return {
        "edition": row.edition,
        "state": row.state,
        "note": row.note,
        "since_date": row.since_date,
        "changed_at": row.changed_at.isoformat(),
        "shape": as_kept(row.shape),
    }


def _template(row: TemplateRow) -> dict[str, Any]:
    return {**vars(row), "editions": [_edition(one) for one in row.editions]}


def _one(request: HttpRequest, pk: int) -> TemplateRow:
    queries.permit_rulebook(occasions.actor_of(request))
    return templates.template(pk, occasions.today())


@router.get("/templates", response=list[FormTemplateOut], operation_id="rulebook_templates")
def listing(request: HttpRequest) -> object:
    """All form templates."""
    queries.permit_rulebook(occasions.actor_of(request))
    return [_template(row) for row in templates.templates(occasions.today())]


@router.post("/templates", response={201: FormTemplateOut}, operation_id="rulebook_open_template")
def open_template(request: HttpRequest, body: FormTemplateIn) -> Status[object]:
    """Begin a template; its first edition is an empty draft."""
    pk = actions.open_template(occasion=occasions.of(request), **body.dict())
    return Status(201, _template(_one(request, pk)))


@router.post("/templates/file", response={201: FormTemplateOut}, operation_id="rulebook_take_template")
def take_template(
    request: HttpRequest, step_code: str, material_code: str, file: File[UploadedFile], name: str = ""
) -> Status[object]:
    """Take in a template that another archive exported, as a draft."""
    pk = actions.take_template(
        occasion=occasions.of(request),
        step_code=step_code,
        material_code=material_code,
        name=name,
        content=file.read(MOST_FILE_BYTES + 1),
    )
    return Status(201, _template(_one(request, pk)))


@router.get("/templates/{pk}", response=FormTemplateOut, operation_id="rulebook_template")
def one(request: HttpRequest, pk: int) -> object:
    """One template with its editions."""
    return _template(_one(request, pk))


@router.post(
    "/templates/{pk}/editions/{edition}/next", response={201: FormEditionOut}, operation_id="rulebook_draft_edition"
)
def draft_edition(request: HttpRequest, pk: int, edition: int) -> Status[object]:
    """Begin the next edition from one."""
    number = actions.draft_edition(occasion=occasions.of(request), template=pk, edition=edition)
    return Status(201, _edition(_one(request, pk).edition(number)))


@router.put("/templates/{pk}/editions/{edition}", response=FormEditionOut, operation_id="rulebook_revise_edition")
def revise_edition(request: HttpRequest, pk: int, edition: int, body: FormShapeIn) -> object:
    """Save what was drawn in a draft."""
    sample = _one(request, pk).edition(edition).sample
    actions.revise_edition(
        occasion=occasions.of(request),
        template=pk,
        edition=edition,
        seen_at=body.seen_at,
        shape=body.shape,
        note=body.note,
        sample=sample,
    )
    return _edition(_one(request, pk).edition(edition))


@router.get("/templates/{pk}/editions/{edition}/file", operation_id="rulebook_template_file")
def template_file(request: HttpRequest, pk: int, edition: int) -> HttpResponse:
    """An edition as a file for other archives."""
    return HttpResponse(templates.template_file(_one(request, pk), edition), content_type="application/json")


@router.get(
    "/templates/{pk}/editions/{edition}/trial", response=list[TriedPageOut], operation_id="rulebook_try_template"
)
def trial(request: HttpRequest, pk: int, edition: int) -> object:
    """Lay an edition over the newest pages of its form, without keeping anything. Each page counts as opened."""
    row = _one(request, pk)
    occasion = occasions.of(request)
    permit(occasion)
    shape = row.edition(edition).shape
    pages = templates.pages_to_try(occasion.actor, row.step_code, row.material_code, shown.TRIED_PAGES)
    laid = []
    for file, page in pages:
        serving.note_opening(request, occasion, file, page)
        laid.append(actions.try_on(shape=shape, name=row.name, edition=edition, row=file, page=page))
    return [
        {
            "component": tried.row.pk,
            "page": tried.page,
            "fits": tried.fit is not None,
            "anchors_found": tried.fit.fit.found if tried.fit else 0,
            "gone": tried.gone,
            "new": tried.new,
            "same": tried.same,
            "boxes": {box.name: box.words for box in tried.boxes},
        }
        for tried in (shown.tried(row, pages, laid) if pages else [])
    ]


@router.post("/templates/{pk}/editions/{edition}/adopt", response=FormEditionOut, operation_id="rulebook_adopt_edition")
def adopt_edition(request: HttpRequest, pk: int, edition: int, body: FormAdoptionIn) -> object:
    """Put a drawn edition into use for what is formed from a day on."""
    actions.adopt_edition(
        occasion=occasions.of(request), template=pk, edition=edition, seen_at=body.seen_at, since_date=body.since_date
    )
    return _edition(_one(request, pk).edition(edition))


@router.post(
    "/templates/{pk}/editions/{edition}/withdraw", response=FormEditionOut, operation_id="rulebook_withdraw_edition"
)
def withdraw_edition(request: HttpRequest, pk: int, edition: int) -> object:
    """Use an edition no more, or drop a draft."""
    actions.withdraw_edition(occasion=occasions.of(request), template=pk, edition=edition)
    return _edition(_one(request, pk).edition(edition))
