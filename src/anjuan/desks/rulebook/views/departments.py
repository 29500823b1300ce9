from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.desks.rulebook import forms, panels, queries
from anjuan.desks.rulebook.actions import departments as actions
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def open_department(request: HttpRequest) -> HttpResponse:
    data = request.POST
    try:
        actions.open_department(
            occasion=occasions.of(request), agency_code=data.get("agency", ""), name=data.get("name", "")
        )
    except Refusal as refusal:
        return _page(request, refusal)
    return _done("department")


@login_required
@require_POST
def close_department(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        actions.close_department(occasion=occasions.of(request), pk=pk)
    except Refusal as refusal:
        return _page(request, refusal)
    return _done("struck")


@login_required
@require_POST
def name_part_timer(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        actions.name_part_timer(
            occasion=occasions.of(request),
            pk=pk,
            staff_code=request.POST.get("staff", ""),
            since_date=forms.date_of(request.POST.get("since", ""), "since"),
        )
    except Refusal as refusal:
        return _page(request, refusal)
    return _done("named")


@login_required
@require_POST
def relieve_part_timer(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        actions.relieve_part_timer(
            occasion=occasions.of(request),
            pk=pk,
            until_date=forms.date_of(request.POST.get("until", ""), "until"),
        )
    except Refusal as refusal:
        return _page(request, refusal)
    return _done("relieved")


def _done(what: str) -> HttpResponse:
    return redirect(reverse("rulebook:departments") + f"?done={what}")


def _page(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    """Refused where the reader has no business here at all; a department of elsewhere does not exist for him."""
    actor = occasions.actor_of(request)
    queries.permit_rulebook(actor)
    if refusal is not None and refusal.code in ("A-001", "R-009"):
        raise refusal
    context = {
        **panels.departments(actor, today=occasions.today()),
        "may_write": actor.holds(Post.SUPERVISOR),
        "typed": request.POST,
        "today": occasions.today(),
        "tab": "departments",
        "done": panels.done_words(request.GET.get("done", "")),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "rulebook/departments.html", context, status=refusal.entry.status if refusal else 200)
