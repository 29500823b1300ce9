"""How the index stands, and having it held against the records (检索索引)."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.search import actions
from anjuan.facilities.search.queries import kept
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.shapes import Tile, Work

_STATES = {
    "WHOLE": (gettext_lazy("whole"), "good", "circle-check"),
    "MAKING": (gettext_lazy("being made from the records"), "wait", "hourglass"),
    "MISSING": (gettext_lazy("missing; the worker makes it again"), "bad", "alert-triangle"),
    "DAMAGED": (gettext_lazy("damaged; the worker makes it again"), "bad", "alert-triangle"),
}


@login_required
@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    return _standing(request)


@login_required
@require_POST
def reconcile(request: HttpRequest) -> HttpResponse:
    try:
        actions.reconcile(occasion=occasions.of(request))
    except Refusal as refusal:
        if refusal.entry.status == 403:
            raise
        return _standing(request, refusal)
    return redirect("search:standing")


def _standing(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    found = kept.standing(actor, at=timezone.now())
    held = found.held
    tiles = [
        Tile(
            gettext_lazy("Entries not in the index yet"),
            found.behind,
            tone="bad" if found.behind > 1000 else "",
            icon="clock",
        ),
        Tile(gettext_lazy("Items it knows"), held.items if held else "—", icon="database"),
        Tile(gettext_lazy("Files to take in"), held.waiting if held else "—", icon="file-text"),
        Tile(gettext_lazy("Files with pages to be read"), held.unread if held else "—", icon="scan"),
        Tile(gettext_lazy("Files without readable words"), held.unreadable if held else "—", icon="file-x"),
    ]
    return render(
        request,
        "search/standing.html",
        {
            "refusal": refusal,
            "found": found,
            "state": _STATES[found.state],
            "tiles": tiles,
            "work": Work(gettext_lazy("Making the index"), found.made, 100, left=found.left)
            if found.state == "MAKING"
            else None,
            "may_reconcile": kept.may_reconcile(actor) and found.state == "WHOLE",
        },
        status=refusal.entry.status if refusal else 200,
    )
