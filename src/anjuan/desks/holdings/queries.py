"""Seeing all holdings at once: fonds by fonds, room by room, and the entries that a catalogue on a disk takes along."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post, Route, Secrecy, State
from anjuan.desks.holdings.rules import Entry
from anjuan.facilities.stacks.models import Cell, Placement, Room
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import scopes
from anjuan.records import queries as records
from anjuan.records.models import Fonds, Item, Volume
from anjuan.records.rows import SubjectRow

READERS = (Post.ARCHIVIST, Post.KEEPER, Post.SUPERVISOR, Post.READING_DESK)
EXPORTERS = (Post.ARCHIVIST, Post.KEEPER)
LISTED = 100
_AT_ONCE = 500


@dataclass(frozen=True)
class FondsHolding:
    """What of a fonds the reader may see: how much there is, how much of the paper lies on a shelf, and where."""

    code: str
    name: str
    agency_code: str
    volumes: int
    items: int
    pages: int
    on_paper: int
    placed: int
    rooms: tuple[str, ...]


@dataclass(frozen=True)
class RoomHolding:
    """A store room: whose, how long its shelves are, how much lies there and of which fonds."""

    code: str
    name: str
    agency_code: str
    width_mm: int
    used_mm: int
    volumes: int
    fonds: tuple[str, ...]

    @property
    def free_mm(self) -> int:
        """Millimetres left."""
        return self.width_mm - self.used_mm


@dataclass(frozen=True)
class HoldingLine:
    """One volume of the central catalogue: ``cell_code`` is empty where its paper lies on no shelf."""

    key: int
    urn: str
    reference_code: str
    title: str
    fonds_code: str
    agency_code: str
    year: int
    state: State
    page_count: int
    has_paper: bool
    room_code: str
    cell_code: str


def permit_holdings(actor: Actor) -> None:
    """Whether the central catalogue is open to the actor.

    Raises:
        A-001: he holds none of the posts that work with what is kept.
    """
    if not actor.holds(*READERS):
        raise Refusal("A-001", posts=READERS)


def fonds(actor: Actor) -> list[FondsHolding]:
    """Every fonds with a sealed volume that the actor may see, or whose agency he covers; four queries."""
    seen = _seen(actor)
    counted: dict[int, Mapping[str, Any]] = {
        row["fonds_id"]: row
        for row in seen.values("fonds_id")
        .annotate(
            volumes=Count("pk"),
            items=Sum("item_count"),
            pages=Sum("page_count"),
            on_paper=Count("pk", filter=~Q(route=Route.SINGLE_SET)),
        )
        .order_by("fonds_id")
    }
    lying: dict[int, list[tuple[str, int]]] = {}
    placed = Placement.objects.filter(volume__in=seen)
    for fonds_pk, room, count in (
        placed.values_list("volume__fonds_id", "cell__room__code")
        .annotate(count=Count("pk"))
        .order_by("volume__fonds_id", "cell__room__code")
    ):
        lying.setdefault(fonds_pk, []).append((room, count))
    found = []
    for row in Fonds.objects.filter(Q(pk__in=counted) | scopes(actor, *READERS)).select_related("agency"):
        here = counted.get(row.pk, {})
        places = lying.get(row.pk, [])
        found.append(
            FondsHolding(
                code=row.code,
                name=row.name,
                agency_code=row.agency.code,
                volumes=here.get("volumes", 0),
                items=here.get("items") or 0,
                pages=here.get("pages") or 0,
                on_paper=here.get("on_paper", 0),
                placed=sum(count for _, count in places),
                rooms=tuple(room for room, _ in places),
            )
        )
    return sorted(found, key=lambda one: one.code)


def rooms(actor: Actor) -> list[RoomHolding]:
    """Every room of the actor's agencies, or in which something lies that he may see; three queries."""
    seen = Placement.objects.filter(volume__in=_seen(actor))
    rows = Room.objects.filter(scopes(actor, *READERS) | Q(pk__in=seen.values("cell__room_id")))
    width = dict(
        Cell.objects.filter(room__in=rows).values_list("room_id").annotate(Sum("width_mm")).order_by("room_id")
    )
    lying: dict[int, list[tuple[str, int, int]]] = {}
    for room, code, count, used in (
        Placement.objects.filter(cell__room__in=rows)
        .values_list("cell__room_id", "volume__fonds__code")
        .annotate(count=Count("pk"), used=Sum("thickness_mm"))
        .order_by("cell__room_id", "volume__fonds__code")
    ):
        lying.setdefault(room, []).append((code, count, used))
    return [
        RoomHolding(
            code=row.code,
            name=row.name,
            agency_code=row.agency.code,
            width_mm=width.get(row.pk, 0),
            used_mm=sum(used for _, _, used in lying.get(row.pk, [])),
            volumes=sum(count for _, count, _ in lying.get(row.pk, [])),
            fonds=tuple(code for code, _, _ in lying.get(row.pk, [])),
        )
        for row in rows.select_related("agency").order_by("code")
    ]


def listed(
    actor: Actor, *, fonds_code: str = "", room_code: str = "", unplaced: bool = False, after: int = 0
) -> Sequence[HoldingLine]:
    """Sealed volumes of all fonds and rooms, by key, a hundred from one key on."""
    rows = _seen(actor).filter(pk__gt=after)
    if fonds_code:
        rows = rows.filter(fonds__code=fonds_code)
    if room_code:
        rows = rows.filter(pk__in=Placement.objects.filter(cell__room__code=room_code).values("volume_id"))
    if unplaced:
        rows = rows.exclude(route=Route.SINGLE_SET).exclude(pk__in=Placement.objects.values("volume_id"))
    found = list(rows.select_related("fonds", "agency").order_by("pk")[:LISTED])
    places = {
        pk: (room, cell)
        for pk, room, cell in Placement.objects.filter(volume__in=[row.pk for row in found]).values_list(
            "volume_id", "cell__room__code", "cell__code"
        )
    }
    return [
        HoldingLine(
            key=row.pk,
            urn=row.urn,
            reference_code=row.reference_code or "",
            title=row.title,
            fonds_code=row.fonds.code,
            agency_code=row.agency.code,
            year=row.year,
            state=State(row.state),
            page_count=row.page_count,
            has_paper=row.route != Route.SINGLE_SET,
            room_code=places.get(row.pk, ("", ""))[0],
            cell_code=places.get(row.pk, ("", ""))[1],
        )
        for row in found
    ]


def exportable(actor: Actor) -> list[accounts.AgencyRow]:
    """Agencies whose catalogue the actor may take along."""
    return [row for row in accounts.agencies().values() if actor.covers(row.path, *EXPORTERS)]


def entries_of(agency_path: str) -> Iterator[tuple[str, Entry]]:
    """Every sealed volume of an agency and those below it, each followed by its items, with URNs.

    Rights not judged; but what is secret (涉密) leaves the house in no list.
    """
    last = 0
    rows = Volume.objects.filter(agency__path__startswith=agency_path, reference_code__isnull=False)
    while chunk := list(rows.filter(pk__gt=last).select_related("category").order_by("pk")[:_AT_ONCE]):
        last = chunk[-1].pk
        yield from _entries(chunk)


def _entries(volumes: Sequence[Volume]) -> Iterator[tuple[str, Entry]]:
    places = {
        row.volume_id: (
            row.cell.code,
            row.cell.room.name,
            str(row.cell.rack_no),
            row.cell.side,
            str(row.cell.bay_no),
            str(row.cell.shelf_no),
        )
        for row in Placement.objects.filter(volume__in=volumes).select_related("cell__room")
    }
    items: dict[int, list[Item]] = {}
    listed_items = Item.objects.filter(volume__in=volumes).exclude(secrecy=Secrecy.SECRET)
    for item in listed_items.order_by("volume_id", "item_no", "id"):
        items.setdefault(item.volume_id or 0, []).append(item)
    people = records.subjects_of([item.urn for some in items.values() for item in some])
    for volume in volumes:
        place, paper = places.get(volume.pk, ()), volume.route != Route.SINGLE_SET
        within = volume.reference_code or ""
        yield (
            volume.urn,
            Entry(
                reference=within,
                title=volume.title,
                kind="volume",
                year=volume.year,
                category=volume.category.name,
                term=volume.term,
                pages=volume.page_count,
                people=(),
                place=place,
                paper=paper,
            ),
        )
        for item in items.get(volume.pk, []):
            yield (
                item.urn,
                Entry(
                    reference=item.reference_code or "",
                    title=item.title,
                    kind="item",
                    year=item.year,
                    category=volume.category.name,
                    term=item.term,
                    pages=item.paper_pages,
                    people=tuple(_named(row) for row in people[item.urn]),
                    place=place,
                    paper=paper,
                    within=within,
                ),
            )


def _named(row: SubjectRow) -> str:
    return f"{row.name} {row.masked_id}".strip()


def heading(agency: accounts.AgencyRow, made_at: dt.datetime, made_by: str, entries: int) -> Mapping[str, object]:
    """What stands over a catalogue on a disk."""
    return {
        "agency_code": agency.code,
        "agency_name": agency.name,
        "made_at": made_at.isoformat(),
        "made_by": made_by,
        "count": entries,
    }


def _seen(actor: Actor) -> QuerySet[Volume]:
    return Volume.objects.filter(scopes(actor, *READERS), reference_code__isnull=False)
