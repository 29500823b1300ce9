from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anjuan.core import sheets
from anjuan.core.refusals import Refusal
from anjuan.desks.intake import forms
from anjuan.desks.intake import panels as room
from anjuan.desks.intake.actions import conflicts as actions
from anjuan.desks.intake.panels import business as panels
from anjuan.desks.intake.queries import business_cases as queries
from anjuan.facilities.business import actions as mapping
from anjuan.facilities.business.queries import reconciliation
from anjuan.facilities.business.queries.reconciliation import Gap
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def business(request: HttpRequest) -> HttpResponse:
    return _business(request)


@login_required
@require_POST
def map_fields(request: HttpRequest) -> HttpResponse:
    """How a business system calls our fields, a line each."""
    lines = [line.partition("=") for line in request.POST.get("names", "").splitlines() if line.strip()]
    try:
        mapping.map_fields(
            occasion=occasions.of(request),
            source=request.POST.get("source", "").strip(),
            step_code=request.POST.get("step", "").strip(),
            names={field.strip(): name.strip() for field, _, name in lines},
        )
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _business(request, refusal)
    return redirect("intake:business")


def _business(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    panels.permit(actor)
    context = panels.overview(actor, now=timezone.now()) | {"tabs": room.tabs(actor, "intake:business")}
    context["refusal"] = refusal_words(refusal) if refusal else None
    return render(request, "intake/business.html", context, status=refusal.entry.status if refusal else 200)


@login_required
@require_safe
def gaps(request: HttpRequest, gap: str) -> HttpResponseBase:
    actor = occasions.actor_of(request)
    panels.permit(actor)
    if gap not in set(Gap):
        raise Refusal("R-009", what=gap[:20])
    agency, step = request.GET.get("agency", ""), request.GET.get("step", "")
    if request.GET.get("as") == "csv":
        lines = panels.export_lines(Gap(gap), actor, agency=agency, step=step)
        response = StreamingHttpResponse(sheets.write_csv(lines), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="reconciliation.csv"'
        return response
    after = forms.whole_number(request.GET.get("after", ""))
    rows = reconciliation.listed(actor, Gap(gap), agency_code=agency, step_code=step, after=after)
    return render(request, "intake/gaps.html", panels.gap_page(Gap(gap), rows, agency=agency, step=step))


@login_required
@require_safe
def conflict(request: HttpRequest, uid: str) -> HttpResponse:
    return _conflict(request, uid)


@login_required
@require_POST
def settle(request: HttpRequest, uid: str) -> HttpResponse:
    try:
        actions.settle_conflict(occasion=occasions.of(request), uid=uid, note=request.POST.get("note", ""))
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _conflict(request, uid, refusal)
    return redirect("intake:conflict", uid=uid)


@login_required
@require_safe
def sent_file(request: HttpRequest, uid: str, place: int) -> FileResponse:
    """A file as it was sent: saved by the browser, never shown inside our pages."""
    row = queries.get_conflict_for(occasions.actor_of(request), uid)
    path = queries.sent_file(row, place)
    response = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=row.files[place - 1].name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _conflict(request: HttpRequest, uid: str, refusal: Refusal | None = None) -> HttpResponse:
    context = panels.conflict_page(queries.get_conflict_for(occasions.actor_of(request), uid))
    context["refusal"] = refusal_words(refusal) if refusal else None
    return render(request, "intake/conflict.html", context, status=refusal.entry.status if refusal else 200)
