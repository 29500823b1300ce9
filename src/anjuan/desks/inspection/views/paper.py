"""The gates at which paper is counted: the spot check before a pick-up, acceptance, the re-check of paper."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, State
from anjuan.desks.inspection import actions, forms, panels, queries
from anjuan.desks.inspection.panels import campaigns, plans
from anjuan.desks.inspection.panels import paper as shapes
from anjuan.desks.inspection.queries import history
from anjuan.desks.inspection.views.judging import returned
from anjuan.facilities.corrections.panels import fault_choices
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def spots(request: HttpRequest) -> HttpResponse:
    return _spots(request)


@login_required
@require_POST
def freeze(request: HttpRequest) -> HttpResponse:
    agency, category = request.POST.get("agency", ""), request.POST.get("category", "")
    try:
        actions.freeze_lot(occasion=occasions.of(request), agency_code=agency, category_code=category)
    except Refusal as refusal:
        return _spots(request, refusal, f"{agency} {category}")
    return redirect(reverse("inspection:spots") + "?done=frozen")


@login_required
@require_POST
def draw_spot(request: HttpRequest, draw_no: str) -> HttpResponse:
    try:
        drawn = actions.draw_spot(occasion=occasions.of(request), draw_no=draw_no)
    except Refusal as refusal:
        return _spots(request, refusal, draw_no)
    return redirect(shapes.draw_url(drawn) + "?done=drawn")


@login_required
@require_safe
def spot(request: HttpRequest, draw_no: str) -> HttpResponse:
    row = queries.draw(occasions.actor_of(request), draw_no)
    return draw_page(request, row)


@login_required
@require_POST
def pass_spot(request: HttpRequest, draw_no: str) -> HttpResponse:
    try:
        actions.pass_spot(occasion=occasions.of(request), draw_no=draw_no)
    except Refusal as refusal:
        return draw_page(request, queries.draw(occasions.actor_of(request), draw_no), refusal)
    return redirect(reverse("inspection:spots") + "?done=spot_passed")


@login_required
@require_safe
def acceptances(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.enter(actor, Post.ACCEPTOR)
    context = {
        "title": _("Acceptance on paper"),
        "rows": panels.volume_rows(queries.to_accept(actor), "inspection:paper"),
        "count": queries.count_to_accept(actor),
        "empty": _("No received paper waits for its acceptance."),
        "done": panels.done_words(request.GET.get("done", "")),
        "offer": campaigns.offer(actor, request.GET.get("fault", "")),
    }
    return render(request, "inspection/queue.html", context)


@login_required
@require_safe
def paper(request: HttpRequest, urn: str) -> HttpResponse:
    return _paper(request, urn)


@login_required
@require_POST
def check(request: HttpRequest, urn: str) -> HttpResponse:
    sheet = queries.paper_bench(occasions.actor_of(request), urn)
    form = forms.read_paper(request.POST, [one.item.urn for one in sheet.items])
    try:
        actions.check_paper(
            occasion=occasions.of(request),
            volume_urn=urn,
            counted=form.counted,
            has_main_forms=form.has_main_forms,
            has_seals=form.has_seals,
        )
    except Refusal as refusal:
        return _paper(request, urn, refusal, form)
    if sheet.volume.state is State.RECEIVED:
        return redirect(reverse("inspection:paper", kwargs={"urn": urn}) + "?done=counted")
    return redirect(shapes.back_url(sheet) + "?done=counted")


@login_required
@require_POST
def accept(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.accept(occasion=occasions.of(request), volume_urn=urn)
    except Refusal as refusal:
        return _paper(request, urn, refusal)
    return redirect(reverse("inspection:acceptances") + "?done=accepted_paper")


@login_required
@require_POST
def return_paper(request: HttpRequest, urn: str) -> HttpResponse:
    sheet = queries.paper_bench(occasions.actor_of(request), urn)
    form = forms.read_paper(request.POST, [one.item.urn for one in sheet.items])
    back = {State.APPLIED: "inspection:spots", State.ACCEPTED: "inspection:rechecks"}
    try:
        actions.return_volume(occasion=occasions.of(request), volume_urn=urn, faults=form.faults)
    except Refusal as refusal:
        return _paper(request, urn, refusal, form)
    page = reverse(back.get(sheet.volume.state, "inspection:acceptances"))
    return redirect(f"{page}?done={returned(request, urn)}")


def draw_page(request: HttpRequest, row: queries.DrawRow, refusal: Refusal | None = None) -> HttpResponse:
    """A draw whose volumes are counted on paper."""
    volumes = shapes.counted_volumes(occasions.actor_of(request), row)
    is_spot = row.kind is queries.DrawKind.SPOT
    context = {
        "draw": row,
        "volumes": volumes,
        "left": sum(not volume.is_done for volume in volumes),
        "first": next((volume for volume in volumes if not volume.is_done), None),
        "is_spot": is_spot,
        "waits": row.passed_at is None,
        "queue_url": reverse("inspection:spots" if is_spot else "inspection:rechecks"),
        "pass_url": reverse("inspection:pass_spot" if is_spot else "inspection:pass", kwargs={"draw_no": row.draw_no}),
        "blocked": shapes.draw_obstacles(row, volumes),
        "agency_name": accounts.agency_names().get(row.agency_code, row.agency_code),
        "planned": plans.planned(row),
        "refusal": refusal_words(refusal) if refusal else None,
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "inspection/draw_paper.html", context, status=refusal.entry.status if refusal else 200)


def _spots(request: HttpRequest, refusal: Refusal | None = None, key: str = "") -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.enter(actor, Post.ACCEPTOR)
    kind = queries.DrawKind.SPOT
    words = refusal_words(refusal) if refusal else None
    cards = plans.spot_cards(queries.lots(actor, kind), key=key, refusal=words)
    frozen = plans.frozen_cards(history.frozen(actor), key=key, refusal=words)
    names = accounts.agency_names()
    context = {
        "cards": cards,
        "frozen": frozen,
        "draws": [(row, names.get(row.agency_code, row.agency_code)) for row in queries.draws(actor, kind)],
        "count": queries.count_to_spot_check(actor),
        "refusal": words if not any([card.refusal for card in cards] + [card.refusal for card in frozen]) else None,
        "done": panels.done_words(request.GET.get("done", "")),
        "offer": campaigns.offer(actor, request.GET.get("fault", "")),
    }
    return render(request, "inspection/spots.html", context, status=refusal.entry.status if refusal else 200)


def _paper(
    request: HttpRequest, urn: str, refusal: Refusal | None = None, form: forms.PaperForm | None = None
) -> HttpResponse:
    actor = occasions.actor_of(request)
    sheet = queries.paper_bench(actor, urn)
    is_counted = bool(queries.paper_checked(actor, [sheet.volume]))
    typed = form or forms.PaperForm()
    context = {
        "sheet": sheet,
        "volume": sheet.volume,
        "gate": shapes.gate_words(sheet.volume.state),
        "lines": shapes.lines(sheet, typed.typed, typed.fault_codes, typed.notes),
        "form": typed,
        "is_counted": is_counted,
        "accepts": sheet.volume.state is State.RECEIVED and is_counted,
        "blocked": shapes.accept_obstacles(sheet, is_counted=is_counted)
        if sheet.volume.state is State.RECEIVED and is_counted
        else [],
        "faults": fault_choices(),
        "earlier": shapes.earlier(sheet),
        "back_url": shapes.back_url(sheet),
        "refusal": refusal_words(refusal) if refusal else None,
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "inspection/paper.html", context, status=refusal.entry.status if refusal else 200)
