"""The archive house as its managers see it (档案馆调度): room on the shelves, what comes next, and the trips."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils import timezone

from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Duty, Post, Route, State
from anjuan.desks.transfer import rules
from anjuan.desks.transfer.models import Batch, BatchVolume, Trip, TripStop
from anjuan.desks.transfer.queries import Stage
from anjuan.facilities.stacks import queries as stacks
from anjuan.facilities.stacks.queries import RoomFill
from anjuan.facilities.stacks.rules import estimated_mm, thickness_mm
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import scopes, scopes_on
from anjuan.records import queries as records
from anjuan.records.models import Participation, Volume

HOUSE_POSTS = (Post.RECEIVER, Post.KEEPER, Post.SUPERVISOR)
PLANNERS = (Post.RECEIVER,)
TRIP_POSTS = (*HOUSE_POSTS, Post.ARCHIVIST)  # whoever hands over sees the trip that fetches it
LOOKED_BACK = 90  # days that growth is reckoned from
MOST_WAITING = 500  # batches whose order is proposed
# Sealed, and still with the agency.
_AT_AGENCY = (
    State.FILED,
    State.SELF_CHECKED,
    State.APPLIED,
    State.RETURNED,
    State.PRE_ACCEPTED,
    State.WITNESSED,
)
# A volume of a batch that was sent back before the handover; it comes again in a later one.
_GONE_BACK = frozenset({State.RETURNED, State.FILED, State.SELF_CHECKED})
# In the archive house, and on no shelf yet.
_ON_THE_FLOOR = (State.RECEIVED, State.MENDING, State.ACCEPTED, State.RECHECKED, State.IN_WORKSHOP)


@dataclass(frozen=True)
class WaitingRow:
    """A batch that the archive has not received yet.

    Attributes:
        is_ready: whether it can be fetched now, or is on its way.
        not_fetched: why no vehicle can be ordered for it, in words of both languages; empty where one can.
        trip_no: the trip that is to fetch it; empty where there is none.
    """

    pk: int
    batch_no: str
    agency_code: str
    agency_path: str
    stage: str
    route: Route
    applied_at: dt.datetime
    waited_days: int
    volumes: int
    pages: int
    thickness_mm: int
    is_ready: bool
    not_fetched: str
    trip_no: str


@dataclass(frozen=True)
class AgencyLoad:
    """What an agency keeps of sealed paper, and how much it files (各分中心待移交与产生量).

    Attributes:
        volumes, thickness_mm: sealed, not handed over.
        filed: volumes filed in the days that growth is reckoned from.
    """

    code: str
    name: str
    volumes: int
    thickness_mm: int
    filed: int


@dataclass(frozen=True)
class StopRow:
    """One batch of a trip."""

    batch_no: str
    agency_code: str
    agency_path: str
    stage: str
    hands_over: str
    thickness_mm: int
    volumes: int


@dataclass(frozen=True)
class TripRow:
    """A trip with its stops, as far as the reader sees them."""

    trip_no: str
    on_date: dt.date
    plate: str
    driver: str
    seats: int
    load_mm: int
    note: str
    planned_by: str
    planned_at: dt.datetime
    cancelled_at: dt.datetime | None
    cancel_reason: str
    stops: tuple[StopRow, ...]

    @property
    def is_over(self) -> bool:
        """Whether it was called off, or a batch of it has left its agency."""
        return self.cancelled_at is not None or any(
            stop.stage in (Stage.DISPATCHED, Stage.RECEIVED) for stop in self.stops
        )

    @property
    def taken_mm(self) -> int:
        """Shelf length that its batches take."""
        return sum(stop.thickness_mm for stop in self.stops)


@dataclass(frozen=True)
class House:
    """The board of the archive house.

    Attributes:
        rooms: each room with its fill and growth.
        floor: volumes in the house that lie on no shelf yet, and the shelf length they will take.
        agencies: what each agency keeps and files.
        waiting: batches in the order in which they ought to be received.
        proposed: by batch number, whether it fits and what is left after it.
        free_mm: shelf length that is free once what stands on the floor is shelved.
    """

    rooms: tuple[RoomFill, ...]
    floor: tuple[int, int]
    agencies: tuple[AgencyLoad, ...]
    waiting: tuple[WaitingRow, ...]
    proposed: Mapping[str, rules.Proposed]
    free_mm: int


def enter(actor: Actor, *posts: Post) -> None:
    """Whether the page of scheduling is the actor's.

    Raises:
        A-001: he works with records, but holds none of the posts.
        R-009: he does not work with records; the page does not exist for him.
    """
    wanted = posts or HOUSE_POSTS
    if actor.holds(*wanted):
        return
    if actor.holds(*RECORD_POSTS):
        raise Refusal("A-001", posts=wanted)
    raise Refusal("R-009", what="调度 scheduling")


def board(actor: Actor, *, now: dt.datetime) -> House:
    """How full the rooms are, what waits, and in which order it ought to be received (分析·调度); ten queries.

    Raises:
        A-001, R-009: see `enter`.

    Standard: S3-R11, S3-F15, S3-P9.
    """
    enter(actor)
    rooms = stacks.fills(actor, HOUSE_POSTS, since=now - dt.timedelta(days=LOOKED_BACK))
    floor = _on_the_floor(actor)
    free = max(0, sum(room.free_mm for room in rooms) - floor[1])
    rows = {row.batch_no: row for row in waiting(actor, now=now)}
    proposed = rules.propose(
        (
            rules.Waiting(row.batch_no, row.is_ready, row.waited_days, row.thickness_mm)
            for row in rows.values()
            if row.route is not Route.SINGLE_SET
        ),
        free,
    )
    return House(
        tuple(rooms),
        floor,
        tuple(_loads(actor, now)),
        tuple(rows[one.batch_no] for one in proposed),
        {one.batch_no: one for one in proposed},
        free,
    )


def waiting(actor: Actor, batch_nos: Sequence[str] | None = None, *, now: dt.datetime) -> list[WaitingRow]:
    """Batches that the archive has not received, oldest first; those named, whatever became of them. Four queries."""
    rows = Batch.objects.filter(scopes_on("agency_path", actor, *HOUSE_POSTS))
    rows = rows.exclude(stage=Stage.RECEIVED) if batch_nos is None else rows.filter(batch_no__in=batch_nos)
    batches = list(rows.order_by("applied_at", "id")[:MOST_WAITING])
    members: dict[int, list[str]] = {}
    for pk, urn in BatchVolume.objects.filter(batch__in=batches, left_at=None).values_list("batch_id", "volume_urn"):
        members.setdefault(pk, []).append(urn)
    volumes = records.volumes_by_urn(urn for urns in members.values() for urn in urns)
    planned = dict(
        TripStop.objects.filter(batch__in=batches, dropped_at=None)
        .order_by("id")
        .values_list("batch_id", "trip__trip_no")
    )
    found = []
    for batch in batches:
        present = [
            volumes[urn]
            for urn in members.get(batch.pk, [])
            if batch.stage == Stage.RECEIVED or volumes[urn].state not in _GONE_BACK
        ]
        if not present:
            continue
        route, trip_no = Route(batch.route), planned.get(batch.pk, "")
        spot_checked = route is Route.LEGACY and all(volume.state is State.PRE_ACCEPTED for volume in present)
        found.append(
            WaitingRow(
                pk=batch.pk,
                batch_no=batch.batch_no,
                agency_code=batch.agency_code,
                agency_path=batch.agency_path,
                stage=batch.stage,
                route=route,
                applied_at=batch.applied_at,
                waited_days=(now - batch.applied_at).days,
                volumes=len(present),
                pages=sum(volume.page_count for volume in present),
                thickness_mm=sum(thickness_mm(volume.page_count) for volume in present),
                is_ready=spot_checked or batch.stage in (Stage.WITNESSED, Stage.DISPATCHED),
                not_fetched=_not_fetched(batch.stage, route, trip_no),
                trip_no=trip_no,
            )
        )
    return found


def _not_fetched(stage: str, route: Route, trip_no: str) -> str:
    if route is Route.SINGLE_SET:
        return "单套制没有实体 a single set has no paper"
    if stage in (Stage.DISPATCHED, Stage.RECEIVED):
        return "已交出 it has left already"
    return f"已派车 {trip_no} on another trip" if trip_no else ""


def _on_the_floor(actor: Actor) -> tuple[int, int]:
    rows = Volume.objects.filter(scopes(actor, *HOUSE_POSTS), state__in=_ON_THE_FLOOR).exclude(route=Route.SINGLE_SET)
    counted = rows.aggregate(volumes=Count("id"), pages=Sum("page_count"))
    lying = stacks.unshelved(actor, HOUSE_POSTS)
    volumes, pages = counted["volumes"] + lying[0], (counted["pages"] or 0) + lying[1]
    return volumes, estimated_mm(volumes, pages)


def _loads(actor: Actor, now: dt.datetime) -> list[AgencyLoad]:
    since = now - dt.timedelta(days=LOOKED_BACK)
    filed = Participation.objects.filter(unit=OuterRef("urn"), duty=Duty.FILED, at__gte=since)
    on_paper = Volume.objects.filter(scopes(actor, *HOUSE_POSTS)).exclude(route=Route.SINGLE_SET)
    kept = Q(state__in=_AT_AGENCY)
    counted = (
        on_paper.annotate(is_new=Exists(filed))
        .filter(kept | Q(is_new=True))
        .values_list("agency__code", "agency__name")
        .annotate(
            volumes=Count("id", filter=kept),
            pages=Sum("page_count", filter=kept),
            filed=Count("id", filter=Q(is_new=True)),
        )
    )
    return [
        AgencyLoad(code, name, volumes, estimated_mm(volumes, pages or 0), new)
        for code, name, volumes, pages, new in counted.order_by("agency__code", "agency__name")
    ]


def trips(actor: Actor, limit: int = 40) -> list[TripRow]:
    """Trips to agencies that the actor sees, the latest day first."""
    mine = TripStop.objects.filter(scopes_on("agency_path", actor, *TRIP_POSTS)).values("trip_id")
    return _trips(Trip.objects.filter(pk__in=mine).order_by("-on_date", "-id")[:limit], actor)


def trip(actor: Actor, trip_no: str) -> TripRow:
    """One trip, with those of its stops that the actor sees.

    Raises:
        A-001: the actor neither manages the house nor hands over.
        R-009: there is none, or none of its stops is his to see.
    """
    enter(actor, *TRIP_POSTS)
    found = _trips(Trip.objects.filter(trip_no=trip_no), actor)
    if not found or not found[0].stops:
        raise Refusal("R-009", what=trip_no[:40])
    return found[0]


def trip_of(actor: Actor, batch_no: str) -> TripRow | None:
    """The trip that is to fetch a batch, if one is planned."""
    stop = TripStop.objects.filter(
        scopes_on("agency_path", actor, *TRIP_POSTS), batch__batch_no=batch_no, dropped_at=None
    ).first()
    return _trips(Trip.objects.filter(pk=stop.trip_id), actor)[0] if stop else None


def next_trip_no(on_date: dt.date) -> str:
    """The next free number of a day's trips (派车单号)."""
    return f"PC-{on_date:%Y%m%d}-{Trip.objects.filter(on_date=on_date).count() + 1:02}"


def trip_facts(found: TripRow) -> Mapping[str, object]:
    """What stands on the printed order for a vehicle (车辆安排单): S3-F2."""
    names = accounts.agency_names()
    people = accounts.staff_names({found.planned_by})
    return {
        "trip_no": found.trip_no,
        "date": found.on_date.isoformat(),
        "plate": found.plate,
        "driver": found.driver,
        "seats": str(found.seats),
        "load": f"{found.taken_mm} / {found.load_mm} 毫米",
        "note": found.note,
        "planned_by": people.get(found.planned_by, found.planned_by),
        "planned_date": timezone.localdate(found.planned_at).isoformat(),
        "status": "已取消" if found.cancelled_at else "",
        "volume_total": str(sum(stop.volumes for stop in found.stops)),
        "rows": [
            {
                "no": str(place),
                "agency": names.get(stop.agency_code, stop.agency_code),
                "batch_no": stop.batch_no,
                "volumes": str(stop.volumes),
                "thickness": str(stop.thickness_mm),
                "hands_over": stop.hands_over,
            }
            for place, stop in enumerate(found.stops, 1)
        ],
    }


def _trips(rows: Iterable[Trip], actor: Actor) -> list[TripRow]:
    found = list(rows)
    stops: dict[int, list[TripStop]] = {}
    seen = TripStop.objects.filter(scopes_on("agency_path", actor, *TRIP_POSTS), trip__in=found)
    for stop in seen.select_related("batch").order_by("trip_id", "ordinal"):
        stops.setdefault(stop.trip_id, []).append(stop)
    counted = dict(
        BatchVolume.objects.filter(batch__in=[stop.batch_id for some in stops.values() for stop in some], left_at=None)
        .values_list("batch_id")
        .annotate(count=Count("id"))
        .order_by("batch_id")
    )
    return [
        TripRow(
            trip_no=row.trip_no,
            on_date=row.on_date,
            plate=row.plate,
            driver=row.driver,
            seats=row.seats,
            load_mm=row.load_mm,
            note=row.note,
            planned_by=row.planned_by,
            planned_at=row.planned_at,
            cancelled_at=row.cancelled_at,
            cancel_reason=row.cancel_reason,
            stops=tuple(
                StopRow(
                    batch_no=stop.batch.batch_no,
                    agency_code=stop.batch.agency_code,
                    agency_path=stop.agency_path,
                    stage=stop.batch.stage,
                    hands_over=stop.hands_over,
                    thickness_mm=stop.thickness_mm,
                    volumes=counted.get(stop.batch_id, 0),
                )
                for stop in stops.get(row.pk, [])
            ),
        )
        for row in found
    ]
