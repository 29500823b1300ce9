import datetime as dt

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from anjuan.desks.transfer import actions, rules
from anjuan.desks.transfer.queries import house
from anjuan.foundation.accounts import occasions

router = Router(tags=["transfer"])


class RoomFillOut(Schema):
    """A room with its fill and growth, in millimetres of shelf; ``days_to_full`` is none where nothing was added."""

    code: str
    name: str
    width_mm: int
    used_mm: int
    volumes: int
    grown_mm: int
    days_to_full: int | None
    categories: list[tuple[str, int, int]]


class WaitingBatchOut(Schema):
    """A batch not received yet, in the order in which it ought to be."""

    batch_no: str
    agency_code: str
    stage: str
    is_ready: bool
    waited_days: int
    volumes: int
    pages: int
    thickness_mm: int
    fits: bool
    free_mm: int
    trip_no: str


class AgencyLoadOut(Schema):
    """What an agency keeps of sealed paper, and how many volumes it filed in ninety days."""

    code: str
    volumes: int
    thickness_mm: int
    filed: int


class HouseOut(Schema):
    """The board of the archive house."""

    free_mm: int
    floor_volumes: int
    floor_mm: int
    rooms: list[RoomFillOut]
    waiting: list[WaitingBatchOut]
    agencies: list[AgencyLoadOut]


class StopIn(Schema):
    batch_no: str
    hands_over: str


class TripIn(Schema):
    """An order for a vehicle; ``load_mm`` is the shelf length that it takes."""

    on_date: dt.date
    plate: str
    driver: str
    seats: int
    load_mm: int
    stops: list[StopIn]
    note: str = ""


class StopOut(Schema):
    batch_no: str
    agency_code: str
    stage: str
    hands_over: str
    thickness_mm: int
    volumes: int


class TripOut(Schema):
    trip_no: str
    on_date: dt.date
    plate: str
    driver: str
    seats: int
    load_mm: int
    note: str
    planned_by: str
    planned_at: dt.datetime
    cancelled_at: dt.datetime | None
    cancel_reason: str
    stops: list[StopOut]


class CancelTripIn(Schema):
    reason: str


@router.get("/house", response=HouseOut, operation_id="transfer_house")
def board(request: HttpRequest) -> object:
    """How full the rooms are, what waits, and in which order it ought to be received."""
    found = house.board(occasions.actor_of(request), now=timezone.now())
    return {
        "free_mm": found.free_mm,
        "floor_volumes": found.floor[0],
        "floor_mm": found.floor[1],
        "rooms": [
            {**vars(room), "days_to_full": rules.days_to_full(room.free_mm, room.grown_mm, house.LOOKED_BACK)}
            for room in found.rooms
        ],
        "waiting": [
            {
                **vars(row),
                "fits": found.proposed[row.batch_no].fits,
                "free_mm": found.proposed[row.batch_no].free_mm,
            }
            for row in found.waiting
        ],
        "agencies": found.agencies,
    }


@router.get("/trips", response=list[TripOut], operation_id="transfer_trips")
def trips(request: HttpRequest) -> object:
    """Trips to agencies that the actor sees, the latest day first."""
    actor = occasions.actor_of(request)
    house.enter(actor, *house.TRIP_POSTS)
    return house.trips(actor)


@router.post("/trips", response={201: TripOut}, operation_id="transfer_plan_trip")
def plan_trip(request: HttpRequest, body: TripIn) -> object:
    """Order a vehicle that fetches batches at their agencies."""
    planned = actions.plan_trip(
        occasion=occasions.of(request),
        on_date=body.on_date,
        plate=body.plate,
        driver=body.driver,
        seats=body.seats,
        load_mm=body.load_mm,
        stops={stop.batch_no: stop.hands_over for stop in body.stops},
        note=body.note,
    )
    return Status(201, planned)


@router.post("/trips/{trip_no}/cancel", response={204: None}, operation_id="transfer_cancel_trip")
def cancel_trip(request: HttpRequest, trip_no: str, body: CancelTripIn) -> Status[None]:
    """Call a trip off."""
    actions.cancel_trip(occasion=occasions.of(request), trip_no=trip_no, reason=body.reason)
    return Status(204, None)
