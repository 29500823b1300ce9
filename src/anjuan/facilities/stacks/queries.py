"""Seeing the store room: what fits where, and where a volume lies."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Custody, Post, Route, State
from anjuan.facilities.stacks.models import Cell, Placement, Room
from anjuan.foundation.accounts.queries import scopes
from anjuan.records.models import Volume
from anjuan.records.rows import VolumeRow, volume_row

_ON_PAPER = ~Q(route=Route.SINGLE_SET)  # a single set has nothing to put on a shelf


@dataclass(frozen=True)
class CellRow:
    """A shelf cell with its fill."""

    code: str
    room_code: str
    rack_no: int
    side: str
    bay_no: int
    shelf_no: int
    width_mm: int
    used_mm: int
    volumes: int

    @property
    def free_mm(self) -> int:
        """Millimetres left."""
        return self.width_mm - self.used_mm

    @property
    def percent(self) -> int:
        """How full it is."""
        return min(100, round(100 * self.used_mm / self.width_mm))


@dataclass(frozen=True)
class RoomRow:
    """A store room with its cells."""

    code: str
    name: str
    cells: tuple[CellRow, ...]

    @property
    def width_mm(self) -> int:
        """Shelf length of the room."""
        return sum(cell.width_mm for cell in self.cells)

    @property
    def free_mm(self) -> int:
        """Shelf length left."""
        return sum(cell.free_mm for cell in self.cells)


@dataclass(frozen=True)
class PlaceRow:
    """Where a volume lies, in words."""

    volume_urn: str
    cell_code: str
    room_name: str
    rack_no: int
    side: str
    bay_no: int
    shelf_no: int
    placed_at: dt.datetime


def rooms_for(actor: Actor) -> list[RoomRow]:
    """The rooms an actor keeps, with fill; three queries whatever their size."""
    rooms = list(Room.objects.filter(scopes(actor, Post.KEEPER)).order_by("code"))
    used = _used()
    cells: dict[int, list[CellRow]] = {}
    for cell in (
        Cell.objects.filter(room__in=rooms)
        .select_related("room")
        .order_by("room_id", "rack_no", "side", "bay_no", "shelf_no")
    ):
        cells.setdefault(cell.room_id, []).append(_cell(cell, used))
    return [RoomRow(room.code, room.name, tuple(cells.get(room.pk, ()))) for room in rooms]


@dataclass(frozen=True)
class RoomFill:
    """How full a room is, what lies there by category, and how fast it fills.

    Attributes:
        grown_mm: shelf length taken since a day that was asked for.
        categories: by category: its name, volumes, shelf length taken; the longest first.
    """

    code: str
    name: str
    width_mm: int
    used_mm: int
    volumes: int
    grown_mm: int
    categories: tuple[tuple[str, int, int], ...]

    @property
    def free_mm(self) -> int:
        """Millimetres left."""
        return self.width_mm - self.used_mm

    @property
    def percent(self) -> int:
        """How full it is."""
        return round(100 * self.used_mm / self.width_mm) if self.width_mm else 0


def fills(actor: Actor, posts: Sequence[Post], *, since: dt.datetime) -> list[RoomFill]:
    """The rooms of the agencies that these posts of the actor cover, each with its fill and growth; three queries.

    Standard: S3-F15, S3-P9.
    """
    rooms = list(Room.objects.filter(scopes(actor, *posts)).order_by("code"))
    width = dict(
        Cell.objects.filter(room__in=rooms).values_list("room_id").annotate(Sum("width_mm")).order_by("room_id")
    )
    lying: dict[int, list[tuple[str, int, int, int]]] = {}
    for room, name, count, used, grown in (
        Placement.objects.filter(cell__room__in=rooms)
        .values_list("cell__room_id", "volume__category__name")
        .annotate(
            count=Count("pk"), used=Sum("thickness_mm"), grown=Sum("thickness_mm", filter=Q(placed_at__gte=since))
        )
        .order_by("cell__room_id", "volume__category__name")
    ):
        lying.setdefault(room, []).append((name, count, used, grown or 0))
    return [
        RoomFill(
            code=room.code,
            name=room.name,
            width_mm=width.get(room.pk, 0),
            used_mm=sum(used for _, _, used, _ in lying.get(room.pk, [])),
            volumes=sum(count for _, count, _, _ in lying.get(room.pk, [])),
            grown_mm=sum(grown for *_, grown in lying.get(room.pk, [])),
            categories=tuple(
                sorted(
                    ((name, count, used) for name, count, used, _ in lying.get(room.pk, [])), key=lambda row: -row[2]
                )
            ),
        )
        for room in rooms
    ]


def unshelved(actor: Actor, posts: Sequence[Post]) -> tuple[int, int]:
    """How many volumes are held and lie on no shelf, and their pages; one query."""
    rows = Volume.objects.filter(scopes(actor, *posts), _ON_PAPER, state=State.HELD).exclude(
        Q(pk__in=Placement.objects.values("volume_id")) | Q(custody=Custody.FORWARDED)
    )
    counted = rows.aggregate(volumes=Count("pk"), pages=Sum("page_count"))
    return counted["volumes"], counted["pages"] or 0


def spelled(code: str) -> str:
    """A cell's code as it is kept, however it was scanned or typed."""
    return code.strip().upper()


def cell(code: str) -> CellRow:
    """One cell with its fill.

    Raises:
        S-002: there is no such cell.
    """
    row = Cell.objects.filter(code=spelled(code)).select_related("room").first()
    if row is None:
        raise Refusal("S-002", cell=code[:30])
    return _cell(row, _used(row.pk))


def to_shelve(actor: Actor) -> list[VolumeRow]:
    """Volumes held by the archive that lie on no shelf yet, longest waiting first."""
    rows = (
        Volume.objects.filter(scopes(actor, Post.KEEPER), _ON_PAPER, state=State.HELD)
        .exclude(Q(pk__in=Placement.objects.values("volume_id")) | Q(custody=Custody.FORWARDED))
        .select_related("fonds", "category", "agency")
    )
    return [volume_row(row) for row in rows.order_by("state_since", "id")[:200]]


def count_to_shelve(actor: Actor) -> int:
    """How many volumes wait for a shelf."""
    return (
        Volume.objects.filter(scopes(actor, Post.KEEPER), _ON_PAPER, state=State.HELD)
        .exclude(Q(pk__in=Placement.objects.values("volume_id")) | Q(custody=Custody.FORWARDED))
        .count()
    )


def places_of(volume_urns: Sequence[str]) -> Mapping[str, PlaceRow]:
    """Where volumes lie, by volume URN; one query."""
    rows = Placement.objects.filter(volume__urn__in=volume_urns).select_related("volume", "cell__room")
    return {
        row.volume.urn: PlaceRow(
            row.volume.urn,
            row.cell.code,
            row.cell.room.name,
            row.cell.rack_no,
            row.cell.side,
            row.cell.bay_no,
            row.cell.shelf_no,
            row.placed_at,
        )
        for row in rows.order_by("id")
    }


def suggest_cell(actor: Actor, needed_mm: int) -> CellRow | None:
    """The first cell, in walking order, that still has room."""
    for room in rooms_for(actor):
        for candidate in room.cells:
            if candidate.free_mm >= needed_mm:
                return candidate
    return None


@dataclass(frozen=True)
class DrawnCell:
    """A cell on the map: place and fill as drawn, in the map's own units."""

    cell: CellRow
    x: int
    y: int
    height: int
    fill_y: int
    fill_height: int
    tone: str


@dataclass(frozen=True)
class DrawnSide:
    """One side of one rack on the map."""

    rack_no: int
    side: str
    x: int
    y: int
    cells: tuple[DrawnCell, ...]


@dataclass(frozen=True)
class Plan:
    """A room's map: every cell with its fill, and totals in metres."""

    room: RoomRow
    width: int
    height: int
    sides: tuple[DrawnSide, ...]

    @property
    def metres(self) -> str:
        """Shelf length of the room in metres."""
        return f"{self.room.width_mm / 1000:,.1f}"

    @property
    def free_metres(self) -> str:
        """Shelf length left in metres."""
        return f"{self.room.free_mm / 1000:,.1f}"


CELL_WIDTH, CELL_HEIGHT, GAP, SIDES_A_ROW = 34, 16, 3, 6


def plan(room: RoomRow) -> Plan:
    """Draw a room: one block a rack side, bays across, shelves upward (库房平面)."""
    groups: dict[tuple[int, str], list[CellRow]] = {}
    for found in room.cells:
        groups.setdefault((found.rack_no, found.side), []).append(found)
    bays = max((found.bay_no for found in room.cells), default=1)
    shelves = max((found.shelf_no for found in room.cells), default=1)
    block_width = bays * (CELL_WIDTH + GAP) + 24
    block_height = shelves * (CELL_HEIGHT + GAP) + 40
    sides = []
    for place, ((rack, side), cells) in enumerate(sorted(groups.items())):
        left, top = (place % SIDES_A_ROW) * block_width + 12, (place // SIDES_A_ROW) * block_height + 8
        drawn = []
        for found in cells:
            x = left + (found.bay_no - 1) * (CELL_WIDTH + GAP)
            y = top + 20 + (shelves - found.shelf_no) * (CELL_HEIGHT + GAP)
            fill = round(CELL_HEIGHT * found.percent / 100)
            tone = "full" if found.percent >= 95 else "near" if found.percent >= 75 else "half"
            drawn.append(DrawnCell(found, x, y, CELL_HEIGHT, y + CELL_HEIGHT - fill, fill, tone))
        sides.append(DrawnSide(rack, side, left, top + 12, tuple(drawn)))
    rows = -(-len(sides) // SIDES_A_ROW) if sides else 1
    return Plan(room, min(len(sides), SIDES_A_ROW) * block_width + 12, rows * block_height, tuple(sides))


def first_free(rooms: Sequence[RoomRow], needs_mm: Sequence[int]) -> list[str]:
    """For each volume the first cell in walking order that has room, counting those suggested before it."""
    cells = [found for room in rooms for found in room.cells]
    taken: dict[str, int] = {}
    suggested = []
    for needed in needs_mm:
        code = next((c.code for c in cells if c.free_mm - taken.get(c.code, 0) >= needed), "")
        taken[code] = taken.get(code, 0) + needed
        suggested.append(code)
    return suggested


def has_room(code: str) -> bool:
    """Whether a room of that code is furnished."""
    return Room.objects.filter(code=code).exists()


def _used(cell_pk: int | None = None) -> dict[int, tuple[int, int]]:
    rows = Placement.objects.all() if cell_pk is None else Placement.objects.filter(cell_id=cell_pk)
    return {
        pk: (used or 0, count)
        for pk, used, count in rows.values_list("cell_id")
        .annotate(used=Sum("thickness_mm"), count=Count("id"))
        .order_by("cell_id")
    }


def _cell(row: Cell, used: Mapping[int, tuple[int, int]]) -> CellRow:
    used_mm, count = used.get(row.pk, (0, 0))
    return CellRow(
        row.code, row.room.code, row.rack_no, row.side, row.bay_no, row.shelf_no, row.width_mm, used_mm, count
    )


def spoken_place(place: PlaceRow) -> str:
    """A shelf place in words (架位)."""
    return f"{place.room_name} {place.rack_no:02}列{place.side}面{place.bay_no}节{place.shelf_no}层"
