import datetime as dt

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.corrections import actions, panels, queries
from anjuan.facilities.corrections.forms import AnswerForm
from anjuan.facilities.corrections.queries import quality as analysis
from anjuan.facilities.corrections.rules import Cause
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words

ROWS = 50


@login_required
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit_answering(actor)
    rows = queries.open_for(actor)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context = {
        "rows": [panels.queue_row(row) for row in page.object_list],
        "page": page,
        "count": queries.count_open_for(actor),
        "done": request.GET.get("done", ""),
    }
    return render(request, "corrections/waiting.html", context)


@login_required
@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    days = panels.chosen_days(request.GET.get("days", ""))
    now = timezone.now()
    found = analysis.quality(occasions.actor_of(request), since=now - dt.timedelta(days=days), now=now)
    context = {
        "agencies": [panels.quality_card(one) for one in found],
        "days": days,
        "choices": panels.QUALITY_DAYS,
    }
    return render(request, "corrections/quality.html", context)


@login_required
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    actor = occasions.actor_of(request)
    return render(request, "corrections/one.html", panels.correction_page(actor, queries.get_for(actor, pk)))


@login_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    actor = occasions.actor_of(request)
    wanted = request.POST.get("next", "")
    allowed = {request.get_host()}
    following = (
        wanted
        if url_has_allowed_host_and_scheme(wanted, allowed_hosts=allowed, require_https=request.is_secure())
        else ""
    )
    form = AnswerForm(request.POST)
    said = form.cleaned_data["answer"] if form.is_valid() else ""
    try:
        actions.answer_fault(
            occasion=occasions.of(request),
            pk=pk,
            answer=said,
            cause=next((one for one in Cause if one == request.POST.get("cause")), None),
        )
    except Refusal as refusal:
        if refusal.entry.status == 404:
            raise
        context = panels.correction_page(actor, queries.get_for(actor, pk)) | {
            "refusal": refusal_words(refusal),
            "typed": said,
            "cause": request.POST.get("cause", ""),
            "next": following,
        }
        return render(request, "corrections/one.html", context, status=refusal.entry.status)
    return redirect(following or f"{reverse('corrections:waiting')}?done=answer")
