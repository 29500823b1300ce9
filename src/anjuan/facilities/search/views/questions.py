"""Questions that somebody keeps for himself (存的检索)."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.search import actions
from anjuan.facilities.search.queries import kept
from anjuan.facilities.search.rules import Order
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment


@login_required
@require_safe
def saved(request: HttpRequest) -> HttpResponse:
    return _saved(request)


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    asked, wanted = request.POST.get("q", ""), request.POST.get("order", "")
    order = Order(wanted) if wanted in Order.__members__ else Order.NEWEST
    try:
        uid = actions.save_question(
            occasion=occasions.of(request),
            name=request.POST.get("name", ""),
            asked=asked,
            order=order,
        )
    except Refusal as refusal:
        return _saved(request, refusal, typed=(request.POST.get("name", ""), asked, order))
    return redirect(f"{reverse('search:saved')}#q-{uid}")


@login_required
@require_POST
def open_saved(request: HttpRequest, uid: str) -> HttpResponse:
    asked, order = actions.open_question(occasion=occasions.of(request), uid=uid)
    return redirect(f"{reverse('search:find')}?{urlencode({'q': asked, 'order': order.value})}")


@login_required
@require_POST
def rename(request: HttpRequest, uid: str) -> HttpResponse:
    try:
        actions.rename_question(occasion=occasions.of(request), uid=uid, name=request.POST.get("name", ""))
    except Refusal as refusal:
        return _saved(request, refusal)
    return redirect(f"{reverse('search:saved')}#q-{uid}")


@login_required
@require_POST
def drop(request: HttpRequest, uid: str) -> HttpResponse:
    actions.drop_question(occasion=occasions.of(request), uid=uid)
    return redirect(f"{reverse('search:saved')}?dropped={uid}")


@login_required
@require_POST
def restore(request: HttpRequest, uid: str) -> HttpResponse:
    try:
        actions.restore_question(occasion=occasions.of(request), uid=uid)
    except Refusal as refusal:
        return _saved(request, refusal)
    return redirect(f"{reverse('search:saved')}#q-{uid}")


def _saved(
    request: HttpRequest, refusal: Refusal | None = None, typed: tuple[str, str, Order] | None = None
) -> HttpResponse:
    if refusal is not None and refusal.entry.status in (403, 404):
        raise refusal
    actor = occasions.actor_of(request)
    told: dict[str, object] = {"rows": kept.saved_of(actor), "refusal": refusal, "typed": typed}
    if is_fragment(request):
        return render(request, "search/_saved.html", told)
    if uid := request.GET.get("dropped", ""):
        row = kept.saved_row(kept.saved_for(actor, uid))
        told["dropped"] = row if row.is_dropped else None
    told["may_export"] = kept.row_limit(actor) > 0
    return render(request, "search/saved.html", told, status=refusal.entry.status if refusal else 200)
