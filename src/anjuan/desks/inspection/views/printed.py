from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from anjuan.desks.inspection import queries
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import occasions


@login_required
@require_safe
def self_check_sheet(request: HttpRequest, urn: str) -> HttpResponse:
    facts = queries.self_check_facts(occasions.actor_of(request), urn)
    pdf = printing.print_form(form=FormName.SELF_CHECK, facts=facts, at=timezone.now(), practice=settings.PRACTICE)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="self-check.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer
