from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anjuan.desks.intake.panels import reading
from anjuan.facilities.assurance import actions as assurance
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records


@login_required
@require_safe
def read(request: HttpRequest, urn: str) -> HttpResponse:
    """What the machine sees on an item's pages; each time it is asked, it looks at one page more."""
    occasion = occasions.of(request)
    item = records.get_item_for(occasion.actor, urn)
    left = assurance.look_now(item_urn=item.urn, at=occasion.at)
    return render(request, "intake/_read.html", reading.seen(item, left))
