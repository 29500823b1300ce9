import datetime as dt

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from anjuan.desks.training import actions, queries
from anjuan.foundation.accounts import occasions

router = Router(tags=["training"])


class TrainingProposalOut(Schema):
    """A root cause of an agency's faults that calls for a session."""

    agency_code: str
    cause: str
    count: int
    faults: dict[str, int]
    people: dict[str, int]


class TrainingSessionIn(Schema):
    agency_code: str
    cause: str = ""
    topic: str
    on_date: dt.date
    place: str
    trainer: str


class TrainingSessionOut(Schema):
    session_no: str
    agency_code: str
    cause: str
    topic: str
    reason: str
    on_date: dt.date
    place: str
    trainer: str
    held_date: dt.date | None
    note: str
    cancelled_at: dt.datetime | None
    cancel_reason: str
    attended: list[str]


class HeldIn(Schema):
    held_date: dt.date
    attended: list[str]
    note: str = ""


class CancelSessionIn(Schema):
    reason: str


@router.get("/training/proposals", response=list[TrainingProposalOut], operation_id="training_proposals")
def proposals(request: HttpRequest) -> list[TrainingProposalOut]:
    """Root causes that call for a session, the most faults first."""
    return [
        TrainingProposalOut(
            agency_code=root.agency_code,
            cause=root.cause,
            count=root.count,
            faults={fault.code: count for fault, count in root.faults},
            people=dict(root.people),
        )
        for root in queries.proposals(occasions.actor_of(request), now=timezone.now())
    ]


@router.get("/training/sessions", response=list[TrainingSessionOut], operation_id="training_sessions")
def sessions(request: HttpRequest) -> object:
    """Sessions of the agencies that the actor's posts reach, the latest day first."""
    actor = occasions.actor_of(request)
    queries.enter(actor)
    return queries.sessions(actor)


@router.post("/training/sessions", response={201: TrainingSessionOut}, operation_id="training_plan_session")
def plan_session(request: HttpRequest, body: TrainingSessionIn) -> object:
    """Plan a session for an agency's people."""
    planned = actions.plan_session(
        occasion=occasions.of(request),
        agency_code=body.agency_code,
        cause=body.cause,
        topic=body.topic,
        on_date=body.on_date,
        place=body.place,
        trainer=body.trainer,
    )
    return Status(201, planned)


@router.post("/training/sessions/{session_no}/hold", response={204: None}, operation_id="training_hold_session")
def hold_session(request: HttpRequest, session_no: str, body: HeldIn) -> Status[None]:
    """Record that a session was held, and who came."""
    actions.hold_session(
        occasion=occasions.of(request),
        session_no=session_no,
        held_date=body.held_date,
        attended=body.attended,
        note=body.note,
    )
    return Status(204, None)


@router.post("/training/sessions/{session_no}/cancel", response={204: None}, operation_id="training_cancel_session")
def cancel_session(request: HttpRequest, session_no: str, body: CancelSessionIn) -> Status[None]:
    """Call a planned session off."""
    actions.cancel_session(occasion=occasions.of(request), session_no=session_no, reason=body.reason)
    return Status(204, None)
