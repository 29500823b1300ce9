"""The list of numbers: what was given, voided, held and is missing; numbering anew; lists of volumes."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.desks.filing import actions, forms, queries
from anjuan.desks.filing.views.pages import as_pdf, numbers_page
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import occasions


@login_required
@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    return numbers_page(request)


@login_required
@require_POST
def void(request: HttpRequest) -> HttpResponse:
    run, number, reason = forms.read_voiding(request.POST)
    try:
        actions.void_number(occasion=occasions.of(request), run_key=run, number=number, reason=reason)
    except Refusal as refusal:
        return numbers_page(request, refusal)
    return redirect(reverse("filing:numbers") + f"?year={run.split('/')[1]}&done=voided")


@login_required
@require_POST
def renumber(request: HttpRequest) -> HttpResponse:
    code, reason = request.POST.get("code", ""), request.POST.get("reason", "")
    try:
        urn = queries.volume_numbered(occasions.actor_of(request), code)
        anew = actions.renumber(occasion=occasions.of(request), volume_urn=urn, reason=reason)
    except Refusal as refusal:
        return numbers_page(request, refusal, typed={"code": code, "reason": reason})
    return redirect(reverse("search:volume", kwargs={"urn": anew.urn}) + "?done=renumbered")


@login_required
@require_safe
def volume_list(request: HttpRequest, year: int, category: str) -> HttpResponse:
    facts = queries.volume_list_facts(occasions.actor_of(request), year, category)
    pdf = printing.print_form(form=FormName.VOLUME_LIST, facts=facts, at=timezone.now(), practice=settings.PRACTICE)
    return as_pdf(pdf, "volume_list")
