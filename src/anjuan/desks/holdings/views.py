from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.desks.holdings import actions, queries
from anjuan.facilities.stacks import actions as stacks
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.middleware import refusal_words

MEASURES = ("racks", "bays", "shelves", "width_mm")


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    return _overview(request)


@login_required
@require_safe
def volumes(request: HttpRequest) -> HttpResponse:
    """Volumes of every fonds and room that the reader may see, a hundred at a time."""
    actor = occasions.actor_of(request)
    queries.permit_holdings(actor)
    after = request.GET.get("after", "")
    fonds, room, unplaced = request.GET.get("fonds", ""), request.GET.get("room", ""), "unplaced" in request.GET
    lines = queries.listed(
        actor,
        fonds_code=fonds,
        room_code=room,
        unplaced=unplaced,
        after=int(after) if after.isdecimal() and len(after) < 19 else 0,
    )
    context = {
        "lines": lines,
        "fonds": fonds,
        "room": room,
        "unplaced": unplaced,
        "next": lines[-1].key if len(lines) == queries.LISTED else 0,
    }
    return render(request, "holdings/volumes.html", context)


@login_required
@require_POST
def furnish_room(request: HttpRequest) -> HttpResponse:
    data = request.POST
    measures = {name: _number(data.get(name, "")) for name in MEASURES}
    try:
        stacks.furnish_room(
            occasion=occasions.of(request),
            code=data.get("code", "").strip().upper(),
            name=data.get("name", ""),
            agency_code=data.get("agency", ""),
            **measures,
        )
    except Refusal as refusal:
        return _overview(request, refusal)
    return redirect(reverse("holdings:overview") + "?done=room")


@login_required
@require_POST
def export_catalogue(request: HttpRequest) -> HttpResponse:
    try:
        made = actions.export_catalogue(occasion=occasions.of(request), agency_code=request.POST.get("agency", ""))
    except Refusal as refusal:
        return _overview(request, refusal)
    answer = HttpResponse(made.packed(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{made.name}.zip"'
    answer["Cache-Control"] = "no-store"
    return answer


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0


def _overview(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit_holdings(actor)
    if refusal is not None and refusal.code in ("A-001", "R-009"):
        raise refusal
    context = {
        "fonds": queries.fonds(actor),
        "rooms": queries.rooms(actor),
        "exportable": queries.exportable(actor),
        "kept": [row for row in accounts.agencies().values() if actor.covers(row.path, Post.KEEPER)],
        "typed": request.POST,
        "done": request.GET.get("done", ""),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "holdings/overview.html", context, status=refusal.entry.status if refusal else 200)
