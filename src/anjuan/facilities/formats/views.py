import re

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import serving

_TILE = re.compile(r"\d{1,4}_\d{1,4}\.jpg")


@login_required
@require_safe
def thumb(request: HttpRequest, component: int, page: int) -> HttpResponseBase:
    return serving.thumbnail(request, component, page)


@login_required
@require_safe
def view(request: HttpRequest, component: int, page: int) -> HttpResponseBase:
    return serving.open_view(request, component, page)


@login_required
@require_safe
def tiles(request: HttpRequest, component: int, page: int) -> HttpResponseBase:
    return serving.fresh(request, serving.drawn(request, component, page, looking=True).dzi, "application/xml")


@login_required
@require_safe
def tile(request: HttpRequest, component: int, page: int, level: int, tile: str) -> HttpResponseBase:
    drawn = serving.drawn(request, component, page, looking=False)
    path = drawn.dzi.with_name(f"{drawn.dzi.stem}_files") / str(level) / tile
    if not _TILE.fullmatch(tile) or not path.is_file():
        raise Refusal("R-009", what=tile[:20])
    return serving.lasting(path)


@login_required
@require_safe
def original(request: HttpRequest, component: int) -> HttpResponseBase:
    return serving.open_original(request, component)
