import contextlib
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Route
from anjuan.desks.intake import forms, queries, receiving, watching
from anjuan.desks.intake import panels as room
from anjuan.desks.intake.actions import piles as actions
from anjuan.desks.intake.panels import piles as panels
from anjuan.desks.intake.queries import piles as seen
from anjuan.desks.intake.queries import sendings as sent
from anjuan.desks.intake.rules.piles import MOST_SEPARATORS, LeafKind
from anjuan.desks.intake.views import counter
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.formats import serving
from anjuan.foundation.accounts import occasions
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.web.middleware import is_fragment, refusal_words


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def piles(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit_registering(actor)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            uid = _lay(request)
        except Refusal as said:
            refusal = said
        else:
            return redirect("intake:pile", uid=uid)
    context = {
        "tabs": room.tabs(actor, "intake:piles"),
        "lines": panels.list_lines(seen.piles_for(actor)),
        "sendings": sent.sendings_of(actor),
        "failed": watching.failed(actor.agency_code, actor.staff_code),
        "watched": f"watch/{actor.agency_code}/{actor.staff_code}",
        "agencies": counter.own_agencies(actor),
        "typed": request.POST,
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "intake/piles.html", context, status=refusal.entry.status if refusal else 200)


def _lay(request: HttpRequest) -> str:
    uploads = request.FILES.getlist("files")
    names = request.POST.getlist("name")
    sendings = request.POST.getlist("sending")
    actor = occasions.actor_of(request)
    with contextlib.ExitStack() as stack:
        files = [
            (
                stack.enter_context(forms.staged(upload)),
                forms.file_name(names[at] if at < len(names) else upload.name or ""),
            )
            for at, upload in enumerate(uploads)
        ]
        files += stack.enter_context(receiving.unpacked(actor, sendings))
        return actions.lay_pile(
            occasion=occasions.of(request),
            agency_code=request.POST.get("agency", ""),
            files=files,
            paper_pages=forms.whole_number(request.POST.get("paper_pages", "")),
            cases_said=forms.whole_number(request.POST.get("cases", "")),
            name=request.POST.get("title", ""),
            sendings=sendings,
        )


@login_required
@require_safe
def pile(request: HttpRequest, uid: str) -> HttpResponse:
    return _pile(request, uid)


@login_required
@require_POST
def mark(request: HttpRequest, uid: str, ordinal: int) -> HttpResponse:
    """One button says what the page is; a case begins here, or its material does, or it goes on from before."""
    how = request.POST.get("how", "")
    number, material = request.POST.get("number", ""), request.POST.get("material", "")
    marks = {
        "begin": actions.Mark(LeafKind.PAGE, number, material),
        "join": actions.Mark(LeafKind.PAGE),
        "blank": actions.Mark(LeafKind.BLANK),
        "separator": actions.Mark(LeafKind.SEPARATOR, number, material),
    }
    return _done(
        request,
        uid,
        lambda: actions.mark_page(
            occasion=occasions.of(request), uid=uid, ordinal=ordinal, mark=marks.get(how, marks["join"])
        ),
        at=ordinal,
    )


@login_required
@require_POST
def take_back(request: HttpRequest, uid: str) -> HttpResponse:
    return _done(request, uid, lambda: actions.take_back(occasion=occasions.of(request), uid=uid))


@login_required
@require_POST
def keep_twins(request: HttpRequest, uid: str) -> HttpResponse:
    return _done(request, uid, lambda: actions.keep_pile_twins(occasion=occasions.of(request), uid=uid))


@login_required
@require_POST
def recount(request: HttpRequest, uid: str) -> HttpResponse:
    return _done(
        request,
        uid,
        lambda: actions.recount_pile(
            occasion=occasions.of(request),
            uid=uid,
            paper_pages=forms.whole_number(request.POST.get("paper_pages", "")),
            cases_said=forms.whole_number(request.POST.get("cases", "")),
        ),
    )


@login_required
@require_POST
def confirm(request: HttpRequest, uid: str) -> HttpResponse:
    try:
        job = actions.confirm_split(occasion=occasions.of(request), uid=uid)
    except Refusal as refusal:
        return _pile(request, uid, refusal)
    return redirect("jobs:one", uid=job)


@login_required
@require_POST
def discard(request: HttpRequest, uid: str) -> HttpResponse:
    return _done(
        request,
        uid,
        lambda: actions.discard_pile(occasion=occasions.of(request), uid=uid, reason=request.POST.get("reason", "")),
    )


@login_required
@require_safe
def thumb(request: HttpRequest, uid: str, ordinal: int) -> HttpResponseBase:
    row = _leaf(request, uid, ordinal)
    return serving.lasting(formats.ensure_derivatives(row.sha512, row.path, 1).thumbnail)


@login_required
@require_safe
def view(request: HttpRequest, uid: str, ordinal: int) -> HttpResponseBase:
    """A page in full. It belongs to no record yet, but who looked at it is put down all the same."""
    row = _leaf(request, uid, ordinal)
    drawn = formats.ensure_derivatives(row.sha512, row.path, 1)
    journal.note_opening(
        occasion=occasions.of(request), unit=f"pile:{uid}", component=ordinal, page=1, purpose="intake"
    )
    return serving.fresh(request, drawn.view)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def separators(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit_registering(actor)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            return _print(request)
        except Refusal as said:
            refusal = said
    waiting = queries.waiting([one for one in queries.collecting(actor) if one.route is not Route.LEGACY])
    context = {
        "cases": panels.counter_numbers(waiting),
        "agencies": counter.own_agencies(actor),
        "most": MOST_SEPARATORS,
        "typed": request.POST,
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "intake/separators.html", context, status=refusal.entry.status if refusal else 200)


def _print(request: HttpRequest) -> HttpResponse:
    numbers = [one.strip() for one in request.POST.getlist("number") if one.strip()]
    numbers += request.POST.get("numbers", "").replace(",", " ").replace("，", " ").split()
    numbers = list(dict.fromkeys(numbers))[:MOST_SEPARATORS]
    agency_code = request.POST.get("agency", "")
    pdf = panels.separators_pdf(occasions.of(request), agency_code, numbers, with_materials="materials" in request.POST)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="separators.pdf"'
    return response


def _leaf(request: HttpRequest, uid: str, ordinal: int) -> seen.LeafRow:
    row = seen.get_pile_for(occasions.actor_of(request), uid)
    found = seen.read_leaves(row.uid, [ordinal])
    if not found or found[0].refusal or not found[0].path.exists():
        raise Refusal("R-009", what=f"{row.name} {ordinal}")
    return found[0]


def _done(request: HttpRequest, uid: str, deed: Any, *, at: int = 0) -> HttpResponse:
    try:
        deed()
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _pile(request, uid, refusal)
    return HttpResponseRedirect(reverse("intake:pile", kwargs={"uid": uid}) + (f"#p{at}" if at else ""))


def _pile(request: HttpRequest, uid: str, refusal: Refusal | None = None) -> HttpResponse:
    found = seen.proposal(seen.get_pile_for(occasions.actor_of(request), uid))
    context = panels.pile_page(found)
    if is_fragment(request):
        return render(request, "intake/_pile.html", context)
    context["refusal"] = refusal_words(refusal) if refusal else None
    return render(request, "intake/pile.html", context, status=refusal.entry.status if refusal else 200)
