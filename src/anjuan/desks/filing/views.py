from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import CORRECTING, Route, State
from anjuan.desks.filing import actions, forms, panels, queries
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web import labels
from anjuan.foundation.web.middleware import is_fragment, refusal_words

PRINTED = {"cover": FormName.COVER, "contents": FormName.CONTENTS, "note": FormName.NOTE}


@login_required
@require_safe
def pool(request: HttpRequest) -> HttpResponse:
    return _pool(request)


@login_required
@require_POST
def open_volume(request: HttpRequest) -> HttpResponse:
    form = forms.read_open(request.POST)
    try:
        opened = actions.open_volume(occasion=occasions.of(request), item_urns=form.items, title=form.title)
    except Refusal as refusal:
        return _pool(request, refusal, form)
    return _to_volume(opened.urn, "opened")


@login_required
@require_safe
def volume(request: HttpRequest, urn: str) -> HttpResponse:
    return _volume(request, urn)


@login_required
@require_POST
def arrange(request: HttpRequest, urn: str) -> HttpResponse:
    order = forms.read_order(request.POST)
    if is_fragment(request):
        actions.arrange(occasion=occasions.of(request), volume_urn=urn, item_urns=order)
        return _volume(request, urn, template="filing/_items.html")
    try:
        actions.arrange(occasion=occasions.of(request), volume_urn=urn, item_urns=order)
    except Refusal as refusal:
        return _volume(request, urn, refusal)
    return _to_volume(urn, "arranged", "items")


@login_required
@require_POST
def add(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.add_item(occasion=occasions.of(request), volume_urn=urn, item_urn=request.POST.get("item_urn", ""))
    except Refusal as refusal:
        return _volume(request, urn, refusal)
    return _to_volume(urn, "added", "pool")


@login_required
@require_POST
def release(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.release(occasion=occasions.of(request), item_urn=request.POST.get("item_urn", ""))
    except Refusal as refusal:
        return _volume(request, urn, refusal)
    return _to_volume(urn, "released", "items")


@login_required
@require_POST
def seal(request: HttpRequest, urn: str) -> HttpResponse:
    closing, closed_date = forms.read_closing(request.POST)
    try:
        actions.seal(occasion=occasions.of(request), volume_urn=urn, closing=closing, closed_date=closed_date)
    except Refusal as refusal:
        typed = {"closing": request.POST.get("closing", ""), "closed_date": request.POST.get("closed_date", "")[:10]}
        return _volume(request, urn, refusal, typed=typed)
    return _to_volume(urn, "sealed")


@login_required
@require_POST
def resubmit(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        moved = actions.resubmit(occasion=occasions.of(request), volume_urn=urn)
    except Refusal as refusal:
        return _volume(request, urn, refusal)
    return _to_volume(urn, "resubmitted_in_archive" if moved.source is State.MENDING else "resubmitted")


@login_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    urn, said = request.POST.get("volume", ""), request.POST.get("answer", "")
    try:
        corrections.answer_fault(occasion=occasions.of(request), pk=pk, answer=said)
    except Refusal as refusal:
        return _volume(request, urn, refusal, typed={"pk": pk, "answer": said})
    return _to_volume(urn, "answered", "faults")


@login_required
@require_safe
def printed(request: HttpRequest, urn: str, form: str) -> HttpResponse:
    if form not in PRINTED:
        raise Http404
    facts = queries.printed_facts(occasions.actor_of(request), urn, PRINTED[form])
    pdf = printing.print_form(form=PRINTED[form], facts=facts, at=timezone.now(), practice=settings.PRACTICE)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{form}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _to_volume(urn: str, done: str, place: str = "") -> HttpResponse:
    return redirect(reverse("filing:volume", kwargs={"urn": urn}) + f"?done={done}" + (f"#{place}" if place else ""))


def _pool(request: HttpRequest, refusal: Refusal | None = None, typed: forms.OpenForm | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.enter(actor)
    rows = queries.proposals(actor)
    shown, left = (
        panels.cards(rows, key=typed.proposal, title=typed.title, ticked=typed.items) if typed else panels.cards(rows)
    )
    opened, returned = queries.open_volumes(actor), queries.returned_volumes(actor)
    context = {
        "cards": shown,
        "left": left,
        "pool": queries.count_pool(actor),
        "opened": panels.volume_rows(opened),
        "opened_count": len(opened),
        "returned": panels.volume_rows(returned),
        "returned_count": len(returned),
        "refusal": refusal_words(refusal) if refusal else None,
        "refused": typed.proposal if typed else "",
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "filing/pool.html", context, status=refusal.entry.status if refusal else 200)


def _volume(
    request: HttpRequest,
    urn: str,
    refusal: Refusal | None = None,
    *,
    typed: Mapping[str, object] | None = None,
    template: str = "filing/volume.html",
) -> HttpResponse:
    actor = occasions.actor_of(request)
    sheet = queries.bench(actor, urn)
    state = sheet.volume.state
    whole = template == "filing/volume.html"
    kin = queries.kin_in_pool(actor, sheet.volume) if whole and state is State.FILING else []
    context = {
        "sheet": sheet,
        "volume": sheet.volume,
        "places": panels.places(sheet),
        "is_open": state is State.FILING,
        "is_returned": state in CORRECTING,
        "in_archive": state is State.MENDING and sheet.volume.route is not Route.SINGLE_SET,
        "closings": panels.closings(str((typed or {}).get("closing", ""))),
        "is_sealed": bool(sheet.volume.reference_code),
        "missing": panels.missing(sheet),
        "faults": panels.fault_lines(sheet) if whole else [],
        "kin": kin[: panels.KIN_SHOWN],
        "kin_left": max(0, len(kin) - panels.KIN_SHOWN),
        "term": labels.term_words(sheet.volume.term),
        "share": min(100, round(100 * sheet.pages / sheet.page_limit)) if sheet.page_limit else 0,
        "refusal": refusal_words(refusal) if refusal else None,
        "typed": typed or {},
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, template, context, status=refusal.entry.status if refusal else 200)
