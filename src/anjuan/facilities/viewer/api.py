from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from anjuan.facilities.formats import serving as formats
from anjuan.facilities.viewer import actions, panels, queries, rules
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records

router = Router(tags=["viewer"])


class WordMarksOut(Schema):
    """Where words stand on a page: x, y, width and height, as parts of the page as it is shown."""

    boxes: list[tuple[float, float, float, float]]


class PagePrintIn(Schema):
    """What a printed copy is for; it stands on the copy."""

    reason: str = Field(max_length=60)


@router.get("/iiif/items/{urn}/manifest", operation_id="iiif_manifest")
def manifest(request: HttpRequest, urn: str) -> dict[str, Any]:
    """The IIIF manifest (Presentation API 3.0) of an item, as at /iiif/presentation/3/{urn}/manifest."""
    return panels.manifest(occasions.actor_of(request), urn, panels.iiif_base(request))


@router.get("/iiif/volumes/{urn}/collection", operation_id="iiif_collection")
def collection(request: HttpRequest, urn: str) -> dict[str, Any]:
    """The IIIF collection of a volume: the manifests of its items."""
    return panels.collection(occasions.actor_of(request), urn, panels.iiif_base(request))


@router.get("/components/{component}/pages/{page}/marks", response=WordMarksOut, operation_id="pages_marks")
def marks(request: HttpRequest, component: int, page: int, word: str) -> object:
    """Where a word stands on a page. Asking counts as opening the page."""
    occasion = occasions.of(request)
    row = records.get_component_for(occasion.actor, component)
    found = queries.marks(row, page, rules.words_to_mark([word]))
    formats.note_opening(request, occasion, row, page)
    return {"boxes": found}


@router.post("/components/{component}/pages/{page}/print", operation_id="pages_print")
def print_page(request: HttpRequest, component: int, page: int, body: PagePrintIn) -> HttpResponse:
    """A copy of a page for printing: PDF, with who made it, when and what for burnt into it."""
    octets = actions.print_page(occasion=occasions.of(request), component=component, page=page, reason=body.reason)
    return HttpResponse(octets, content_type="application/pdf")
