"""The re-check (复核): lots, draws, the drawn volumes one by one."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, Route, Verb
from anjuan.desks.inspection import actions, forms, panels, queries
from anjuan.desks.inspection.panels import campaigns, doubts, plans
from anjuan.desks.inspection.views.judging import kept_fragment, kept_lines, read_return, returned
from anjuan.desks.inspection.views.paper import draw_page
from anjuan.facilities.assurance.queries import findings
from anjuan.facilities.corrections.panels import fault_choices
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web import labels
from anjuan.foundation.web.middleware import is_fragment, refusal_words
from anjuan.foundation.web.shapes import Judging, Missing
from anjuan.records import queries as records


@login_required
@require_safe
def rechecks(request: HttpRequest) -> HttpResponse:
    return _rechecks(request)


@login_required
@require_POST
def draw(request: HttpRequest) -> HttpResponse:
    agency_code, acceptor_code = request.POST.get("agency", ""), request.POST.get("acceptor", "")
    category_code, on_paper = request.POST.get("category", ""), request.POST.get("on_paper") == "1"
    try:
        drawn = actions.draw_recheck(
            occasion=occasions.of(request),
            agency_code=agency_code,
            acceptor_code=acceptor_code,
            category_code=category_code,
            percent=forms.read_percent(request.POST),
            on_paper=on_paper,
        )
    except Refusal as refusal:
        key = panels.lot_key(agency_code, acceptor_code, category_code, on_paper=on_paper)
        return _rechecks(request, refusal, key, request.POST.get("percent", ""))
    return redirect(reverse("inspection:recheck", kwargs={"draw_no": drawn.draw_no}) + "?done=drawn")


@login_required
@require_safe
def recheck(request: HttpRequest, draw_no: str) -> HttpResponse:
    return _recheck(request, draw_no)


@login_required
@require_POST
def return_recheck(request: HttpRequest, draw_no: str, urn: str) -> HttpResponse:
    """A volume of the sample goes back with its faults; the draw goes on with those that stay."""
    actor = occasions.actor_of(request)
    row = queries.draw(actor, draw_no)
    if urn not in row.lot:
        raise Refusal("R-009", what=urn)
    sheet = queries.bench(actor, urn, Post.RECHECKER)
    form = read_return(request, sheet)
    if request.POST.get("deed") == "keep" or "drop" in request.POST:
        if is_fragment(request):
            return kept_fragment(request, sheet, form)
        return _recheck(request, draw_no, volume_urn=urn, returning=form, keeping=True)
    try:
        actions.return_volume(occasion=occasions.of(request), volume_urn=urn, faults=form.faults)
    except Refusal as refusal:
        return _recheck(request, draw_no, refusal, volume_urn=urn, returning=form)
    on = reverse("inspection:recheck", kwargs={"draw_no": draw_no}) if len(row.lot) > 1 else ""
    return redirect((on or reverse("inspection:rechecks")) + f"?done={returned(request, urn)}")


@login_required
@require_POST
def pass_recheck(request: HttpRequest, draw_no: str) -> HttpResponse:
    try:
        actions.pass_recheck(occasion=occasions.of(request), draw_no=draw_no)
    except Refusal as refusal:
        return _recheck(request, draw_no, refusal)
    return redirect(reverse("inspection:rechecks") + "?done=passed")


def _rechecks(request: HttpRequest, refusal: Refusal | None = None, key: str = "", percent: str = "") -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.enter(actor, Post.RECHECKER)
    lots = queries.lots(actor)
    words = refusal_words(refusal) if refusal else None
    cards = panels.lot_cards(lots, key=key, percent=percent, refusal=words)
    names = accounts.agency_names()
    draws = queries.draws(actor)
    people = accounts.staff_names({row.acceptor_code for row in draws})
    context = {
        "cards": cards,
        "draws": [
            (row, names.get(row.agency_code, row.agency_code), people.get(row.acceptor_code, row.acceptor_code))
            for row in draws[: panels.ROWS_SHOWN]
        ],
        "count": queries.count_to_recheck(actor),
        "refusal": words if refusal and not any(card.refusal for card in cards) else None,
        "done": panels.done_words(request.GET.get("done", "")),
        "offer": campaigns.offer(actor, request.GET.get("fault", "")),
    }
    return render(request, "inspection/rechecks.html", context, status=refusal.entry.status if refusal else 200)


def _recheck(
    request: HttpRequest,
    draw_no: str,
    refusal: Refusal | None = None,
    *,
    volume_urn: str = "",
    returning: forms.ReturnForm | None = None,
    keeping: bool = False,
) -> HttpResponse:
    actor = occasions.actor_of(request)
    row = queries.draw(actor, draw_no)
    drawn = queries.pages_of_drawn(row)
    every = [page for pages in drawn.values() for page in pages]
    seen = records.looked_at(actor, every)
    wanted = volume_urn or request.GET.get("volume", "")
    unfinished = (urn for urn in row.drawn if not set(drawn[urn]) <= seen)
    urn = wanted if wanted in row.drawn else next(unfinished, row.drawn[0])
    sheet = queries.bench(actor, urn, Post.RECHECKER)
    if sheet.volume.route is Route.LEGACY:
        return draw_page(request, row, refusal)
    leaves = panels.leaves(sheet)
    base = reverse("inspection:recheck", kwargs={"draw_no": draw_no})
    found = queries.findings_in(sheet)
    keep = urlencode({"volume": urn}) + "&"
    pages = panels.strip(leaves, seen, base, keep, boxes=doubts.boxes(sheet, found))
    current = panels.open_leaf(leaves, request.GET.get("page", ""))
    volumes = panels.drawn_volumes(row, drawn, seen, urn, base)
    blocked: list[Missing] = []
    left = next((volume for volume in volumes if not volume.is_done), None)
    if left is not None:
        blocked = panels.unseen_obstacles(
            reference_=left.reference,
            verb=Verb.PASS_RECHECK,
            pages=[],
            open_faults=sheet.open_faults,
            needs=Evidence.SAMPLE_CHECKED,
        )
        first = next((page.url for page in pages if page.tone != "good"), "") if left.urn == urn else left.url
        blocked[0] = Missing(blocked[0].obstacle, first)
    waits = row.passed_at is None
    judging = Judging(
        pages=pages,
        current=current,
        doubts=doubts.doubts(found, leaves),
        facts=panels.facts_of(leaves[current] if leaves else None, sheet),
        accept_url=reverse("inspection:pass", kwargs={"draw_no": draw_no}) if waits else "",
        accept_words=_("Pass the lot"),
        return_url=reverse("inspection:return_recheck", kwargs={"draw_no": draw_no, "urn": urn}) if waits else "",
        return_words=_("Return for mending"),
        faults=fault_choices(),
        blocked=blocked if waits else [],
    )
    listed = (returning.faults if keeping else returning.kept) if returning else ()
    context = {
        "judging": judging,
        "sheet": sheet,
        "earlier": [*doubts.earlier(sheet, leaves, len(found)), *campaigns.noted(sheet, len(found))],
        "sweeps": campaigns.sweep_links(sheet.corrections),
        "unread": findings.unread([row for one in sheet.items for row in one.components]),
        "unmeasured": findings.unmeasured([row for one in sheet.items for row in one.components]),
        "volume": sheet.volume,
        "leaf": leaves[current] if leaves else None,
        "draw": row,
        "planned": plans.planned(row),
        "volumes": volumes,
        "agency_name": accounts.agency_names().get(row.agency_code, row.agency_code),
        "acceptor_name": accounts.staff_names({row.acceptor_code}).get(row.acceptor_code, row.acceptor_code),
        "waits": waits,
        "queue_url": reverse("inspection:rechecks"),
        "seen": len(seen),
        "total": len(every),
        "kept": kept_lines(listed, {leaf.page: leaf.number for leaf in leaves}),
        "typed": returning.typed if returning and not keeping else {},
        "returning": returning is not None,
        "unseen": " ".join(page.number for page in pages if page.tone != "good"),
        "counts": panels.ledger(sheet),
        "term": labels.term_words(sheet.volume.term),
        "refusal": refusal_words(refusal) if refusal else None,
        "done": panels.done_words(request.GET.get("done", "")),
        "offer": campaigns.offer(actor, request.GET.get("fault", "")),
    }
    if is_fragment(request) and request.method == "GET":
        return render(request, "inspection/_context.html", context)
    return render(request, "inspection/judge.html", context, status=refusal.entry.status if refusal else 200)
