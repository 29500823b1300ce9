from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from anjuan.desks.holdings import actions, queries
from anjuan.facilities.stacks import actions as stacks
from anjuan.foundation.accounts import occasions

router = Router(tags=["holdings"])


class FondsHoldingOut(Schema):
    """What of a fonds the reader may see, and in which rooms it lies."""

    code: str
    name: str
    agency_code: str
    volumes: int
    items: int
    pages: int
    on_paper: int
    placed: int
    rooms: list[str]


class RoomHoldingOut(Schema):
    """A store room with its shelf length in millimetres."""

    code: str
    name: str
    agency_code: str
    width_mm: int
    used_mm: int
    volumes: int
    fonds: list[str]


class HoldingOut(Schema):
    """A volume of the central catalogue; ``key`` is where the next page goes on."""

    key: int
    urn: str
    reference_code: str
    title: str
    fonds_code: str
    agency_code: str
    year: int
    state: str
    page_count: int
    has_paper: bool
    room_code: str
    cell_code: str


class FurnishedRoomIn(Schema):
    """A store room: racks with two sides, bays a side, shelves a bay, each cell so wide."""

    code: str
    name: str
    agency_code: str
    racks: int
    bays: int
    shelves: int
    width_mm: int


class FurnishedRoomOut(Schema):
    """How many cells it has."""

    cells: int


@router.get("/holdings/fonds", response=list[FondsHoldingOut], operation_id="holdings_fonds")
def fonds(request: HttpRequest) -> list[queries.FondsHolding]:
    """All fonds with what they hold and where it lies."""
    actor = occasions.actor_of(request)
    queries.permit_holdings(actor)
    return queries.fonds(actor)


@router.get("/holdings/rooms", response=list[RoomHoldingOut], operation_id="holdings_rooms")
def rooms(request: HttpRequest) -> list[queries.RoomHolding]:
    """All store rooms with what lies in them."""
    actor = occasions.actor_of(request)
    queries.permit_holdings(actor)
    return queries.rooms(actor)


@router.post("/holdings/rooms", response={201: FurnishedRoomOut}, operation_id="holdings_furnish_room")
def furnish_room(request: HttpRequest, body: FurnishedRoomIn) -> Status[dict[str, int]]:
    """Enter a store room with its racks."""
    return Status(201, {"cells": stacks.furnish_room(occasion=occasions.of(request), **body.dict())})


@router.get("/holdings/volumes", response=list[HoldingOut], operation_id="holdings_volumes")
def volumes(
    request: HttpRequest, fonds: str = "", room: str = "", unplaced: bool = False, after: int = 0
) -> list[queries.HoldingLine]:
    """Volumes of all fonds and rooms, a hundred from ``after`` on."""
    actor = occasions.actor_of(request)
    queries.permit_holdings(actor)
    return list(queries.listed(actor, fonds_code=fonds, room_code=room, unplaced=unplaced, after=after))


@router.post("/holdings/{agency_code}/catalogue.zip", operation_id="holdings_export_catalogue")
def export_catalogue(request: HttpRequest, agency_code: str) -> HttpResponse:
    """The agency's catalogue as a folder that finds without a server, packed."""
    made = actions.export_catalogue(occasion=occasions.of(request), agency_code=agency_code)
    return HttpResponse(made.packed(), content_type="application/zip")
