from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.progress import actions, panels, queries
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment, refusal_words


@login_required
@require_safe
def standing(request: HttpRequest, urn: str) -> HttpResponse:
    return _standing(request, urn)


@login_required
@require_safe
def open_record(request: HttpRequest, urn: str) -> HttpResponse:
    """To the page of the record, item or volume: where a reminder leads."""
    found = queries.standing(occasions.actor_of(request), urn)
    return redirect("search:volume" if found.is_volume else "search:item", urn=urn)


@login_required
@require_POST
def remind(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.remind(occasion=occasions.of(request), urn=urn)
    except Refusal as refusal:
        if refusal.entry.status == 404:
            raise
        return _standing(request, urn, refusal=refusal)
    return _standing(request, urn, reminded=True)


@login_required
@require_safe
def steps(request: HttpRequest) -> HttpResponse:
    found = queries.steps(occasions.actor_of(request), now=timezone.now())
    return render(request, "progress/steps.html", {"lines": panels.step_lines(found), "days": queries.STEPS_DAYS})


def _standing(
    request: HttpRequest, urn: str, *, refusal: Refusal | None = None, reminded: bool = False
) -> HttpResponse:
    found = queries.standing(occasions.actor_of(request), urn)
    context = {
        "standing": found,
        "told": panels.told(found),
        "reminded": reminded,
        "refusal": refusal_words(refusal) if refusal else None,
    }
    template = "progress/_standing.html" if is_fragment(request) else "progress/standing.html"
    return render(request, template, context, status=refusal.entry.status if refusal else 200)
