from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from anjuan.core.refusals import Refusal
from anjuan.desks.intake import queries
from anjuan.desks.intake.actions import reuse, strip
from anjuan.desks.intake.views.counter import show_item, to_item
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import wants_json
from anjuan.records import queries as records


@login_required
@require_POST
def order(request: HttpRequest, urn: str) -> HttpResponse:
    """All files in their new order, or one of them moved by one place."""
    collected = queries.opened(occasions.actor_of(request), urn)
    present = [row.pk for row in collected.components]
    wanted = [int(key) for key in request.POST.getlist("component") if key.isdecimal() and len(key) < 19]
    step = {"earlier": -1, "later": 1}.get(request.POST.get("move", ""), 0)
    if step and len(wanted) == 1 and wanted[0] in present:
        wanted = _moved(present, wanted[0], step)
    strip.order_pages(occasion=occasions.of(request), urn=urn, component_pks=wanted)
    if wants_json(request):
        return JsonResponse({"ok": True})
    return to_item(urn, done="order", page=request.POST.get("page", ""))


@login_required
@require_POST
def turn(request: HttpRequest, component: int) -> HttpResponse:
    row = records.get_component_for(occasions.actor_of(request), component)
    given = {name: request.POST.get(name, "") for name in ("page_no", "degrees")}
    numbers = {name: int(text) if text.isdecimal() and len(text) < 6 else 0 for name, text in given.items()}
    strip.turn_page(
        occasion=occasions.of(request),
        component_pk=component,
        page_no=numbers["page_no"],
        degrees=numbers["degrees"],
    )
    return to_item(row.item_urn, done="turn", page=request.POST.get("page", ""))


@login_required
@require_POST
def take_over(request: HttpRequest, urn: str, component: int) -> HttpResponse:
    try:
        reuse.reuse_material(occasion=occasions.of(request), urn=urn, component_pk=component)
    except Refusal as said:
        if said.entry.status in (403, 404):
            raise
        return show_item(request, queries.opened(occasions.actor_of(request), urn), refusal=said)
    return to_item(urn, done="reuse")


def _moved(keys: list[int], key: int, step: int) -> list[int]:
    place = keys.index(key)
    rest = keys[:place] + keys[place + 1 :]
    at = min(max(place + step, 0), len(rest))
    return [*rest[:at], key, *rest[at:]]
