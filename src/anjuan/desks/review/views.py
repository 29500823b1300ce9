from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.desks.review import actions, panels, queries
from anjuan.desks.review.forms import ReturnForm, read_count
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import occasions
from anjuan.foundation.schedule.rules import RiskGrade
from anjuan.foundation.web.middleware import refusal_words

ROWS = 50


@login_required
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit_review(actor)
    chosen = next((risk for risk in RiskGrade if risk == request.GET.get("risk")), None)
    items = queries.waiting(actor, chosen)
    counts = queries.counts_by_risk(actor)
    page = Paginator(items, ROWS).get_page(request.GET.get("page"))
    context = {
        "rows": panels.queue_rows(list(page.object_list)),
        "page": page,
        "count": counts[chosen] if chosen else sum(counts.values()),
        "first": items[0].item if items else None,
        "tabs": panels.risk_tabs(counts, chosen),
        "done": request.GET.get("done", ""),
    }
    return render(request, "review/waiting.html", context)


@login_required
@require_safe
def judge(request: HttpRequest, urn: str) -> HttpResponse:
    return _judge(request, queries.judged(occasions.actor_of(request), urn), done=request.GET.get("done", ""))


@login_required
@require_safe
def feedback(request: HttpRequest, urn: str) -> HttpResponse:
    """The feedback slip of an item that was returned, for the clerk who mends it and for the file."""
    facts = queries.feedback(occasions.actor_of(request), urn)
    pdf = printing.print_form(form=FormName.FEEDBACK, facts=facts, at=timezone.now(), practice=settings.PRACTICE)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="feedback.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_POST
def pass_item(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        counted = read_count(request.POST.get("counted_pages", ""))
        actions.pass_item(occasion=occasions.of(request), urn=urn, counted_pages=counted)
    except Refusal as said:
        return _beside(request, urn, said, counted=request.POST.get("counted_pages", "")[:6])
    return _on(occasions.actor_of(request), "pass")


@login_required
@require_POST
def return_item(request: HttpRequest, urn: str) -> HttpResponse:
    judged = queries.judged(occasions.actor_of(request), urn)
    form = ReturnForm(request.POST)
    form.is_valid()  # what cannot be read stays empty; the action says what it needs
    fault = form.fault_on(urn, judged.sheet.pages)
    try:
        actions.return_item(occasion=occasions.of(request), urn=urn, faults=[fault] if fault.code else [])
    except Refusal as said:
        return _beside(request, urn, said, typed=request.POST, page=request.POST.get("page", "").lstrip("0"))
    return _on(occasions.actor_of(request), "return")


def _judge(request: HttpRequest, judged: queries.Judged, *, page: str = "", **more: Any) -> HttpResponse:
    context = panels.judge_page(judged, page=page or request.GET.get("page", "")) | more
    return render(request, "review/judge.html", context, status=more.get("status", 200))


def _beside(request: HttpRequest, urn: str, refusal: Refusal, **more: Any) -> HttpResponse:
    """The judge view again, the refusal beside the verdict and what was typed still there."""
    judged = queries.judged(occasions.actor_of(request), urn)
    words = refusal_words(refusal)
    return _judge(request, judged, refusal=words, status=refusal.entry.status, **more)


def _on(actor: Actor, done: str) -> HttpResponse:
    """To the next item that waits, or back to the queue."""
    urn = queries.next_waiting(actor)
    where = reverse("review:judge", kwargs={"urn": urn}) if urn else reverse("review:waiting")
    return redirect(f"{where}?done={done}")
