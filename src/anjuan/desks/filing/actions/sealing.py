"""Sealing volumes (封卷): numbers held, bytes named by them, rows and the papers' issue entered with the seal."""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError

from anjuan.core import arrangement, refcode
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.terms import CORRECTING, Closing, InsuranceLine, Occasion, Post, State, Verb
from anjuan.desks.filing import queries, rules
from anjuan.desks.filing.models import ContentsIssue, VolumeNote
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.numbering import actions as numbering
from anjuan.facilities.numbering import queries as numbering_queries
from anjuan.facilities.numbering.rules import run_key
from anjuan.facilities.sealing import actions as sealing
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records import rules as record_rules
from anjuan.records.actions import volumes

SEALING = "SEAL_VOLUMES"


@dataclass(frozen=True)
class Sealed:
    """The receipt of a sealed volume: its number, and each item's."""

    urn: str
    reference_code: str
    items: tuple[tuple[str, str], ...]
    pages: int


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
        F-010: another record bears the number all the same.
        L-001 to L-006: the lifecycle table says no.

    Standard: DA/T 13-2022; GB/T 31599-2015 6.3; S3-W13, S4-W4.
    Concurrency: the numbers are held for this volume before its bytes are named by them, so sixteen who seal at once
    get sixteen numbers, and one that dies in between takes its own again. Bytes first, then rows. Inside the
    transaction the volume is held and compared with what was written; if it changed meanwhile the deed is refused
    (L-001). That leaves sealed versions that no row names; sealing again writes the next version over them.
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
    given = _numbering_of(occasion, sheet)
    items_to_seal = [dataclasses.replace(item, clock_date=closed_date) if closed_date else item for item in sheet.items]
    written = sealing.write_sealed(
        occasion=occasion,
        volume=volume,
        volume_code=given.code,
        items=items_to_seal,
        item_codes=given.items,
        components=sheet.components,
        subjects=sheet.subjects,
    )

    try:
        with journal.writing(occasion=occasion, act="filing.seal", unit=volume_urn) as line:
            _still_the_same(sheet, before, State.FILING)
            items, pages = volumes.count_volume(volume_urn=volume_urn)
            volumes.number_volume(
                volume_urn=volume_urn, volume_no=given.number, reference_code=given.code, items=given.items
            )
            _settle(sheet, given)
            if closed_date:
                volumes.close_dossier(volume_urn=volume_urn, closed_date=closed_date)
            sealing.record_sealed(occasion=occasion, written=written)
            moved = records.advance(
                line=line,
                urn=volume_urn,
                verb=Verb.SEAL,
                evidence=frozenset({Evidence.NUMBERED, Evidence.SEALED_VERSION}),
            )
            _issue(occasion=occasion, sheet=sheet, code=given.code, item_codes=given.items, reason="")
            line.include([(one.receipt.urn, one.digest) for one in written])
            line.say(
                reference_code=given.code,
                title=volume.title,
                items=items,
                pages=pages,
                closing=closing or "",
                closed_date=closed_date or "",
                target=moved.target,
            )
    except IntegrityError as taken:
        raise Refusal("F-010", volume_no=given.number) from taken
    return Sealed(volume_urn, given.code, tuple((item.urn, given.items[item.urn]) for item in sheet.items), sheet.pages)


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
            components=sheet.components,
            subjects=sheet.subjects,
        )
        if answered
        else []
    )
    evidence = {Evidence.SEALED_VERSION, Evidence.FAULTS_ANSWERED} if answered else {Evidence.SEALED_VERSION}

    with journal.writing(occasion=occasion, act="filing.resubmit", unit=volume_urn) as line:
        _still_the_same(sheet, before, sheet.volume.state)
        sealing.record_sealed(occasion=occasion, written=written)
        volumes.count_volume(volume_urn=volume_urn)
        if written:
            codes = {item.urn: item.reference_code for item in sheet.items}
            reason = "；".join(f"{row.fault.code} {row.fault.zh}" for row in sheet.corrections)[:200]
            _issue(
                occasion=occasion,
                sheet=sheet,
                code=sheet.volume.reference_code,
                item_codes=codes,
                reason=reason,
            )
        moved = records.advance(line=line, urn=volume_urn, verb=Verb.RESUBMIT, evidence=frozenset(evidence))
        line.include([(one.receipt.urn, one.digest) for one in written])
        line.say(source=moved.source, target=moved.target)
    return moved


def start_sealing(*, occasion: Occasion, volume_urns: Sequence[str]) -> str:
    """Have many open volumes sealed and numbered, in the order given, as a job (批量封卷). Returns the job's uid.

    Each is sealed as `seal` seals it, in the name of who starts it; one that is refused stays open and is listed.

    Raises:
        A-001: the actor is no filing clerk of one of them.
        F-007: none is named.
        F-012: one is a dossier that still grows; it is closed by itself.
        R-009: one is not to be seen.
        Y-002: the same work is under way.
    """
    if not volume_urns:
        raise Refusal("F-007")
    found = [record_queries.get_volume_for(occasion.actor, urn) for urn in dict.fromkeys(volume_urns)]
    for volume in found:
        permit(occasion.actor, volume.agency_path, Post.FILER)
        rules.check_closing(volume.arrangement, None, volume.reference)

    with journal.writing(occasion=occasion, act="filing.start_sealing", unit=found[0].urn) as line:
        uid = jobs.open_job(
            line=line,
            kind=SEALING,
            reference=found[0].title[:60],
            agency_path=found[0].agency_path,
            params={"staff": occasion.actor.staff_code, "volumes": [volume.urn for volume in found]},
        )
        line.say(volumes=len(found))
    return uid


def renumber(*, occasion: Occasion, volume_urn: str, reason: str) -> Sealed:
    """Give a sealed volume and its items new 档号, on record (改编档号): the next free ones by the template of now.

    The former codes stay findable, the former number is voided, the objects do not move; each item gets a new sealed
    version under its new name.

    Args:
        occasion: the archivist.
        volume_urn: a sealed volume for which no transfer has been applied.
        reason: why.

    Raises:
        A-001: the actor is not the archivist of that agency.
        F-004: a serial has outgrown its width.
        F-010: another record bears the number all the same.
        F-016: the volume is open, or has been applied for.
        L-001: it changed meanwhile.
        L-006: a restraint lies on it.
        R-009: no such volume.
        R-010: no reason is given.

    Standard: DA/T 13-2022, 4 (stable: re-numbering is the exception, and on record); S4-N3.
    """
    sheet = queries.sheet(occasion.actor, volume_urn)
    volume = sheet.volume
    permit(occasion.actor, volume.agency_path, Post.ARCHIVIST)
    rules.check_renumbering(volume.state, volume.reference)
    said = record_rules.text("事由 reason", reason, limit=200)
    if restrained := record_queries.restraints_of([volume_urn, *(item.urn for item in sheet.items)]):
        raise Refusal("L-006", reference=volume.reference, kinds=restrained)
    before = queries.fingerprint(sheet)
    given = _numbering_of(occasion, sheet)
    written = sealing.write_sealed(
        occasion=occasion,
        volume=volume,
        volume_code=given.code,
        items=sheet.items,
        item_codes=given.items,
        components=sheet.components,
        subjects=sheet.subjects,
    )

    try:
        with journal.writing(occasion=occasion, act="filing.renumber", unit=volume_urn) as line:
            _still_the_same(sheet, before, volume.state)
            numbering.remember(
                line=line,
                codes={volume_urn: (volume.reference_code, given.code)}
                | {item.urn: (item.reference_code, given.items[item.urn]) for item in sheet.items},
                reason=said,
            )
            volumes.renumber_volume(
                volume_urn=volume_urn,
                former_code=volume.reference_code,
                volume_no=given.number,
                reference_code=given.code,
                items=given.items,
            )
            numbering.void(
                line=line,
                run_key=given.run,
                number=volume.volume_no or 0,
                code=volume.reference_code,
                reason=f"改编为 {given.code}：{said}"[:200],
            )
            _settle(sheet, given)
            sealing.record_sealed(occasion=occasion, written=written)
            _issue(
                occasion=occasion,
                sheet=sheet,
                code=given.code,
                item_codes=given.items,
                reason=f"改编档号：{said}"[:200],
            )
            VolumeNote.objects.create(
                volume_urn=volume_urn,
                kind=VolumeNote.Kind.REMARK,
                text=f"档号由 {volume.reference_code} 改编为 {given.code}：{said}"[:300],
                noted_by=occasion.actor.staff_code,
                noted_at=occasion.at,
            )
            line.include([(one.receipt.urn, one.digest) for one in written])
            line.say(former=volume.reference_code, reference_code=given.code, reason=said)
    except IntegrityError as taken:
        raise Refusal("F-010", volume_no=given.number) from taken
    return Sealed(volume_urn, given.code, tuple((item.urn, given.items[item.urn]) for item in sheet.items), sheet.pages)


@dataclass(frozen=True)
class Numbering:
    """The numbers held for a volume: its own and its items', with the runs they were taken from."""

    run: str
    number: int
    code: str
    items: Mapping[str, str]
    item_run: str
    item_numbers: tuple[int, ...]


def _numbering_of(occasion: Occasion, sheet: queries.VolumeSheet) -> Numbering:
    """Hold the next number for a volume, and for its items where they are numbered through the year (取号)."""
    fonds = record_queries.fonds_for(sheet.volume.agency_path, sheet.volume.category_code)
    kind = arrangement.kinds()[sheet.volume.arrangement]
    volume_rule, item_rule = arrangement.templates(kind, fonds.numbering_template)
    volume = sheet.volume
    widths = {token.name: token.width or 1 for token in (*volume_rule.tokens(), *item_rule.tokens())}
    level = "item"
    most_items = 10 ** widths[level] - 1
    if len(sheet.items) > most_items:
        raise Refusal("F-004", token=level, value=str(len(sheet.items)), template=item_rule.text)
    run = run_key(
        fonds_code=fonds.code,
        year=volume.year,
        category_code=volume.category_code,
        arrangement=volume.arrangement,
        agency_code=volume.agency_code,
        insurance_line=volume.insurance_line,
        tokens={token.name for token in volume_rule.tokens()},
    )
    (number,) = numbering.claim(
        run_key=run,
        unit=volume.urn,
        count=1,
        floor=volumes.next_volume_no(volume_urn=volume.urn, rule=volume_rule) - 1,
        most=10 ** widths["volume"] - 1,
        at=occasion.at,
    )
    values: dict[str, str | int] = {
        "fonds": fonds.code,
        "category": volume.category_code,
        "year": str(volume.year),
        "agency": volume.agency_code,
        "line": arrangement.LINE_CODES[InsuranceLine(volume.insurance_line)],
        "volume": number,
    }
    item_run, places = "", tuple(range(1, len(sheet.items) + 1))
    if kind.runs_through_the_year:
        item_run = f"{run}/ITEM"  # as far as the template makes numbers unique: agencies share it or do not, as the run
        head = refcode.compose(item_rule, level, {**values, level: 1})[: -widths[level]]
        places = numbering.claim(
            run_key=item_run,
            unit=volume.urn,
            count=len(sheet.items),
            floor=volumes.next_item_serial(
                volume_urn=volume.urn, head=head, former=numbering_queries.former_codes_after(head)
            )
            - 1,
            most=most_items,
            at=occasion.at,
        )
    items = {
        item.urn: refcode.compose(item_rule, "item", {**values, "item": place})
        for item, place in zip(sheet.items, places, strict=True)
    }
    return Numbering(run, number, refcode.compose(volume_rule, "volume", values), items, item_run, places)


def _settle(sheet: queries.VolumeSheet, given: Numbering) -> None:
    """Let go of the claims: the records bear the numbers; inside the deed that writes them."""
    numbering.settle(run_key=given.run, unit=sheet.volume.urn, numbers=(given.number,))
    if given.item_run:
        numbering.settle(run_key=given.item_run, unit=sheet.volume.urn, numbers=given.item_numbers)


def _issue(
    *, occasion: Occasion, sheet: queries.VolumeSheet, code: str, item_codes: Mapping[str, str], reason: str
) -> None:
    """Keep what the contents list says at this sealing as its next issue (卷内目录换版); earlier ones stay."""
    urn = sheet.volume.urn
    last = ContentsIssue.objects.filter(volume_urn=urn).order_by("-issue_no").values_list("issue_no", flat=True).first()
    ContentsIssue.objects.create(
        volume_urn=urn,
        issue_no=(last or 0) + 1,
        reference_code=code,
        rows=[[item.urn, item_codes[item.urn], first, last_page] for item, first, last_page in sheet.first_pages],
        item_count=len(sheet.items),
        page_count=sheet.pages,
        reason=reason,
        issued_by=occasion.actor.staff_code,
        issued_at=occasion.at,
    )


def _still_the_same(
    sheet: queries.VolumeSheet, before: tuple[tuple[str, int, tuple[str, ...]], ...], state: State
) -> None:
    """Whether the volume still is what its sealed bytes were written from; held from here to the end of the deed."""
    records.hold_at(urn=sheet.volume.urn, states=(state,))
    if queries.fingerprint_now(sheet.volume.urn) != before:
        raise Refusal("L-001", reference=sheet.volume.reference)
