"""The training desk: what calls for a session, the sessions, one of them."""

import datetime as dt

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.desks.training import actions, panels, queries
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    return _board(request)


@login_required
@require_POST
def plan(request: HttpRequest) -> HttpResponse:
    data = request.POST
    try:
        planned = actions.plan_session(
            occasion=occasions.of(request),
            agency_code=data.get("agency", ""),
            cause=data.get("cause", ""),
            topic=data.get("topic", ""),
            on_date=_day(data.get("date", "")),
            place=data.get("place", ""),
            trainer=data.get("trainer", ""),
        )
    except Refusal as refusal:
        return _board(request, refusal)
    return redirect(reverse("training:session", kwargs={"session_no": planned.session_no}) + "?done=planned")


@login_required
@require_safe
def session(request: HttpRequest, session_no: str) -> HttpResponse:
    return _session(request, session_no)


@login_required
@require_POST
def hold(request: HttpRequest, session_no: str) -> HttpResponse:
    try:
        actions.hold_session(
            occasion=occasions.of(request),
            session_no=session_no,
            held_date=_day(request.POST.get("date", "")),
            attended=[str(code) for code in request.POST.getlist("came")],
            note=request.POST.get("note", ""),
        )
    except Refusal as refusal:
        return _session(request, session_no, refusal)
    return redirect(reverse("training:session", kwargs={"session_no": session_no}) + "?done=held")


@login_required
@require_POST
def cancel(request: HttpRequest, session_no: str) -> HttpResponse:
    try:
        actions.cancel_session(
            occasion=occasions.of(request), session_no=session_no, reason=request.POST.get("reason", "")
        )
    except Refusal as refusal:
        return _session(request, session_no, refusal)
    return redirect(reverse("training:session", kwargs={"session_no": session_no}) + "?done=cancelled")


@login_required
@require_safe
def record(request: HttpRequest, session_no: str) -> HttpResponse:
    facts = queries.record_facts(queries.session(occasions.actor_of(request), session_no))
    pdf = printing.print_form(form=FormName.TRAINING, facts=facts, at=timezone.now(), practice=settings.PRACTICE)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{session_no}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _day(text: str) -> dt.date:
    """The day as typed; what is no day is long past, and is refused like one."""
    try:
        found = parse_date(text)
    except ValueError:  # 2026-02-30
        found = None
    return found or dt.date.min


def _board(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    called = queries.proposals(actor, now=timezone.now())
    typed = request.POST if request.method == "POST" else request.GET
    context = {
        "proposals": panels.proposals(called),
        "sessions": panels.sessions(queries.sessions(actor)),
        "agencies": queries.agencies_of(actor),
        "causes": panels.cause_choices(),
        "typed": typed,
        "today": timezone.localdate().isoformat(),
        "days": queries.LOOKED_BACK,
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "training/board.html", context, status=refusal.entry.status if refusal else 200)


def _session(request: HttpRequest, session_no: str, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    found = queries.session(actor, session_no)
    context = {
        "session": panels.sessions([found])[0],
        "people": sorted(queries.people_of(found.agency_path).items()),
        "came": request.POST.getlist("came"),
        "typed": request.POST,
        "today": timezone.localdate().isoformat(),
        "mine": found.is_open and actor.covers(found.agency_path, *queries.PLANNERS),
        "done": request.GET.get("done", ""),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "training/session.html", context, status=refusal.entry.status if refusal else 200)
