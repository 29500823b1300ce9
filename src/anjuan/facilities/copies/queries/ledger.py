"""The ledger: which object was verified where and when, what is due, what an object should be, and who is archived."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import (
    Count,
    Exists,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)

from anjuan.core.fixity import Digests
from anjuan.facilities.copies import rules
from anjuan.facilities.copies.backends.look import Expected
from anjuan.facilities.copies.backends.shelf import Shelf
from anjuan.facilities.copies.models import ObjectCopy
from anjuan.facilities.copies.queries.places import PlaceRow, places, primary, shelf_of
from anjuan.facilities.copies.rules import Outcome
from anjuan.facilities.repository.models import StoredFile, StoredObject
from anjuan.facilities.repository.rules import ObjectState, StoredContent

NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MOST_LISTED = 200
_NEW, _KNOWN = "0", "1"


# What an object should be ---------------------------------------------------------------------------------------------


def states_of(urns: Sequence[str]) -> Mapping[str, ObjectState]:
    """What the store's rows say of many objects; two statements."""
    stored = {row.pk: row for row in StoredObject.objects.filter(urn__in=urns)}
    contents: dict[int, list[StoredContent]] = {pk: [] for pk in stored}
    for file in StoredFile.objects.filter(stored_object_id__in=stored).order_by("first_version", "content_path", "pk"):
        digests = Digests(sha512=file.sha512, sha256=file.sha256, sm3=file.sm3, size_bytes=file.size_bytes)
        contents[file.stored_object_id].append(StoredContent(digests, file.content_path, file.first_version))
    return {
        row.urn: ObjectState(row.urn, row.head_version, row.is_sealed, tuple(contents[pk]))
        for pk, row in stored.items()
    }


def lines_of_each(urns: Sequence[str]) -> Mapping[str, Mapping[int, ObjectCopy]]:
    """The ledger's lines of many objects, by place; one statement."""
    found: dict[str, dict[int, ObjectCopy]] = {urn: {} for urn in urns}
    for line in ObjectCopy.objects.filter(urn__in=urns).order_by("checked_at"):
        found[line.urn][line.place_id] = line
    return found


def lines_of(urn: str) -> Mapping[int, ObjectCopy]:
    """The ledger's lines of an object, by place; one statement."""
    return {line.place_id: line for line in ObjectCopy.objects.filter(urn=urn).order_by("checked_at")}


def expected_of(
    state: ObjectState, version: int | None = None, lines: Mapping[int, ObjectCopy] | None = None
) -> Expected:
    """What a copy of an object should be, at the version that stands or an earlier one.

    Args:
        state: what the store's rows say.
        version: the version; the one that stands if None.
        lines: the ledger's lines of the object, if they have been read.
    """
    wanted = state.head_version if version is None else version
    known = lines_of(state.urn) if lines is None else lines
    return Expected(
        urn=state.urn,
        version=wanted,
        contents=tuple(content for content in state.contents if content.first_version <= wanted),
        inventories={line.version: line.inventory_sha512 for line in known.values() if line.inventory_sha512},
    )


def standing(urn: str, place_pk: int) -> ObjectCopy | None:
    """The ledger's line of an object at a place."""
    return ObjectCopy.objects.filter(urn=urn, place_id=place_pk).first()


def holds_any(place_pk: int) -> bool:
    """Whether the ledger says that a place holds anything: then it must not be made anew where it is missing."""
    return ObjectCopy.objects.filter(place_id=place_pk, version__gt=0).exists()


def good_sources(
    rows: Sequence[PlaceRow], lines: Mapping[int, ObjectCopy], version: int, *, but: int
) -> list[tuple[PlaceRow, Shelf]]:
    """Places with a copy that was good when it was last looked at, attached, the primary first; not this one.

    Args:
        rows: the places.
        lines: the ledger's lines of the object.
        version: that the copy must have reached.
        but: the place that is to be served.
    """
    return [
        (row, shelf_of(row))
        for row in rows
        if row.is_attached
        and row.pk != but
        and (line := lines.get(row.pk)) is not None
        and line.outcome == Outcome.GOOD
        and line.version >= version
    ]


# What there is to do --------------------------------------------------------------------------------------------------


def due_before(at: dt.datetime) -> dt.datetime:
    """What was looked at before this is due again."""
    return at - dt.timedelta(days=settings.ANJUAN_FIXITY_DAYS)


def fresh_before(at: dt.datetime) -> dt.datetime:
    """What came into the store before this and was never looked at since is due for its first look."""
    return at - dt.timedelta(hours=settings.ANJUAN_COPY_WITHIN_HOURS)


def _unknown(before: dt.datetime | None) -> QuerySet[StoredObject]:
    """Objects of the store that the ledger has no line of at the primary place."""
    first = primary()
    there = ObjectCopy.objects.filter(urn=OuterRef("urn"), place_id=first.pk if first else 0)
    rows = StoredObject.objects.filter(~Exists(there))
    return rows.filter(deposited_at__lt=before) if before else rows


def _known(before: dt.datetime, place_code: str) -> QuerySet[ObjectCopy]:
    rows = ObjectCopy.objects.filter(checked_at__lt=before, place__detached_at=None)
    return rows.filter(place__code=place_code) if place_code else rows


def _covers_primary(place_code: str) -> bool:
    first = primary()
    return first is not None and place_code in ("", first.code)


def count_for_sweep(before: dt.datetime, place_code: str = "", *, fresh: dt.datetime | None) -> int:
    """How many copies a sweep has to look at.

    Args:
        before: those that were looked at last before this.
        place_code: at this place alone; at all attached ones if empty.
        fresh: and those that were never looked at and came before this, whenever they came if None.
    """
    unseen = _unknown(fresh).count() if _covers_primary(place_code) else 0
    return unseen + _known(before, place_code).count()


def after_for_sweep(
    before: dt.datetime, key: str, limit: int, place_code: str = "", *, fresh: dt.datetime | None
) -> Sequence[str]:
    """The next copies of a sweep: first what was never looked at, then the longest ago.

    A key is what the walk had read of the line, ``1:<checked at>:<line>:<place>:<object>``, so the walk goes on where
    it stood whatever is written meanwhile; what is checked in its course is no longer before its beginning.
    """
    found: list[str] = []
    first = primary()
    kind, *rest = key.split(":") if key else [_NEW, "0"]
    if kind == _NEW and first is not None and _covers_primary(place_code):
        seen = int(rest[0])
        pks = _unknown(fresh).filter(pk__gt=seen).order_by("pk").values_list("pk", "urn")[:limit]
        found += [f"{_NEW}:{pk:015d}:{first.pk}:{urn}" for pk, urn in pks]
    if len(found) < limit:
        rows = _known(before, place_code)
        if kind == _KNOWN:
            at = NEVER + dt.timedelta(microseconds=int(rest[0]))
            rows = rows.filter(Q(checked_at__gt=at) | Q(checked_at=at, pk__gt=int(rest[1])))
        for pk, at, place_pk, urn in rows.order_by("checked_at", "pk").values_list(
            "pk", "checked_at", "place_id", "urn"
        )[: limit - len(found)]:
            found.append(f"{_KNOWN}:{(at - NEVER) // dt.timedelta(microseconds=1):020d}:{pk:015d}:{place_pk}:{urn}")
    return found


def _behind(place_pk: int) -> QuerySet[StoredObject]:
    """Sealed objects of which a place holds no copy, or one that is behind; a damaged one is a matter of repair."""
    there = ObjectCopy.objects.filter(urn=OuterRef("urn"), place_id=place_pk)
    whole = there.filter(version__gte=OuterRef("head_version")) | there.filter(outcome=Outcome.DAMAGED)
    return StoredObject.objects.filter(~Exists(whole), is_sealed=True)


def _targets() -> list[PlaceRow]:
    return sorted((row for row in places() if not row.is_primary and row.is_attached), key=lambda row: row.pk)


def count_for_replication() -> int:
    """How many copies are missing or behind, over all attached places."""
    return sum(_behind(row.pk).count() for row in _targets())


def behind_by_place() -> Mapping[str, int]:
    """How many copies are missing or behind at each place but the primary, detached ones too."""
    return {row.code: _behind(row.pk).count() for row in places() if not row.is_primary}


def after_for_replication(key: str, limit: int) -> Sequence[str]:
    """The next copies to be made, place by place: ``2:<place>:<object no>:<place>:<object>``."""
    _, seen_place, seen = key.split(":")[:3] if key else ("2", "0", "0")
    found: list[str] = []
    for row in _targets():
        if row.pk < int(seen_place) or len(found) >= limit:
            continue
        rows = _behind(row.pk)
        if row.pk == int(seen_place):
            rows = rows.filter(pk__gt=int(seen))
        for pk, urn in rows.order_by("pk").values_list("pk", "urn")[: limit - len(found)]:
            found.append(f"2:{row.pk:09d}:{pk:015d}:{row.pk}:{urn}")
    return found


def parse_key(key: str) -> tuple[int, str]:
    """The place and the object that a unit's key names, of a sweep or of a replication."""
    parts = key.split(":")
    at = 3 if parts[0] in (_KNOWN, "2") else 2
    return int(parts[at]), ":".join(parts[at + 1 :])


# Coverage and age -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AgeBar:
    """How many copies were verified so long ago; days 0 is never."""

    up_to_days: int
    count: int


@dataclass(frozen=True)
class Coverage:
    """How much of a place was verified, and how long ago (覆盖与时效).

    Attributes:
        objects: how many the ledger has there.
        expected: how many there ought to be: all of the store at the primary, all that are sealed elsewhere.
        within: how many were verified well within the interval.
        oldest_at: the longest ago any of them was verified well; None while some never was.
        behind: sealed objects of which it holds no copy, or an old one.
        size_bytes: what was verified there.
    """

    place: PlaceRow
    objects: int
    expected: int
    within: int
    damaged: int
    behind: int
    size_bytes: int
    oldest_at: dt.datetime | None
    newest_at: dt.datetime | None
    ages: tuple[AgeBar, ...]

    @property
    def percent(self) -> int:
        """Share verified within the interval, rounded down: 100 means all of them."""
        return 100 * self.within // self.expected if self.expected else 100


def coverage(row: PlaceRow, at: dt.datetime) -> Coverage:
    """What the ledger says of a place; a few statements whatever its size."""
    lines = ObjectCopy.objects.filter(place_id=row.pk)
    interval = dt.timedelta(days=row.interval_days)
    good = Q(outcome=Outcome.GOOD)
    bounds = rules.age_bounds(row.interval_days)
    told = lines.aggregate(
        many=Count("pk"),
        within=Count("pk", filter=good & Q(verified_at__gte=at - interval)),
        damaged=Count("pk", filter=Q(outcome=Outcome.DAMAGED)),
        size=Sum("size_bytes"),
        oldest=Min("verified_at", filter=Q(verified_at__isnull=False)),
        never=Count("pk", filter=Q(verified_at=None)),
        **{f"d{days}": Count("pk", filter=Q(verified_at__gte=at - dt.timedelta(days=days))) for days in bounds},
    )
    newest = lines.exclude(verified_at=None).order_by("-verified_at").values_list("verified_at", flat=True).first()
    objects = told["many"]
    if row.is_primary:
        behind, expected = 0, objects + _unknown(None).count()
    else:
        there = ObjectCopy.objects.filter(urn=OuterRef("urn"), place_id=row.pk)
        behind = _behind(row.pk).count()
        expected = objects + StoredObject.objects.filter(~Exists(there), is_sealed=True).count()
    ages, before = [], 0
    for days in bounds:
        ages.append(AgeBar(days, told[f"d{days}"] - before))
        before = told[f"d{days}"]
    ages.append(AgeBar(0, expected - before))
    complete = told["never"] == 0 and objects == expected
    return Coverage(
        place=row,
        objects=objects,
        expected=expected,
        within=told["within"],
        damaged=told["damaged"],
        behind=behind,
        size_bytes=told["size"] or 0,
        oldest_at=told["oldest"] if complete else None,
        newest_at=newest,
        ages=tuple(ages),
    )


def still_held(urns: Sequence[str]) -> Mapping[str, list[PlaceRow]]:
    """Which places hold bytes of these objects, as far as the ledger knows: what a destruction must reach (仍存副本).

    Detached sets are among them: somebody has to fetch and erase those.
    """
    rows = {row.pk: row for row in places()}
    found: dict[str, list[PlaceRow]] = {}
    lines = ObjectCopy.objects.filter(urn__in=urns, version__gt=0).order_by("urn", "place_id")
    for urn, place_pk in lines.values_list("urn", "place_id"):
        found.setdefault(urn, []).append(rows[place_pk])
    return found
