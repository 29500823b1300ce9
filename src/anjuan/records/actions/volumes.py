"""Making volumes on the spine (案卷): opened, filled, ordered, counted, numbered, closed."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db.models import F

from anjuan.core import refcode, retention
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, Custody, State
from anjuan.foundation.journal.actions import Line
from anjuan.records.models import Item, Volume
from anjuan.records.rows import ItemRow

AT_ONCE = 200  # rows a statement
_ASIDE = 100_000  # where places stand while they are changed


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


def place_items(*, item_urns: Sequence[str], volume_urn: str, first_no: int = 1) -> None:
    """Put items that lie in no volume into one, in this order; a few statements however many they are."""
    volume = Volume.objects.get(urn=volume_urn)
    places = {urn: place for place, urn in enumerate(item_urns, first_no)}
    items = list(Item.objects.filter(urn__in=list(item_urns), volume=None).only("id", "urn"))
    for item in items:
        item.volume, item.item_no = volume, places[item.urn]
    if len(items) != len(places):
        raise Refusal("L-001", reference=str(volume))
    Item.objects.bulk_update(items, ["volume", "item_no"], batch_size=AT_ONCE)


def order_items(*, volume_urn: str, item_urns: Sequence[str]) -> None:
    """Set the order of a volume's items. Two passes, since two items may not share a place even for a moment."""
    held = Item.objects.filter(volume__urn=volume_urn)
    held.filter(item_no__isnull=False).update(item_no=F("item_no") + _ASIDE)
    places = {urn: place for place, urn in enumerate(item_urns, 1)}
    items = [item for item in held.only("id", "urn") if item.urn in places]
    for item in items:
        item.item_no = places[item.urn]
    Item.objects.bulk_update(items, ["item_no"], batch_size=AT_ONCE)


def count_volume(*, volume_urn: str) -> tuple[int, int]:
    """Write a volume's totals from its items (catalogue side). Returns items and pages.

    Where terms may mix the volume carries the longest; one that is not settled comes before all.
    """
    held = list(Item.objects.filter(volume__urn=volume_urn).values_list("paper_pages", "term"))
    pages = sum(count for count, _ in held)
    Volume.objects.filter(urn=volume_urn).update(item_count=len(held), page_count=pages)
    if held:
        longest = retention.longest([retention.parse(term) for _, term in held])
        Volume.objects.filter(urn=volume_urn).update(term=str(longest))
    return len(held), pages


def next_volume_no(*, volume_urn: str, rule: refcode.Template) -> int:
    """The next free volume number where this volume is numbered: continuous from 1, never reused.

    Where numbers run is what the template says: every slot before the number is a run of its own.

    Concurrency: it is only the floor of a claim (`anjuan.facilities.numbering.actions.claim`); the unique reference
    code refuses what was taken all the same, and the sealing deed turns that into F-010.
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
    highest: int | None = run.order_by("-volume_no").values_list("volume_no", flat=True).first()
    return (highest or 0) + 1


def next_item_serial(*, volume_urn: str, head: str, former: Sequence[str] = ()) -> int:
    """The next item number where items are numbered through the year (按件): after the highest that any code bears.

    Args:
        volume_urn: a volume of this kind.
        head: what stands before the number in the codes of this run.
        former: codes of this run that items bore before they were numbered anew: their numbers are spent.

    Concurrency: as for `next_volume_no`.
    """
    volume = Volume.objects.get(urn=volume_urn)
    borne = Item.objects.filter(
        volume__fonds=volume.fonds, volume__arrangement=volume.arrangement, reference_code__startswith=head
    ).order_by("-reference_code")
    codes = [*borne.values_list("reference_code", flat=True)[:1], *former]
    serials = [code.removeprefix(head) for code in codes]
    return 1 + max((int(serial) for serial in serials if serial.isdecimal()), default=0)


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
    _number_items(volume_urn, items, numbered=False)


def number_item(*, volume_urn: str, item_urn: str, reference_code: str) -> None:
    """Write the 档号 of an item that came into a sealed volume later (补件).

    Raises:
        L-001: it has one already.
    """
    _number_items(volume_urn, {item_urn: reference_code}, numbered=False)


def renumber_volume(
    *, volume_urn: str, former_code: str, volume_no: int, reference_code: str, items: Mapping[str, str]
) -> None:
    """Give a volume and its items other 档号 (改编档号); the objects do not move.

    Raises:
        L-001: it does not bear the former code any more.
    """
    changed = Volume.objects.filter(urn=volume_urn, reference_code=former_code).update(
        volume_no=volume_no, reference_code=reference_code
    )
    if changed != 1:
        raise Refusal("L-001", reference=former_code)
    _number_items(volume_urn, items, numbered=True)


def set_custody(*, volume_urn: str, custody: Custody) -> None:
    """Say who answers for a volume and its items now (保管权变更), where no move of the table says it."""
    Volume.objects.filter(urn=volume_urn).update(custody=custody)
    Item.objects.filter(volume__urn=volume_urn).update(custody=custody)


def _number_items(volume_urn: str, codes: Mapping[str, str], *, numbered: bool) -> None:
    """Write item codes in a few statements; the caller's deed holds the volume (see ``records.actions.hold_at``)."""
    rows = Item.objects.filter(volume__urn=volume_urn, urn__in=list(codes), reference_code__isnull=not numbered)
    items = list(rows.only("id", "urn"))
    if len(items) != len(codes):
        raise Refusal("L-001", reference=next(iter(codes.values()), volume_urn))
    for item in items:
        item.reference_code = codes[item.urn]
    Item.objects.bulk_update(items, ["reference_code"], batch_size=AT_ONCE)
