from django.http import HttpRequest
from ninja import Router, Schema

from anjuan.facilities.stacks import actions, queries
from anjuan.foundation.accounts import occasions

router = Router(tags=["stacks"])


class ShelveIn(Schema):
    cell: str


class ShelvedOut(Schema):
    volume_urn: str
    cell_code: str
    free_mm: int


class ToShelveOut(Schema):
    urn: str
    reference_code: str
    title: str
    page_count: int


class CellOut(Schema):
    code: str
    rack_no: int
    side: str
    bay_no: int
    shelf_no: int
    width_mm: int
    used_mm: int
    volumes: int


class RoomOut(Schema):
    code: str
    name: str
    cells: list[CellOut]


@router.get("/rooms", response=list[RoomOut], operation_id="stacks_rooms")
def rooms(request: HttpRequest) -> object:
    """The rooms the actor keeps, every cell with its fill."""
    return queries.rooms_for(occasions.actor_of(request))


@router.get("/to-shelve", response=list[ToShelveOut], operation_id="stacks_to_shelve")
def to_shelve(request: HttpRequest) -> object:
    """Volumes held by the archive that lie on no shelf yet."""
    return queries.to_shelve(occasions.actor_of(request))


@router.post("/volumes/{urn}/shelve", response=ShelvedOut, operation_id="stacks_shelve")
def shelve(request: HttpRequest, urn: str, body: ShelveIn) -> object:
    """Put a volume into a shelf cell."""
    return actions.shelve(occasion=occasions.of(request), volume_urn=urn, cell_code=body.cell)
