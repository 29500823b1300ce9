import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.core.terms import Secrecy
from anjuan.facilities.secrecy import actions, queries
from anjuan.foundation.accounts import occasions

router = Router(tags=["secrecy"])


class RestrictedOut(Schema):
    """A restricted item: its place in the catalogue and its grade."""

    urn: str
    reference: str
    title: str
    secrecy: Secrecy


class SecrecyStandingOut(Schema):
    """How an item stands to whoever asks: its grade, and whether its pages are open to him."""

    urn: str
    reference: str
    secrecy: Secrecy
    reads: bool
    until: dt.datetime | None


class MarkIn(Schema):
    secrecy: Secrecy
    reason: str


class LeaveIn(Schema):
    """Why an item must be read, and for how many days."""

    reason: str
    days: int


class GrantIn(Schema):
    staff_code: str
    reason: str
    days: int


class LeaveDaysIn(Schema):
    days: int


class LeaveWordsIn(Schema):
    reason: str


class LeaveUidOut(Schema):
    uid: str


class LeaveUntilOut(Schema):
    until: dt.datetime


class LeaveRequestOut(Schema):
    """A request to read; ``is_given`` is null until it is decided."""

    uid: str
    unit: str
    reference: str
    staff_code: str
    reason: str
    days: int
    asked_at: dt.datetime
    is_given: bool | None
    answer: str
    decided_by: str
    decided_at: dt.datetime | None


class LeaveOut(Schema):
    """A leave to read one item, from a moment to a moment."""

    uid: str
    unit: str
    reference: str
    staff_code: str
    reason: str
    since: dt.datetime
    until: dt.datetime
    given_by: str
    ended_at: dt.datetime | None
    ended_by: str
    is_running: bool


@router.get("/restricted", response=list[RestrictedOut], operation_id="secrecy_restricted")
def restricted(request: HttpRequest) -> object:
    """Restricted items that the actor may know of; 200 at most."""
    return [item for item, _mark in queries.restricted_items(occasions.actor_of(request))]


@router.get("/restricted/requests", response=list[LeaveRequestOut], operation_id="secrecy_requests")
def requests(request: HttpRequest, waiting: bool = False) -> object:
    """One's own requests to read; with ``waiting`` those that the security officer has to decide on."""
    actor = occasions.actor_of(request)
    return queries.waiting(actor) if waiting else queries.own_requests(actor)


@router.get("/restricted/leaves", response=list[LeaveOut], operation_id="secrecy_leaves")
def leaves(request: HttpRequest) -> object:
    """Leaves to read: all for the security officer and the auditor, one's own for others; 200 at most."""
    return queries.leaves(occasions.actor_of(request))


@router.post("/restricted/requests/{uid}/give", response=LeaveUntilOut, operation_id="secrecy_give_leave")
def give(request: HttpRequest, uid: str, body: LeaveDaysIn) -> object:
    """Let somebody read what he asked for."""
    return {"until": actions.give_leave(occasion=occasions.of(request), uid=uid, days=body.days)}


@router.post("/restricted/requests/{uid}/decline", response={204: None}, operation_id="secrecy_decline_leave")
def decline(request: HttpRequest, uid: str, body: LeaveWordsIn) -> Status[None]:
    """Decline a request, and say why."""
    actions.decline_leave(occasion=occasions.of(request), uid=uid, answer=body.reason)
    return Status(204, None)


@router.post("/restricted/leaves/{uid}/end", response={204: None}, operation_id="secrecy_end_leave")
def end(request: HttpRequest, uid: str, body: LeaveWordsIn) -> Status[None]:
    """End a leave before its time."""
    actions.end_leave(occasion=occasions.of(request), uid=uid, reason=body.reason)
    return Status(204, None)


@router.get("/items/{urn}/secrecy", response=SecrecyStandingOut, operation_id="secrecy_standing")
def standing(request: HttpRequest, urn: str) -> object:
    """How an item stands to whoever asks."""
    found = queries.standing_of(occasions.actor_of(request), urn)
    return {
        "urn": found.item.urn,
        "reference": found.item.reference,
        "secrecy": found.item.secrecy,
        "reads": found.reads,
        "until": found.leave.until if found.leave else None,
    }


@router.post("/items/{urn}/secrecy", response={204: None}, operation_id="secrecy_mark")
def mark(request: HttpRequest, urn: str, body: MarkIn) -> Status[None]:
    """Put an item under a grade of secrecy, or out of it; whoever reads it may close it more."""
    actions.mark(occasion=occasions.of(request), item_urn=urn, secrecy=body.secrecy, reason=body.reason)
    return Status(204, None)


@router.post("/items/{urn}/leave-requests", response={201: LeaveUidOut}, operation_id="secrecy_ask_leave")
def ask(request: HttpRequest, urn: str, body: LeaveIn) -> Status[dict[str, str]]:
    """Ask to read a restricted item."""
    uid = actions.ask_leave(occasion=occasions.of(request), item_urn=urn, reason=body.reason, days=body.days)
    return Status(201, {"uid": uid})


@router.post("/items/{urn}/leaves", response={201: LeaveUidOut}, operation_id="secrecy_grant_leave")
def grant(request: HttpRequest, urn: str, body: GrantIn) -> Status[dict[str, str]]:
    """Let a named person read a restricted item without having asked."""
    uid = actions.grant_leave(
        occasion=occasions.of(request),
        item_urn=urn,
        staff_code=body.staff_code,
        reason=body.reason,
        days=body.days,
    )
    return Status(201, {"uid": uid})
