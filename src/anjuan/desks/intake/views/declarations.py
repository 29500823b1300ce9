"""What came from outside, at the desk (预审)."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.desks.intake import forms as counter_forms
from anjuan.desks.intake import panels as room
from anjuan.desks.intake import queries
from anjuan.desks.intake.actions import declarations as actions
from anjuan.desks.intake.forms import declarations as forms
from anjuan.desks.intake.panels import declarations as panels
from anjuan.desks.intake.queries import declarations as seen
from anjuan.desks.intake.views.counter import to_item
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.formats import serving
from anjuan.foundation.accounts import occasions
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def declarations(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit_registering(actor)
    context = {
        "rows": room.declared_rows(seen.waiting(actor)),
        "judged": room.declared_rows(seen.judged(actor)),
        "count": seen.count_waiting(actor),
        "oldest": seen.oldest_waiting(actor),
        "done": request.GET.get("done", ""),
        "tabs": room.tabs(actor, "intake:declarations"),
    }
    return render(request, "intake/declarations.html", context)


@login_required
@require_safe
def declaration(request: HttpRequest, uid: str) -> HttpResponse:
    return _declaration(request, uid)


@login_required
@require_POST
def send_back(request: HttpRequest, uid: str) -> HttpResponse:
    _row(request, uid)
    try:
        actions.send_back(
            occasion=occasions.of(request),
            uid=uid,
            reasons=forms.reasons_of(request.POST),
            note=request.POST.get("note", ""),
        )
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _declaration(request, uid, refusal)
    return redirect("intake:declarations")


@login_required
@require_POST
def admit(request: HttpRequest, uid: str) -> HttpResponse:
    row = _row(request, uid)
    form = forms.AdmitForm(request.POST)
    if "add_row" in request.POST or not form.is_valid():
        return _declaration(request, uid, form=form)
    persons = counter_forms.persons_of(counter_forms.person_rows(request.POST, many=True))
    typed = form.as_registered(row.step_code, persons, forms.answers_of(request.POST))
    try:
        receipt = actions.admit(occasion=occasions.of(request), uid=uid, registration=typed)
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _declaration(request, uid, refusal, form)
    return to_item(receipt.urn, done="capture")


@login_required
@require_safe
def thumb(request: HttpRequest, uid: str, place: int, page: int) -> HttpResponseBase:
    row = _row(request, uid)
    file = _file(row, place, page)
    return serving.lasting(formats.ensure_derivatives(file.sha512, seen.path_of(row, file), page).thumbnail)


@login_required
@require_safe
def view(request: HttpRequest, uid: str, place: int, page: int) -> HttpResponseBase:
    """A page in full. It belongs to no record yet, but who looked at it is put down all the same."""
    row = _row(request, uid)
    file = _file(row, place, page)
    drawn = formats.ensure_derivatives(file.sha512, seen.path_of(row, file), page)
    journal.note_opening(
        occasion=occasions.of(request), unit=f"declaration:{uid}", component=place + 1, page=page, purpose="intake"
    )
    return serving.fresh(request, drawn.view)


def _row(request: HttpRequest, uid: str) -> seen.DeclarationRow:
    """The declaration, for a handler of its agency.

    Raises:
        A-001: the actor is no handler at all.
        R-009: there is none, or it is another agency's.
    """
    actor = occasions.actor_of(request)
    queries.permit_registering(actor)
    return seen.get_declaration_for(actor, uid)


def _file(row: seen.DeclarationRow, place: int, page: int) -> seen.SentFile:
    file = row.files[place] if place < len(row.files) else None
    if file is None or not 1 <= page <= file.pages or not seen.path_of(row, file).exists():
        raise Refusal("R-009", what=f"{row.declaration_no} {place}")
    return file


def _declaration(
    request: HttpRequest, uid: str, refusal: Refusal | None = None, form: forms.AdmitForm | None = None
) -> HttpResponse:
    row = _row(request, uid)
    step = schedule.step(row.step_code, row.lodged_at)
    context = panels.declaration_page(row, step, seen.lying_elsewhere(occasions.actor_of(request), row.files))
    if context["may_judge"]:
        declared = seen.registration_of(row)
        posted = request.POST if form is not None else None
        adding = "add_row" in request.POST
        if form is not None and adding:
            form.errors.clear()
        context |= {
            "form": form or forms.AdmitForm(initial=forms.initial_of(declared)),
            "persons": counter_forms.person_rows(posted or forms.persons_data(declared), many=False, more=adding),
            "conditions": panels.questions(step, forms.answers_of(posted) if posted else declared.answers),
            "step": step,
        }
    context["typed"] = request.POST
    context["refusal"] = refusal_words(refusal) if refusal else None
    context["wrong_field"] = counter_forms.FIELD_OF.get(refusal.code, "") if refusal else ""
    status = refusal.entry.status if refusal else 422 if form is not None and form.errors else 200
    return render(request, "intake/declaration.html", context, status=status)
