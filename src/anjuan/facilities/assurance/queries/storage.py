"""Records in storage: which are due to be tested again, and how they stand (长期保存检测)."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from anjuan.core.assurance import Outcome, Stage
from anjuan.core.terms import Actor, Post
from anjuan.facilities.assurance.models import Report
from anjuan.facilities.assurance.queries.findings import READERS
from anjuan.foundation.accounts.queries import archive_path
from anjuan.records import queries as records
from anjuan.records.queries import judged
from anjuan.records.rows import ItemRow, VolumeRow

EVERY = dt.timedelta(days=365)  # DA/T 70 asks for tests "at intervals" and names none (待核实)
TESTING_POSTS = (Post.ARCHIVIST, Post.RECHECKER)
MOST_SHOWN = 100
_VOLUMES_AT_ONCE = 200
_WRONG = (Outcome.FAIL.value, Outcome.UNSURE.value)


@dataclass(frozen=True)
class FailingRow:
    """A held volume whose newest test in storage did not pass: which of its records, and what is named."""

    volume_urn: str
    reference: str
    records: tuple[str, ...]
    codes: tuple[str, ...]
    tested_at: dt.datetime


@dataclass(frozen=True)
class Standing:
    """How the records in storage stand.

    Attributes:
        held: electronic records held.
        tested: records tested within `EVERY`.
        failing: volumes with a record whose newest test did not pass, the newest first.
        is_cut: whether more than `MOST_SHOWN` records fail, and the rest is not shown.
    """

    held: int
    tested: int
    failing: tuple[FailingRow, ...]
    is_cut: bool


def due(after: int, at: dt.datetime) -> Iterator[tuple[int, str]]:
    """Held volumes of which a record with files was not tested since `EVERY` before a moment: key and URN, in order."""
    while rows := judged.held_with_files(after, _VOLUMES_AT_ONCE):
        units = [unit for _, _, members in rows for unit in members]
        tested = set(_stored().filter(unit__in=units, tested_at__gte=at - EVERY).values_list("unit", flat=True))
        for after, urn, members in rows:
            if not tested.issuperset(members):
                yield after, urn


def may_see(actor: Actor) -> bool:
    """Whether the actor may see how the storage stands: an affair of the archive house, over every agency's records."""
    return actor.covers(archive_path(), *READERS)


def may_start(actor: Actor) -> bool:
    """Whether the actor may have everything that is due tested now."""
    return actor.covers(archive_path(), *TESTING_POSTS)


def standing(at: dt.datetime) -> Standing:
    """How the whole storage stands at a moment; a fixed number of queries."""
    later = _stored().filter(unit=OuterRef("unit"), pk__gt=OuterRef("pk"))
    wrong = _stored().filter(~Exists(later), is_passed=False).order_by("-tested_at", "-id")[: MOST_SHOWN + 1]
    reports = list(wrong)
    items = judged.items_by_urn([row.unit for row in reports[:MOST_SHOWN]])
    urns = records.volume_urns_of(items.values())
    volumes = records.volumes_by_urn(urns.values())
    by_volume: dict[str, list[Report]] = {}
    for row in reports[:MOST_SHOWN]:
        by_volume.setdefault(urns[row.unit], []).append(row)
    return Standing(
        judged.count_held_with_files(),
        _stored().filter(tested_at__gte=at - EVERY).values("unit").distinct().count(),
        tuple(_failing(volumes[urn], found, items) for urn, found in by_volume.items()),
        len(reports) > MOST_SHOWN,
    )


def _failing(volume: VolumeRow, reports: Sequence[Report], items: Mapping[str, ItemRow]) -> FailingRow:
    codes = {code for report in reports for code, outcome, _ in report.results if outcome in _WRONG}
    return FailingRow(
        volume.urn,
        volume.reference,
        tuple(items[report.unit].reference for report in reports),
        tuple(sorted(codes)),
        max(report.tested_at for report in reports),
    )


def _stored() -> QuerySet[Report]:
    return Report.objects.filter(stage=Stage.STORAGE)
