"""Seeing the state of the paper: of one record with its history, and of what needs repair."""

import datetime as dt
import functools
import importlib.resources
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Custody, State
from anjuan.facilities.condition.models import Damage
from anjuan.facilities.condition.rules import NOTING_POSTS, REPAIRING_POSTS, Kind, Place
from anjuan.foundation.accounts.queries import agency_names
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow, ItemRow, VolumeRow

MOST_ROWS = 2000


@dataclass(frozen=True)
class DamageRow:
    """One bad state of the paper, and what was done about it."""

    pk: int
    unit: str
    reference: str
    agency_code: str
    agency_path: str
    kind: Kind
    place: Place
    note: str
    noted_by: str
    noted_at: dt.datetime
    repair: str
    repaired_by: str
    repaired_at: dt.datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its repair."""
        return self.repaired_at is None


@dataclass(frozen=True)
class Record:
    """The item or volume whose paper is spoken of."""

    urn: str
    title: str
    reference: str
    agency_path: str
    state: State
    custody: Custody
    is_volume: bool
    components: tuple[ComponentRow, ...]

    @property
    def pages(self) -> Mapping[int, int]:
        """How many pages each component has."""
        return {row.pk: row.page_count for row in self.components}


@dataclass(frozen=True)
class NeedingRepair:
    """One agency's records whose paper needs repair, the most urgent first."""

    agency_code: str
    agency_name: str
    rows: tuple[DamageRow, ...]


@functools.cache
def kinds() -> Mapping[str, Kind]:
    """The kinds of bad state by code, in the order of the list."""
    text = importlib.resources.files(__package__).joinpath("seed/kinds.toml").read_text(encoding="utf-8")
    return {row["code"]: Kind(**row) for row in tomllib.loads(text)["kind"]}


def enter(actor: Actor) -> None:
    """Whether the list of what needs repair is this actor's.

    Raises:
        A-001: he never has paper in his hands.
    """
    if not actor.holds(*NOTING_POSTS):
        raise Refusal("A-001", posts=NOTING_POSTS)


def may_note(actor: Actor, agency_path: str) -> bool:
    """Whether the actor may say how the paper of that agency is."""
    return actor.covers(agency_path, *NOTING_POSTS)


def may_repair(actor: Actor, agency_path: str) -> bool:
    """Whether the actor may close a repair in that agency."""
    return actor.covers(agency_path, *REPAIRING_POSTS)


def record_for(actor: Actor, urn: str) -> Record:
    """The item or volume an actor may see.

    Raises:
        R-009: there is none, or he may not see it.
    """
    try:
        found: ItemRow | VolumeRow = records.get_item_for(actor, urn)
    except Refusal:
        found = records.get_volume_for(actor, urn)
    is_volume = isinstance(found, VolumeRow)
    items = [item.urn for item in records.items_of(urn)] if is_volume else [urn]
    return Record(
        urn=urn,
        title=found.title,
        reference=found.reference,
        agency_path=found.agency_path,
        state=found.state,
        custody=found.custody,
        is_volume=is_volume,
        components=tuple(row for rows in records.components_of(items).values() for row in rows),
    )


def of_units(urns: Sequence[str], *, only_open: bool = False) -> list[DamageRow]:
    """What stands against these records, oldest first, the repaired too; rights are not judged."""
    rows = Damage.objects.filter(unit__in=list(urns))
    if only_open:
        rows = rows.filter(repaired_at=None)
    return [_row(row) for row in rows.order_by("noted_at", "id")]


def unarranged(urns: Sequence[str]) -> frozenset[str]:
    """Which of these records are tied bundles still, without items of their own; one query."""
    blocking = [kind.code for kind in kinds().values() if kind.blocks_filing]
    rows = Damage.objects.filter(unit__in=list(urns), kind__in=blocking, repaired_at=None)
    return frozenset(rows.values_list("unit", flat=True))


def worst_of(urns: Sequence[str]) -> Mapping[str, int]:
    """The worst grade that is open on records, by URN; those without damage are left out; one query."""
    worst: dict[str, int] = {}
    rows = Damage.objects.filter(unit__in=list(urns), repaired_at=None)
    for unit, kind in rows.values_list("unit", "kind"):
        worst[unit] = max(worst.get(unit, 0), kinds()[kind].grade)
    return worst


def needing_repair(actor: Actor) -> list[NeedingRepair]:
    """What needs repair among the records that the actor may see, by agency; the worst and the oldest first.

    Raises:
        A-001: he never has paper in his hands.
    """
    enter(actor)
    names = agency_names()
    by_agency: dict[str, list[DamageRow]] = {}
    for row in _waiting(actor).order_by("noted_at", "id")[:MOST_ROWS]:
        seen = _row(row)
        by_agency.setdefault(seen.agency_code, []).append(seen)
    return [
        NeedingRepair(code, names.get(code, code), tuple(sorted(rows, key=lambda row: -row.kind.grade)))
        for code, rows in sorted(by_agency.items())
    ]


def count_needing_repair(actor: Actor) -> int:
    """How many entries wait for a repair."""
    return _waiting(actor).count()


def get_for(actor: Actor, pk: int) -> DamageRow:
    """One entry on a record that the actor may see.

    Raises:
        R-009: there is none, or he may not see its record.
    """
    row = Damage.objects.filter(_visible(actor), pk=pk).first()
    if row is None:
        raise Refusal("R-009", what=f"#{pk}")
    return _row(row)


def _waiting(actor: Actor) -> QuerySet[Damage]:
    return Damage.objects.filter(_visible(actor), repaired_at=None)


def _visible(actor: Actor) -> Q:
    return Q(unit__in=records.items_visible_to(actor).values("urn")) | Q(
        unit__in=records.volumes_visible_to(actor).values("urn")
    )


def _row(row: Damage) -> DamageRow:
    return DamageRow(
        pk=row.pk,
        unit=row.unit,
        reference=row.reference,
        agency_code=row.agency_path.rstrip("/").rsplit("/", 1)[-1],
        agency_path=row.agency_path,
        kind=kinds()[row.kind],
        place=Place(row.component_pk, row.page_no),
        note=row.note,
        noted_by=row.noted_by,
        noted_at=row.noted_at,
        repair=row.repair,
        repaired_by=row.repaired_by,
        repaired_at=row.repaired_at,
    )
