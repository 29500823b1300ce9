from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.jobs import actions, panels, queries
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment, refusal_words


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    return _listing(request)


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    try:
        uid = actions.start(occasion=occasions.of(request), kind=request.POST.get("kind", ""))
    except Refusal as refusal:
        if refusal.entry.status == 403:
            raise
        return _listing(request, refusal)
    return redirect("jobs:one", uid=uid)


@login_required
@require_safe
def one(request: HttpRequest, uid: str) -> HttpResponse:
    return _one(request, uid)


@login_required
@require_POST
def pause(request: HttpRequest, uid: str) -> HttpResponse:
    return _steered(request, uid, lambda: actions.pause(occasion=occasions.of(request), uid=uid))


@login_required
@require_POST
def go_on(request: HttpRequest, uid: str) -> HttpResponse:
    return _steered(request, uid, lambda: actions.go_on(occasion=occasions.of(request), uid=uid))


@login_required
@require_POST
def retry(request: HttpRequest, uid: str) -> HttpResponse:
    keys = request.POST.getlist("key")
    return _steered(request, uid, lambda: actions.retry(occasion=occasions.of(request), uid=uid, keys=keys))


@login_required
@require_POST
def cancel(request: HttpRequest, uid: str) -> HttpResponse:
    return _steered(request, uid, lambda: actions.cancel(occasion=occasions.of(request), uid=uid))


def _steered(request: HttpRequest, uid: str, deed: Callable[[], object]) -> HttpResponse:
    try:
        deed()
    except Refusal as refusal:
        if refusal.entry.status in (401, 403, 404):
            raise
        return _one(request, uid, refusal)
    return redirect("jobs:one", uid=uid)


def _listing(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit(actor)
    context = panels.listing_page(actor, timezone.now())
    if is_fragment(request):
        return render(request, "jobs/_listing.html", context)
    if refusal is not None:
        context["refusal"] = refusal_words(refusal)
    return render(request, "jobs/listing.html", context, status=refusal.entry.status if refusal else 200)


def _one(request: HttpRequest, uid: str, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    context = panels.job_page(actor, queries.get_for(actor, uid), timezone.now())
    if is_fragment(request) and refusal is None:
        return render(request, "jobs/_one.html", context)
    if refusal is not None:
        context["refusal"] = refusal_words(refusal)
    return render(request, "jobs/one.html", context, status=refusal.entry.status if refusal else 200)
