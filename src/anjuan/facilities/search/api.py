import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema

from anjuan.facilities.search import actions, queries
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records

router = Router(tags=["search"])


class FoundItemOut(Schema):
    urn: str
    reference_code: str
    acceptance_no: str
    title: str
    step_code: str
    category_code: str
    year: int
    formed_date: dt.date
    paper_pages: int
    state: str
    custody: str


class PersonOut(Schema):
    urn: str
    kind: str
    name: str
    masked_id: str


class HitOut(Schema):
    subject: PersonOut
    items: list[FoundItemOut]


class FoundVolumeOut(Schema):
    urn: str
    reference_code: str
    title: str
    year: int
    item_count: int
    page_count: int
    state: str
    custody: str


class StoryOut(Schema):
    at: dt.datetime
    act: str
    staff_code: str
    position: int | None


class VisitOut(Schema):
    """Who opened pages of a record: one line a person, purpose and quarter of an hour."""

    staff_code: str
    unit: str
    purpose: str
    slot: dt.datetime
    first_at: dt.datetime
    pages: list[tuple[int, int]]


class RevealIn(Schema):
    reason: str


class RevealOut(Schema):
    number: str


class FoundOut(Schema):
    typed: str
    recognised: str
    total: int
    advice: str
    persons: list[HitOut]
    items: list[FoundItemOut]
    volumes: list[FoundVolumeOut]
    cut: bool
    is_index_whole: bool


@router.get("/find", response=FoundOut, operation_id="search_find")
def find(request: HttpRequest, q: str) -> object:
    """Look up an ID card number, a credit code, a 档号, an acceptance number, a name, or words."""
    result = queries.find(occasions.actor_of(request), q)
    return {
        "typed": result.typed,
        "recognised": result.recognised,
        "total": result.total,
        "advice": result.advice.code if result.advice else "",
        "persons": result.persons,
        "items": result.items,
        "volumes": result.volumes,
        "cut": result.cut,
        "is_index_whole": result.is_index_whole,
    }


@router.get("/items/{urn}", response=FoundItemOut, operation_id="search_item")
def item(request: HttpRequest, urn: str) -> object:
    """One item."""
    return records.get_item_for(occasions.actor_of(request), urn)


@router.get("/items/{urn}/story", response=list[StoryOut], operation_id="search_story")
def story(request: HttpRequest, urn: str) -> object:
    """What happened to an item and its volume: who, when, which act, and where the line stands in the log."""
    return [
        {"at": told.line.at, "act": told.line.act, "staff_code": told.line.staff_code, "position": told.line.position}
        for told in queries.item_page(occasions.actor_of(request), urn).story
    ]


@router.get("/openings/{urn}", response=list[VisitOut], operation_id="search_openings")
def openings(request: HttpRequest, urn: str) -> object:
    """Who looked at an item, or at the items of a volume, newest first: component and page, 0 for a whole file."""
    return [row.visit for row in queries.visitors(occasions.actor_of(request), urn)]


@router.post("/subjects/{urn}/reveal", response=RevealOut, operation_id="search_reveal")
def reveal(request: HttpRequest, urn: str, body: RevealIn) -> object:
    """Show a masked number; the reason is journaled."""
    return {"number": actions.reveal(occasion=occasions.of(request), subject_urn=urn, reason=body.reason)}


@router.get("/volumes/{urn}", response=FoundVolumeOut, operation_id="search_volume")
def volume(request: HttpRequest, urn: str) -> object:
    """One volume."""
    return records.get_volume_for(occasions.actor_of(request), urn)
