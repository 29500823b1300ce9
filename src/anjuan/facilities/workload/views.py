import csv
import io

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.workload import actions, panels, queries, rules
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    return _ledger(request, done=request.GET.get("done", ""))


@login_required
@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    """The ledger as a table for the office's own programs; a cell never begins as a formula would."""
    found = _found(request)
    page = io.StringIO()
    rows = csv.writer(page)
    rows.writerow(panels.HEADINGS)
    rows.writerows(panels.cells(line) for line in panels.lines(found))
    response = HttpResponse("\ufeff" + page.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="work-{found.first:%Y-%m}.csv"'
    return response


@login_required
@require_POST
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        actions.explain(occasion=occasions.of(request), pk=pk, explanation=request.POST.get("explanation", ""))
    except Refusal as said:
        if said.entry.status in (403, 404):
            raise
        return _ledger(request, refusal=said, typed=request.POST.get("explanation", "")[:600], wrong=pk)
    return redirect(f"{reverse('workload:ledger')}?done=explain#helpers")


def _found(request: HttpRequest) -> queries.Ledger:
    first, until = rules.month(request.GET.get("month", ""), occasions.today())
    return queries.ledger(occasions.actor_of(request), first, until)


def _ledger(request: HttpRequest, *, refusal: Refusal | None = None, **more: object) -> HttpResponse:
    actor = occasions.actor_of(request)
    context = panels.page(actor, _found(request), queries.diversions(actor), occasions.today())
    context |= more | {"refusal": refusal_words(refusal) if refusal else None}
    return render(request, "workload/ledger.html", context, status=refusal.entry.status if refusal else 200)
