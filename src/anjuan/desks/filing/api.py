import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.core.terms import Closing
from anjuan.desks.filing import actions, queries
from anjuan.foundation.accounts import occasions
from anjuan.records.api import ItemOut, MovedOut, ObstacleOut, obstacle_out
from anjuan.records.rows import VolumeRow

router = Router(tags=["filing"])


class ProposalOut(Schema):
    title: str
    arrangement: str
    category_code: str
    year: int
    insurance_line: str
    term: str
    pages: int
    items: list[ItemOut]
    dossier_urn: str | None


class FilingVolumeOut(Schema):
    urn: str
    reference_code: str
    title: str
    state: str
    year: int
    category_code: str
    items: int
    pages: int


class PlaceOut(Schema):
    item: ItemOut
    first_page: int
    last_page: int


class VolumeSheetOut(Schema):
    volume: FilingVolumeOut
    places: list[PlaceOut]
    page_limit: int | None
    obstacles: list[ObstacleOut]


class OpenIn(Schema):
    item_urns: list[str]
    title: str = ""


class OpenedOut(Schema):
    urn: str
    title: str
    items: int


class OrderIn(Schema):
    item_urns: list[str]


class AddIn(Schema):
    item_urn: str


class ClosingIn(Schema):
    """Why and when a dossier stops growing; nothing for other volumes."""

    closing: Closing | None = None
    closed_date: dt.date | None = None


class SealedOut(Schema):
    urn: str
    reference_code: str
    pages: int
    items: dict[str, str]


def _volume(row: VolumeRow) -> FilingVolumeOut:
    return FilingVolumeOut(
        urn=row.urn,
        reference_code=row.reference_code,
        title=row.title,
        state=row.state,
        year=row.year,
        category_code=row.category_code,
        items=row.item_count,
        pages=row.page_count,
    )


@router.get("/proposals", response=list[ProposalOut], operation_id="filing_proposals")
def proposals(request: HttpRequest) -> list[ProposalOut]:
    """Volumes the machine proposes for the reviewed items that wait."""
    actor = occasions.actor_of(request)
    queries.enter(actor)
    return [
        ProposalOut(
            title=row.title,
            arrangement=row.kind,
            category_code=row.items[0].category_code,
            year=row.items[0].year,
            insurance_line=row.insurance_line,
            term=str(row.term),
            dossier_urn=row.dossier.urn if row.dossier else None,
            pages=row.proposal.pages,
            items=[ItemOut.from_orm(item) for item in row.items],
        )
        for row in queries.proposals(actor)
    ]


@router.get("/volumes", response=list[FilingVolumeOut], operation_id="filing_volumes")
def volumes(request: HttpRequest, returned: bool = False) -> list[FilingVolumeOut]:
    """Open volumes, or those that came back for correction."""
    actor = occasions.actor_of(request)
    queries.enter(actor)
    rows = queries.returned_volumes(actor) if returned else queries.open_volumes(actor)
    return [_volume(row) for row in rows]


@router.post("/volumes", response={201: OpenedOut}, operation_id="filing_open_volume")
def open_volume(request: HttpRequest, body: OpenIn) -> Status[OpenedOut]:
    """Open a volume and put reviewed items into it, in the order given."""
    opened = actions.open_volume(occasion=occasions.of(request), item_urns=body.item_urns, title=body.title)
    return Status(201, OpenedOut(urn=opened.urn, title=opened.title, items=opened.items))


@router.get("/volumes/{urn}", response=VolumeSheetOut, operation_id="filing_volume")
def volume(request: HttpRequest, urn: str) -> VolumeSheetOut:
    """One volume with its items in order and what stands between it and its seal."""
    sheet = queries.bench(occasions.actor_of(request), urn)
    return VolumeSheetOut(
        volume=_volume(sheet.volume),
        places=[
            PlaceOut(item=ItemOut.from_orm(item), first_page=first, last_page=last)
            for item, first, last in sheet.first_pages
        ],
        page_limit=sheet.page_limit,
        obstacles=[obstacle_out(one) for one in sheet.obstacles],
    )


@router.put("/volumes/{urn}/order", response={204: None}, operation_id="filing_arrange")
def arrange(request: HttpRequest, urn: str, body: OrderIn) -> Status[None]:
    """Set the order of the items of an open volume."""
    actions.arrange(occasion=occasions.of(request), volume_urn=urn, item_urns=body.item_urns)
    return Status(204, None)


@router.post("/volumes/{urn}/items", response={204: None}, operation_id="filing_add_item")
def add_item(request: HttpRequest, urn: str, body: AddIn) -> Status[None]:
    """Put one more reviewed item at the end of an open volume."""
    actions.add_item(occasion=occasions.of(request), volume_urn=urn, item_urn=body.item_urn)
    return Status(204, None)


@router.delete("/items/{urn}/place", response={204: None}, operation_id="filing_release")
def release(request: HttpRequest, urn: str) -> Status[None]:
    """Take an item out of its open volume."""
    actions.release(occasion=occasions.of(request), item_urn=urn)
    return Status(204, None)


@router.post("/volumes/{urn}/seal", response=SealedOut, operation_id="filing_seal")
def seal(request: HttpRequest, urn: str, body: ClosingIn | None = None) -> SealedOut:
    """Seal a volume: its number and those of its items become final. A dossier says why it closes, and when."""
    closing, closed_date = (body.closing, body.closed_date) if body else (None, None)
    sealed = actions.seal(occasion=occasions.of(request), volume_urn=urn, closing=closing, closed_date=closed_date)
    return SealedOut(urn=sealed.urn, reference_code=sealed.reference_code, pages=sealed.pages, items=dict(sealed.items))


@router.post("/volumes/{urn}/resubmit", response=MovedOut, operation_id="filing_resubmit")
def resubmit(request: HttpRequest, urn: str) -> MovedOut:
    """Send a mended volume on, to be self-checked anew."""
    moved = actions.resubmit(occasion=occasions.of(request), volume_urn=urn)
    return MovedOut.from_orm(moved)
