"""The places, who may see and run them, what is left there and for how long."""

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.facilities.copies import rules
from anjuan.facilities.copies.backends.shelf import BucketShelf, FolderShelf, Pace, Room, Shelf
from anjuan.facilities.copies.models import ObjectCopy, Place
from anjuan.facilities.copies.rules import Being, Medium, Month
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.models import StoredFile, StoredObject
from anjuan.foundation.buckets.backends.s3 import Bucket
from anjuan.foundation.buckets.rules import is_address
from anjuan.records.models import Component

ACTORS = (Post.KEEPER, Post.SYSTEM_ADMIN)
READERS = (*ACTORS, Post.AUDITOR)


@dataclass(frozen=True)
class PlaceRow:
    """A place as pages and rules see it."""

    pk: int
    code: str
    name: str
    agency_path: str
    medium: Medium
    is_primary: bool
    is_far: bool
    is_offline: bool
    site: str
    address: str
    capacity_bytes: int | None
    label: str
    lies_at: str
    opened_at: dt.datetime
    detached_at: dt.datetime | None
    unreachable_since: dt.datetime | None
    months_left: float | None

    @property
    def is_attached(self) -> bool:
        """Whether its bytes can be read now, as far as we know."""
        return self.detached_at is None

    @property
    def interval_days(self) -> int:
        """How often each of its objects is verified; a detached set less often, since somebody must fetch it."""
        return int(settings.ANJUAN_FIXITY_DAYS if self.is_attached else settings.ANJUAN_FIXITY_OFFLINE_DAYS)

    @property
    def stale_after(self) -> dt.timedelta:
        """How long a verification here counts."""
        return rules.stale_after(self.interval_days)

    def beings(self, primary: Medium) -> frozenset[Being]:
        """Which of the four kinds of backup it is."""
        return rules.beings(self.medium, primary, is_far=self.is_far, is_offline=self.is_offline)


def _row(found: Place) -> PlaceRow:
    return PlaceRow(
        pk=found.pk,
        code=found.code,
        name=found.name,
        agency_path=found.agency.path,
        medium=Medium(found.medium),
        is_primary=found.is_primary,
        is_far=found.is_far,
        is_offline=found.is_offline,
        site=found.site,
        address=found.address,
        capacity_bytes=found.capacity_bytes,
        label=found.label,
        lies_at=found.lies_at,
        opened_at=found.opened_at,
        detached_at=found.detached_at,
        unreachable_since=found.unreachable_since,
        months_left=found.months_left,
    )


def places() -> list[PlaceRow]:
    """All places, the primary first."""
    return [_row(row) for row in Place.objects.select_related("agency").order_by("-is_primary", "code")]


def by_code() -> Mapping[str, PlaceRow]:
    """All places by code."""
    return {row.code: row for row in places()}


def place(code: str) -> PlaceRow:
    """One place.

    Raises:
        R-009: there is none of that code.
    """
    found = by_code().get(code)
    if found is None:
        raise Refusal("R-009", what=code[:20])
    return found


def primary() -> PlaceRow | None:
    """The place of the store itself, if it has been entered."""
    return next((row for row in places() if row.is_primary), None)


def permit_reader(actor: Actor) -> None:
    """Whether the actor may look at the copies.

    Raises:
        A-001: none of his posts has to do with them.
    """
    if not actor.holds(*READERS):
        raise Refusal("A-001", posts=READERS)


def places_for(actor: Actor) -> list[PlaceRow]:
    """The places the actor may see: those of agencies he covers.

    Raises:
        A-001: none of his posts has to do with them.
    """
    permit_reader(actor)
    return [row for row in places() if actor.covers(row.agency_path, *READERS)]


def get_place_for(actor: Actor, code: str) -> PlaceRow:
    """A place the actor may see.

    Raises:
        R-009: there is none, or he may not see it.
    """
    found = by_code().get(code)
    if found is None or not actor.covers(found.agency_path, *READERS):
        raise Refusal("R-009", what=code[:20])
    return found


def may_act(actor: Actor) -> bool:
    """Whether the actor may start, repair and change things here."""
    return actor.holds(*ACTORS)


def shelf_of(row: PlaceRow) -> Shelf:
    """The shelf of a place: the store's own, another folder, or a bucket."""
    if row.is_primary:
        where = repository.place()
        if is_address(where):
            return BucketShelf(Bucket(where), work="quarantine/")
        return FolderShelf(Path(where), Path(where).parent / "quarantine")
    if is_address(row.address):
        return BucketShelf(Bucket(row.address), mark=row.code)
    base = Path(settings.ANJUAN_HOME) / row.address
    return FolderShelf(base / "store", base / "work", mark=row.code)


def shelf(code: str) -> Shelf:
    """The shelf of the place of this code.

    Raises:
        R-009: there is none.
    """
    return shelf_of(place(code))


@functools.cache
def _pace(bytes_a_second: int, name: str) -> Pace:
    return Pace(bytes_a_second)


def pace_of_copying() -> Pace:
    """What holds copying back: one for the whole process."""
    return _pace(int(settings.ANJUAN_COPY_BYTES_PER_SECOND), "copy")


def pace_of_sweeping() -> Pace:
    """What holds the sweep back: one for the whole process."""
    return _pace(int(settings.ANJUAN_SWEEP_BYTES_PER_SECOND), "sweep")


def room_of(row: PlaceRow) -> Room:
    """What is left at a place; of a bucket, its stated capacity less what the ledger says it holds."""
    if not row.is_attached:
        return Room(None, None)
    try:
        told = shelf_of(row).room()
    except OSError:
        return Room(None, None)
    if told.free_bytes is None and row.capacity_bytes is not None:
        held = ObjectCopy.objects.filter(place_id=row.pk).aggregate(held=Sum("size_bytes"))["held"] or 0
        return Room(max(0, row.capacity_bytes - held), told.free_inodes)
    return told


@dataclass(frozen=True)
class Forecast:
    """How fast the store grows, and how long the room at each place lasts (存储增长预测).

    Attributes:
        months: what came in, month by month.
        months_left: by place code; None where nobody can say.
    """

    months: tuple[Month, ...]
    bytes_a_month: float
    objects_a_month: float
    rooms: Mapping[str, Room]
    months_left: Mapping[str, float | None]


def forecast(rows: Sequence[PlaceRow], today: dt.date) -> Forecast:
    """Growth of deposited bytes a month, and months left at each place."""
    sizes = {
        month.date(): size
        for month, size in StoredFile.objects.annotate(month=TruncMonth("stored_object__deposited_at"))
        .values_list("month")
        .annotate(size=Sum("size_bytes"))
        .order_by("month")
        .values_list("month", "size")
    }
    counts = {
        month.date(): count
        for month, count in StoredObject.objects.annotate(month=TruncMonth("deposited_at"))
        .values_list("month")
        .annotate(count=Count("pk"))
        .order_by("month")
        .values_list("month", "count")
    }
    months = tuple(Month(month, sizes.get(month, 0), counts.get(month, 0)) for month in sorted(sizes.keys() | counts))
    bytes_a_month, objects_a_month = rules.growth(months, today)
    files, objects = StoredFile.objects.count(), StoredObject.objects.count()
    inodes = objects_a_month * (rules.FOLDERS_AND_DOCUMENTS + files / objects if objects else 0)
    rooms = {row.code: room_of(row) for row in rows}
    left = {
        code: rules.months_left(
            free_bytes=room.free_bytes,
            free_inodes=room.free_inodes,
            bytes_a_month=bytes_a_month,
            inodes_a_month=inodes,
        )
        for code, room in rooms.items()
    }
    return Forecast(months, bytes_a_month, objects_a_month, rooms, left)


@dataclass(frozen=True)
class FormatHeld:
    """A format and how much of it the store holds: where a migration plan begins (格式迁移)."""

    format_id: str
    objects: int
    files: int
    size_bytes: int


def formats_held(actor: Actor) -> list[FormatHeld]:
    """The formats of the files that stand, most first.

    Raises:
        A-001: none of the actor's posts has to do with them.
    """
    permit_reader(actor)
    rows = (
        Component.objects.filter(superseded_at=None)
        .values_list("format_id")
        .annotate(objects=Count("item_id", distinct=True), files=Count("pk"), size=Sum("size_bytes"))
        .order_by("-files", "format_id")
    )
    return [FormatHeld(format_id, objects, files, size) for format_id, objects, files, size in rows]
