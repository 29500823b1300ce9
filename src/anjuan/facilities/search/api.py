import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema

from anjuan.facilities.search import queries
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records

router = Router(tags=["search"])


class ItemOut(Schema):
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
    items: list[ItemOut]


class VolumeOut(Schema):
    urn: str
    reference_code: str
    title: str
    year: int
    item_count: int
    page_count: int
    state: str
    custody: str


class FoundOut(Schema):
    typed: str
    recognised: str
    total: int
    advice: str
    persons: list[HitOut]
    items: list[ItemOut]
    volumes: list[VolumeOut]


@router.get("/find", response=FoundOut, operation_id="search_find")
def find(request: HttpRequest, q: str) -> object:
    """Look up an ID card number, a credit code, a 档号, an acceptance number or a name."""
    result = queries.find(occasions.actor_of(request), q)
    return {
        "typed": result.typed,
        "recognised": result.recognised,
        "total": result.total,
        "advice": result.advice.code if result.advice else "",
        "persons": result.persons,
        "items": result.items,
        "volumes": result.volumes,
    }


@router.get("/items/{urn}", response=ItemOut, operation_id="search_item")
def item(request: HttpRequest, urn: str) -> object:
    """One item."""
    return records.get_item_for(occasions.actor_of(request), urn)


@router.get("/volumes/{urn}", response=VolumeOut, operation_id="search_volume")
def volume(request: HttpRequest, urn: str) -> object:
    """One volume."""
    return records.get_volume_for(occasions.actor_of(request), urn)
