"""What judging many volumes at once asks: their items, their fonds, who filed and checked. Rights not judged."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from anjuan.core.terms import Classification, Duty, State
from anjuan.records.models import Component, Item, Participation, Volume
from anjuan.records.rows import ItemRow, VolumeRow, item_row, volume_row

_PRESENT = Component.objects.filter(superseded_at=None, item=OuterRef("pk"))


@dataclass(frozen=True)
class JudgedVolume:
    """A volume with what its fonds prescribes."""

    volume: VolumeRow
    numbering_template: str
    classification: Classification
    page_limit: int
    fonds_path: str


def judged_volumes(urns: Collection[str]) -> list[JudgedVolume]:
    """These volumes, in the order of their making; one query."""
    rows = Volume.objects.filter(urn__in=urns).select_related("fonds__agency", "category", "agency").order_by("id")
    return [
        JudgedVolume(
            volume_row(row),
            row.fonds.numbering_template,
            Classification(row.fonds.classification),
            row.fonds.volume_page_limit,
            row.fonds.agency.path,
        )
        for row in rows
    ]


def items_of_each(volume_urns: Sequence[str]) -> Mapping[str, list[ItemRow]]:
    """The items of each volume in order; one query."""
    found: dict[str, list[ItemRow]] = {urn: [] for urn in volume_urns}
    rows = Item.objects.filter(volume__urn__in=volume_urns).select_related("category", "agency", "volume")
    for row in rows.order_by("volume_id", "item_no", "id"):
        found[row.volume.urn].append(item_row(row))
    return found


def filed_at(volume_urns: Sequence[str]) -> Mapping[str, dt.datetime]:
    """When each volume was sealed first: when its filer took part in it; one query."""
    rows = Participation.objects.filter(unit__in=volume_urns, duty=Duty.FILED).order_by("-at", "-id")
    return dict(rows.values_list("unit", "at"))


def categories_of(item_urns: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """The category of each of these items, code and name; some hundreds a query."""
    wanted = sorted(item_urns)
    found: dict[str, tuple[str, str]] = {}
    for first in range(0, len(wanted), 500):
        rows = Item.objects.filter(urn__in=wanted[first : first + 500])
        found.update(
            {urn: (code, name) for urn, code, name in rows.values_list("urn", "category__code", "category__name")}
        )
    return found


def held_with_files(after: int, limit: int) -> list[tuple[int, str, list[str]]]:
    """The next held volumes that have files, after one: key, URN, and its items that have files; two queries."""
    files = Component.objects.filter(superseded_at=None, item__volume=OuterRef("pk"))
    rows = Volume.objects.filter(pk__gt=after, state=State.HELD).filter(Exists(files)).order_by("pk")
    volumes = list(rows.values_list("pk", "urn")[:limit])
    items: dict[int, list[str]] = {pk: [] for pk, _ in volumes}
    held = Item.objects.filter(volume_id__in=items).filter(Exists(_PRESENT)).order_by("volume_id", "item_no", "id")
    for volume_pk, urn in held.values_list("volume_id", "urn"):
        items[volume_pk].append(urn)
    return [(pk, urn, items[pk]) for pk, urn in volumes]


def count_held_with_files() -> int:
    """How many held records have files; one query."""
    return Item.objects.filter(volume__state=State.HELD).filter(Exists(_PRESENT)).count()


def items_by_urn(urns: Collection[str]) -> Mapping[str, ItemRow]:
    """These items by URN; one query."""
    rows = Item.objects.filter(urn__in=urns).select_related("category", "agency", "volume").order_by("id")
    return {row.urn: item_row(row) for row in rows}
