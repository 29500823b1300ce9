"""Campaigns (回头看) and same-fault sweeps (同类问题排查): rehearsed, opened, worked down by several, reported."""

import csv
import io
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Duty
from anjuan.desks.inspection import actions, forms, panels, queries, rules
from anjuan.desks.inspection.panels import campaigns as shapes
from anjuan.desks.inspection.panels import doubts
from anjuan.desks.inspection.queries import campaigns as found
from anjuan.desks.inspection.queries import history, scope
from anjuan.desks.inspection.views.judging import kept_fragment, kept_lines, read_return
from anjuan.facilities.corrections.panels import fault_choices
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web import labels
from anjuan.foundation.web.middleware import is_fragment, refusal_words
from anjuan.foundation.web.shapes import Judging, Missing
from anjuan.records import queries as records

ROWS = 50


# The list, the rehearsal, the sweep before it is begun -------------------------------------------------------------


@login_required
@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    rows = found.campaigns(actor)
    checks = actor.holds(*queries.INSPECTING_POSTS)
    context = {
        "lines": shapes.lines(actor, rows),
        "may_open": actor.holds(*scope.OPENING_POSTS),
        "raised": shapes.raised_lines(found.raised_lately(actor)) if checks else [],
        "checks": checks,
        "done": shapes.done_words(request.GET.get("done", "")),
    }
    return render(request, "inspection/campaigns.html", context)


@login_required
@require_safe
def rehearse(request: HttpRequest) -> HttpResponse:
    """The selection, and once it is asked how many volumes answer: nothing is opened by looking."""
    return _rehearse(request)


@login_required
@require_POST
def open_campaign(request: HttpRequest) -> HttpResponse:
    try:
        row = actions.open_campaign(
            occasion=occasions.of(request),
            name=request.POST.get("name", ""),
            reason=request.POST.get("reason", ""),
            selection=forms.read_selection(request.POST),
            expected=forms.read_expected(request.POST),
        )
    except Refusal as refusal:
        return _rehearse(request, refusal)
    return redirect(_url(row.campaign_no) + "?done=opened")


@login_required
@require_safe
def sweep(request: HttpRequest, pk: int) -> HttpResponse:
    return _sweep(request, pk)


@login_required
@require_POST
def open_sweep(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        row = actions.open_sweep(occasion=occasions.of(request), fault_pk=pk)
    except Refusal as refusal:
        return _sweep(request, pk, refusal)
    return redirect(_url(row.campaign_no) + "?done=swept")


# A campaign under way ----------------------------------------------------------------------------------------------


@login_required
@require_safe
def campaign(request: HttpRequest, campaign_no: str) -> HttpResponse:
    return _campaign(request, campaign_no)


@login_required
@require_POST
def take_next(request: HttpRequest, campaign_no: str) -> HttpResponse:
    """The volume in hand, else the next that nobody holds."""
    actor = occasions.actor_of(request)
    pk = found.in_hand(actor, found.campaign_for(actor, campaign_no))
    try:
        if pk is None:
            pk = actions.take_unit(occasion=occasions.of(request), campaign_no=campaign_no).pk
    except Refusal as refusal:
        return _campaign(request, campaign_no, refusal)
    return redirect(_unit_url(campaign_no, pk))


@login_required
@require_POST
def close(request: HttpRequest, campaign_no: str) -> HttpResponse:
    try:
        actions.close_campaign(
            occasion=occasions.of(request), campaign_no=campaign_no, note=request.POST.get("note", "")
        )
    except Refusal as refusal:
        return _campaign(request, campaign_no, refusal)
    return redirect(reverse("inspection:campaign_report", kwargs={"campaign_no": campaign_no}) + "?done=closed")


@login_required
@require_safe
def report(request: HttpRequest, campaign_no: str) -> HttpResponse:
    actor = occasions.actor_of(request)
    row = found.campaign_for(actor, campaign_no)
    counted = found.progress(actor, row, occasions.of(request).at)
    context = _named(row) | shapes.report_page(found.report(actor, row))
    context |= {
        "tiles": shapes.tiles(row, counted),
        "people": shapes.people_lines(counted),
        "done": shapes.done_words(request.GET.get("done", "")),
    }
    return render(request, "inspection/campaign_report.html", context)


@login_required
@require_safe
def sheet(request: HttpRequest, campaign_no: str) -> HttpResponse:
    """The volumes with what was found, for the office's own programs."""
    actor = occasions.actor_of(request)
    row = found.campaign_for(actor, campaign_no)
    page = io.StringIO()
    table = csv.writer(page)
    table.writerow(shapes.HEADINGS)
    table.writerows(shapes.cells(row, shapes.unit_lines(row, found.every_unit(actor, row))))
    response = HttpResponse("\ufeff" + page.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.campaign_no}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


# One volume of it --------------------------------------------------------------------------------------------------


@login_required
@require_safe
def unit(request: HttpRequest, campaign_no: str, pk: int) -> HttpResponse:
    return _unit(request, campaign_no, pk)


@login_required
@require_POST
def take(request: HttpRequest, campaign_no: str, pk: int) -> HttpResponse:
    try:
        actions.take_unit(occasion=occasions.of(request), campaign_no=campaign_no, unit_pk=pk)
    except Refusal as refusal:
        return _unit(request, campaign_no, pk, refusal)
    return redirect(_unit_url(campaign_no, pk))


@login_required
@require_POST
def nothing(request: HttpRequest, campaign_no: str, pk: int) -> HttpResponse:
    try:
        actions.judge_unit(
            occasion=occasions.of(request), campaign_no=campaign_no, unit_pk=pk, verdict=found.Verdict.NOTHING
        )
    except Refusal as refusal:
        return _unit(request, campaign_no, pk, refusal)
    return redirect(_url(campaign_no) + "?done=nothing")


@login_required
@require_POST
def fault(request: HttpRequest, campaign_no: str, pk: int) -> HttpResponse:
    actor = occasions.actor_of(request)
    one = found.unit_for(actor, found.campaign_for(actor, campaign_no), pk)
    volume = queries.inspected(actor, one.volume_urn)
    form = read_return(request, volume)
    if request.POST.get("deed") == "keep" or "drop" in request.POST:
        if is_fragment(request):
            return kept_fragment(request, volume, form)
        return _unit(request, campaign_no, pk, returning=form, keeping=True)
    try:
        judged = actions.judge_unit(
            occasion=occasions.of(request),
            campaign_no=campaign_no,
            unit_pk=pk,
            verdict=found.Verdict.FAULT,
            faults=form.faults,
        )
    except Refusal as refusal:
        return _unit(request, campaign_no, pk, refusal, returning=form)
    return redirect(_url(campaign_no) + f"?done={'fault' if judged.is_returned else 'noted'}")


@login_required
@require_POST
def put_off(request: HttpRequest, campaign_no: str, pk: int) -> HttpResponse:
    try:
        actions.judge_unit(
            occasion=occasions.of(request),
            campaign_no=campaign_no,
            unit_pk=pk,
            verdict=found.Verdict.PUT_OFF,
            note=request.POST.get("reason", ""),
        )
    except Refusal as refusal:
        return _unit(request, campaign_no, pk, refusal)
    return redirect(_url(campaign_no) + "?done=put_off")


# Pages -------------------------------------------------------------------------------------------------------------


def _url(campaign_no: str) -> str:
    return reverse("inspection:campaign", kwargs={"campaign_no": campaign_no})


def _unit_url(campaign_no: str, pk: int) -> str:
    return reverse("inspection:campaign_unit", kwargs={"campaign_no": campaign_no, "pk": pk})


def _rehearse(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    history.enter(actor, scope.OPENING_POSTS)
    typed = request.POST or request.GET
    chosen: list[scope.Chosen] | None = None
    words = ""
    try:
        selection = forms.read_selection(typed)
        if "count" in request.GET or request.method == "POST":
            chosen = scope.selected(actor, selection)
            rules.check_count(len(chosen), limit=rules.MOST_UNITS)
            words = shapes.selection_words(selection)
    except Refusal as wrong:
        refusal, chosen = refusal or wrong, None
    context = shapes.choices(actor) | {
        "typed": {name: typed.get(name, "") for name in (*forms.SELECTED_BY, "name", "reason")},
        "chosen": chosen[: shapes.SHOWN] if chosen else [],
        "count": len(chosen) if chosen else 0,
        "words": words,
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "inspection/rehearsal.html", context, status=refusal.entry.status if refusal else 200)


def _sweep(request: HttpRequest, pk: int, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    kin = scope.kin_of(actor, pk)
    number = found.sweep_of(pk)
    context = {
        "fault": kin.fault,
        "fault_words": shapes.fault_words(kin.fault.fault.code),
        "is_filed": kin.duty is Duty.FILED,
        "people": "、".join(accounts.staff_names(set(kin.fault.responsible)).values()),
        "week": kin.week,
        "lines": shapes.kin_lines(kin),
        "begun_url": _url(number) if number else "",
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "inspection/sweep.html", context, status=refusal.entry.status if refusal else 200)


def _named(row: found.CampaignRow) -> dict[str, Any]:
    names = accounts.staff_names({row.opened_by, row.closed_by} - {""})
    return {
        "campaign": row,
        "kind": shapes.kind_words(row),
        "selected": "" if row.kind is found.Kind.SWEEP else shapes.selection_words(row.selection),
        "opened_by": names.get(row.opened_by, row.opened_by),
        "closed_by": names.get(row.closed_by, row.closed_by),
    }


def _campaign(request: HttpRequest, campaign_no: str, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    row = found.campaign_for(actor, campaign_no)
    only = request.GET.get("only", "")
    only = only if only in [value for value, _words in shapes.FILTERS] else ""
    counted = found.progress(actor, row, occasions.of(request).at)
    page = Paginator(range(found.count_units(actor, row, only=only)), ROWS).get_page(request.GET.get("page"))
    first = max(page.start_index() - 1, 0)
    works = row.is_open and actor.holds(*queries.INSPECTING_POSTS) and counted.left > 0
    context = _named(row) | {
        "tiles": shapes.tiles(row, counted),
        "work": shapes.work(counted),
        "people": shapes.people_lines(counted),
        "lines": shapes.unit_lines(row, found.units(actor, row, only=only, first=first, limit=ROWS)),
        "filters": shapes.filters(row, only),
        "page": page,
        "works": works,
        "goes_on": works and found.in_hand(actor, row) is not None,
        "may_close": row.is_open and found.may_close(actor, row),
        "typed": request.POST.get("note", "")[:400],
        "refusal": refusal_words(refusal) if refusal else None,
        "done": shapes.done_words(request.GET.get("done", "")),
    }
    return render(request, "inspection/campaign.html", context, status=refusal.entry.status if refusal else 200)


def _unit(
    request: HttpRequest,
    campaign_no: str,
    pk: int,
    refusal: Refusal | None = None,
    *,
    returning: forms.ReturnForm | None = None,
    keeping: bool = False,
) -> HttpResponse:
    actor = occasions.actor_of(request)
    row = found.campaign_for(actor, campaign_no)
    one = found.unit_for(actor, row, pk)
    volume = queries.inspected(actor, one.volume_urn)
    context = _judging(actor, row, one, volume, request, returning=returning, keeping=keeping)
    if is_fragment(request) and request.method == "GET":
        return render(request, "inspection/_context.html", context)
    context["refusal"] = refusal_words(refusal) if refusal else None
    return render(request, "inspection/campaign_unit.html", context, status=refusal.entry.status if refusal else 200)


def _judging(
    actor: Actor,
    row: found.CampaignRow,
    one: found.UnitRow,
    volume: queries.VolumeSheet,
    request: HttpRequest,
    *,
    returning: forms.ReturnForm | None,
    keeping: bool,
) -> dict[str, Any]:
    """The judge view of one volume of a campaign."""
    names = {"campaign_no": row.campaign_no, "pk": one.pk}
    leaves = panels.leaves(volume)
    seen = records.looked_at(actor, volume.pages)
    raised = queries.findings_in(volume)
    pages = panels.strip(leaves, seen, _unit_url(row.campaign_no, one.pk), boxes=doubts.boxes(volume, raised))
    wanted = returning.typed["page"] if returning else request.GET.get("page", "")
    about = next((leaf.number for leaf in leaves if leaf.item.item.urn in one.items), "")
    current = panels.open_leaf(leaves, wanted or about)
    works = row.is_open and one.is_held_by(actor.staff_code)
    must = set(found.pages_to_look_at(one, volume))
    first = next((page for leaf, page in zip(leaves, pages, strict=True) if leaf.page in must - seen), None)
    judging = Judging(
        pages=pages,
        current=current,
        doubts=doubts.doubts(raised, leaves),
        facts=panels.facts_of(leaves[current] if leaves else None, volume),
        accept_url=reverse("inspection:nothing_found", kwargs=names) if works else "",
        accept_words=_("Nothing found"),
        return_url=reverse("inspection:fault_found", kwargs=names) if works else "",
        return_words=_("Raise the fault"),
        faults=fault_choices(),
        blocked=[Missing(shapes.unlooked(one, must, seen), first.url)] if works and first else [],
    )
    listed = (returning.faults if keeping else returning.kept) if returning else ()
    if returning is None and row.fault_code == "":
        listed = doubts.to_return(raised, volume.items[0].item.urn if volume.items else "")
    verdict, tone = shapes.verdict_words(one)
    people = accounts.staff_names({one.taken_by, one.judged_by} - {""})
    at = occasions.of(request).at
    free = row.is_open and not one.is_decided and not works
    return _named(row) | {
        "judging": judging,
        "sheet": volume,
        "earlier": [*doubts.earlier(volume, leaves, len(raised)), *shapes.noted(volume, len(raised))],
        "volume": volume.volume,
        "leaf": leaves[current] if leaves else None,
        "unit": one,
        "works": works,
        "take_url": reverse("inspection:take_unit", kwargs=names)
        if free and not found.is_held_by_another(one, actor.staff_code, at)
        else "",
        "put_off_url": reverse("inspection:put_off", kwargs=names) if works else "",
        "campaign_url": _url(row.campaign_no),
        "queue_url": _url(row.campaign_no),
        "verdict": verdict,
        "verdict_tone": tone,
        "taken_by": people.get(one.taken_by, one.taken_by),
        "judged_by": people.get(one.judged_by, one.judged_by),
        "looks_for": shapes.fault_words(row.fault_code) if row.fault_code else "",
        "goes_back": rules.has_gate(
            volume.volume.route, volume.volume.state, records.posts_over(actor, volume.volume.agency_path)
        ),
        "waits": works,
        "seen": sum(page.tone == "good" for page in pages),
        "unseen": " ".join(page.number for page in pages if page.tone != "good"),
        "counts": panels.ledger(volume),
        "term": labels.term_words(volume.volume.term),
        "kept": kept_lines(tuple(listed), {leaf.page: leaf.number for leaf in leaves}),
        "typed": returning.typed if returning and not keeping else {},
        "returning": returning is not None,
        "typed_reason": request.POST.get("reason", "")[:600],
        "done": shapes.done_words(request.GET.get("done", "")),
    }
