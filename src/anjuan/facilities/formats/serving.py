"""Handing pages to a browser or a program: who may see, what counts as a look, what may be kept."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import content_disposition_header

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.formats import actions
from anjuan.facilities.formats.actions import PageDerivatives
from anjuan.foundation.accounts import occasions
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import rules as journal_rules
from anjuan.records import actions as records
from anjuan.records import queries
from anjuan.records.rows import ComponentRow

DAY_SECONDS = 86_400
Shown = TypeVar("Shown")
# Everything else goes out as bytes without a kind: no browser is to find out that it could open it.
_PLAIN_MEDIA = frozenset({"image/jpeg", "image/png", "image/tiff", "application/pdf"})


def open_view(request: HttpRequest, component: int, page: int) -> HttpResponseBase:
    """One whole page as a JPEG; opening it is a look, unless it is fetched ahead."""
    ahead = "ahead" in request.GET  # fetched so that the next page is quick, not because anyone looks at it yet
    return fresh(request, shown(request, component, page, actions.open_whole_page, looking=not ahead))


def open_original(request: HttpRequest, component: int) -> FileResponse:
    """The file as it was captured, verified; saved by the browser, never shown inside our pages."""
    occasion = occasions.of(request)
    row = queries.get_component_for(occasion.actor, component)
    kind = row.mime if row.mime in _PLAIN_MEDIA else "application/octet-stream"
    note_opening(request, occasion, row, 0)
    response = FileResponse(actions.open_content(row.item_urn, row.sha512), content_type=kind)
    # Always saved, never shown inside our own pages: what others made is not run under our name.
    response["Content-Disposition"] = content_disposition_header(True, row.original_name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def thumbnail(request: HttpRequest, component: int, page: int) -> HttpResponseBase:
    """A page's thumbnail: too small to be read, so neither a look nor an opening.

    Raises:
        M-009: there is no such page.
        R-009: there is no such component, or he may not see it.
    """
    row = queries.get_component_for(occasions.actor_of(request), component)
    if not 1 <= page <= row.page_count:
        raise Refusal("M-009", page=page)
    return lasting(actions.open_thumbnail(row.item_urn, row.sha512, page, row.turns.get(page, 0)))


def drawn(request: HttpRequest, component: int, page: int, *, looking: bool) -> PageDerivatives:
    """A page with its tiles, as `shown` hands it out."""
    return shown(request, component, page, actions.open_page, looking=looking)


def shown(
    request: HttpRequest, component: int, page: int, drawing: Callable[[str, str, int, int], Shown], *, looking: bool
) -> Shown:
    """A page of a component the actor may see, drawn if need be; ``looking`` notes that he opened it.

    Whatever can be read is put down as an opening before it is served: a page fetched ahead and a tile as well, else
    they would be the way round. Only a thumbnail is not.

    Raises:
        J-003: the opening cannot be put down.
        M-009: there is no such page.
        R-009: there is no such component, or he may not see it.
    """
    occasion = occasions.of(request)
    row = queries.get_component_for(occasion.actor, component)
    if not 1 <= page <= row.page_count:
        raise Refusal("M-009", page=page)
    page_drawn = drawing(row.item_urn, row.sha512, page, row.turns.get(page, 0))
    note_opening(request, occasion, row, page)
    # Opening the page itself is what counts as having looked at it: not a thumbnail, nor a HEAD, which shows nothing.
    if looking and request.method == "GET":
        records.look(actor=occasion.actor, component_pk=row.pk, page_no=page, at=occasion.at)
    return page_drawn


def note_opening(request: HttpRequest, occasion: Occasion, row: ComponentRow, page: int) -> None:
    """Put down that a page was opened, be it its image or its words.

    Raises:
        J-003: the opening cannot be put down.
    """
    if request.method != "HEAD":  # which shows nothing
        journal.note_opening(
            occasion=occasion, unit=row.item_urn, component=row.pk, page=page, purpose=_purpose(request)
        )


def _purpose(request: HttpRequest) -> str:
    """The desk a page is opened from: as the request says, else the first part of the address it was asked from."""
    said = request.GET.get("purpose") or urlsplit(request.headers.get("Referer", "")).path.strip("/").partition("/")[0]
    return said if said in journal_rules.PURPOSES else "view"


def fresh(request: HttpRequest, path: Path, content_type: str = "image/jpeg") -> HttpResponseBase:
    """A page as opened: the browser asks each time, so that a look counts for whoever sits at this PC now."""
    tag = f'"{path.parent.parent.name[:32]}-{path.parent.name}-{path.stem}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    response = HttpResponse(path.read_bytes(), content_type=content_type)  # at most a few hundred KB
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = tag
    return response


def lasting(path: Path, content_type: str = "image/jpeg") -> HttpResponseBase:
    """A thumbnail or a tile, which the browser may keep for a day."""
    response = HttpResponse(path.read_bytes(), content_type=content_type)  # at most a few hundred KB
    # Pages never change under one address (a rescan is another component), but rights may: the browser keeps them
    # privately, for a day.
    response["Cache-Control"] = f"private, max-age={DAY_SECONDS}"
    return response
