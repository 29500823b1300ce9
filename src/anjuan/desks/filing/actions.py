"""Arranging items into volumes, numbering, sealing (整理·立卷)."""

import dataclasses
import datetime as dt
import hashlib
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError

from anjuan.core import arrangement, refcode
from anjuan.core.arrangement import Facet
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.terms import CORRECTING, Closing, InsuranceLine, Occasion, Post, State, Verb
from anjuan.desks.filing import queries, rules
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.sealing import actions as sealing
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records import rules as record_rules
from anjuan.records.actions import volumes


@dataclass(frozen=True)
class Opened:
    """The receipt of an opened volume."""

    urn: str
    title: str
    items: int


@dataclass(frozen=True)
class Sealed:
    """The receipt of a sealed volume: its number, and each item's."""

    urn: str
    reference_code: str
    items: tuple[tuple[str, str], ...]
    pages: int


def open_volume(*, occasion: Occasion, item_urns: Sequence[str], title: str = "") -> Opened:
    """Open a volume and put reviewed items into it, in the order given (立卷).

    Raises:
        F-006: the items are not kin.
        F-007: no item is named.
        F-014: this person or employer has an open dossier already.
        L-001 to L-006: an item cannot be put into a volume.
        R-009: an item is not to be seen.

    Standard: GB/T 31599-2015 6.2, 6.3; S3-W13.
    """
    if not item_urns:
        raise Refusal("F-007")
    items = [record_queries.get_item_for(occasion.actor, urn) for urn in dict.fromkeys(item_urns)]
    permit(occasion.actor, items[0].agency_path, Post.FILER)
    found = queries.candidates(items)
    kinship, kind = found[0].kinship, found[0].scheme.kind
    for candidate in found:
        rules.must_be_kin(kinship, candidate)
    proposed = title or queries.volume_title(items, record_queries.step_names(), kinship)
    wanted = record_rules.text("题名 title", proposed, limit=200)
    holder = queries.holder_pk(items[0], kind)
    mixed = Facet.LINE not in found[0].scheme.shared
    urn = occasion.urn()

    try:
        with journal.writing(occasion=occasion, act="filing.open_volume", unit=urn) as line:
            volumes.open_volume(
                line=line,
                urn=urn,
                like=items[0],
                title=wanted,
                kind=kind,
                insurance_line=InsuranceLine.ALL if mixed else items[0].insurance_line,
                subject_pk=holder,
            )
            for place, item in enumerate(items, 1):
                records.advance(line=line, urn=item.urn, verb=Verb.ARRANGE, evidence=frozenset())
                volumes.place_item(item_urn=item.urn, volume_urn=urn, item_no=place)
            volumes.count_volume(volume_urn=urn)
            line.include(
                [(item.urn, hashlib.sha256(str(place).encode()).hexdigest()) for place, item in enumerate(items)]
            )
            line.say(title=wanted, items=len(items), kind=kind)
    except IntegrityError as taken:
        if holder is None:
            raise
        raise Refusal("F-014", title=wanted) from taken
    return Opened(urn, wanted, len(items))


def arrange(*, occasion: Occasion, volume_urn: str, item_urns: Sequence[str]) -> None:
    """Set the order of the items of an open volume (排序).

    Raises:
        F-009: the list is not exactly the items of the volume.
        L-001: the volume is sealed already.
    """
    sheet = _open_sheet(occasion, volume_urn)
    if sorted(item_urns) != sorted(item.urn for item in sheet.items):
        raise Refusal("F-009", given=len(item_urns), held=len(sheet.items))

    with journal.writing(occasion=occasion, act="filing.arrange", unit=volume_urn) as line:
        records.hold_at(urn=volume_urn, states=(State.FILING,))
        held = [item.urn for item in record_queries.items_of(volume_urn)]
        if sorted(item_urns) != sorted(held):
            raise Refusal("F-009", given=len(item_urns), held=len(held))
        volumes.order_items(volume_urn=volume_urn, item_urns=item_urns)
        line.say(order=",".join(item_urns))


def add_item(*, occasion: Occasion, volume_urn: str, item_urn: str) -> None:
    """Put one more reviewed item at the end of an open volume (放入案卷).

    Raises:
        F-006: it is not kin to the others.
        L-001 to L-006, R-009: as for `open_volume`.
    """
    sheet = _open_sheet(occasion, volume_urn)
    item = record_queries.get_item_for(occasion.actor, item_urn)
    rules.must_be_kin(queries.kinship_of(sheet.volume), queries.candidates([item])[0])

    with journal.writing(occasion=occasion, act="filing.add_item", unit=item_urn) as line:
        records.hold_at(urn=volume_urn, states=(State.FILING,))
        place = len(record_queries.items_of(volume_urn)) + 1
        records.advance(line=line, urn=item_urn, verb=Verb.ARRANGE, evidence=frozenset())
        volumes.place_item(item_urn=item_urn, volume_urn=volume_urn, item_no=place)
        volumes.count_volume(volume_urn=volume_urn)
        line.say(volume=volume_urn, place=place)


def release(*, occasion: Occasion, item_urn: str) -> None:
    """Take an item out of an open volume again (移出案卷): undo until sealed.

    Raises:
        L-001 to L-006: the volume is sealed, or the actor is no filing clerk there.
        R-009: no such item.
    """
    item = record_queries.get_item_for(occasion.actor, item_urn)
    volume_urn = record_queries.volume_urn_of(item)

    with journal.writing(occasion=occasion, act="filing.release", unit=item_urn) as line:
        records.hold_at(urn=volume_urn, states=(State.FILING,))
        records.advance(line=line, urn=item_urn, verb=Verb.RELEASE, evidence=frozenset())
        volumes.place_item(item_urn=item_urn, volume_urn=None, item_no=None)
        left = [row.urn for row in record_queries.items_of(volume_urn)]
        volumes.order_items(volume_urn=volume_urn, item_urns=left)
        volumes.count_volume(volume_urn=volume_urn)
        line.say(volume=volume_urn)


def seal(
    *, occasion: Occasion, volume_urn: str, closing: Closing | None = None, closed_date: dt.date | None = None
) -> Sealed:
    """Seal a volume (封卷): fix the order, give the 档号, and write each item's sealed version with ``record.json``.

    Args:
        occasion: a filing clerk of the agency.
        volume_urn: the volume.
        closing: why a person's dossier stops growing (停止归集); only dossiers have one.
        closed_date: the day it stopped; its retention clock starts from it.

    Raises:
        F-012, F-013: a dossier without the reason and day of its closing, or another volume with one.
        F-004: a serial has outgrown its width.
        F-007, F-008: the volume is empty or too thick.
        F-010: the number was taken meanwhile; sealing again takes the next.
        L-001 to L-006: the lifecycle table says no.

    Standard: DA/T 13-2022; GB/T 31599-2015 6.3; S3-W13, S4-W4.
    Concurrency: bytes first, then rows. Inside the transaction the volume is held and compared with what was written;
    if it changed meanwhile the deed is refused (L-001). That leaves sealed versions that no row names; sealing again
    writes the next version over them.
    """
    sheet = queries.sheet(occasion.actor, volume_urn)
    for obstacle in sheet.obstacles:
        raise obstacle.as_refusal()
    volume = sheet.volume
    if volume.state is not State.FILING:  # the table would say so too, but only after bytes were written
        raise Refusal("L-001", reference=volume.reference)
    permit(occasion.actor, volume.agency_path, Post.FILER)
    rules.check_closing(volume.arrangement, closing if closed_date else None, volume.reference)
    if closed_date and closed_date > occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date():
        raise Refusal("I-002", date=closed_date.isoformat())
    before = queries.fingerprint(sheet)
    number, code, item_codes = _codes(sheet)
    items_to_seal = [dataclasses.replace(item, clock_date=closed_date) if closed_date else item for item in sheet.items]
    written = sealing.write_sealed(
        occasion=occasion, volume=volume, volume_code=code, items=items_to_seal, item_codes=item_codes
    )

    try:
        with journal.writing(occasion=occasion, act="filing.seal", unit=volume_urn) as line:
            _still_the_same(occasion, sheet, before, State.FILING)
            items, pages = volumes.count_volume(volume_urn=volume_urn)
            volumes.number_volume(volume_urn=volume_urn, volume_no=number, reference_code=code, items=item_codes)
            if closed_date:
                volumes.close_dossier(volume_urn=volume_urn, closed_date=closed_date)
            for one in written:
                repository.record_deposit(one.receipt)
            moved = records.advance(
                line=line,
                urn=volume_urn,
                verb=Verb.SEAL,
                evidence=frozenset({Evidence.NUMBERED, Evidence.SEALED_VERSION}),
            )
            line.include([(one.receipt.urn, one.digest) for one in written])
            line.say(
                reference_code=code,
                title=volume.title,
                items=items,
                pages=pages,
                closing=closing or "",
                closed_date=closed_date or "",
                target=moved.target,
            )
    except IntegrityError as taken:
        raise Refusal("F-010", volume_no=number) from taken
    return Sealed(volume_urn, code, tuple((item.urn, item_codes[item.urn]) for item in sheet.items), sheet.pages)


def resubmit(*, occasion: Occasion, volume_urn: str) -> records.Moved:
    """Send a mended volume on (整改后重新送验): sealed anew, to be self-checked anew. The 档号 stay.

    Raises:
        F-011, I-003, I-004: an item is not whole after the mending.
        L-001 to L-006: the lifecycle table says no; L-004 while a fault waits for its answer.
        R-009: no such volume.
    """
    sheet = queries.sheet(occasion.actor, volume_urn)
    if sheet.volume.state not in CORRECTING:
        raise Refusal("L-001", reference=sheet.volume.reference)
    permit(occasion.actor, sheet.volume.agency_path, Post.FILER)
    answered = not any(row.is_open for row in sheet.corrections)
    for obstacle in sheet.obstacles:
        if obstacle.code not in ("I-009", "F-008"):  # open faults are the table's to refuse; thickness was settled
            raise obstacle.as_refusal()
    before = queries.fingerprint(sheet)
    written = (
        sealing.write_sealed(
            occasion=occasion,
            volume=sheet.volume,
            volume_code=sheet.volume.reference_code,
            items=sheet.items,
            item_codes={item.urn: item.reference_code for item in sheet.items},
        )
        if answered
        else []
    )
    evidence = {Evidence.SEALED_VERSION, Evidence.FAULTS_ANSWERED} if answered else {Evidence.SEALED_VERSION}

    with journal.writing(occasion=occasion, act="filing.resubmit", unit=volume_urn) as line:
        _still_the_same(occasion, sheet, before, sheet.volume.state)
        for one in written:
            repository.record_deposit(one.receipt)
        volumes.count_volume(volume_urn=volume_urn)
        moved = records.advance(line=line, urn=volume_urn, verb=Verb.RESUBMIT, evidence=frozenset(evidence))
        line.include([(one.receipt.urn, one.digest) for one in written])
        line.say(source=moved.source, target=moved.target)
    return moved


def _open_sheet(occasion: Occasion, volume_urn: str) -> queries.VolumeSheet:
    sheet = queries.sheet(occasion.actor, volume_urn)
    permit(occasion.actor, sheet.volume.agency_path, Post.FILER)
    if sheet.volume.state is not State.FILING:
        raise Refusal("L-001", reference=sheet.volume.reference)
    return sheet


def _still_the_same(
    occasion: Occasion, sheet: queries.VolumeSheet, before: tuple[tuple[str, int, tuple[str, ...]], ...], state: State
) -> None:
    """Whether the volume still is what its sealed bytes were written from; held from here to the end of the deed."""
    records.hold_at(urn=sheet.volume.urn, states=(state,))
    now = queries.sheet(occasion.actor, sheet.volume.urn)
    if queries.fingerprint(now) != before:
        raise Refusal("L-001", reference=sheet.volume.reference)


def _codes(sheet: queries.VolumeSheet) -> tuple[int, str, dict[str, str]]:
    """The next number, and with it the codes of the volume and of its items."""
    fonds = record_queries.fonds_for(sheet.volume.agency_path, sheet.volume.category_code)
    kind = arrangement.kinds()[sheet.volume.arrangement]
    volume_rule, item_rule = arrangement.templates(kind, fonds.numbering_template)
    number = volumes.next_volume_no(volume_urn=sheet.volume.urn, rule=volume_rule)
    values: dict[str, str | int] = {
        "fonds": fonds.code,
        "category": sheet.volume.category_code,
        "year": str(sheet.volume.year),
        "agency": sheet.volume.agency_code,
        "line": arrangement.LINE_CODES[InsuranceLine(sheet.volume.insurance_line)],
        "volume": number,
    }
    first = volumes.next_item_serial(volume_urn=sheet.volume.urn) if kind.runs_through_the_year else 1
    items = {
        item.urn: refcode.compose(item_rule, "item", {**values, "item": place})
        for place, item in enumerate(sheet.items, first)
    }
    return number, refcode.compose(volume_rule, "volume", values), items
