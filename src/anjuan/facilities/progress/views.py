from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.progress import actions, panels, queries, rules
from anjuan.facilities.progress.queries import deadlines
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment, refusal_words


@login_required
@require_safe
def standing(request: HttpRequest, urn: str) -> HttpResponse:
    return _standing(request, urn)


@login_required
@require_safe
def open_record(request: HttpRequest, urn: str) -> HttpResponse:
    """To the page of the record, item or volume: where a reminder leads."""
    found = queries.standing(occasions.actor_of(request), urn)
    return redirect("search:volume" if found.is_volume else "search:item", urn=urn)


@login_required
@require_POST
def remind(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.remind(occasion=occasions.of(request), urn=urn)
    except Refusal as refusal:
        if refusal.entry.status == 404:
            raise
        return _standing(request, urn, refusal=refusal)
    return _standing(request, urn, reminded=True)


@login_required
@require_safe
def steps(request: HttpRequest) -> HttpResponse:
    found = queries.steps(occasions.actor_of(request), now=timezone.now())
    return render(request, "progress/steps.html", {"lines": panels.step_lines(found), "days": queries.STEPS_DAYS})


@login_required
@require_safe
def deadlines_board(request: HttpRequest) -> HttpResponse:
    """What is late and what is due, by agency and step; and how much was filed in time."""
    actor, today = occasions.actor_of(request), occasions.today()
    rows = deadlines.board(actor, today)
    agency = request.GET.get("agency", "")
    context = {
        "parts": panels.board_parts([row for row in rows if agency in ("", row.agency_code)], today),
        "agency": agency,
        "agencies": sorted({row.agency_code for row in rows}),
        "on_time": panels.named_agencies(deadlines.on_time(actor, timezone.now())),
        "days": deadlines.ON_TIME_DAYS,
    }
    return render(request, "progress/deadlines.html", context)


@login_required
@require_safe
def due(request: HttpRequest, deadline: str) -> HttpResponse:
    """The records behind a number, the oldest first."""
    rows = deadlines.due_list(
        occasions.actor_of(request),
        _deadline(deadline),
        occasions.today(),
        agency_code=request.GET.get("agency", ""),
        key=request.GET.get("of", ""),
        soon=bool(request.GET.get("soon")),
        after=request.GET.get("after", ""),
    )
    asked = request.GET.copy()
    asked["after"] = rows[-1].mark if rows else ""
    context = {
        "lines": panels.due_lines(rows),
        "soon": bool(request.GET.get("soon")),
        "next": asked.urlencode() if len(rows) == deadlines.LISTED else "",
    }
    return render(request, "progress/due.html", context)


@login_required
@require_safe
def imaging(request: HttpRequest) -> HttpResponse:
    """How much of the paper is imaged."""
    found = deadlines.imaging(occasions.actor_of(request))
    return render(request, "progress/imaging.html", {"lines": panels.imaging_lines(found)})


def _deadline(name: str) -> rules.Deadline:
    try:
        return rules.Deadline(name.upper())
    except ValueError:
        raise Refusal("R-009", what=name[:40]) from None


def _standing(
    request: HttpRequest, urn: str, *, refusal: Refusal | None = None, reminded: bool = False
) -> HttpResponse:
    found = queries.standing(occasions.actor_of(request), urn)
    context = {
        "standing": found,
        "told": panels.told(found),
        "reminded": reminded,
        "refusal": refusal_words(refusal) if refusal else None,
    }
    template = "progress/_standing.html" if is_fragment(request) else "progress/standing.html"
    return render(request, template, context, status=refusal.entry.status if refusal else 200)
