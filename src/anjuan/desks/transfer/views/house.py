"""Scheduling of the archive house (档案馆调度): the board, and orders for vehicles."""

import datetime as dt

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.desks.transfer import actions
from anjuan.desks.transfer.panels import house as shapes
from anjuan.desks.transfer.queries import house
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    return _board(request)


@login_required
@require_POST
def plan_trip(request: HttpRequest) -> HttpResponse:
    data = request.POST
    try:
        planned = actions.plan_trip(
            occasion=occasions.of(request),
            on_date=_day(data.get("date", "")),
            plate=data.get("plate", ""),
            driver=data.get("driver", ""),
            seats=_number(data.get("seats", "")),
            load_mm=_number(data.get("load", "")),
            stops={batch_no: data.get(f"hands_{batch_no}", "") for batch_no in data.getlist("batch")},
            note=data.get("note", ""),
        )
    except Refusal as refusal:
        return _board(request, refusal)
    return redirect(reverse("transfer:trip", kwargs={"trip_no": planned.trip_no}) + "?done=planned")


@login_required
@require_safe
def trip(request: HttpRequest, trip_no: str) -> HttpResponse:
    return _trip(request, trip_no)


@login_required
@require_POST
def cancel_trip(request: HttpRequest, trip_no: str) -> HttpResponse:
    try:
        actions.cancel_trip(occasion=occasions.of(request), trip_no=trip_no, reason=request.POST.get("reason", ""))
    except Refusal as refusal:
        return _trip(request, trip_no, refusal)
    return redirect(reverse("transfer:trip", kwargs={"trip_no": trip_no}) + "?done=cancelled")


@login_required
@require_safe
def trip_order(request: HttpRequest, trip_no: str) -> HttpResponse:
    found = house.trip(occasions.actor_of(request), trip_no)
    pdf = printing.print_form(
        form=FormName.TRIP, facts=house.trip_facts(found), at=timezone.now(), practice=settings.PRACTICE
    )
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{trip_no}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _day(text: str) -> dt.date:
    """The day as typed; what is no day is long past, and is refused like one."""
    try:
        found = parse_date(text)
    except ValueError:  # 2026-02-30
        found = None
    return found or dt.date.min


def _board(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    found = house.board(actor, now=timezone.now())
    ticked = request.POST.getlist("batch") if request.method == "POST" else None
    context = {
        "rooms": shapes.rooms(found),
        "agencies": shapes.agencies(found),
        "waiting": shapes.waiting(found, request.POST.dict(), ticked, timezone.localdate()),
        "floor": found.floor[0],
        "floor_metres": shapes.metres(found.floor[1]),
        "free": shapes.metres(found.free_mm),
        "trips": shapes.trips(house.trips(actor)),
        "plans": actor.holds(*house.PLANNERS),
        "typed": request.POST,
        "today": timezone.localdate().isoformat(),
        "days": house.LOOKED_BACK,
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "transfer/house.html", context, status=refusal.entry.status if refusal else 200)


def _trip(request: HttpRequest, trip_no: str, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    found = house.trip(actor, trip_no)
    context = {
        "trip": shapes.trips([found])[0],
        "may_cancel": not found.is_over
        and all(actor.covers(stop.agency_path, *house.PLANNERS) for stop in found.stops),
        "sees_house": actor.holds(*house.HOUSE_POSTS),
        "done": request.GET.get("done", ""),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "transfer/trip.html", context, status=refusal.entry.status if refusal else 200)
