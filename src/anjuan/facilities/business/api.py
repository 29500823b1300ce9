import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.facilities.business import actions
from anjuan.facilities.business.rules import StatedCompletion, StatedFact
from anjuan.foundation.accounts import occasions

router = Router(tags=["business"])


class FactIn(Schema):
    """A value of one month as the business system states it; amounts in fen."""

    source_serial: str
    kind: str
    holder_number: str
    insurance_line: str
    period: str
    value_fen: int
    as_of: dt.datetime


class FactsIn(Schema):
    """A delivery of at most 1,000 values."""

    source: str
    facts: list[FactIn]


class CompletionIn(Schema):
    """A completed case."""

    agency_code: str
    serial: str
    step_code: str
    handled_by: str
    reviewed_by: str
    declared_pages: int
    completed_at: dt.datetime
    as_of: dt.datetime


class CompletionsIn(Schema):
    """A delivery of at most 1,000 completed cases."""

    source: str
    completions: list[CompletionIn]


class TakenOut(Schema):
    """How many were new, how many were here already."""

    new: int
    known: int


@router.post("/business/facts", response={201: TakenOut}, operation_id="business_take_facts")
def take_facts(request: HttpRequest, body: FactsIn) -> Status[actions.Taken]:
    """Deliver contributions, benefits and payments; the same delivery again changes nothing."""
    stated = [StatedFact(**fact.dict()) for fact in body.facts]
    return Status(201, actions.take_facts(occasion=occasions.of(request), source=body.source[:40], stated=stated))


@router.post("/business/completions", response={201: TakenOut}, operation_id="business_take_completions")
def take_completions(request: HttpRequest, body: CompletionsIn) -> Status[actions.Taken]:
    """Deliver completed cases; a single-set record is filed on them."""
    stated = [StatedCompletion(**case.dict()) for case in body.completions]
    return Status(201, actions.take_completions(occasion=occasions.of(request), source=body.source[:40], stated=stated))
