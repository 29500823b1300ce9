"""Exercises on copies (测评): sets prepared and steered, samples answered as in the judge view, results, and the
fault catalogue with its pictures.
"""

import datetime as dt
import functools

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.detection import injection
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor
from anjuan.desks.inspection import actions, forms, serving
from anjuan.desks.inspection.panels import probes as shapes
from anjuan.desks.inspection.queries import probes
from anjuan.desks.inspection.queries.probes import ProbeRow
from anjuan.desks.inspection.rules import LEAST_PROBES, MOST_PROBES
from anjuan.desks.inspection.views.judging import kept_lines
from anjuan.facilities.corrections.panels import fault_choices
from anjuan.facilities.corrections.queries import quality
from anjuan.facilities.formats import actions as formats
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment, refusal_words
from anjuan.foundation.web.shapes import Judging

_DAY_SECONDS = 86_400
_YEAR = dt.timedelta(days=365)


@login_required
@require_safe
def sets(request: HttpRequest) -> HttpResponse:
    return _sets(request)


@login_required
@require_POST
def open_set(request: HttpRequest) -> HttpResponse:
    try:
        actions.open_probes(occasion=occasions.of(request), count=forms.read_count(request.POST))
    except Refusal as refusal:
        return _sets(request, refusal)
    return redirect(reverse("inspection:probe_sets") + "?done=opened")


@login_required
@require_POST
def close_set(request: HttpRequest, set_no: str) -> HttpResponse:
    try:
        actions.close_probes(occasion=occasions.of(request), set_no=set_no)
    except Refusal as refusal:
        return _sets(request, refusal)
    return redirect(reverse("inspection:probe_sets") + "?done=closed")


@login_required
@require_POST
def delete_set(request: HttpRequest, set_no: str) -> HttpResponse:
    try:
        actions.delete_probes(occasion=occasions.of(request), set_no=set_no)
    except Refusal as refusal:
        return _sets(request, refusal)
    return redirect(reverse("inspection:probe_sets") + "?done=deleted")


@login_required
@require_safe
def results(request: HttpRequest, set_no: str) -> HttpResponse:
    actor = occasions.actor_of(request)
    row = probes.get_set(actor, set_no)
    revealed = probes.is_revealed(actor, row)
    context = {
        "row": row,
        "revealed": revealed,
        "next_url": _next_url(request, set_no) if row.mine and not row.is_closed else "",
        "done": _done_words(request.GET.get("done", "")),
        **(shapes.results(actor, [row]) if revealed else {}),
    }
    return render(request, "inspection/probe_results.html", context)


@login_required
@require_safe
def probe(request: HttpRequest, set_no: str, place: int) -> HttpResponse:
    return _probe(request, set_no, place)


@login_required
@require_POST
def pass_probe(request: HttpRequest, set_no: str, place: int) -> HttpResponse:
    try:
        actions.answer_probe(occasion=occasions.of(request), set_no=set_no, place=place, verdict=probes.Verdict.PASS)
    except Refusal as refusal:
        return _probe(request, set_no, place, refusal)
    return redirect(_next_url(request, set_no) or _results_url(set_no))


@login_required
@require_POST
def return_probe(request: HttpRequest, set_no: str, place: int) -> HttpResponse:
    row = probes.get_probe(occasions.actor_of(request), set_no, place)
    form = _read(request, row)
    if request.POST.get("deed") == "keep" or "drop" in request.POST:
        if is_fragment(request):
            context = {"kept": kept_lines(form.faults, _numbers(row)), "judging": _judging(row, frozenset())}
            return render(request, "inspection/_kept.html", context)
        return _probe(request, set_no, place, returning=form, keeping=True)
    marks = [injection.Mark(fault.page_no or injection.WHOLE, fault.code) for fault in form.faults]
    try:
        actions.answer_probe(
            occasion=occasions.of(request), set_no=set_no, place=place, verdict=probes.Verdict.RETURN, marks=marks
        )
    except Refusal as refusal:
        return _probe(request, set_no, place, refusal, returning=form)
    return redirect(_next_url(request, set_no) or _results_url(set_no))


@login_required
@require_safe
def page(request: HttpRequest, set_no: str, place: int, page: int) -> HttpResponse:
    return serving.open_page(request, set_no, place, page)


@login_required
@require_safe
def thumb(request: HttpRequest, set_no: str, place: int, page: int) -> HttpResponse:
    return serving.thumbnail(request, set_no, place, page)


# The fault catalogue -------------------------------------------------------------------------------------------------


@login_required
@require_safe
def faults(request: HttpRequest) -> HttpResponse:
    actor = _learner(request)
    often = quality.how_often(actor, since=occasions.of(request).at - _YEAR)
    return render(request, "inspection/faults.html", {"lines": shapes.fault_lines(often)})


@login_required
@require_safe
def fault_picture(request: HttpRequest, code: str) -> HttpResponse:
    _learner(request)
    if code not in injection.INJECTED:
        raise Refusal("R-009", what=code[:20])
    response = HttpResponse(_picture(code), content_type="image/jpeg")
    response["Cache-Control"] = f"private, max-age={_DAY_SECONDS}"
    return response


@functools.cache
def _picture(code: str) -> bytes:
    return formats.show_fault(code=code)


def _learner(request: HttpRequest) -> Actor:
    actor = occasions.actor_of(request)
    if not actor.holds(*RECORD_POSTS):
        raise Refusal("R-009", what="问题目录 fault catalogue")
    return actor


# One page for all ----------------------------------------------------------------------------------------------------


def _sets(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    rows = probes.sets(actor)
    told = [row for row in rows if probes.is_revealed(actor, row)]
    context = {
        "lines": shapes.set_lines(actor, rows),
        "count": request.POST.get("count", "20"),
        "least": LEAST_PROBES,
        "most": MOST_PROBES,
        "refusal": refusal_words(refusal) if refusal else None,
        "done": _done_words(request.GET.get("done", "")),
        **shapes.results(actor, told),
    }
    return render(request, "inspection/probe_sets.html", context, status=refusal.entry.status if refusal else 200)


def _results_url(set_no: str) -> str:
    return reverse("inspection:probe_set", kwargs={"set_no": set_no}) + "?done=answered"


def _next_url(request: HttpRequest, set_no: str) -> str:
    """The next sample that the person has not answered; nothing where none is left."""
    actor = occasions.actor_of(request)
    done = probes.answered_places(actor, set_no)
    left = next((row.place for row in probes.probes_of(actor, set_no) if row.place not in done), None)
    return reverse("inspection:probe", kwargs={"set_no": set_no, "place": left}) if left is not None else ""


def _done_words(done: str) -> str:
    said = {
        "opened": _("The set is being prepared; its samples appear as they are ready."),
        "closed": _("The set is closed; results and pictures stay."),
        "deleted": _("The set is deleted with its files, answers and results."),
        "answered": _("You have answered every sample of the set."),
    }
    return said.get(done, "")


def _numbers(row: ProbeRow) -> dict[tuple[int, int], str]:
    return {(row.place, number): f"{number:03d}" for number in range(1, len(row.copies) + 1)}


def _read(request: HttpRequest, row: ProbeRow) -> forms.ReturnForm:
    return forms.read_return(request.POST, [(number, "", page) for page, number in _numbers(row).items()], "")


def _judging(row: ProbeRow, seen: frozenset[int], wanted: str = "", *, waits: bool = True) -> Judging:
    pages = shapes.strip(row, seen)
    named = {"set_no": row.set_no, "place": row.place}
    return Judging(
        pages=pages,
        current=next((at for at, one in enumerate(pages) if one.number == wanted), 0),
        facts=shapes.facts_of(row),
        accept_url=reverse("inspection:pass_probe", kwargs=named) if waits else "",
        accept_words=_("No fault found"),
        return_url=reverse("inspection:return_probe", kwargs=named) if waits else "",
        return_words=_("Return for mending"),
        faults=fault_choices(),
    )


def _probe(
    request: HttpRequest,
    set_no: str,
    place: int,
    refusal: Refusal | None = None,
    *,
    returning: forms.ReturnForm | None = None,
    keeping: bool = False,
) -> HttpResponse:
    actor = occasions.actor_of(request)
    row = probes.get_probe(actor, set_no, place)
    seen = probes.seen_pages(actor, row)
    answered = probes.answered_places(actor, set_no)
    waits = place not in answered and not row.is_closed
    wanted = returning.typed["page"] if returning else request.GET.get("page", "")
    judging = _judging(row, seen, wanted, waits=waits)
    listed = (returning.faults if keeping else returning.kept) if returning else ()
    context = {
        "judging": judging,
        "probe": row,
        "waits": waits,
        "place": place,
        "total": len(probes.probes_of(actor, set_no)),
        "answered": len(answered),
        "seen": len(seen),
        "unseen": " ".join(one.number for one in judging.pages if one.tone != "good"),
        "kept": kept_lines(listed, _numbers(row)),
        "typed": returning.typed if returning and not keeping else {},
        "returning": returning is not None,
        "results_url": reverse("inspection:probe_set", kwargs={"set_no": set_no}),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    if is_fragment(request) and request.method == "GET":
        return render(request, "inspection/_probe_context.html", context)
    return render(request, "inspection/probe.html", context, status=refusal.entry.status if refusal else 200)
