import datetime as dt
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema, Status

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.desks.linkage import actions, queries
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts

router = Router(tags=["business"])
Answer = TypeVar("Answer")


class CaseQuestionIn(Schema):
    """Which case, who of the business system's users asks (by his staff code here), and what for."""

    agency_code: str
    serial: str
    staff_code: str
    purpose: str


class LinkedFileOut(Schema):
    """A file of a material: its name, kind and pages."""

    name: str
    mime: str
    pages: int
    sha256: str


class LinkedMaterialOut(Schema):
    """One material; without files it is still missing."""

    code: str
    name: str
    is_required: bool
    pages: int
    files: list[LinkedFileOut]


class LinkedCaseOut(Schema):
    """What lies on record of a case, and where it stands."""

    agency_code: str
    serial: str
    reference_code: str
    title: str
    step_code: str
    state: str
    pages: int
    materials: list[LinkedMaterialOut]


class ViewLinkOut(Schema):
    """Where the user's browser may see the pages: once, until then."""

    url: str
    expires_at: dt.datetime


@router.post("/linkage/look-ups", response=LinkedCaseOut, operation_id="linkage_look_up")
def look_up(request: HttpRequest, body: CaseQuestionIn) -> dict[str, object]:
    """What lies on record of a case, by its business serial; the question is written down."""
    found = _asked(
        request,
        body,
        lambda person: actions.look_up(
            occasion=occasions.of(request),
            person=person,
            agency_code=body.agency_code,
            serial=body.serial,
            purpose=body.purpose,
        ),
    )
    return {**vars(found), "pages": found.pages, "materials": [_material(sheet) for sheet in found.sheets]}


@router.post("/linkage/links", response={201: ViewLinkOut}, operation_id="linkage_issue_link")
def issue_link(request: HttpRequest, body: CaseQuestionIn) -> Status[dict[str, object]]:
    """A link to a case's pages for one person, to be opened once within a few minutes."""
    issued = _asked(
        request,
        body,
        lambda person: actions.issue_link(
            occasion=occasions.of(request),
            person=person,
            agency_code=body.agency_code,
            serial=body.serial,
            purpose=body.purpose,
        ),
    )
    url = settings.PUBLIC_URL + reverse("linkage:view", kwargs={"token": issued.token})
    return Status(201, {"url": url, "expires_at": issued.expires_at})


def _asked(request: HttpRequest, body: CaseQuestionIn, deed: Callable[[Actor], Answer]) -> Answer:
    try:
        return deed(accounts.actor_for(body.staff_code, on=occasions.today()))
    except Refusal as refusal:
        actions.note_refusal(
            occasion=occasions.of(request),
            staff_code=body.staff_code,
            agency_code=body.agency_code,
            serial=body.serial,
            code=refusal.code,
        )
        raise


def _material(sheet: queries.Sheet) -> dict[str, object]:
    return {
        "code": sheet.code,
        "name": sheet.name,
        "is_required": sheet.is_required,
        "pages": sheet.pages,
        "files": [
            {"name": row.original_name, "mime": row.mime, "pages": row.page_count, "sha256": row.sha256}
            for row in sheet.files
        ],
    }
