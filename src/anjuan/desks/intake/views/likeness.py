from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anjuan.desks.intake.actions import likeness as deeds
from anjuan.desks.intake.panels import likeness as shown
from anjuan.desks.intake.queries import likeness
from anjuan.desks.intake.views.counter import to_item
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records


@login_required
@require_safe
def twins(request: HttpRequest, urn: str) -> HttpResponse:
    """The pages of an item that lie elsewhere as well, as a part of other pages."""
    actor = occasions.actor_of(request)
    item = records.get_item_for(actor, urn)
    components = records.components_of([urn])[urn]
    found = shown.lines(urn, components, likeness.twins(actor, urn, components))
    return render(request, "intake/_twins.html", {"item": item, "lines": found})


@login_required
@require_POST
def tell_apart(request: HttpRequest, likeness: int) -> HttpResponse:
    urn = deeds.tell_apart(occasion=occasions.of(request), likeness_pk=likeness)
    return to_item(urn, done="tell_apart", page=request.POST.get("page", ""))
