"""Taking a list out: the form, one's own exports, and the register of all (导出、我的导出、导出登记)."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.search import actions, queries
from anjuan.facilities.search.queries import kept
from anjuan.facilities.search.queries.kept import ExportRow
from anjuan.facilities.search.rules import USUAL_COLUMNS, ExportColumn, ExportForm, Order
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment
from anjuan.foundation.web.shapes import Tone, Work

COLUMNS: Mapping[ExportColumn, Promise] = {
    ExportColumn.REFERENCE_CODE: gettext_lazy("Reference code"),
    ExportColumn.ACCEPTANCE_NO: gettext_lazy("Acceptance no."),
    ExportColumn.TITLE: gettext_lazy("Title"),
    ExportColumn.NAMES: gettext_lazy("Persons and units"),
    ExportColumn.NUMBERS: gettext_lazy("Numbers of persons"),
    ExportColumn.STEP: gettext_lazy("Business step"),
    ExportColumn.CATEGORY: gettext_lazy("Category"),
    ExportColumn.YEAR: gettext_lazy("Year"),
    ExportColumn.FORMED: gettext_lazy("Formed"),
    ExportColumn.AGENCY: gettext_lazy("Agency"),
    ExportColumn.STATE: gettext_lazy("Stage"),
    ExportColumn.PAGES: gettext_lazy("Page count"),
    ExportColumn.PLACE: gettext_lazy("Where"),
}
_STATES: Mapping[str, tuple[Promise, Tone, str]] = {
    "WAITING": (gettext_lazy("being made"), "wait", "hourglass"),
    "MADE": (gettext_lazy("ready"), "good", "circle-check"),
    "STOPPED": (pgettext_lazy("export", "stopped, nothing was handed out"), "bad", "circle-x"),
    "CLEARED": (gettext_lazy("file cleared"), "", "trash"),
}
_MIMES = {
    "CSV": "text/csv; charset=utf-8",
    "XLSX": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "PDF": "application/pdf",
}


_E = TypeVar("_E", ExportForm, ExportColumn)


@login_required
@require_http_methods(["GET", "POST"])
def take_out(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    kept.may_export(actor)
    given = request.POST if request.method == "POST" else request.GET
    asked, wanted = given.get("q", ""), given.get("order", "")
    order = Order(wanted) if wanted in Order.__members__ else Order.NEWEST
    columns = [str(column) for column in given.getlist("column")]
    if request.method == "GET" and not columns:
        columns = [column.value for column in USUAL_COLUMNS]
    form = given.get("form", ExportForm.XLSX.value)
    refusal: Refusal | None = None
    total = 0
    try:
        total = queries.count_rows(actor, asked)
        if request.method == "POST":
            actions.export_list(
                occasion=occasions.of(request),
                asked=asked,
                order=order,
                purpose=given.get("purpose", ""),
                form=_known(ExportForm, form),
                columns=[_known(ExportColumn, column) for column in columns],
                shows_numbers=given.get("whole") == "1",
            )
            return redirect("search:exports")
    except Refusal as refused:
        if refused.entry.status == 403:
            raise
        refusal = refused
    return render(
        request,
        "search/take_out.html",
        {
            "refusal": refusal,
            "asked": asked,
            "order": order,
            "purpose": given.get("purpose", ""),
            "total": total,
            "most": kept.row_limit(actor),
            "columns": [(column.value, words, column.value in columns) for column, words in COLUMNS.items()],
            "forms": [(each.value, each.value == form) for each in ExportForm],
            "may_see_numbers": kept.may_see_numbers(actor),
            "whole": given.get("whole") == "1",
        },
        status=refusal.entry.status if refusal else 200,
    )


@login_required
@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    lines = _lines(kept.exports_of(actor))
    told = {
        "lines": lines,
        "at_work": any(line[0].state == "WAITING" for line in lines),
        "may_read_register": kept.may_read_register(actor),
    }
    return render(request, "search/_exports.html" if is_fragment(request) else "search/exports.html", told)


@login_required
@require_safe
def export_file(request: HttpRequest, uid: str) -> HttpResponseBase:
    row = kept.export_for(occasions.actor_of(request), uid)
    path = kept.export_file(row)
    if row.made_at is None or not path.exists():
        raise Refusal("X-016", serial_no=row.serial_no)
    answer = FileResponse(path.open("rb"), content_type=_MIMES[row.form], as_attachment=True, filename=path.name)
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_POST
def stop(request: HttpRequest, uid: str) -> HttpResponse:
    try:
        actions.stop_export(occasion=occasions.of(request), uid=uid)
    except Refusal as refusal:
        if refusal.code != "Y-003":  # it was made while he looked: the list says so
            raise
    return redirect("search:exports")


@login_required
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    lines = _lines(kept.register(occasions.actor_of(request)))
    return render(
        request, "search/_register.html" if is_fragment(request) else "search/register.html", {"lines": lines}
    )


def _lines(rows: Sequence[ExportRow]) -> list[tuple[ExportRow, tuple[Promise, Tone, str], list[Promise], Work, str]]:
    return [
        (
            row,
            _STATES[row.state],
            [COLUMNS[column] for column in row.columns],
            Work(row.serial_no, row.done, row.total),
            reverse("search:export_file", args=[row.uid]) if row.state == "MADE" else "",
        )
        for row in rows
    ]


def _known(terms: type[_E], word: str) -> _E:
    if word not in terms.__members__:
        raise Refusal("X-015", name=word[:40])
    return terms(word)
