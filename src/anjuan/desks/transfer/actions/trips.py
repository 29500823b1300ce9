"""Ordering a vehicle, and calling it off (派车): one trip for the batches of several agencies."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping

from django.conf import settings
from django.db import IntegrityError, transaction

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.transfer import rules
from anjuan.desks.transfer.models import Trip, TripStop
from anjuan.desks.transfer.queries import house
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import rules as record_rules


def plan_trip(
    *,
    occasion: Occasion,
    on_date: dt.date,
    plate: str,
    driver: str,
    seats: int,
    load_mm: int,
    stops: Mapping[str, str],
    note: str = "",
) -> house.TripRow:
    """Order a vehicle that fetches batches at their agencies (派车). Returns the trip with its stops.

    Args:
        occasion: the receiver, now.
        on_date: the day of the trip.
        plate: registration number of the vehicle; 20 characters at most.
        driver: name of the driver; 40 characters at most.
        seats: of the vehicle.
        load_mm: shelf length that it takes, in millimetres.
        stops: who hands over, by batch number, in the order of the trip.
        note: anything else; 200 characters at most.

    Raises:
        A-001: the actor is no receiver over one of the agencies.
        L-001: somebody planned a trip in the same moment.
        R-009: no such batch.
        R-010: a word is missing, too long, or holds a character that cannot be kept.
        T-020 to T-023: see `rules.check_trip`.
        T-024: a batch has left already, has no paper, or is on another trip.

    Standard: S3-F2, S3-R11, S3-W4.
    Concurrency: a batch is on one trip at a time by constraint; of two who order it at once the second is T-024.
    """
    house.enter(occasion.actor, *house.PLANNERS)
    waiting = {row.batch_no: row for row in house.waiting(occasion.actor, list(stops), now=occasion.at)}
    for batch_no in stops:
        if batch_no not in waiting:
            raise Refusal("R-009", what=batch_no)
        permit(occasion.actor, waiting[batch_no].agency_path, *house.PLANNERS)
        if why := waiting[batch_no].not_fetched:
            raise Refusal("T-024", batch_no=batch_no, why=why)
    plate = record_rules.text("车牌 plate", plate, limit=20)
    driver = record_rules.text("驾驶员 driver", driver, limit=40)
    note = record_rules.text("说明 note", note, limit=200) if note.strip() else ""
    rules.check_trip(
        on_date=on_date,
        today=occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date(),
        seats=seats,
        load_mm=load_mm,
        thickness=[waiting[batch_no].thickness_mm for batch_no in stops],
        hands_over=list(stops.values()),
    )
    people = {batch_no: record_rules.text("交出人 who hands over", name, limit=40) for batch_no, name in stops.items()}
    trip_no = house.next_trip_no(on_date)

    with journal.writing(occasion=occasion, act="transfer.plan_trip", unit=f"trip:{trip_no}") as line:
        try:
            with transaction.atomic():
                trip = Trip.objects.create(
                    trip_no=trip_no,
                    on_date=on_date,
                    plate=plate,
                    driver=driver,
                    seats=seats,
                    load_mm=load_mm,
                    note=note,
                    planned_by=occasion.actor.staff_code,
                    planned_at=occasion.at,
                )
        except IntegrityError:  # another receiver planned one a moment ago
            raise Refusal("L-001", reference=trip_no) from None
        for place, (batch_no, name) in enumerate(people.items(), 1):
            row = waiting[batch_no]
            try:
                with transaction.atomic():
                    TripStop.objects.create(
                        trip=trip,
                        ordinal=place,
                        batch_id=row.pk,
                        agency_path=row.agency_path,
                        hands_over=name,
                        thickness_mm=row.thickness_mm,
                    )
            except IntegrityError:
                raise Refusal("T-024", batch_no=batch_no, why="已派车 on another trip") from None
        line.say(date=on_date, plate=plate, driver=driver, seats=seats, load_mm=load_mm, note=note)
        line.say(batches=",".join(people), hands_over=",".join(people.values()))
    return house.trip(occasion.actor, trip_no)


def cancel_trip(*, occasion: Occasion, trip_no: str, reason: str) -> None:
    """Call a trip off (取消派车): its batches may be put on another.

    Raises:
        A-001: the actor is no receiver over its agencies.
        L-001: it was called off already, or its batches have left.
        R-009: no such trip.
        R-010: the reason is missing, too long, or holds a character that cannot be kept.

    Standard: S3-F2.
    """
    house.enter(occasion.actor, *house.PLANNERS)
    found = house.trip(occasion.actor, trip_no)
    for stop in found.stops:
        permit(occasion.actor, stop.agency_path, *house.PLANNERS)
    reason = record_rules.text("原因 reason", reason, limit=200)
    if found.is_over:
        raise Refusal("L-001", reference=trip_no)

    with journal.writing(occasion=occasion, act="transfer.cancel_trip", unit=f"trip:{trip_no}") as line:
        changed = Trip.objects.filter(trip_no=trip_no, cancelled_at=None).update(
            cancelled_by=occasion.actor.staff_code, cancelled_at=occasion.at, cancel_reason=reason
        )
        if changed != 1:
            raise Refusal("L-001", reference=trip_no)
        TripStop.objects.filter(trip__trip_no=trip_no).update(dropped_at=occasion.at)
        line.say(reason=reason)
