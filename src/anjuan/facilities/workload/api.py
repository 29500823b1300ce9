import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.facilities.workload import actions, queries, rules
from anjuan.foundation.accounts import occasions

router = Router(tags=["workload"])


class WorkOut(Schema):
    """What one person did in a month."""

    staff_code: str
    days: int
    acts: int
    pages: int
    rooms: dict[str, int]
    elsewhere: int
    faults: int


class DiversionOut(Schema):
    """A day on which a helper did other work."""

    pk: int
    staff_code: str
    agency_code: str
    date: dt.date
    acts: int
    explanation: str


class ExplanationIn(Schema):
    """Why, or what was done about it."""

    explanation: str


@router.get("/workload/{month}", response=list[WorkOut], operation_id="workload_ledger")
def ledger(request: HttpRequest, month: str) -> list[dict[str, object]]:
    """The work ledger of a month (YYYY-MM), one line a person whom the caller leads; else his own."""
    first, until = rules.month(month, occasions.today())
    found = queries.ledger(occasions.actor_of(request), first, until)
    return [{**vars(line), "rooms": dict(line.rooms)} for line in found.lines]


@router.get("/workload-diversions", response=list[DiversionOut], operation_id="workload_diversions")
def diversions(request: HttpRequest) -> list[queries.DiversionRow]:
    """Days on which helpers did other work; 200 at most."""
    return queries.diversions(occasions.actor_of(request))


@router.post("/workload-diversions/{int:pk}/explain", response={204: None}, operation_id="workload_explain")
def explain(request: HttpRequest, pk: int, body: ExplanationIn) -> Status[None]:
    """Say why a helper did other work."""
    actions.explain(occasion=occasions.of(request), pk=pk, explanation=body.explanation)
    return Status(204, None)
