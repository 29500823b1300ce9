import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema

from anjuan.facilities.search import actions, queries
from anjuan.facilities.search.rules import Order
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


class PieceOut(Schema):
    text: str
    is_marked: bool


class WhyOut(Schema):
    """Why an item was found: in a field, on a page (its place among all pages of the item), by a number or a sound."""

    kind: str
    field: str
    page: int
    pieces: list[PieceOut]


class NoteOut(Schema):
    code: str
    about: str


class AloneOut(Schema):
    asked: str
    total: int


class FoundOut(Schema):
    """What was found; ``items`` is one page, ``following`` asks for the next, ``facets`` count all that is found.

    ``why`` and ``pages_found`` are by URN; text of pages is shown folded, without numbers of persons.
    """

    typed: str
    recognised: str
    total: int
    advice: str
    persons: list[HitOut]
    items: list[FoundItemOut]
    volumes: list[FoundVolumeOut]
    cut: bool
    is_index_whole: bool
    order: Order
    following: str
    facets: dict[str, dict[str, int]]
    why: dict[str, list[WhyOut]]
    pages_found: dict[str, int]
    notes: list[NoteOut]
    alone: list[AloneOut]
    alike: list[str]
    waiting: int


def told(result: queries.SearchResult) -> dict[str, object]:
    """What was found, as the schema has it: the command tells it so as well."""
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
        "order": result.order,
        "following": result.following,
        "facets": result.facets,
        "why": {
            urn: [
                {
                    "kind": reason.kind,
                    "field": reason.field,
                    "page": reason.page,
                    "pieces": [{"text": text, "is_marked": is_marked} for text, is_marked in reason.pieces],
                }
                for reason in hit.reasons
            ]
            for urn, hit in result.hits.items()
        },
        "pages_found": {urn: hit.pages for urn, hit in result.hits.items()},
        "notes": result.notes,
        "alone": result.alone,
        "alike": list(result.alike),
        "waiting": result.waiting,
    }


@router.get("/find", response=FoundOut, operation_id="search_find")
def find(request: HttpRequest, q: str, order: Order = Order.NEWEST, after: str = "") -> object:
    """Ask for a number, a code, a name, or a question with operators and fields (docs/reference/search.md)."""
    result = queries.find(occasions.actor_of(request), q, order=order, after=after)
    return told(result)


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
