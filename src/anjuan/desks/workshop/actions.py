"""Processing (数字化加工): take a volume in, sign its stations, send back, return, and let it go to the shelf."""

import dataclasses
import zoneinfo
from collections.abc import Sequence

from django.conf import settings

from anjuan.core import canonical
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Occasion, Post, State, Verb
from anjuan.desks.workshop import queries, rules
from anjuan.desks.workshop.models import SelectedVolume, Selection, StationPass, WorkOrder
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections.rules import DUE_DAYS, MOST_SIGNS, RaisedFault
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.facilities.sealing import actions as sealing
from anjuan.foundation.journal import actions as journal
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records import rules as record_rules


def take_in(*, occasion: Occasion, volume_urn: str) -> records.Moved:
    """Take a re-checked volume into the workshop and open its work order (领入车间).

    Raises:
        A-001: the actor is no workshop operator over its agency.
        L-001 to L-006: the lifecycle table says no.
        R-009: no such volume, or it is not the workshop's to see.

    Standard: S3-W9.
    """
    sheet = queries.sheet(occasion.actor, volume_urn)

    with journal.writing(occasion=occasion, act="workshop.take_in", unit=volume_urn) as line:
        moved = records.advance(line=line, urn=volume_urn, verb=Verb.TAKE_IN, evidence=frozenset())
        WorkOrder.objects.create(volume_urn=volume_urn, opened_by=occasion.actor.staff_code, opened_at=occasion.at)
        line.say(items=len(sheet.items), pages=sheet.volume.page_count, source=moved.source, target=moved.target)
    return moved


def open_selection(*, occasion: Occasion, criteria: rules.Criteria, volume_urns: Sequence[str]) -> str:
    """Take chosen volumes of a ranking into the workshop, and keep why they were chosen (遴选领入). Returns its uid.

    Args:
        occasion: a workshop operator.
        criteria: by what the ranking was made.
        volume_urns: which of it were chosen; 50 at most.

    Raises:
        A-001: the actor is no workshop operator over the agency of one of them.
        U-080 to U-082: see `rules.chosen`.
        L-001 to L-006: the lifecycle table says no for one of them; then none is taken in.
        R-009: the workshop is not his to see.

    Standard: S2-W2 (遴选, by category).
    Concurrency: one transaction; of two who choose the same volume the second is refused as a whole (L-001, U-082).
    """
    this_year = occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).year
    offered = queries.ranking(occasion.actor, criteria, this_year=this_year)
    taken = rules.chosen(offered, volume_urns)
    uid = occasion.fresh(8).hex()

    with journal.writing(occasion=occasion, act="workshop.open_selection", unit=f"selection:{uid}") as line:
        row = Selection.objects.create(
            uid=uid,
            criteria=dataclasses.asdict(criteria),
            powers=str(queries.powers()),
            offered=len(offered),
            opened_by=occasion.actor.staff_code,
            opened_at=occasion.at,
        )
        for one in taken:
            records.advance(line=line, urn=one.volume.urn, verb=Verb.TAKE_IN, evidence=frozenset())
        WorkOrder.objects.bulk_create(
            WorkOrder(volume_urn=one.volume.urn, opened_by=occasion.actor.staff_code, opened_at=occasion.at)
            for one in taken
        )
        SelectedVolume.objects.bulk_create(
            SelectedVolume(
                selection=row,
                volume_urn=one.volume.urn,
                reference=one.volume.reference,
                place=one.place,
                score=one.score,
                uses=one.volume.uses,
                risk=one.risk,
                damage_grade=one.volume.damage_grade,
                age_years=one.age - 1,
            )
            for one in taken
        )
        line.include([(one.volume.urn, canonical.digest([one.place, one.score])) for one in taken])
        line.say(
            volumes=len(taken),
            offered=len(offered),
            powers=row.powers,
            **{key: value for key, value in row.criteria.items() if value},
        )
    return uid


def complete(*, occasion: Occasion, volume_urn: str, station: str, note: str = "") -> None:
    """Sign one station of a volume (工序完成签字).

    Args:
        occasion: who signs.
        volume_urn: the volume.
        station: code of the station.
        note: what is worth saying, such as the box number.

    Raises:
        A-001: the actor is no workshop operator over its agency.
        B-001, B-003 to B-007, B-009: the sealed version cannot be written.
        L-001: it was signed already, or the volume changed meanwhile.
        R-009: no such volume or station.
        R-010: the note is too long, or holds a character that cannot be kept.
        U-001: the volume is not in the workshop.
        U-002 to U-007: see `rules.obstacles`.

    Standard: S3-W9; S3-C10 (as many images as paper); S4-W4 (linking).
    Concurrency: bytes first, then rows. Inside the transaction the volume is held and compared with what was judged
    and written; if it changed meanwhile the deed is refused (L-001) and leaves a version that no row names.
    """
    wanted = queries.station(station)
    sheet = _on_bench(occasion, volume_urn)
    said = record_rules.text("说明 note", note, limit=MOST_SIGNS) if note.strip() else ""
    if wanted.code in sheet.bench.done:
        raise Refusal("L-001", reference=sheet.volume.reference)
    for obstacle in sheet.obstacles(wanted, occasion.actor.staff_code):
        raise obstacle.as_refusal()
    written = (
        sealing.write_sealed(
            occasion=occasion,
            volume=sheet.volume,
            volume_code=sheet.volume.reference_code,
            items=sheet.items,
            item_codes={item.urn: item.reference_code for item in sheet.items},
        )
        if rules.Need.SEALED in wanted.needs
        else []
    )

    with journal.writing(occasion=occasion, act="workshop.complete", unit=volume_urn) as line:
        _still_the_same(occasion, sheet)
        if written:
            sealing.record_sealed(occasion=occasion, written=written)
        StationPass.objects.create(
            order_id=sheet.order_pk,
            station=wanted.code,
            done_by=occasion.actor.staff_code,
            done_at=occasion.at,
            note=said,
            contents=sheet.bench.contents,
        )
        line.include([(one.receipt.urn, one.digest) for one in written])
        line.say(station=wanted.code, pages=sheet.bench.pages, contents=sheet.bench.contents, note=said)


def send_back(*, occasion: Occasion, volume_urn: str, reason: str) -> tuple[str, ...]:
    """Send a volume back to the scanner (退回重扫): every station signed so far falls, and stays on record.

    Raises:
        A-001: the actor is no workshop operator over its agency.
        L-001: somebody signed or sent back meanwhile.
        R-009: no such volume.
        R-010: no reason is given, it is too long, or holds a character that cannot be kept.
        U-001: the volume is not in the workshop.
        U-008: no station is signed yet; there is nothing to send back.

    Standard: S3-W9.
    """
    sheet = _on_bench(occasion, volume_urn)
    said = record_rules.text("原因 reason", reason, limit=MOST_SIGNS)
    fallen = rules.undone(queries.stations(), sheet.bench.done)
    if not fallen:
        raise Refusal("U-008", reference=sheet.volume.reference)

    with journal.writing(occasion=occasion, act="workshop.send_back", unit=volume_urn) as line:
        _still_the_same(occasion, sheet)
        StationPass.objects.filter(order_id=sheet.order_pk, undone_at=None).update(
            undone_at=occasion.at, undone_reason=said
        )
        line.say(stations=",".join(fallen), reason=said)
    return fallen


def return_volume(*, occasion: Occasion, volume_urn: str, faults: Sequence[RaisedFault]) -> records.Moved:
    """Return a volume whose paper is not as it ought to be; it is mended in the archive house (退回整改).

    Its work order is abandoned: mended, it is accepted and re-checked anew before it comes back.

    Raises:
        A-001: the actor is no workshop operator over its agency.
        L-001 to L-006: the lifecycle table says no.
        R-009: no such volume.
        R-010, W-001 to W-004, W-006, W-007: a fault cannot be kept, or none is named.
        U-001: the volume is not in the workshop.

    Standard: S3-W8, S3-W9.
    """
    sheet = _on_bench(occasion, volume_urn)

    with journal.writing(occasion=occasion, act="workshop.return_volume", unit=volume_urn) as line:
        raised = corrections.raise_faults(
            line=line,
            unit=volume_urn,
            reference=sheet.volume.reference,
            agency_path=sheet.volume.agency_path,
            state=sheet.volume.state,
            places=sheet.places,
            faults=faults,
        )
        moved = records.advance(
            line=line, urn=volume_urn, verb=Verb.RETURN_VOLUME, evidence=frozenset({Evidence.FAULT})
        )
        WorkOrder.objects.filter(pk=sheet.order_pk).update(abandoned_at=occasion.at)
        notices.notify(
            line=line,
            kind=NoticeKind.VOLUME_RETURNED,
            unit=volume_urn,
            reference=sheet.volume.reference,
            agency_path=sheet.volume.agency_path,
            post=Post.FILER,
            staff=record_queries.duties_of(volume_urn).get(Duty.FILED, ()),
            within_days=DUE_DAYS,
            count=raised,
        )
        line.say(source=moved.source, target=moved.target)
    return moved


def finish(*, occasion: Occasion, volume_urn: str) -> records.Moved:
    """Let a volume go to its shelf: every station signed on what it holds now (加工完成入库).

    Raises:
        A-001: the actor is no workshop operator over its agency.
        L-001 to L-006: the lifecycle table says no; L-004 while a station is not signed or pages differ.
        R-009: no such volume.
        U-001: the volume is not in the workshop.

    Standard: S3-W9, S3-W10.
    """
    seen = _on_bench(occasion, volume_urn)

    with journal.writing(occasion=occasion, act="workshop.finish", unit=volume_urn) as line:
        records.hold_at(urn=volume_urn, states=(State.IN_WORKSHOP,))
        sheet = queries.sheet(occasion.actor, volume_urn)
        evidence = rules.leaving(queries.stations(), sheet.bench)
        moved = records.advance(line=line, urn=volume_urn, verb=Verb.FINISH, evidence=evidence)
        WorkOrder.objects.filter(pk=seen.order_pk).update(finished_at=occasion.at)
        line.say(pages=sheet.bench.pages, source=moved.source, target=moved.target)
    return moved


def _on_bench(occasion: Occasion, volume_urn: str) -> queries.Sheet:
    sheet = queries.sheet(occasion.actor, volume_urn)
    if not sheet.order_pk:
        raise Refusal("U-001", reference=sheet.volume.reference)
    return sheet


def _still_the_same(occasion: Occasion, before: queries.Sheet) -> None:
    """Whether the volume still is what was judged and written; held from here to the end of the deed."""
    records.hold_at(urn=before.volume.urn, states=(State.IN_WORKSHOP,))
    now = queries.sheet(occasion.actor, before.volume.urn)
    if now.order_pk != before.order_pk or dataclasses.replace(now.bench, seen=before.bench.seen) != before.bench:
        raise Refusal("L-001", reference=before.volume.reference)
