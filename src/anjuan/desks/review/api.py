from django.http import HttpRequest
from ninja import Router, Schema

from anjuan.desks.review import actions, queries
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.facilities.formats.api import FormatFlagOut, flags_out
from anjuan.foundation.accounts import occasions
from anjuan.records.api import ItemOut, MovedOut, ObstacleOut, obstacle_out
from anjuan.records.rows import ItemRow

router = Router(tags=["review"])


class PageOut(Schema):
    """One page: the file, its page from 1, and whether I have opened it."""

    component_pk: int
    page_no: int
    seen: bool


class SubjectOut(Schema):
    """Whom the item concerns, in full: comparing it with the image is the reviewer's work."""

    urn: str
    kind: str
    name: str
    id_number: str
    credit_code: str


class ReviewSheetOut(Schema):
    """An item on my desk."""

    item: ItemOut
    subjects: list[SubjectOut]
    pages: list[PageOut]
    flags: list[FormatFlagOut]
    missing: list[ObstacleOut]
    may_judge: bool


class ItemFaultIn(Schema):
    """A fault with its place; the box is given as shares of the page, 0 to 1."""

    code: str
    component_pk: int | None = None
    page_no: int | None = None
    box: tuple[float, float, float, float] | None = None
    note: str = ""


class CountedItemIn(Schema):
    """Pages of paper as the reviewer counted them; only for paper-first items."""

    counted_pages: int | None = None


class ReturnItemIn(Schema):
    """Why an item is returned."""

    faults: list[ItemFaultIn]


@router.get("/review/items", response=list[ItemOut], operation_id="review_waiting")
def waiting(request: HttpRequest) -> list[ItemRow]:
    """What waits for review, the first due first: by grade of risk and by age; 200 of each grade at most."""
    actor = occasions.actor_of(request)
    queries.permit_review(actor)
    return [one.item for one in queries.waiting(actor)]


@router.get("/review/items/{urn}", response=ReviewSheetOut, operation_id="review_item")
def item(request: HttpRequest, urn: str) -> dict[str, object]:
    """One item with its catalogue in full, its pages, and which of them I have opened."""
    judged = queries.judged(occasions.actor_of(request), urn)
    return {
        "item": judged.sheet.item,
        "subjects": judged.sheet.subjects,
        "flags": flags_out(judged.sheet.components, judged.sheet.findings),
        "pages": [
            {"component_pk": component, "page_no": page_no, "seen": (component, page_no) in judged.seen}
            for component, page_no in judged.sheet.pages
        ],
        "missing": [obstacle_out(one) for one in judged.obstacles],
        "may_judge": judged.may_judge,
    }


@router.post("/review/items/{urn}/pass", response=MovedOut, operation_id="review_pass_item")
def pass_item(request: HttpRequest, urn: str, body: CountedItemIn | None = None) -> object:
    """Pass an item: every page opened, as many images as paper; paper first, the pages counted."""
    counted = body.counted_pages if body else None
    return actions.pass_item(occasion=occasions.of(request), urn=urn, counted_pages=counted)


@router.post("/review/items/{urn}/return", response=MovedOut, operation_id="review_return_item")
def return_item(request: HttpRequest, urn: str, body: ReturnItemIn) -> object:
    """Return an item to the counter with its faults and their places."""
    faults = [
        RaisedFault(
            code=fault.code,
            item_urn=urn,
            component_pk=fault.component_pk,
            page_no=fault.page_no,
            box=fault.box,
            note=fault.note,
        )
        for fault in body.faults
    ]
    return actions.return_item(occasion=occasions.of(request), urn=urn, faults=faults)
