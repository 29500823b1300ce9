import datetime as dt

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from anjuan.facilities.corrections import actions, queries
from anjuan.facilities.corrections.queries import CorrectionRow
from anjuan.facilities.corrections.queries import quality as analysis
from anjuan.facilities.corrections.rules import Cause
from anjuan.foundation.accounts import occasions

router = Router(tags=["corrections"])


class FaultOut(Schema):
    """One kind of fault of the catalogue."""

    code: str
    grade: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


class CorrectionOut(Schema):
    """A correction that waits for an answer, or has one."""

    pk: int
    unit: str
    item_urn: str
    reference: str
    fault: FaultOut
    component_pk: int | None
    page_no: int | None
    box: tuple[float, float, float, float] | None
    note: str
    raised_by: str
    raised_at: dt.datetime
    due_date: dt.date
    status: str
    answer: str
    answered_by: str
    cause: Cause | None
    responsible: list[str]


class VolumeFaultIn(Schema):
    """A fault of a volume: which kind, on which item, and where on its page, in shares of width and height."""

    code: str
    item_urn: str
    component_pk: int | None = None
    page_no: int | None = None
    box: tuple[float, float, float, float] | None = None
    note: str = ""


class AnswerIn(Schema):
    """What was done about it."""

    answer: str
    cause: Cause | None = None


@router.get("/corrections/faults", response=list[FaultOut], operation_id="corrections_faults")
def faults(request: HttpRequest) -> list[object]:
    """The fault catalogue: every kind of fault that can be raised."""
    occasions.actor_of(request)
    return list(queries.fault_catalogue().values())


@router.get("/corrections", response=list[CorrectionOut], operation_id="corrections_waiting")
def waiting(request: HttpRequest) -> list[CorrectionRow]:
    """Corrections that wait for my answer, the most urgent first; 200 at most."""
    actor = occasions.actor_of(request)
    queries.permit_answering(actor)
    return queries.open_for(actor)


@router.get("/corrections/{int:pk}", response=CorrectionOut, operation_id="corrections_one")
def one(request: HttpRequest, pk: int) -> CorrectionRow:
    """One correction that is mine to answer."""
    return queries.get_for(occasions.actor_of(request), pk)


@router.post("/corrections/{int:pk}/answer", response=CorrectionOut, operation_id="corrections_answer")
def answer(request: HttpRequest, pk: int, body: AnswerIn) -> CorrectionRow:
    """Say how a fault was mended."""
    occasion = occasions.of(request)
    actions.answer_fault(occasion=occasion, pk=pk, answer=body.answer, cause=body.cause)
    return queries.get_for(occasion.actor, pk)


class FoundFaultOut(Schema):
    """A kind of fault, and how often it was raised."""

    fault: FaultOut
    count: int


class ProblemOut(Schema):
    """A record in which something was found."""

    unit: str
    reference: str
    faults: int


class AgencyQualityOut(Schema):
    """What was found in one agency's records."""

    agency_code: str
    agency_name: str
    total: int
    open_count: int
    overdue_count: int
    faults: list[FoundFaultOut]
    problems: list[ProblemOut]
    causes: dict[str, int]
    categories: dict[str, int]
    people: dict[str, int]
    months: dict[str, dict[str, int]]


@router.get("/corrections/quality", response=list[AgencyQualityOut], operation_id="corrections_quality")
def quality(request: HttpRequest, days: int = 365) -> list[dict[str, object]]:
    """What was found in each agency's records, by kind of fault and by record: the quality report."""
    since = timezone.now() - dt.timedelta(days=min(max(days, 1), 3660))
    return [
        {
            "agency_code": one.agency_code,
            "agency_name": one.agency_name,
            "total": one.total,
            "open_count": one.open_count,
            "overdue_count": one.overdue_count,
            "causes": {cause or "": count for cause, count in one.causes},
            "categories": {code: count for code, _, count in one.categories},
            "people": {code: count for code, _, count in one.people},
            "months": {month: dict(counts) for month, counts in one.months},
            "faults": [{"fault": fault, "count": count} for fault, count in one.faults],
            "problems": [
                {"unit": unit, "reference": reference, "faults": count} for unit, reference, count in one.problems
            ],
        }
        for one in analysis.quality(occasions.actor_of(request), since=since, now=timezone.now())
    ]
