from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post, Route, State, Verb
from anjuan.desks.inspection import actions, forms, panels, queries
from anjuan.desks.inspection.panels import campaigns, doubts
from anjuan.desks.inspection.queries import scope
from anjuan.facilities.assurance import actions as assurance
from anjuan.facilities.assurance.queries import findings
from anjuan.facilities.assurance.queries.findings import Verdict
from anjuan.facilities.corrections.panels import fault_choices
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web import labels
from anjuan.foundation.web.middleware import is_fragment, refusal_words
from anjuan.foundation.web.shapes import Judging, Words
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
    answer: str
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
    "inspection:answer_self_check",
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
    "inspection:answer_pre_acceptance",
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


# What the machine doubts -----------------------------------------------------------------------------------------


@login_required
@require_POST
def answer_self_check(request: HttpRequest, urn: str, place: str) -> HttpResponse:
    return _answer(request, SELF_CHECK, urn, place)


@login_required
@require_POST
def answer_pre_acceptance(request: HttpRequest, urn: str, place: str) -> HttpResponse:
    return _answer(request, PRE_ACCEPT, urn, place)


def _answer(request: HttpRequest, gate: Gate, urn: str, place: str) -> HttpResponse:
    """A person says what a finding is; the verdict's button and the list of faults follow."""
    sheet = queries.bench(occasions.actor_of(request), urn, gate.post)
    row = doubts.found_at(queries.findings_in(sheet), place)
    try:
        if row is None:
            raise Refusal("Z-002", reference=sheet.volume.reference, code=place.split("~")[0][:6])
        assurance.answer_finding(
            occasion=occasions.of(request),
            volume_urn=urn,
            place=row.finding.place,
            verdict=Verdict.CONFIRMED if request.POST.get("choice") == Verdict.CONFIRMED else Verdict.DISMISSED,
        )
    except Refusal as refusal:
        return _judge(request, gate, urn, refusal=refusal)
    if not is_fragment(request):
        return redirect(reverse(gate.name, kwargs={"urn": urn}))
    context = _context(request, gate, sheet, returning=read_return(request, sheet), keeping=False)
    found = queries.findings_in(sheet)
    kept = doubts.merged(context["returned"], found, sheet.items[0].item.urn if sheet.items else "")
    context["kept"] = kept_lines(kept, {leaf.page: leaf.number for leaf in panels.leaves(sheet)})
    context["doubt"] = next(one for one in context["judging"].doubts if one.answer_url.endswith(f"/{place}/"))
    return render(request, "inspection/_answer.html", context)


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
        "offer": campaigns.offer(actor, request.GET.get("fault", "")),
    }
    return render(request, "inspection/queue.html", context)


def _next(request: HttpRequest, gate: Gate, done: str) -> HttpResponse:
    """The next volume that waits, or the queue where none does."""
    waiting = gate.waiting(occasions.actor_of(request))
    address = reverse(gate.name, kwargs={"urn": waiting[0].urn}) if waiting else reverse(gate.queue)
    return redirect(f"{address}?done={done}")


def returned(request: HttpRequest, urn: str) -> str:
    """What a page is told after a return: the fault that the same may be looked for elsewhere by."""
    fault = scope.raised_on(occasions.actor_of(request), urn)
    return f"returned&fault={fault}" if fault else "returned"


def _return(request: HttpRequest, gate: Gate, urn: str) -> HttpResponse:
    actor = occasions.actor_of(request)
    sheet = queries.bench(actor, urn, gate.post)
    form = read_return(request, sheet)
    if request.POST.get("deed") == "keep" or "drop" in request.POST:
        if is_fragment(request):
            return kept_fragment(request, sheet, form)
        return _judge(request, gate, urn, returning=form, keeping=True)
    try:
        actions.return_volume(occasion=occasions.of(request), volume_urn=urn, faults=form.faults)
    except Refusal as refusal:
        return _judge(request, gate, urn, refusal=refusal, returning=form)
    return _next(request, gate, returned(request, urn))


def read_return(request: HttpRequest, sheet: queries.VolumeSheet) -> forms.ReturnForm:
    strip = [(leaf.number, leaf.item.item.urn, leaf.page) for leaf in panels.leaves(sheet)]
    return forms.read_return(request.POST, strip, sheet.items[0].item.urn if sheet.items else "")


def kept_fragment(request: HttpRequest, sheet: queries.VolumeSheet, form: forms.ReturnForm) -> HttpResponse:
    numbers = {leaf.page: leaf.number for leaf in panels.leaves(sheet)}
    return render(request, "inspection/_kept.html", {"kept": kept_lines(form.faults, numbers)})


def kept_lines(faults: tuple[RaisedFault, ...], numbers: dict[tuple[int, int], str]) -> list[panels.KeptFault]:
    names = {fault.code: str(fault.title) for fault in fault_choices()}
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
    sheet = queries.bench(occasions.actor_of(request), urn, gate.post)
    if gate is PRE_ACCEPT and sheet.volume.route is Route.LEGACY:
        return redirect("inspection:paper", urn=urn)  # nothing to see yet: the paper is counted
    context = _context(request, gate, sheet, answers=answers, returning=returning, keeping=keeping)
    if is_fragment(request) and request.method == "GET":
        return render(request, "inspection/_context.html", context)
    context["refusal"] = refusal_words(refusal) if refusal else None
    return render(request, "inspection/judge.html", context, status=refusal.entry.status if refusal else 200)


def _context(
    request: HttpRequest,
    gate: Gate,
    sheet: queries.VolumeSheet,
    *,
    answers: dict[str, str] | None = None,
    returning: forms.ReturnForm | None = None,
    keeping: bool = False,
) -> dict[str, Any]:
    """The judge view of one volume at a gate."""
    actor, urn = occasions.actor_of(request), sheet.volume.urn
    leaves = panels.leaves(sheet)
    seen = records.looked_at(actor, sheet.pages)
    base = reverse(gate.name, kwargs={"urn": urn})
    found = queries.findings_in(sheet)
    pages = panels.strip(leaves, seen, base, boxes=doubts.boxes(sheet, found))
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
    blocked += doubts.obstacles(found, sheet.volume.reference)
    judging = Judging(
        pages=pages,
        current=current,
        doubts=doubts.doubts(
            found,
            leaves,
            (lambda place: reverse(gate.answer, kwargs={"urn": urn, "place": place})) if waits else None,
        ),
        facts=panels.facts_of(leaves[current] if leaves else None, sheet),
        accept_url=reverse("inspection:accept", kwargs={"urn": urn}) if waits and gate is PRE_ACCEPT else "",
        accept_words=_("Accept this volume"),
        return_url=reverse(gate.back, kwargs={"urn": urn}) if waits else "",
        return_words=_("Return for mending"),
        faults=fault_choices(),
        blocked=blocked if waits else [],
    )
    if returning:
        listed = returning.faults if keeping else returning.kept
    else:
        listed = doubts.to_return(found, sheet.items[0].item.urn if sheet.items else "")
    numbers = {leaf.page: leaf.number for leaf in leaves}
    signed = queries.latest_self_check(urn) if gate is PRE_ACCEPT else None
    return {
        "judging": judging,
        "sheet": sheet,
        "earlier": [*doubts.earlier(sheet, leaves, len(found)), *campaigns.noted(sheet, len(found))],
        "unread": findings.unread([row for one in sheet.items for row in one.components]),
        "unmeasured": findings.unmeasured([row for one in sheet.items for row in one.components]),
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
        "kept": kept_lines(listed, numbers),
        "typed": returning.typed if returning and not keeping else {},
        "returned": returning.kept if returning else (),
        "returning": returning is not None,
        "signed_by": accounts.staff_names({signed.signed_by}).get(signed.signed_by, "") if signed else "",
        "signed_at": signed.signed_at if signed else None,
        "done": panels.done_words(request.GET.get("done", "")),
        "offer": campaigns.offer(actor, request.GET.get("fault", "")),
        "sweeps": campaigns.sweep_links(sheet.corrections),
    }
