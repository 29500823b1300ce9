import datetime as dt

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from anjuan.facilities.progress import actions, panels, queries
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
    words: str


class StepTimeOut(Schema):
    """How one step went over the last 90 days; seconds."""

    verb: str
    count: int
    median_seconds: int
    longest_seconds: int
    is_backward: bool


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
        words=panels.told(found).words,
    )


@router.post("/progress/{urn}/remind", response={204: None}, operation_id="progress_remind")
def remind(request: HttpRequest, urn: str) -> Status[None]:
    """Remind those who could move it."""
    actions.remind(occasion=occasions.of(request), urn=urn)
    return Status(204, None)
