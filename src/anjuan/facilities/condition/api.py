import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema

from anjuan.facilities.condition import actions, queries
from anjuan.facilities.condition.rules import Place
from anjuan.foundation.accounts import occasions

router = Router(tags=["condition"])


class DamageOut(Schema):
    """One bad state of the paper, and what was done about it."""

    pk: int
    unit: str
    reference: str
    agency_code: str
    kind: str
    fault: str
    component_pk: int
    page_no: int
    note: str
    noted_by: str
    noted_at: dt.datetime
    repair: str
    repaired_by: str
    repaired_at: dt.datetime | None


class DamageIn(Schema):
    """How the paper is: a kind, words, and the page where there is an image of it."""

    kind: str
    note: str
    component_pk: int = 0
    page_no: int = 0


class PaperRepairIn(Schema):
    """What was done about it."""

    repair: str


def _out(row: queries.DamageRow) -> DamageOut:
    return DamageOut(
        pk=row.pk,
        unit=row.unit,
        reference=row.reference,
        agency_code=row.agency_code,
        kind=row.kind.code,
        fault=row.kind.fault,
        component_pk=row.place.component_pk,
        page_no=row.place.page_no,
        note=row.note,
        noted_by=row.noted_by,
        noted_at=row.noted_at,
        repair=row.repair,
        repaired_by=row.repaired_by,
        repaired_at=row.repaired_at,
    )


@router.get("/condition/damages", response=list[DamageOut], operation_id="condition_damages")
def damages(request: HttpRequest) -> list[DamageOut]:
    """What needs repair among the records that I may see, agency by agency, the worst first; 2,000 at most."""
    found = queries.needing_repair(occasions.actor_of(request))
    return [_out(row) for one in found for row in one.rows]


@router.get("/condition/records/{urn}", response=list[DamageOut], operation_id="condition_record")
def record(request: HttpRequest, urn: str) -> list[DamageOut]:
    """How the paper of one item or volume is and was, oldest first."""
    queries.record_for(occasions.actor_of(request), urn)
    return [_out(row) for row in queries.of_units([urn])]


@router.post("/condition/records/{urn}", response=DamageOut, operation_id="condition_note")
def note(request: HttpRequest, urn: str, body: DamageIn) -> DamageOut:
    """Say how the paper of an item or a volume is."""
    occasion = occasions.of(request)
    place = Place(body.component_pk, body.page_no)
    pk = actions.note_damage(occasion=occasion, unit=urn, kind=body.kind, note=body.note, place=place)
    return _out(queries.get_for(occasion.actor, pk))


@router.post("/condition/damages/{int:pk}/repair", response=DamageOut, operation_id="condition_repair")
def repair(request: HttpRequest, pk: int, body: PaperRepairIn) -> DamageOut:
    """Say what was done about it, and close it."""
    occasion = occasions.of(request)
    actions.repair(occasion=occasion, pk=pk, done=body.repair)
    return _out(queries.get_for(occasion.actor, pk))
