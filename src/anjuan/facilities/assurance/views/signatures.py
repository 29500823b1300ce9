import csv
import io
from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.assurance.actions import signatures as actions
from anjuan.facilities.assurance.panels import signatures as panels
from anjuan.facilities.assurance.queries import signatures as queries
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment, refusal_words


@login_required
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Invalid signatures that wait for somebody."""
    return _page(request)


@login_required
@require_safe
def closed(request: HttpRequest) -> HttpResponse:
    """Those that were replaced or accepted."""
    return _page(request, is_closed=True)


@login_required
@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    """The register as a table for the office's own programs; a cell never begins as a formula would."""
    actor = occasions.actor_of(request)
    page = io.StringIO()
    rows = csv.writer(page)
    rows.writerow(panels.headings())
    for is_closed in (False, True):
        rows.writerows(panels.cells(row) for row in queries.register_for(actor, closed=is_closed))
    response = HttpResponse("\ufeff" + page.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="invalid-signatures.csv"'
    return response


@login_required
@require_safe
def record(request: HttpRequest, urn: str) -> HttpResponse:
    """The signatures of a record's files: a piece of its page, or a page of its own."""
    context = panels.record_page(occasions.actor_of(request), urn)
    name = "assurance/_signatures_of.html" if is_fragment(request) else "assurance/signatures_of.html"
    return render(request, name, context)


@login_required
@require_POST
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    return _settle(request, pk, "explained", actions.explain_signature)


@login_required
@require_POST
def replaced(request: HttpRequest, pk: int) -> HttpResponse:
    return _settle(request, pk, "replaced", actions.note_replacement)


@login_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    return _settle(request, pk, "accepted", actions.accept_signature)


def _settle(request: HttpRequest, pk: int, done: str, deed: Callable[..., None]) -> HttpResponse:
    words = request.POST.get("words", "")
    try:
        deed(occasion=occasions.of(request), pk=pk, words=words)
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _page(request, refusal=refusal, wrong=pk, typed=words[:600])
    return redirect(f"{reverse('assurance:signatures')}?done={done}")


def _page(
    request: HttpRequest, *, is_closed: bool = False, refusal: Refusal | None = None, wrong: int = 0, typed: str = ""
) -> HttpResponse:
    context = {
        **panels.register_page(occasions.actor_of(request), is_closed=is_closed),
        "refusal": refusal_words(refusal) if refusal else None,
        "wrong": wrong,
        "typed": typed,
        "done": request.GET.get("done", ""),
    }
    return render(request, "assurance/signatures.html", context, status=refusal.entry.status if refusal else 200)
