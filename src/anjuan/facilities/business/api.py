import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.facilities.business import actions
from anjuan.facilities.business.rules import StatedCase, StatedCompletion, StatedFact
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


class CaseRecordIn(Schema):
    """A case as the business system holds it, by its own names of the fields."""

    agency_code: str
    serial: str
    step_code: str
    values: dict[str, str]
    as_of: dt.datetime


class CaseRecordsIn(Schema):
    """A delivery of at most 1,000 business records."""

    source: str
    cases: list[CaseRecordIn]


class FieldMapIn(Schema):
    """How a business system calls our fields; an empty step stands for all that have no map of their own."""

    source: str
    step_code: str = ""
    names: dict[str, str]


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


@router.post("/business/cases", response={201: TakenOut}, operation_id="business_take_cases")
def take_cases(request: HttpRequest, body: CaseRecordsIn) -> Status[actions.Taken]:
    """Deliver business records; the counter takes descriptions from the newest of a serial."""
    stated = [StatedCase(**case.dict()) for case in body.cases]
    return Status(201, actions.take_cases(occasion=occasions.of(request), source=body.source[:40], stated=stated))


@router.put("/business/field-maps", response={204: None}, operation_id="business_map_fields")
def map_fields(request: HttpRequest, body: FieldMapIn) -> Status[None]:
    """Say how a business system calls our fields."""
    actions.map_fields(occasion=occasions.of(request), source=body.source, step_code=body.step_code, names=body.names)
    return Status(204, None)
