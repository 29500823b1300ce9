import datetime as dt

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from anjuan.facilities.progress import actions, panels, queries
from anjuan.facilities.progress.queries import deadlines
from anjuan.facilities.progress.rules import Deadline, OnTime
from anjuan.foundation.accounts import occasions

router = Router(tags=["progress"])


class StandingOut(Schema):
    """Why a record is not moving: the cause, whose turn it is, one sentence."""

    urn: str
    cause: str
    verb: str
    posts: list[str]
    people: list[str]
    faults: int
    until: dt.date | None
    since: dt.datetime
    is_mine: bool
    due_for: str
    due_date: dt.date | None
    words: str


class StepTimeOut(Schema):
    """How one step went over the last 90 days; seconds."""

    verb: str
    count: int
    median_seconds: int
    longest_seconds: int
    is_backward: bool


class BoardRowOut(Schema):
    deadline: str
    agency_code: str
    key: str
    waiting: int
    late: int
    soon: int
    oldest_date: dt.date


class DueRowOut(Schema):
    """One record that is late or due, until when, and whose turn it is."""

    urn: str
    reference: str
    title: str
    agency_code: str
    key: str
    state: str
    since_date: dt.date
    due_date: dt.date
    days_late: int
    posts: list[str]
    is_volume: bool
    mark: str


class OnTimeOut(Schema):
    agency_code: str
    on_time: int
    late: int
    still_open: int
    percent: int


class ImagingOut(Schema):
    agency_code: str
    category_code: str
    year: int
    items: int
    paper_pages: int
    image_pages: int
    percent: int


@router.get("/progress/steps", response=list[StepTimeOut], operation_id="progress_steps")
def steps(request: HttpRequest) -> list[StepTimeOut]:
    """Time and returns of each step."""
    return [
        StepTimeOut(
            verb=step.verb,
            count=step.count,
            median_seconds=round(step.median.total_seconds()),
            longest_seconds=round(step.longest.total_seconds()),
            is_backward=step.is_backward,
        )
        for step in queries.steps(occasions.actor_of(request), now=timezone.now())
    ]


@router.get("/progress/deadlines", response=list[BoardRowOut], operation_id="progress_deadlines")
def deadlines_board(request: HttpRequest) -> list[deadlines.BoardRow]:
    """What waits, what is late and what is due within the week, by agency and step."""
    return deadlines.board(occasions.actor_of(request), occasions.today())


@router.get("/progress/deadlines/{deadline}", response=list[DueRowOut], operation_id="progress_due")
def due(
    request: HttpRequest, deadline: Deadline, agency: str = "", of: str = "", soon: bool = False, after: str = ""
) -> list[deadlines.DueRow]:
    """The records that are late with one thing, the oldest first, a hundred at a time; ``after`` takes a row's mark."""
    return deadlines.due_list(
        occasions.actor_of(request), deadline, occasions.today(), agency_code=agency, key=of, soon=soon, after=after
    )


@router.get("/progress/on-time", response=list[OnTimeOut], operation_id="progress_on_time")
def on_time(request: HttpRequest) -> list[OnTime]:
    """How much was filed on its day, by agency."""
    return deadlines.on_time(occasions.actor_of(request), timezone.now())


@router.get("/progress/imaging", response=list[ImagingOut], operation_id="progress_imaging")
def imaging(request: HttpRequest) -> list[deadlines.Imaging]:
    """How much of the paper is imaged, by agency, category and year."""
    return deadlines.imaging(occasions.actor_of(request))


@router.get("/progress/{urn}", response=StandingOut, operation_id="progress_standing")
def standing(request: HttpRequest, urn: str) -> StandingOut:
    """Why a record is not moving."""
    found = queries.standing(occasions.actor_of(request), urn)
    return StandingOut(
        urn=urn,
        cause=found.why.cause,
        verb=found.why.verb or "",
        posts=sorted(found.why.posts),
        people=list(found.people),
        faults=found.why.faults,
        until=found.why.until,
        since=found.since,
        is_mine=found.is_mine,
        due_for=found.due[0] if found.due else "",
        due_date=found.due[1] if found.due else None,
        words=panels.told(found).words,
    )


@router.post("/progress/{urn}/remind", response={204: None}, operation_id="progress_remind")
def remind(request: HttpRequest, urn: str) -> Status[None]:
    """Remind those who could move it."""
    actions.remind(occasion=occasions.of(request), urn=urn)
    return Status(204, None)
