import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.facilities.screening import actions, queries
from anjuan.facilities.screening.rules import AsideStatus, Door
from anjuan.foundation.accounts import occasions

router = Router(tags=["screening"])


class AsideOut(Schema):
    """A file that was kept aside, why, and what became of it."""

    uid: str
    status: AsideStatus
    door: Door
    name: str
    sha256: str
    size_bytes: int
    code: str
    zh: str
    en: str
    sender_code: str
    agency_code: str
    unit: str
    kept_at: dt.datetime
    judged_by: str
    judged_at: dt.datetime | None
    note: str


class AsideListOut(Schema):
    """What was kept aside, and whether a scanner is set up and answers."""

    has_scanner: bool
    is_scanner_there: bool
    files: list[AsideOut]


class JudgedIn(Schema):
    """Why a file is released or purged."""

    note: str


@router.get("/screening/aside", response=AsideListOut, operation_id="screening_aside")
def aside(request: HttpRequest, judged: bool = False) -> dict[str, object]:
    """Files in quarantine, or those that were judged; 200 at most."""
    actor = occasions.actor_of(request)
    queries.permit(actor)
    return {
        "has_scanner": queries.has_scanner(),
        "is_scanner_there": queries.is_scanner_there(),
        "files": [
            {
                **vars(row),
                "code": row.refusal.code,
                "zh": row.refusal.message("zh"),
                "en": row.refusal.message("en"),
            }
            for row in queries.aside(actor, judged=judged)
        ],
    }


@router.post("/screening/aside/{uid}/release", response={204: None}, operation_id="screening_release")
def release(request: HttpRequest, uid: str, body: JudgedIn) -> Status[None]:
    """Declare a file harmless; only somebody else than who sent it."""
    actions.release(occasion=occasions.of(request), uid=uid, note=body.note)
    return Status(204, None)


@router.post("/screening/aside/{uid}/purge", response={204: None}, operation_id="screening_purge")
def purge(request: HttpRequest, uid: str, body: JudgedIn) -> Status[None]:
    """Take a file out of the quarantine for good; only somebody else than who sent it."""
    actions.purge(occasion=occasions.of(request), uid=uid, note=body.note)
    return Status(204, None)
