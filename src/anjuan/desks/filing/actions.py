"""Arranging items into volumes, numbering, sealing (整理·立卷)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError

from anjuan.core import refcode
from anjuan.core.lifecycle import Evidence
from anjuan.core.packages import record as package
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post, State, Verb
from anjuan.desks.filing import queries, rules
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.repository.rules import DepositReceipt, Inline
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries as journal_queries
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records import rules as record_rules
from anjuan.records.rows import ItemRow


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
        L-001 to L-006: an item cannot be put into a volume.
        R-009: an item is not to be seen.

    Standard: GB/T 31599-2015 6.2, 6.3; S3-W13.
    """
    if not item_urns:
        raise Refusal("F-007")
    items = [record_queries.get_item_for(occasion.actor, urn) for urn in dict.fromkeys(item_urns)]
    permit(occasion.actor, items[0].agency_path, Post.FILER)
    kinship = queries.candidate(items[0]).kinship
    for item in items:
        rules.must_be_kin(kinship, queries.candidate(item))
    proposed = title or queries.volume_title(tuple(items), record_queries.step_names())
    wanted = record_rules.text("题名 title", proposed, limit=200)
    urn = occasion.urn()

    with journal.writing(occasion=occasion, act="filing.open_volume", unit=urn) as line:
        records.open_volume(line=line, urn=urn, like=items[0], title=wanted)
        for place, item in enumerate(items, 1):
            records.advance(line=line, urn=item.urn, verb=Verb.ARRANGE, evidence=frozenset())
            records.place_item(item_urn=item.urn, volume_urn=urn, item_no=place)
        records.count_volume(volume_urn=urn)
        line.include([(item.urn, hashlib.sha256(str(place).encode()).hexdigest()) for place, item in enumerate(items)])
        line.say(title=wanted, items=len(items))
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
        records.order_items(volume_urn=volume_urn, item_urns=item_urns)
        line.say(order=",".join(item_urns))


def add_item(*, occasion: Occasion, volume_urn: str, item_urn: str) -> None:
    """Put one more reviewed item at the end of an open volume (放入案卷).

    Raises:
        F-006: it is not kin to the others.
        L-001 to L-006, R-009: as for `open_volume`.
    """
    sheet = _open_sheet(occasion, volume_urn)
    item = record_queries.get_item_for(occasion.actor, item_urn)
    rules.must_be_kin(queries.kinship_of(sheet.volume), queries.candidate(item))

    with journal.writing(occasion=occasion, act="filing.add_item", unit=item_urn) as line:
        records.hold_at(urn=volume_urn, states=(State.FILING,))
        place = len(record_queries.items_of(volume_urn)) + 1
        records.advance(line=line, urn=item_urn, verb=Verb.ARRANGE, evidence=frozenset())
        records.place_item(item_urn=item_urn, volume_urn=volume_urn, item_no=place)
        records.count_volume(volume_urn=volume_urn)
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
        records.place_item(item_urn=item_urn, volume_urn=None, item_no=None)
        left = [row.urn for row in record_queries.items_of(volume_urn)]
        records.order_items(volume_urn=volume_urn, item_urns=left)
        records.count_volume(volume_urn=volume_urn)
        line.say(volume=volume_urn)


def seal(*, occasion: Occasion, volume_urn: str) -> Sealed:
    """Seal a volume (封卷): fix the order, give the 档号, and write each item's sealed version with ``record.json``.

    Raises:
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
    before = queries.fingerprint(sheet)
    number = records.next_volume_no(volume_urn=volume_urn)
    code, item_codes = _codes(sheet, number)
    written = [_write_sealed(occasion, sheet, item, code, item_codes[item.urn]) for item in sheet.items]

    try:
        with journal.writing(occasion=occasion, act="filing.seal", unit=volume_urn) as line:
            _still_the_same(occasion, sheet, before, State.FILING)
            items, pages = records.count_volume(volume_urn=volume_urn)
            records.number_volume(volume_urn=volume_urn, volume_no=number, reference_code=code, items=item_codes)
            for receipt, _ in written:
                repository.record_deposit(receipt)
            moved = records.advance(
                line=line,
                urn=volume_urn,
                verb=Verb.SEAL,
                evidence=frozenset({Evidence.NUMBERED, Evidence.SEALED_VERSION}),
            )
            line.include([(receipt.urn, digest) for receipt, digest in written])
            line.say(reference_code=code, title=volume.title, items=items, pages=pages, target=moved.target)
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
    if sheet.volume.state is not State.RETURNED:
        raise Refusal("L-001", reference=sheet.volume.reference)
    permit(occasion.actor, sheet.volume.agency_path, Post.FILER)
    answered = not any(row.is_open for row in sheet.corrections)
    for obstacle in sheet.obstacles:
        if obstacle.code not in ("I-009", "F-008"):  # open faults are the table's to refuse; thickness was settled
            raise obstacle.as_refusal()
    before = queries.fingerprint(sheet)
    written = (
        [_write_sealed(occasion, sheet, item, sheet.volume.reference_code, item.reference_code) for item in sheet.items]
        if answered
        else []
    )
    evidence = {Evidence.SEALED_VERSION, Evidence.FAULTS_ANSWERED} if answered else {Evidence.SEALED_VERSION}

    with journal.writing(occasion=occasion, act="filing.resubmit", unit=volume_urn) as line:
        _still_the_same(occasion, sheet, before, State.RETURNED)
        for receipt, _ in written:
            repository.record_deposit(receipt)
        records.count_volume(volume_urn=volume_urn)
        moved = records.advance(line=line, urn=volume_urn, verb=Verb.RESUBMIT, evidence=frozenset(evidence))
        line.include([(receipt.urn, digest) for receipt, digest in written])
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


def _codes(sheet: queries.VolumeSheet, number: int) -> tuple[str, dict[str, str]]:
    fonds = record_queries.fonds_for(sheet.volume.agency_path)
    rule = refcode.template(fonds.numbering_template)
    values: dict[str, str | int] = {
        "fonds": fonds.code,
        "category": sheet.volume.category_code,
        "year": str(sheet.volume.year),
        "agency": sheet.volume.agency_code,
        "line": sheet.volume.insurance_line,
        "volume": number,
    }
    items = {
        item.urn: refcode.compose(rule, "item", {**values, "item": place}) for place, item in enumerate(sheet.items, 1)
    }
    return refcode.compose(rule, "volume", values), items


def _write_sealed(
    occasion: Occasion, sheet: queries.VolumeSheet, item: ItemRow, volume_code: str, item_code: str
) -> tuple[DepositReceipt, str]:
    components = record_queries.components_of([item.urn])[item.urn]
    names = package.file_names(item_code, [row.logical_name.rsplit(".", 1)[-1] for row in components])
    document = package.document(
        package.SealedRecord(
            urn=item.urn,
            reference_code=item_code,
            volume_urn=sheet.volume.urn,
            volume_reference_code=volume_code,
            fonds_code=sheet.volume.fonds_code,
            agency_code=item.agency_code,
            category_code=item.category_code,
            business_step=item.step_code,
            insurance_line=item.insurance_line,
            year=item.year,
            title=item.title,
            acceptance_no=item.acceptance_no,
            formed_date=item.formed_date,
            paper_pages=item.paper_pages,
            retention_rule=item.rule_code,
            retention_term=str(item.term),
            retention_ends=item.retention_ends_date,
            route=item.route,
            custody=item.custody,
            sealed_at=occasion.at,
            sealed_by=occasion.actor.staff_code,
            journal_head=journal_queries.head(),
            journal_entries=tuple(entry.uid for entry in journal_queries.story_of(item.urn, limit=100_000)),
            subjects=tuple(
                package.SealedSubject(row.kind, row.urn, row.name, row.id_number or row.credit_code)
                for row in sheet.subjects[item.urn]
            ),
            files=tuple(
                package.SealedFile(
                    name,
                    row.material_code,
                    row.original_name,
                    row.format_id,
                    row.page_count,
                    row.size_bytes,
                    row.sha512,
                    row.sha256,
                    row.sm3,
                )
                for name, row in zip(names, components, strict=True)
            ),
        )
    )
    receipt = repository.write_version(
        urn=item.urn,
        state={name: row.sha512 for name, row in zip(names, components, strict=True)},
        new_files=[Inline(repository.RECORD_NAME, document)],
        message=f"seal {item_code}",
        user_name=occasion.actor.staff_code,
        user_address=f"staff:{occasion.actor.staff_code}",
        at=occasion.at,
        expected_head=repository.settle_head(urn=item.urn) or 0,
        seals=True,
    )
    return receipt, hashlib.sha256(document).hexdigest()
