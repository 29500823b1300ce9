from django.http import FileResponse, HttpRequest
from ninja import Router, Schema

from anjuan.core.reading.tables import texts
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


class TableCellOut(Schema):
    """A cell of a ruled table: its place in the lattice, what it spans, and its words."""

    row: int
    column: int
    rows: int
    columns: int
    text: str


class PageReadingOut(Schema):
    """What was read on a page. `unread` says why nothing was, where nothing was."""

    is_read: bool
    unread: str
    turn: int
    titles: list[str]
    fields: dict[str, list[str]]
    seals: list[str]
    tables: list[list[TableCellOut]]
    lines: list[ReadLineOut]


@router.get("/components/{component}/pages/{page}/reading", response=PageReadingOut, operation_id="pages_reading")
def reading(request: HttpRequest, component: int, page: int) -> dict[str, object]:
    """What the machine read on a page. Asking for it counts as opening the page."""
    occasion = occasions.of(request)
    row = records.get_component_for(occasion.actor, component)
    said = queries.said_of([row.sha512]).get((row.sha512, page))
    serving.note_opening(request, occasion, row, page)
    lines = queries.lines_of(row.sha512, page)
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
        "tables": [
            [
                {"row": cell.row, "column": cell.column, "rows": cell.rows, "columns": cell.columns, "text": words}
                for cells in texts(table, lines)
                for cell, words in cells
            ]
            for table in (said.tables if said else ())
        ],
        "lines": [{"text": line.text, "box": line.box, "sure": line.sure} for line in lines],
    }


@router.get("/items/{urn}/searchable.pdf", operation_id="items_searchable")
def searchable(request: HttpRequest, urn: str, part: int = 1) -> FileResponse:
    """The item as a PDF whose words can be searched, a part of a hundred pages of it. A derivative.

    Each of its files is put down as opened.
    """
    return downloads.open_searchable(request, urn, part)
