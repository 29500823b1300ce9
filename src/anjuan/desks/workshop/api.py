import datetime as dt

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from anjuan.desks.workshop import actions, queries, rules
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.foundation.accounts import occasions
from anjuan.records.api import MovedOut, ObstacleOut, obstacle_out
from anjuan.records.rows import VolumeRow

router = Router(tags=["workshop"])


class WorkshopVolumeOut(Schema):
    urn: str
    reference_code: str
    title: str
    state: str
    items: int
    pages: int
    stations_done: list[str]


class StationOut(Schema):
    """One station: what it needs, and who signed it when."""

    code: str
    zh: str
    en: str
    needs: list[str]
    clause: str
    done_by: str | None
    done_at: dt.datetime | None
    note: str


class ScannedItemOut(Schema):
    urn: str
    reference: str
    paper_pages: int
    image_pages: int
    missing: list[str]


class WorkOrderOut(Schema):
    volume: WorkshopVolumeOut
    stations: list[StationOut]
    items: list[ScannedItemOut]
    pages_seen: int
    next_station: str | None
    missing: list[ObstacleOut]


class CriteriaIn(Schema):
    """By what volumes are selected; empty or 0 asks for nothing."""

    category: str = ""
    step: str = ""
    year: int = 0
    agency: str = ""
    risk: str = ""
    least_damage: int = 0
    least_uses: int = 0


class RankedOut(Schema):
    """A volume in the ranking, and what it was ranked by."""

    urn: str
    reference: str
    place: int
    score: int
    uses: int
    risk: str
    damage_grade: int
    year: int


class ChoiceIn(Schema):
    """Which volumes of a ranking were chosen, and by what it was made."""

    criteria: CriteriaIn = CriteriaIn()
    volumes: list[str]


class SelectionOut(Schema):
    """The receipt of a selection."""

    uid: str


class SignIn(Schema):
    note: str = ""


class SendBackIn(Schema):
    reason: str


class FallenOut(Schema):
    """The stations that fell."""

    stations: list[str]


class WorkshopFaultIn(Schema):
    code: str
    item_urn: str
    component_pk: int | None = None
    page_no: int | None = None
    note: str = ""


class WorkshopReturnIn(Schema):
    faults: list[WorkshopFaultIn]


def _volume(row: VolumeRow, done: list[str]) -> WorkshopVolumeOut:
    return WorkshopVolumeOut(
        urn=row.urn,
        reference_code=row.reference_code,
        title=row.title,
        state=row.state,
        items=row.item_count,
        pages=row.page_count,
        stations_done=done,
    )


@router.get("/volumes", response=list[WorkshopVolumeOut], operation_id="workshop_volumes")
def volumes(request: HttpRequest) -> list[WorkshopVolumeOut]:
    """Volumes that wait to be taken in, and those on the benches with the stations signed."""
    actor = occasions.actor_of(request)
    queries.enter(actor)
    rows = [*queries.in_work(actor), *queries.waiting(actor)]
    passes = queries.passes_of([row.urn for row in rows])
    return [_volume(row, [one.station for one in passes[row.urn]]) for row in rows]


@router.get("/selection", response=list[RankedOut], operation_id="workshop_ranking")
def ranking(request: HttpRequest, criteria: Query[CriteriaIn]) -> list[RankedOut]:
    """What waits and answers the criteria, ranked by use, risk and age, with why."""
    found = queries.ranking(occasions.actor_of(request), _criteria(criteria), this_year=timezone.localdate().year)
    return [
        RankedOut(
            urn=one.volume.urn,
            reference=one.volume.reference,
            place=one.place,
            score=one.score,
            uses=one.volume.uses,
            risk=one.volume.risk,
            damage_grade=one.volume.damage_grade,
            year=one.volume.year,
        )
        for one in found
    ]


@router.post("/selection", response={201: SelectionOut}, operation_id="workshop_open_selection")
def open_selection(request: HttpRequest, body: ChoiceIn) -> Status[SelectionOut]:
    """Take chosen volumes of a ranking into the workshop; why they were chosen is kept."""
    uid = actions.open_selection(
        occasion=occasions.of(request), criteria=_criteria(body.criteria), volume_urns=body.volumes
    )
    return Status(201, SelectionOut(uid=uid))


def _criteria(said: CriteriaIn) -> rules.Criteria:
    return rules.Criteria(**said.dict())


@router.get("/volumes/{urn}", response=WorkOrderOut, operation_id="workshop_volume")
def volume(request: HttpRequest, urn: str) -> WorkOrderOut:
    """One volume with its stations, its items, and what stands between me and the next signature."""
    actor = occasions.actor_of(request)
    sheet = queries.sheet(actor, urn)
    signed = {one.station: one for one in sheet.bench.passes}
    station = sheet.next_station
    missing = sheet.obstacles(station, actor.staff_code) if station and sheet.order_pk else ()
    return WorkOrderOut(
        volume=_volume(sheet.volume, list(signed)),
        stations=[
            StationOut(
                code=one.code,
                zh=one.zh,
                en=one.en,
                needs=sorted(one.needs),
                clause=one.clause,
                done_by=signed[one.code].done_by if one.code in signed else None,
                done_at=signed[one.code].done_at if one.code in signed else None,
                note=signed[one.code].note if one.code in signed else "",
            )
            for one in queries.stations()
        ],
        items=[
            ScannedItemOut(
                urn=item.urn,
                reference=row.reference,
                paper_pages=row.paper_pages,
                image_pages=row.image_pages,
                missing=list(row.missing),
            )
            for item, row in zip(sheet.items, sheet.bench.items, strict=True)
        ],
        pages_seen=sheet.bench.seen,
        next_station=station.code if station else None,
        missing=[obstacle_out(one) for one in missing],
    )


@router.post("/volumes/{urn}/take-in", response=MovedOut, operation_id="workshop_take_in")
def take_in(request: HttpRequest, urn: str) -> MovedOut:
    """Take a re-checked volume into the workshop."""
    return MovedOut.from_orm(actions.take_in(occasion=occasions.of(request), volume_urn=urn))


@router.post("/volumes/{urn}/stations/{station}", response={204: None}, operation_id="workshop_complete")
def complete(request: HttpRequest, urn: str, station: str, body: SignIn | None = None) -> Status[None]:
    """Sign one station."""
    note = body.note if body else ""
    actions.complete(occasion=occasions.of(request), volume_urn=urn, station=station, note=note)
    return Status(204, None)


@router.post("/volumes/{urn}/send-back", response=FallenOut, operation_id="workshop_send_back")
def send_back(request: HttpRequest, urn: str, body: SendBackIn) -> FallenOut:
    """Send a volume back to the scanner: every station signed so far falls."""
    fallen = actions.send_back(occasion=occasions.of(request), volume_urn=urn, reason=body.reason)
    return FallenOut(stations=list(fallen))


@router.post("/volumes/{urn}/return", response=MovedOut, operation_id="workshop_return_volume")
def return_volume(request: HttpRequest, urn: str, body: WorkshopReturnIn) -> MovedOut:
    """Return a volume whose paper is not as it ought to be."""
    faults = [
        RaisedFault(fault.code, fault.item_urn, fault.component_pk, fault.page_no, note=fault.note)
        for fault in body.faults
    ]
    moved = actions.return_volume(occasion=occasions.of(request), volume_urn=urn, faults=faults)
    return MovedOut.from_orm(moved)


@router.post("/volumes/{urn}/finish", response=MovedOut, operation_id="workshop_finish")
def finish(request: HttpRequest, urn: str) -> MovedOut:
    """Let a volume go to its shelf, every station signed."""
    return MovedOut.from_orm(actions.finish(occasion=occasions.of(request), volume_urn=urn))
