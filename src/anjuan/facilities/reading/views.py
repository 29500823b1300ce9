from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anjuan.facilities.formats import serving
from anjuan.facilities.reading import panels
from anjuan.facilities.reading import serving as downloads
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment


@login_required
@require_safe
def page(request: HttpRequest, component: int, page: int) -> HttpResponse:
    occasion = occasions.of(request)
    context = panels.page_page(occasion.actor, component, page)
    # The words of a page are as much as its image: whoever reads them has opened it.
    serving.note_opening(request, occasion, context["file"], page)
    return render(request, "reading/page.html", context)


@login_required
@require_safe
def record(request: HttpRequest, urn: str) -> HttpResponse:
    actor = occasions.actor_of(request)
    context = {"files": panels.record_files(actor, urn), "downloads": panels.record_downloads(actor, urn)}
    template = "reading/_record.html" if is_fragment(request) else "reading/record.html"
    return render(request, template, context)


@login_required
@require_safe
def searchable(request: HttpRequest, urn: str, part: int = 1) -> HttpResponseBase:
    return downloads.open_searchable(request, urn, part)
