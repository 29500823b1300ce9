from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import serving as formats
from anjuan.facilities.viewer import actions, panels, queries, rules
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records


@login_required
@require_safe
def view(request: HttpRequest, urn: str) -> HttpResponse:
    occasion = occasions.of(request)
    refusal: Refusal | None = None
    beside = ""
    if asked := request.GET.get("beside", "").strip():
        try:
            beside = queries.record_named(occasion.actor, asked)
        except Refusal as refused:
            refusal = refused
    context = panels.view_page(occasion, queries.viewed(occasion.actor, urn), request.GET, beside)
    return render(request, "viewer/view.html", {**context, "refusal": refusal, "asked_beside": asked})


@login_required
@require_safe
def pages(request: HttpRequest, urn: str) -> HttpResponse:
    response = JsonResponse(panels.page_list(queries.viewed(occasions.actor_of(request), urn)))
    response["Cache-Control"] = "private, no-cache"
    return response


@login_required
@require_safe
def marks(request: HttpRequest, component: int, page: int) -> HttpResponse:
    occasion = occasions.of(request)
    row = records.get_component_for(occasion.actor, component)
    found = queries.marks(row, page, rules.words_to_mark(request.GET.getlist("word")))
    # Where words stand tells that they stand there: whoever asks has opened the page.
    formats.note_opening(request, occasion, row, page)
    return JsonResponse({"boxes": [[round(edge, 4) for edge in box] for box in found]})


@login_required
@require_POST
def print_page(request: HttpRequest, component: int, page: int) -> HttpResponse:
    octets = actions.print_page(
        occasion=occasions.of(request), component=component, page=page, reason=request.POST.get("reason", "")
    )
    response = HttpResponse(octets, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="page-{component}-{page}.pdf"'
    response["Cache-Control"] = "no-store"
    return response
