from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.desks.workshop import actions, forms, panels, queries, rules
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.enter(actor)
    context = {
        "waiting": panels.waiting_rows(queries.waiting(actor)),
        "in_work": panels.lanes(queries.in_work(actor)),
        "count_waiting": queries.count_waiting(actor),
        "count_in_work": queries.count_in_work(actor),
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "workshop/board.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def selection(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _selection(request, forms.read_criteria(request.GET))
    criteria = forms.read_criteria(request.POST)
    try:
        actions.open_selection(
            occasion=occasions.of(request), criteria=criteria, volume_urns=request.POST.getlist("volume")
        )
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _selection(request, criteria, refusal)
    return redirect(reverse("workshop:board") + "?done=selected")


@login_required
@require_safe
def order(request: HttpRequest, urn: str) -> HttpResponse:
    return _order(request, urn)


@login_required
@require_safe
def images(request: HttpRequest, urn: str) -> HttpResponse:
    return _images(request, urn)


@login_required
@require_POST
def take_in(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.take_in(occasion=occasions.of(request), volume_urn=urn)
    except Refusal as refusal:
        return _order(request, urn, refusal)
    return _to_order(urn, "taken_in")


@login_required
@require_POST
def complete(request: HttpRequest, urn: str, station: str) -> HttpResponse:
    note = request.POST.get("note", "")
    try:
        actions.complete(occasion=occasions.of(request), volume_urn=urn, station=station, note=note)
    except Refusal as refusal:
        if station == panels.IMAGE_CHECK:
            return _images(request, urn, refusal)
        return _order(request, urn, refusal, note=note)
    return _to_order(urn, "signed")


@login_required
@require_POST
def send_back(request: HttpRequest, urn: str) -> HttpResponse:
    reason = request.POST.get("reason", "")
    try:
        actions.send_back(occasion=occasions.of(request), volume_urn=urn, reason=reason)
    except Refusal as refusal:
        return _images(request, urn, refusal, reason=reason)
    return _to_order(urn, "sent_back")


@login_required
@require_POST
def return_volume(request: HttpRequest, urn: str) -> HttpResponse:
    sheet = queries.sheet(occasions.actor_of(request), urn)
    form = forms.read_return(request.POST)
    faults = form.faults([item.urn for item in sheet.items])
    try:
        actions.return_volume(occasion=occasions.of(request), volume_urn=urn, faults=faults)
    except Refusal as refusal:
        return _order(request, urn, refusal, returning=form)
    return redirect(reverse("workshop:board") + "?done=returned")


@login_required
@require_POST
def finish(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.finish(occasion=occasions.of(request), volume_urn=urn)
    except Refusal as refusal:
        return _order(request, urn, refusal)
    return redirect(reverse("workshop:board") + "?done=finished")


def _selection(request: HttpRequest, criteria: rules.Criteria, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    offered = queries.ranking(actor, criteria, this_year=timezone.localdate().year)
    context = panels.selection_page(offered, criteria, queries.selections(actor)) | {
        "ticked": request.POST.getlist("volume"),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "workshop/selection.html", context, status=refusal.entry.status if refusal else 200)


def _to_order(urn: str, done: str) -> HttpResponse:
    return redirect(reverse("workshop:order", kwargs={"urn": urn}) + f"?done={done}")


def _order(
    request: HttpRequest,
    urn: str,
    refusal: Refusal | None = None,
    *,
    note: str = "",
    returning: forms.ReturnForm | None = None,
) -> HttpResponse:
    actor = occasions.actor_of(request)
    context = panels.order_page(queries.sheet(actor, urn), actor.staff_code) | {
        "note": note,
        "returning": returning,
        "refusal": refusal_words(refusal) if refusal else None,
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "workshop/order.html", context, status=refusal.entry.status if refusal else 200)


def _images(request: HttpRequest, urn: str, refusal: Refusal | None = None, *, reason: str = "") -> HttpResponse:
    actor = occasions.actor_of(request)
    sheet = queries.sheet(actor, urn)
    context = panels.images_page(sheet, actor.staff_code, page=request.GET.get("page", "")) | {
        "reason": reason,
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "workshop/images.html", context, status=refusal.entry.status if refusal else 200)
