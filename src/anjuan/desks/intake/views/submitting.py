"""What units and citizens send in, without an account (网上申报): nothing of anybody else is shown or told."""

import contextlib
import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.desks.intake import forms as counter_forms
from anjuan.desks.intake.actions import declarations as actions
from anjuan.desks.intake.forms import declarations as forms
from anjuan.desks.intake.panels import declarations as panels
from anjuan.desks.intake.panels import name_of
from anjuan.desks.intake.queries import declarations as queries
from anjuan.desks.intake.rules import declarations as rules
from anjuan.desks.intake.rules.declarations import Stage
from anjuan.facilities.printing import queries as printing
from anjuan.foundation.accounts import occasions
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.web.middleware import at_most, refusal_words
from anjuan.foundation.web.pace import Pace
from anjuan.foundation.web.panels import address

FORM_BYTES = 1 << 20  # what stands round the files in the form
MOST_WRONG = 8  # tries of one number from one network address
MOST_WRONG_ALL = 40  # tries of all numbers from one


def _too_often(minutes: int) -> Refusal:
    return Refusal("I-102", minutes=minutes)


LODGINGS = Pace(within=dt.timedelta(hours=1), refusal=_too_often)
INQUIRIES = Pace(within=dt.timedelta(minutes=15), refusal=_too_often)


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Which office, and what it is about."""
    names = schedule.category_names()
    agencies = queries.open_agencies()
    groups: dict[str, list[dict[str, Any]]] = {}
    for step in queries.open_steps() if agencies else []:
        line = {"step": step, "name": name_of(step), "blank_url": address("rulebook:blank", code=step.code)}
        groups.setdefault(names.get(step.category_code, step.category_code), []).append(line)
    asked = request.GET.get("agency", "")
    chosen = asked if asked in dict(agencies) else agencies[0][0] if len(agencies) == 1 else ""
    context = {"agencies": agencies, "chosen": chosen, "groups": groups}
    return _private(render(request, "intake/submit.html", context))


@at_most(rules.MOST_BYTES + FORM_BYTES, rules.too_large)
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: HttpRequest, agency: str, step: str) -> HttpResponse:
    """The form of one step; sent, its receipt. The code stands on this one answer and nowhere else."""
    office, chosen = queries.get_open(agency, step)
    adding = "add_row" in request.POST
    posted = request.method == "POST"
    form = forms.DeclareForm(request.POST if posted else None)
    rows = counter_forms.person_rows(request.POST if posted else None, many=chosen.concerns_many, more=adding)
    answers = forms.answers_of(request.POST)
    brought = request.POST.get("ticket", "")
    ticket = brought if rules.is_ticket(brought) else occasions.now(actions.APPLICANT).fresh(16).hex()
    refusal: Refusal | None = None
    if posted and not adding and form.is_valid():
        occasion = occasions.now(actions.APPLICANT)
        try:
            _slow_down(request, occasion.at)
            with contextlib.ExitStack() as stack:
                lodged = actions.lodge(
                    occasion=occasion,
                    agency_code=office.code,
                    step_code=chosen.code,
                    facts=form.facts(counter_forms.persons_of(rows), answers),
                    uploads=forms.uploads_of(request.FILES, stack),
                    ticket=ticket,
                )
        except Refusal as said:
            refusal = said
        else:
            return _lodged(request, lodged)
    if adding:
        form.errors.clear()
    status = refusal.entry.status if refusal else 422 if posted and not adding and form.errors else 200
    context = {
        "office": office,
        "step": chosen,
        "step_name": name_of(chosen),
        "blank_url": address("rulebook:blank", code=chosen.code),
        "form": form,
        "rows": rows,
        "ticket": ticket,
        "conditions": panels.questions(chosen, answers),
        "materials": panels.asked(chosen),
        "refusal": refusal_words(refusal) if refusal else None,
        "wrong_field": forms.FIELD_OF.get(refusal.code, "") if refusal else "",
        **_limits(),
    }
    return _private(render(request, "intake/declare.html", context, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest) -> HttpResponse:
    """How far a declaration has come: number and code are sent, never put into an address."""
    if request.method != "POST":
        number = rules.read_number(request.GET.get("number", ""))
        return _private(render(request, "intake/inquire.html", {"form": forms.InquiryForm(initial={"number": number})}))
    try:
        found = _opened(request)
    except Refusal as said:
        return _refused_inquiry(request, said)
    return _progress(request, found)


@at_most(rules.MOST_BYTES + FORM_BYTES, rules.too_large)
@require_POST
def lodge_again(request: HttpRequest) -> HttpResponse:
    """Send the returned materials anew."""
    try:
        found = _opened(request)
    except Refusal as said:
        return _refused_inquiry(request, said)
    occasion = occasions.now(actions.APPLICANT)
    try:
        _slow_down(request, occasion.at)
        with contextlib.ExitStack() as stack:
            actions.lodge_again(
                occasion=occasion,
                number=found.row.declaration_no,
                code=request.POST.get("code", ""),
                uploads=forms.uploads_of(request.FILES, stack),
            )
    except Refusal as said:
        return _progress(request, found, refusal=said)
    return _progress(request, _opened(request), done="lodge_again")


@require_POST
def receipt(request: HttpRequest) -> HttpResponse:
    """The receipt as PDF."""
    try:
        found = _opened(request)
        queries.registration_of(found.row)  # of what was cleared there is none
    except Refusal as said:
        return _refused_inquiry(request, said)
    answer = HttpResponse(panels.receipt_pdf(found, at=occasions.moment()), content_type="application/pdf")
    disposition = content_disposition_header(True, f"{found.row.declaration_no}.pdf")
    answer.headers["Content-Disposition"] = disposition or "attachment"
    return _private(answer)


def _lodged(request: HttpRequest, lodged: actions.Lodged) -> HttpResponse:
    found = queries.progress(queries.by_code(lodged.declaration_no, lodged.inquiry_code))
    link = panels.progress_address(lodged.declaration_no)
    context = {
        **_shown(found),
        "code": lodged.inquiry_code,
        "is_new": True,
        "link": link,
        "symbol": mark_safe(printing.qr_code(link)),  # noqa: S308 - drawn by us from our own address
    }
    return _private(render(request, "intake/declared.html", context))


def _progress(
    request: HttpRequest, found: queries.Progress, *, refusal: Refusal | None = None, done: str = ""
) -> HttpResponse:
    context = {
        **_shown(found),
        "code": request.POST.get("code", ""),
        "refusal": refusal_words(refusal) if refusal else None,
        "done": done,
    }
    return _private(render(request, "intake/declared.html", context, status=refusal.entry.status if refusal else 200))


def _shown(found: queries.Progress) -> dict[str, Any]:
    row = found.row
    names = {material.code: name_of(material) for material in found.step.materials}
    return {
        "row": row,
        "step_name": name_of(found.step),
        "agency_name": found.agency_name,
        "is_returned": found.stage is Stage.RETURNED,
        "is_cleared": found.stage is Stage.CLEARED,
        "is_accepted": bool(row.acceptance_no),
        "stages": panels.way(found.stage),
        "files": [(file, names.get(file.material, file.material)) for file in row.files],
        "materials": panels.asked(found.step, row.returned),
        "clears_date": panels.clears_on(row),
        "days": settings.ANJUAN_SPOOL_DAYS,
        **_limits(),
    }


def _limits() -> dict[str, Any]:
    return {"most_mb": rules.MOST_BYTES >> 20, "most_files": rules.MOST_FILES, "accept": ",".join(sorted(rules.MEDIA))}


def _opened(request: HttpRequest) -> queries.Progress:
    """What number and code open.

    Raises:
        I-101: nothing.
        I-102: there were too many wrong tries.
    """
    at = occasions.moment()
    number = rules.read_number(request.POST.get("number", ""))
    here = request.META.get("REMOTE_ADDR", "")
    INQUIRIES.check(here, at=at, most=MOST_WRONG_ALL)
    INQUIRIES.check(f"{here} {number}", at=at, most=MOST_WRONG)
    try:
        return queries.progress(queries.by_code(number, request.POST.get("code", "")))
    except Refusal:
        INQUIRIES.note(here, at=at)
        INQUIRIES.note(f"{here} {number}", at=at)
        raise


def _refused_inquiry(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    context = {"form": forms.InquiryForm(request.POST), "refusal": refusal_words(refusal)}
    return _private(render(request, "intake/inquire.html", context, status=refusal.entry.status))


def _slow_down(request: HttpRequest, at: dt.datetime) -> None:
    """Whether the network address may send in once more; refused ones count too, for they are looked at as well."""
    here = request.META.get("REMOTE_ADDR", "")
    LODGINGS.check(here, at=at, most=settings.ANJUAN_SUBMIT_PER_HOUR)
    LODGINGS.note(here, at=at)


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"
    return response
