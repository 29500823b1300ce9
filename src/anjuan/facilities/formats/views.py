import re
from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import actions
from anjuan.facilities.formats.actions import PageDerivatives
from anjuan.foundation.accounts import occasions
from anjuan.records import actions as records
from anjuan.records import queries

_TILE = re.compile(r"\d{1,4}_\d{1,4}\.jpg")
DAY_SECONDS = 86_400


@login_required
@require_safe
def thumb(request: HttpRequest, component: int, page: int) -> HttpResponseBase:
    return _image(_drawn(request, component, page, looking=False).thumbnail)


@login_required
@require_safe
def view(request: HttpRequest, component: int, page: int) -> HttpResponseBase:
    ahead = "ahead" in request.GET  # fetched so that the next page is quick, not because anyone looks at it yet
    return _fresh(request, _drawn(request, component, page, looking=not ahead).view)


@login_required
@require_safe
def tiles(request: HttpRequest, component: int, page: int) -> HttpResponseBase:
    return _fresh(request, _drawn(request, component, page, looking=True).dzi, "application/xml")


@login_required
@require_safe
def tile(request: HttpRequest, component: int, page: int, level: int, tile: str) -> HttpResponseBase:
    drawn = _drawn(request, component, page, looking=False)
    path = drawn.dzi.with_name(f"{drawn.dzi.stem}_files") / str(level) / tile
    if not _TILE.fullmatch(tile) or not path.is_file():
        raise Refusal("R-009", what=tile[:20])
    return _image(path)


@login_required
@require_safe
def original(request: HttpRequest, component: int) -> HttpResponseBase:
    row = queries.get_component_for(occasions.actor_of(request), component)
    response = FileResponse(actions.open_content(row.item_urn, row.sha512), content_type=row.mime)
    # Always saved, never shown inside our own pages: what others made is not run under our name.
    response["Content-Disposition"] = content_disposition_header(True, row.original_name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _drawn(request: HttpRequest, component: int, page: int, *, looking: bool) -> PageDerivatives:
    occasion = occasions.of(request)
    row = queries.get_component_for(occasion.actor, component)
    if not 1 <= page <= row.page_count:
        raise Refusal("M-009", page=page)
    drawn = actions.open_page(row.item_urn, row.sha512, page)
    if looking:  # opening the page itself is what counts as having looked at it; a thumbnail is not
        records.look(actor=occasion.actor, component_pk=row.pk, page_no=page, at=occasion.at)
    return drawn


def _fresh(request: HttpRequest, path: Path, content_type: str = "image/jpeg") -> HttpResponseBase:
    """A page as opened: the browser asks each time, so that a look counts for whoever sits at this PC now."""
    tag = f'"{path.parent.parent.name[:32]}-{path.parent.name}-{path.stem}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    response = FileResponse(path.open("rb"), content_type=content_type)
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = tag
    return response


def _image(path: Path, content_type: str = "image/jpeg") -> HttpResponseBase:
    response = FileResponse(path.open("rb"), content_type=content_type)
    # Pages never change under one address (a rescan is another component), but rights may: the browser keeps them
    # privately, for a day.
    response["Cache-Control"] = f"private, max-age={DAY_SECONDS}"
    return response
