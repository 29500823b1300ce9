from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anjuan.core.terms import Route
from anjuan.desks.rulebook import panels, queries
from anjuan.foundation.accounts import occasions


@login_required
@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """Who does what, with what in hand, and who must be another person: read from the table that the program obeys."""
    actor = occasions.actor_of(request)
    queries.permit_rulebook(actor)
    route = next((one for one in Route if one == request.GET.get("route")), Route.TARGET)
    context = {
        "duties": panels.duty_lines(queries.duty_matrix(actor, route, on=occasions.today())),
        "routes": [(one.value, one, one is route) for one in Route],
        "agency": actor.agency_code,
        "tab": "duties",
    }
    return render(request, "rulebook/duties.html", context)
