import datetime as dt

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from anjuan.core.terms import Duty
from anjuan.desks.inspection import queries
from anjuan.desks.inspection.queries import papers
from anjuan.facilities.corrections.panels import chosen_days
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment
from anjuan.foundation.web.panels import address

_WORDS = {
    "self_check_sheet": gettext_lazy("Self-check sheet"),
    "acceptance_record": gettext_lazy("Acceptance record"),
    "recheck_record": gettext_lazy("Re-check record"),
}


@login_required
@require_safe
def self_check_sheet(request: HttpRequest, urn: str) -> HttpResponse:
    return _pdf(FormName.SELF_CHECK, queries.self_check_facts(occasions.actor_of(request), urn), "self-check")


@login_required
@require_safe
def acceptance_record(request: HttpRequest, urn: str) -> HttpResponse:
    return _pdf(FormName.JUDGED, papers.record_facts(occasions.actor_of(request), urn, Duty.ACCEPTED), "acceptance")


@login_required
@require_safe
def recheck_record(request: HttpRequest, urn: str) -> HttpResponse:
    return _pdf(FormName.JUDGED, papers.record_facts(occasions.actor_of(request), urn, Duty.RECHECKED), "recheck")


@login_required
@require_safe
def agency_paper(request: HttpRequest, agency: str, paper: str) -> HttpResponse:
    now = timezone.now()
    since = now - dt.timedelta(days=chosen_days(request.GET.get("days", "")))
    form, facts = papers.agency_facts(occasions.actor_of(request), agency, paper, since=since, now=now)
    return _pdf(form, facts, f"{paper}-{agency}")


@login_required
@require_safe
def papers_of(request: HttpRequest, urn: str) -> HttpResponse:
    """The papers of a volume that can be printed: a piece of its page, or a page of its own."""
    shown = [
        (_WORDS[name], reverse(f"inspection:{name}", kwargs={"urn": urn}))
        for name in papers.printable(occasions.actor_of(request), urn)
    ]
    name = "inspection/_papers.html" if is_fragment(request) else "inspection/papers.html"
    return render(request, name, {"papers": shown, "volume_url": address("search:volume", urn=urn)})


def _pdf(form: FormName, facts: papers.Facts, name: str) -> HttpResponse:
    pdf = printing.print_form(form=form, facts=facts, at=timezone.now(), practice=settings.PRACTICE)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer
