from django.http import FileResponse, HttpRequest
from ninja import Router, Schema

from anjuan.facilities.formats import serving
from anjuan.facilities.reading import queries
from anjuan.facilities.reading import serving as downloads
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records

router = Router(tags=["pages"])


class ReadLineOut(Schema):
    """A line of words: where on the upright page, as parts of its width and height, and how surely it was read."""

    text: str
    box: tuple[float, float, float, float]
    sure: float


class PageReadingOut(Schema):
    """What was read on a page. `unread` says why nothing was, where nothing was."""

    is_read: bool
    unread: str
    turn: int
    titles: list[str]
    fields: dict[str, list[str]]
    seals: list[str]
    lines: list[ReadLineOut]


@router.get("/components/{component}/pages/{page}/reading", response=PageReadingOut, operation_id="pages_reading")
def reading(request: HttpRequest, component: int, page: int) -> dict[str, object]:
    """What the machine read on a page. Asking for it counts as opening the page."""
    occasion = occasions.of(request)
    row = records.get_component_for(occasion.actor, component)
    said = queries.said_of([row.sha512]).get((row.sha512, page))
    serving.note_opening(request, occasion, row, page)
    values: dict[str, list[str]] = {}
    for field in said.fields if said else ():
        values.setdefault(field.name, []).append(field.value)
    return {
        "is_read": said is not None and said.is_read,
        "unread": said.unread if said else "",
        "turn": said.turn if said else 0,
        "titles": [title.text for title in said.titles] if said else [],
        "fields": values,
        "seals": [mark.words for mark in said.seals] if said else [],
        "lines": [
            {"text": line.text, "box": line.box, "sure": line.sure} for line in queries.lines_of(row.sha512, page)
        ],
    }


@router.get("/items/{urn}/searchable.pdf", operation_id="items_searchable")
def searchable(request: HttpRequest, urn: str, part: int = 1) -> FileResponse:
    """The item as a PDF whose words can be searched, a part of a hundred pages of it. A derivative.

    Each of its files is put down as opened.
    """
    return downloads.open_searchable(request, urn, part)
