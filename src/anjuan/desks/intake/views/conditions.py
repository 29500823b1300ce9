from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from anjuan.desks.intake import actions
from anjuan.foundation.accounts import occasions


@login_required
@require_POST
def answer_conditions(request: HttpRequest, urn: str) -> HttpResponse:
    """What was ticked; a question left open stays open."""
    answers = {
        words: request.POST[f"answer-{place}"] == "yes"
        for place, words in enumerate(request.POST.getlist("condition"), 1)
        if request.POST.get(f"answer-{place}") in ("yes", "no")
    }
    actions.answer_conditions(occasion=occasions.of(request), urn=urn, answers=answers)
    return redirect(f"{reverse('intake:item', kwargs={'urn': urn})}#conditions")
