from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post, Route, State, Verb
from anjuan.desks.inspection import actions, forms, panels, queries
from anjuan.desks.inspection.views.paper import draw_page
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web import labels
from anjuan.foundation.web.middleware import is_fragment, refusal_words
from anjuan.foundation.web.shapes import Judging, Missing, Words
from anjuan.records import queries as records
from anjuan.records.rows import VolumeRow


@dataclass(frozen=True)
class Gate:
    """One of the two places where a single volume is judged: whose post, at which state, which pages, what waits."""

    name: str
    post: Post
    state: State
    queue: str
    back: str
    title: Words
    empty: Words
    waiting: Callable[[Actor], list[VolumeRow]]
    count: Callable[[Actor], int]


SELF_CHECK = Gate(
    "inspection:self_check",
    Post.CHECKER,
    State.FILED,
    "inspection:self_checks",
    "inspection:return_self_check",
    gettext_lazy("Self-check"),
    gettext_lazy("No sealed volume waits for its self-check."),
    queries.to_self_check,
    queries.count_to_self_check,
)
PRE_ACCEPT = Gate(
    "inspection:pre_acceptance",
    Post.ACCEPTOR,
    State.APPLIED,
    "inspection:pre_acceptances",
    "inspection:return_pre_acceptance",
    gettext_lazy("Pre-acceptance"),
    gettext_lazy("No volume waits for pre-acceptance. What the centres apply for comes here by itself."),
    queries.to_pre_accept,
    queries.count_to_pre_accept,
)


# The self-check --------------------------------------------------------------------------------------------------


@login_required
@require_safe
def self_checks(request: HttpRequest) -> HttpResponse:
    return _queue(request, SELF_CHECK)


@login_required
@require_safe
def self_check(request: HttpRequest, urn: str) -> HttpResponse:
    return _judge(request, SELF_CHECK, urn)


@login_required
@require_POST
def sign(request: HttpRequest, urn: str) -> HttpResponse:
    answers = forms.read_answers(request.POST)
    try:
        actions.sign_self_check(occasion=occasions.of(request), volume_urn=urn, answers=answers)
    except Refusal as refusal:
        return _judge(request, SELF_CHECK, urn, refusal=refusal, answers=answers)
    return _next(request, SELF_CHECK, "signed")


@login_required
@require_POST
def return_self_check(request: HttpRequest, urn: str) -> HttpResponse:
    return _return(request, SELF_CHECK, urn)


# Pre-acceptance --------------------------------------------------------------------------------------------------


@login_required
@require_safe
def pre_acceptances(request: HttpRequest) -> HttpResponse:
    return _queue(request, PRE_ACCEPT)


@login_required
@require_safe
def pre_acceptance(request: HttpRequest, urn: str) -> HttpResponse:
    return _judge(request, PRE_ACCEPT, urn)


@login_required
@require_POST
def accept(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.pre_accept(occasion=occasions.of(request), volume_urn=urn)
    except Refusal as refusal:
        return _judge(request, PRE_ACCEPT, urn, refusal=refusal)
    return _next(request, PRE_ACCEPT, "accepted")


@login_required
@require_POST
def return_pre_acceptance(request: HttpRequest, urn: str) -> HttpResponse:
    return _return(request, PRE_ACCEPT, urn)


# The re-check ----------------------------------------------------------------------------------------------------


@login_required
@require_safe
def rechecks(request: HttpRequest) -> HttpResponse:
    return _rechecks(request)


@login_required
@require_POST
def draw(request: HttpRequest) -> HttpResponse:
    agency_code, acceptor_code = request.POST.get("agency", ""), request.POST.get("acceptor", "")
    on_paper = request.POST.get("on_paper") == "1"
    try:
        drawn = actions.draw_recheck(
            occasion=occasions.of(request),
            agency_code=agency_code,
            acceptor_code=acceptor_code,
            percent=forms.read_percent(request.POST),
            on_paper=on_paper,
        )
    except Refusal as refusal:
        key = f"{agency_code} {acceptor_code}{' paper' if on_paper else ''}"
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
    form = _read_return(request, sheet)
    if request.POST.get("deed") == "keep" or "drop" in request.POST:
        if is_fragment(request):
            return _kept_fragment(request, sheet, form)
        return _recheck(request, draw_no, volume_urn=urn, returning=form, keeping=True)
    try:
        actions.return_volume(occasion=occasions.of(request), volume_urn=urn, faults=form.faults)
    except Refusal as refusal:
        return _recheck(request, draw_no, refusal, volume_urn=urn, returning=form)
    on = reverse("inspection:recheck", kwargs={"draw_no": draw_no}) if len(row.lot) > 1 else ""
    return redirect((on or reverse("inspection:rechecks")) + "?done=returned")


@login_required
@require_POST
def pass_recheck(request: HttpRequest, draw_no: str) -> HttpResponse:
    try:
        actions.pass_recheck(occasion=occasions.of(request), draw_no=draw_no)
    except Refusal as refusal:
        return _recheck(request, draw_no, refusal)
    return redirect(reverse("inspection:rechecks") + "?done=passed")


# One page for all ------------------------------------------------------------------------------------------------


def _queue(request: HttpRequest, gate: Gate) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.enter(actor, gate.post)
    context = {
        "title": gate.title,
        "rows": panels.volume_rows(gate.waiting(actor), gate.name),
        "count": gate.count(actor),
        "empty": gate.empty,
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "inspection/queue.html", context)


def _next(request: HttpRequest, gate: Gate, done: str) -> HttpResponse:
    """The next volume that waits, or the queue where none does."""
    waiting = gate.waiting(occasions.actor_of(request))
    address = reverse(gate.name, kwargs={"urn": waiting[0].urn}) if waiting else reverse(gate.queue)
    return redirect(f"{address}?done={done}")


def _return(request: HttpRequest, gate: Gate, urn: str) -> HttpResponse:
    actor = occasions.actor_of(request)
    sheet = queries.bench(actor, urn, gate.post)
    form = _read_return(request, sheet)
    if request.POST.get("deed") == "keep" or "drop" in request.POST:
        if is_fragment(request):
            return _kept_fragment(request, sheet, form)
        return _judge(request, gate, urn, returning=form, keeping=True)
    try:
        actions.return_volume(occasion=occasions.of(request), volume_urn=urn, faults=form.faults)
    except Refusal as refusal:
        return _judge(request, gate, urn, refusal=refusal, returning=form)
    return _next(request, gate, "returned")


def _read_return(request: HttpRequest, sheet: queries.VolumeSheet) -> forms.ReturnForm:
    strip = [(leaf.number, leaf.item.item.urn, leaf.page) for leaf in panels.leaves(sheet)]
    return forms.read_return(request.POST, strip, sheet.items[0].item.urn if sheet.items else "")


def _kept_fragment(request: HttpRequest, sheet: queries.VolumeSheet, form: forms.ReturnForm) -> HttpResponse:
    numbers = {leaf.page: leaf.number for leaf in panels.leaves(sheet)}
    return render(request, "inspection/_kept.html", {"kept": _kept(form.faults, numbers)})


def _kept(faults: tuple[RaisedFault, ...], numbers: dict[tuple[int, int], str]) -> list[panels.KeptFault]:
    names = {fault.code: str(fault.title) for fault in panels.faults()}
    return [
        panels.KeptFault(
            fault.code,
            names.get(fault.code, fault.code),
            numbers.get((fault.component_pk or 0, fault.page_no or 0), ""),
            fault.note,
            forms.fold(fault),
        )
        for fault in faults
    ]


def _judge(
    request: HttpRequest,
    gate: Gate,
    urn: str,
    *,
    refusal: Refusal | None = None,
    answers: dict[str, str] | None = None,
    returning: forms.ReturnForm | None = None,
    keeping: bool = False,
) -> HttpResponse:
    actor = occasions.actor_of(request)
    sheet = queries.bench(actor, urn, gate.post)
    if gate is PRE_ACCEPT and sheet.volume.route is Route.LEGACY:
        return redirect("inspection:paper", urn=urn)  # nothing to see yet: the paper is counted
    leaves = panels.leaves(sheet)
    seen = records.looked_at(actor, sheet.pages)
    base = reverse(gate.name, kwargs={"urn": urn})
    pages = panels.strip(sheet, leaves, seen, base)
    wanted = returning.typed["page"] if returning else request.GET.get("page", "")
    current = panels.open_leaf(leaves, wanted)
    waits = sheet.volume.state is gate.state
    lines = panels.checklist(sheet, answers or {}) if gate is SELF_CHECK else []
    if gate is SELF_CHECK:
        blocked = panels.checklist_obstacles(sheet, lines)
    else:
        tested = sheet.volume.route is Route.SINGLE_SET  # by the four-nature tests, not by looking
        blocked = panels.unseen_obstacles(
            reference_=sheet.volume.reference,
            verb=Verb.PRE_ACCEPT,
            pages=pages,
            open_faults=sheet.open_faults,
            must_look=not tested,
        )
    judging = Judging(
        pages=pages,
        current=current,
        doubts=panels.earlier(sheet, leaves),
        facts=panels.facts_of(leaves[current] if leaves else None, sheet),
        accept_url=reverse("inspection:accept", kwargs={"urn": urn}) if waits and gate is PRE_ACCEPT else "",
        accept_words=_("Accept this volume"),
        return_url=reverse(gate.back, kwargs={"urn": urn}) if waits else "",
        return_words=_("Return for mending"),
        faults=panels.faults(),
        blocked=blocked if waits else [],
    )
    listed = (returning.faults if keeping else returning.kept) if returning else ()
    numbers = {leaf.page: leaf.number for leaf in leaves}
    signed = queries.latest_self_check(urn) if gate is PRE_ACCEPT else None
    context = {
        "judging": judging,
        "sheet": sheet,
        "volume": sheet.volume,
        "leaf": leaves[current] if leaves else None,
        "is_self_check": gate is SELF_CHECK,
        "waits": waits,
        "queue_url": reverse(gate.queue),
        "lines": lines,
        "sign_url": reverse("inspection:sign", kwargs={"urn": urn}),
        "seen": sum(page.tone == "good" for page in pages),
        "unseen": " ".join(page.number for page in pages if page.tone != "good"),
        "counts": panels.ledger(sheet),
        "term": labels.term_words(sheet.volume.term),
        "kept": _kept(listed, numbers),
        "typed": returning.typed if returning and not keeping else {},
        "returning": returning is not None,
        "signed_by": accounts.staff_names({signed.signed_by}).get(signed.signed_by, "") if signed else "",
        "signed_at": signed.signed_at if signed else None,
        "refusal": refusal_words(refusal) if refusal else None,
        "done": panels.done_words(request.GET.get("done", "")),
    }
    if is_fragment(request) and request.method == "GET":
        return render(request, "inspection/_context.html", context)
    return render(request, "inspection/judge.html", context, status=refusal.entry.status if refusal else 200)


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
    pages = panels.strip(sheet, leaves, seen, base, keep=urlencode({"volume": urn}) + "&")
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
        doubts=panels.earlier(sheet, leaves),
        facts=panels.facts_of(leaves[current] if leaves else None, sheet),
        accept_url=reverse("inspection:pass", kwargs={"draw_no": draw_no}) if waits else "",
        accept_words=_("Pass the lot"),
        return_url=reverse("inspection:return_recheck", kwargs={"draw_no": draw_no, "urn": urn}) if waits else "",
        return_words=_("Return for mending"),
        faults=panels.faults(),
        blocked=blocked if waits else [],
    )
    listed = (returning.faults if keeping else returning.kept) if returning else ()
    context = {
        "judging": judging,
        "sheet": sheet,
        "volume": sheet.volume,
        "leaf": leaves[current] if leaves else None,
        "draw": row,
        "volumes": volumes,
        "agency_name": accounts.agency_names().get(row.agency_code, row.agency_code),
        "acceptor_name": accounts.staff_names({row.acceptor_code}).get(row.acceptor_code, row.acceptor_code),
        "waits": waits,
        "queue_url": reverse("inspection:rechecks"),
        "seen": len(seen),
        "total": len(every),
        "kept": _kept(listed, {leaf.page: leaf.number for leaf in leaves}),
        "typed": returning.typed if returning and not keeping else {},
        "returning": returning is not None,
        "unseen": " ".join(page.number for page in pages if page.tone != "good"),
        "counts": panels.ledger(sheet),
        "term": labels.term_words(sheet.volume.term),
        "refusal": refusal_words(refusal) if refusal else None,
        "done": panels.done_words(request.GET.get("done", "")),
    }
    if is_fragment(request) and request.method == "GET":
        return render(request, "inspection/_context.html", context)
    return render(request, "inspection/judge.html", context, status=refusal.entry.status if refusal else 200)
