from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anjuan.desks.rulebook import panels, queries
from anjuan.desks.rulebook.queries import categories
from anjuan.foundation.accounts import occasions


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """What holds for each category from collecting to the shelf, as the program itself obeys it."""
    actor = occasions.actor_of(request)
    queries.permit_rulebook(actor)
    found = categories.categories(on=occasions.today(), at=occasions.moment())
    context = {"found": [panels.category_lines(one) for one in found], "tab": "categories"}
    return render(request, "rulebook/categories.html", context)
