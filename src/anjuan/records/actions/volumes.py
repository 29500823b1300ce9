"""Making volumes on the spine (案卷): opened, filled, ordered, counted, numbered, closed."""

import datetime as dt
from collections.abc import Mapping, Sequence

from anjuan.core import refcode, retention
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, State
from anjuan.foundation.journal.actions import Line
from anjuan.records import queries
from anjuan.records.models import Item, Volume
from anjuan.records.rows import ItemRow


def open_volume(
    *,
    line: Line,
    urn: str,
    like: ItemRow,
    title: str,
    kind: Arrangement = Arrangement.BY_VOLUME,
    insurance_line: str = "",
    subject_pk: int | None = None,
) -> None:
    """Open an empty volume for items like this one (立卷): its fonds, agency, category, year and term.

    Args:
        line: the open journal line of the deed.
        urn: of the new volume.
        like: its first item.
        title: its title.
        kind: its arrangement kind.
        insurance_line: its insurance line where it is not the first item's.
        subject_pk: whose dossier it is.
    """
    example = Item.objects.get(urn=like.urn)
    Volume.objects.create(
        urn=urn,
        fonds=example.fonds,
        agency=example.agency,
        category=example.category,
        year=example.year,
        insurance_line=insurance_line or example.insurance_line,
        term=example.term,
        arrangement=kind,
        subject_id=subject_pk,
        title=title,
        route=example.route,
        state=State.FILING,
        custody=example.custody,
        opened_at=line.occasion.at,
        state_since=line.occasion.at,
    )


def place_item(*, item_urn: str, volume_urn: str | None, item_no: int | None) -> None:
    """Put an item at a place in a volume, or take it out."""
    volume = Volume.objects.get(urn=volume_urn) if volume_urn else None
    Item.objects.filter(urn=item_urn).update(volume=volume, item_no=item_no)


def order_items(*, volume_urn: str, item_urns: Sequence[str]) -> None:
    """Set the order of a volume's items. Two passes, since two items may not share a place even for a moment."""
    for offset, numbers in ((100_000, item_urns), (0, item_urns)):
        for place, urn in enumerate(numbers, 1):
            Item.objects.filter(urn=urn, volume__urn=volume_urn).update(item_no=place + offset)


def count_volume(*, volume_urn: str) -> tuple[int, int]:
    """Write a volume's totals from its items (catalogue side). Returns items and pages.

    Where terms may mix the volume carries the longest; one that is not settled comes before all.
    """
    items = queries.items_of(volume_urn)
    pages = sum(item.paper_pages for item in items)
    Volume.objects.filter(urn=volume_urn).update(item_count=len(items), page_count=pages)
    if items:
        longest = retention.longest([item.term for item in items])
        Volume.objects.filter(urn=volume_urn).update(term=str(longest))
    return len(items), pages


def next_volume_no(*, volume_urn: str, rule: refcode.Template) -> int:
    """The next free volume number where this volume is numbered: continuous from 1, never reused.

    Where numbers run is what the template says: every slot before the number is a run of its own.

    Concurrency: the unique reference code refuses a number taken meanwhile; the sealing deed turns that into F-010.
    """
    volume = Volume.objects.get(urn=volume_urn)
    names = {token.name for token in rule.tokens()}
    run = Volume.objects.filter(
        fonds=volume.fonds,
        year=volume.year,
        category=volume.category,
        arrangement=volume.arrangement,
        volume_no__isnull=False,
    )
    if "agency" in names:
        run = run.filter(agency=volume.agency)
    if "line" in names:
        run = run.filter(insurance_line=volume.insurance_line)
    highest = run.order_by("-volume_no").values_list("volume_no", flat=True).first()
    return (highest or 0) + 1


def next_item_serial(*, volume_urn: str) -> int:
    """The next item number where items are numbered through the year (按件): after all in volumes of this kind.

    Concurrency: as for `next_volume_no`.
    """
    volume = Volume.objects.get(urn=volume_urn)
    return (
        1
        + Item.objects.filter(
            volume__fonds=volume.fonds,
            volume__agency=volume.agency,
            volume__category=volume.category,
            volume__year=volume.year,
            volume__arrangement=volume.arrangement,
            reference_code__isnull=False,
        ).count()
    )


def close_dossier(*, volume_urn: str, closed_date: dt.date) -> None:
    """Say that a dossier has stopped growing (停止归集): its retention clock starts from this day."""
    Volume.objects.filter(urn=volume_urn).update(closed_date=closed_date)


def number_volume(*, volume_urn: str, volume_no: int, reference_code: str, items: Mapping[str, str]) -> None:
    """Write the 档号 of a volume and of each item, once.

    Raises:
        L-001: the volume or an item already has a number.
    """
    if (
        Volume.objects.filter(urn=volume_urn, volume_no=None).update(volume_no=volume_no, reference_code=reference_code)
        != 1
    ):
        raise Refusal("L-001", reference=reference_code)
    for urn, item_code in items.items():
        if (
            Item.objects.filter(urn=urn, volume__urn=volume_urn, reference_code=None).update(reference_code=item_code)
            != 1
        ):
            raise Refusal("L-001", reference=item_code)
