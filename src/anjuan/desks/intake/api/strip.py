import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema, Status

from anjuan.desks.intake import actions, queries
from anjuan.desks.intake.actions import reuse, strip
from anjuan.desks.intake.queries import counter
from anjuan.foundation.accounts import occasions

router = Router(tags=["intake"])


class PageOrderIn(Schema):
    """All present files of an item by key, in the order wanted."""

    components: list[int]


class TurnIn(Schema):
    """A quarter, half or three quarters of a turn clockwise."""

    page_no: int
    degrees: int


class TurnedOut(Schema):
    """The file's new key: whoever saw the page lying must look again."""

    component: int


class OfferOut(Schema):
    """A file of an earlier record that would serve here."""

    component_pk: int
    material_code: str
    original_name: str
    page_count: int
    reference: str
    captured_at: dt.datetime
    is_valid: bool


class TakenOverOut(Schema):
    """The receipt of a material taken over."""

    urn: str
    version: int
    pages: int


@router.post("/intake/items/{urn}/page-order", response={204: None}, operation_id="intake_order_pages")
def order_pages(request: HttpRequest, urn: str, body: PageOrderIn) -> Status[None]:
    """Put the files of an item in another order."""
    strip.order_pages(occasion=occasions.of(request), urn=urn, component_pks=body.components)
    return Status(204, None)


@router.post("/intake/components/{int:component}/turn", response=TurnedOut, operation_id="intake_turn_page")
def turn_page(request: HttpRequest, component: int, body: TurnIn) -> dict[str, int]:
    """Show a page turned; the captured bytes stay as they are."""
    occasion = occasions.of(request)
    turned = strip.turn_page(occasion=occasion, component_pk=component, page_no=body.page_no, degrees=body.degrees)
    return {"component": turned}


@router.get("/intake/items/{urn}/offers", response=list[OfferOut], operation_id="intake_offers")
def offers(request: HttpRequest, urn: str) -> list[counter.Offer]:
    """What was captured before of the same persons or employer and would serve here."""
    occasion = occasions.of(request)
    return counter.offers(occasion.actor, queries.opened(occasion.actor, urn), at=occasion.at)


@router.post(
    "/intake/items/{urn}/offers/{int:component}", response={201: TakenOverOut}, operation_id="intake_reuse_material"
)
def reuse_material(request: HttpRequest, urn: str, component: int) -> Status[actions.Captured]:
    """Take a material over from an earlier record."""
    return Status(201, reuse.reuse_material(occasion=occasions.of(request), urn=urn, component_pk=component))
