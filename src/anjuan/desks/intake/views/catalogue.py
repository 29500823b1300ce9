import tempfile
from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anjuan.core import sheets as spreadsheets
from anjuan.core.refusals import Refusal
from anjuan.desks.intake import forms, queries
from anjuan.desks.intake import panels as room
from anjuan.desks.intake.actions import catalogue as actions
from anjuan.desks.intake.panels import catalogue as panels
from anjuan.desks.intake.queries import catalogue as seen
from anjuan.desks.intake.rules.catalogue import FIELDS, Purpose
from anjuan.desks.intake.views import counter
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment, refusal_words

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheets(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit_registering(actor)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            uid = _lay(request)
        except Refusal as said:
            refusal = said
        else:
            return redirect("intake:sheet", uid=uid)
    context = {
        "tabs": room.tabs(actor, "intake:sheets"),
        "lines": list(panels.list_lines(seen.sheets_for(actor))),
        "agencies": counter.own_agencies(actor),
        "typed": request.POST,
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "intake/sheets.html", context, status=refusal.entry.status if refusal else 200)


def _lay(request: HttpRequest) -> str:
    upload = request.FILES.get("file")
    if upload is None:
        raise Refusal("I-011")
    with forms.staged(upload) as path:
        return actions.lay_sheet(
            occasion=occasions.of(request),
            agency_code=request.POST.get("agency", ""),
            purpose=Purpose.EDIT if request.POST.get("purpose") == Purpose.EDIT else Purpose.NEW,
            path=path,
            name=forms.file_name(request.POST.get("name", "") or upload.name or ""),
        )


@login_required
@require_safe
def sheet(request: HttpRequest, uid: str) -> HttpResponse:
    return _sheet(request, uid)


@login_required
@require_POST
def check(request: HttpRequest, uid: str) -> HttpResponse:
    row = seen.get_sheet_for(occasions.actor_of(request), uid)
    chosen = {field: request.POST.get(f"column_{field}", "") for field in FIELDS[row.purpose]}
    mapping = {field: int(at) for field, at in chosen.items() if at.isascii() and at.isdigit() and len(at) < 4}
    return _done(request, uid, lambda: actions.check_sheet(occasion=occasions.of(request), uid=uid, mapping=mapping))


@login_required
@require_POST
def take(request: HttpRequest, uid: str) -> HttpResponse:
    return _done(request, uid, lambda: actions.take_sheet(occasion=occasions.of(request), uid=uid))


@login_required
@require_POST
def undo(request: HttpRequest, uid: str) -> HttpResponse:
    return _done(request, uid, lambda: actions.undo_sheet(occasion=occasions.of(request), uid=uid))


@login_required
@require_safe
def faults(request: HttpRequest, uid: str) -> HttpResponseBase:
    row = seen.get_sheet_for(occasions.actor_of(request), uid)
    stream = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    spreadsheets.write_xlsx(seen.faulty_lines(row), stream)
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename="faulty-rows.xlsx", content_type=XLSX)


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    actor = occasions.actor_of(request)
    queries.permit_registering(actor)
    purpose = Purpose.EDIT if request.GET.get("for") == Purpose.EDIT else Purpose.NEW
    lines = seen.export(actor, purpose)
    if request.GET.get("as") == "csv":
        response = StreamingHttpResponse(spreadsheets.write_csv(lines), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="catalogue.csv"'
        return response
    stream = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    spreadsheets.write_xlsx(lines, stream)
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename="catalogue.xlsx", content_type=XLSX)


def _done(request: HttpRequest, uid: str, deed: Callable[[], object]) -> HttpResponse:
    try:
        deed()
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _sheet(request, uid, refusal)
    return redirect("intake:sheet", uid=uid)


def _sheet(request: HttpRequest, uid: str, refusal: Refusal | None = None) -> HttpResponse:
    found = seen.standing(seen.get_sheet_for(occasions.actor_of(request), uid))
    context = panels.sheet_page(found)
    if is_fragment(request):
        return render(request, "intake/_sheet.html", context)
    context["refusal"] = refusal_words(refusal) if refusal else None
    return render(request, "intake/sheet.html", context, status=refusal.entry.status if refusal else 200)
