"""Dossiers sent on: the list, the notice, the sending, the receipt."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.desks.filing import actions, forms, panels, queries
from anjuan.desks.filing.views.pages import as_pdf
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def forwardings(request: HttpRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def prepare(request: HttpRequest) -> HttpResponse:
    """By the 档号 of a closed dossier."""
    said = {name: request.POST.get(name, "") for name in ("code", "to_name", "to_address", "reason")}
    try:
        urn = queries.volume_numbered(occasions.actor_of(request), said["code"])
        actions.prepare_forwarding(
            occasion=occasions.of(request),
            volume_urn=urn,
            to_name=said["to_name"],
            to_address=said["to_address"],
            reason=said["reason"],
        )
    except Refusal as refusal:
        return _page(request, refusal, typed=said)
    return redirect(reverse("filing:forwardings") + "?done=prepared")


@login_required
@require_POST
def send(request: HttpRequest, notice_no: str) -> HttpResponse:
    try:
        actions.send_forwarding(
            occasion=occasions.of(request), notice_no=notice_no, means=request.POST.get("means", "")
        )
    except Refusal as refusal:
        return _page(request, refusal)
    return redirect(reverse("filing:forwardings") + "?done=sent")


@login_required
@require_POST
def receipt(request: HttpRequest, notice_no: str) -> HttpResponse:
    receiver, day = forms.read_receipt(request.POST)
    try:
        if day is None:
            raise Refusal("F-025", date="—", sent="—")
        actions.take_receipt(
            occasion=occasions.of(request), notice_no=notice_no, receiver_name=receiver, receipt_date=day
        )
    except Refusal as refusal:
        return _page(request, refusal)
    return redirect(reverse("filing:forwardings") + "?done=receipted")


@login_required
@require_POST
def cancel(request: HttpRequest, notice_no: str) -> HttpResponse:
    try:
        actions.cancel_forwarding(
            occasion=occasions.of(request), notice_no=notice_no, reason=request.POST.get("reason", "")
        )
    except Refusal as refusal:
        return _page(request, refusal)
    return redirect(reverse("filing:forwardings") + "?done=cancelled")


@login_required
@require_safe
def notice(request: HttpRequest, notice_no: str) -> HttpResponse:
    facts = queries.forwarding_facts(occasions.actor_of(request), notice_no)
    pdf = printing.print_form(form=FormName.FORWARDING, facts=facts, at=timezone.now(), practice=settings.PRACTICE)
    return as_pdf(pdf, notice_no)


def _page(request: HttpRequest, refusal: Refusal | None = None, *, typed: dict[str, str] | None = None) -> HttpResponse:
    today = occasions.today()
    actor = occasions.actor_of(request)
    rows = queries.forwardings(actor)
    context = {
        "tabs": panels.tabs(actor, "filing:forwardings"),
        "rows": panels.forwarding_lines(rows, today),
        "overdue": sum(row.is_overdue(today) for row, _ in rows),
        "today": today.isoformat(),
        "typed": typed or {"code": request.GET.get("code", "")},
        "refusal": refusal_words(refusal) if refusal else None,
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "filing/forwardings.html", context, status=refusal.entry.status if refusal else 200)
