from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.copies import actions, panels, queries
from anjuan.facilities.copies.forms import PlaceForm, PolicyForm
from anjuan.facilities.copies.rules import Medium, Policy
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment, refusal_words


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    return _overview(request)


@login_required
@require_safe
def running(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit_reader(actor)
    answer = render(request, "copies/_running.html", {"running": panels.running(actor)})
    if not panels.running(actor):
        answer["HX-Refresh"] = "true"  # it has ended: everything on the page may have changed
    return answer


@login_required
@require_POST
def sweep(request: HttpRequest) -> HttpResponse:
    place = request.POST.get("place", "")
    return _done(request, lambda: actions.start_sweep(occasion=occasions.of(request), place_code=place))


@login_required
@require_POST
def replicate(request: HttpRequest) -> HttpResponse:
    return _done(request, lambda: actions.start_replication(occasion=occasions.of(request)))


@login_required
@require_POST
def repair(request: HttpRequest) -> HttpResponse:
    urn, place = request.POST.get("urn", ""), request.POST.get("place", "")
    return _done(request, lambda: actions.repair(occasion=occasions.of(request), urn=urn, place_code=place), "#closed")


@login_required
@require_POST
def policy(request: HttpRequest) -> HttpResponse:
    form = PolicyForm(request.POST)
    form.is_valid()
    given = form.cleaned_data
    asked = Policy(given.get("copies", 0), given.get("kinds", 0), given.get("far", 0))
    return _done(
        request,
        lambda: actions.set_policy(
            occasion=occasions.of(request),
            fonds_code=given.get("fonds", ""),
            policy=asked,
            basis=given.get("basis", ""),
        ),
        "#policies",
    )


@login_required
@require_POST
def open_place(request: HttpRequest) -> HttpResponse:
    form = PlaceForm(request.POST)
    form.is_valid()
    given, actor = form.cleaned_data, occasions.actor_of(request)
    return _done(
        request,
        lambda: actions.open_place(
            occasion=occasions.of(request),
            code=given.get("code", ""),
            name=given.get("name", ""),
            agency_code=actor.agency_code,
            medium=Medium(given.get("medium", Medium.DISK)),
            site=given.get("site", ""),
            address=given.get("address", ""),
            is_far=given.get("is_far", False),
            is_offline=given.get("is_offline", False),
            capacity_bytes=(given.get("capacity_gib") or 0) * 1024**3 or None,
        ),
        "#places",
    )


@login_required
@require_POST
def detach(request: HttpRequest, code: str) -> HttpResponse:
    label, lies_at = request.POST.get("label", ""), request.POST.get("lies_at", "")
    return _done(
        request,
        lambda: actions.detach_place(occasion=occasions.of(request), code=code, label=label, lies_at=lies_at),
        "#places",
    )


@login_required
@require_POST
def attach(request: HttpRequest, code: str) -> HttpResponse:
    address = request.POST.get("address", "")
    return _done(
        request,
        lambda: actions.attach_place(occasion=occasions.of(request), code=code, address=address),
        "#places",
    )


@login_required
@require_safe
def lacking(request: HttpRequest, fonds: str) -> HttpResponse:
    actor = occasions.actor_of(request)
    return render(request, "copies/lacking.html", panels.lacking_page(actor, fonds, timezone.now()))


@login_required
@require_safe
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    actor = occasions.actor_of(request)
    row = queries.get_incident_for(actor, pk)
    context = {
        "one": panels.incident_views([row])[0],
        "record_url": panels.record_url(actor, row.urn),
        "may_act": queries.may_act(actor),
    }
    return render(request, "copies/incident.html", context)


@login_required
@require_safe
def item(request: HttpRequest, urn: str) -> HttpResponse:
    context = panels.item_panel(occasions.actor_of(request), urn, timezone.now())
    return render(request, "copies/_item.html" if is_fragment(request) else "copies/item.html", context)


def _done(request: HttpRequest, deed: Callable[[], object], place: str = "") -> HttpResponse:
    try:
        deed()
    except Refusal as refusal:
        if refusal.entry.status in (401, 403, 404):
            raise
        return _overview(request, refusal)
    answer = redirect("copies:overview")
    answer["Location"] += place
    return answer


def _overview(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    context = panels.overview_page(occasions.actor_of(request), timezone.now())
    if refusal is not None:
        context["refusal"] = refusal_words(refusal)
    return render(request, "copies/overview.html", context, status=refusal.entry.status if refusal else 200)
