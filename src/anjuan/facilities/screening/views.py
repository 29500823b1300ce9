from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.screening import actions, panels, queries
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def aside(request: HttpRequest) -> HttpResponse:
    return _list(request)


@login_required
@require_POST
def release(request: HttpRequest, uid: str) -> HttpResponse:
    note = request.POST.get("note", "")
    return _done(request, lambda: actions.release(occasion=occasions.of(request), uid=uid, note=note))


@login_required
@require_POST
def purge(request: HttpRequest, uid: str) -> HttpResponse:
    note = request.POST.get("note", "")
    return _done(request, lambda: actions.purge(occasion=occasions.of(request), uid=uid, note=note))


def _done(request: HttpRequest, deed: Callable[[], None]) -> HttpResponse:
    try:
        deed()
    except Refusal as refusal:
        if refusal.entry.status in (401, 404):
            raise
        return _list(request, refusal)
    return redirect("screening:aside")


def _list(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit(actor)
    context = panels.list_page(actor)
    context["refusal"] = refusal_words(refusal) if refusal else None
    return render(request, "screening/aside.html", context, status=refusal.entry.status if refusal else 200)
