"""Handing over (移交): apply, draw for the witness, witness, dispatch, receive by count."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from anjuan.core import canonical, sampling
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Occasion, Post, Route, State, Verb
from anjuan.desks.transfer import queries, rules
from anjuan.desks.transfer.actions.trips import cancel_trip, plan_trip
from anjuan.desks.transfer.models import Batch, BatchVolume
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.facilities.corrections.rules import DUE_DAYS, RaisedFault
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.foundation.accounts.models import Agency
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries as journal_queries
from anjuan.foundation.ledger import actions as ledger
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records import rules as record_rules

__all__ = [
    "apply",
    "cancel_trip",
    "dispatch",
    "draw_sample",
    "plan_trip",
    "receive",
    "refuse_witness",
    "witness",
]
Stage = Batch.Stage
NONCE_BYTES = 16  # as long as the journal's own salts: nobody guesses it from its commitment


@dataclass(frozen=True)
class Applied:
    """The receipt of an application."""

    batch_no: str
    volumes: int
    pages: int


@dataclass(frozen=True)
class Accession:
    """The receipt of a received batch: it stands in the archive's register under this number."""

    batch_no: str
    accession_no: str
    volumes: int
    pages: int


def apply(*, occasion: Occasion, volume_urns: Sequence[str]) -> Applied:
    """Apply for the transfer of self-checked volumes (移交申请); the register is drawn up with it.

    Raises:
        A-001: the actor is not the archivist of that agency.
        L-001 to L-006: a volume cannot be applied for; L-002 before the signed self-check.
        T-001: no volume is named, or they belong to several agencies.
        T-008: they are on several routes.
        T-009: a paper-first volume has not been kept at the agency for its time yet (S3-W2).

    Standard: GB/T 31599-2015 6.9; S3-W3, S3-W15.
    """
    volumes = [record_queries.get_volume_for(occasion.actor, urn) for urn in dict.fromkeys(volume_urns)]
    if len({volume.agency_code for volume in volumes}) != 1:
        raise Refusal("T-001", agencies=len({volume.agency_code for volume in volumes}))
    agency_code, agency_path = volumes[0].agency_code, volumes[0].agency_path
    permit(occasion.actor, agency_path, Post.ARCHIVIST)
    routes = {volume.route for volume in volumes}
    if len(routes) != 1:
        raise Refusal("T-008", routes=routes)
    route = routes.pop()
    for volume in volumes:
        if route is Route.LEGACY and volume.state is State.SELF_CHECKED:
            rules.check_kept(volume.reference, queries.kept_until(volume), today=_today(occasion))
    evidence = {Evidence.REGISTER, Evidence.YEAR_KEPT} if route is Route.LEGACY else {Evidence.REGISTER}

    with journal.writing(occasion=occasion, act="transfer.apply", unit=f"agency:{agency_code}") as line:
        batch_no = _next_batch_no(agency_code, _today(occasion).year)
        line.unit = f"batch:{batch_no}"
        batch = Batch.objects.create(
            batch_no=batch_no,
            agency_code=agency_code,
            agency_path=agency_path,
            route=route,
            applied_by=occasion.actor.staff_code,
            applied_at=occasion.at,
            journal_uid=line.uid,
        )
        # A volume that came back from an earlier batch leaves it here for good: it is in one batch at a time.
        urns = [volume.urn for volume in volumes]
        BatchVolume.objects.filter(volume_urn__in=urns, left_at=None).update(left_at=occasion.at)
        for place, volume in enumerate(volumes, 1):
            records.advance(line=line, urn=volume.urn, verb=Verb.APPLY, evidence=frozenset(evidence))
            BatchVolume.objects.create(batch=batch, ordinal=place, volume_urn=volume.urn)
        pages = sum(volume.page_count for volume in volumes)
        line.include([(volume.urn, canonical.digest([volume.reference, volume.page_count])) for volume in volumes])
        line.say(batch_no=batch_no, volumes=len(volumes), pages=pages, target=State.APPLIED)
        line.say(nonce=occasion.fresh(NONCE_BYTES).hex())  # the agency commits to it here, a draw reveals it
        notices.notify(
            line=line,
            kind=NoticeKind.BATCH_APPLIED,
            unit=line.unit,
            reference=batch_no,
            agency_path=agency_path,
            post=Post.ACCEPTOR,
            subjects=urns,
            count=len(volumes),
        )
        if route is not Route.LEGACY:  # paper first, there is nothing to draw yet
            # The pages are drawn while the batch waits, so that the acceptor never waits for a page.
            jobs.open_job(
                line=line, kind="DRAW_PAGES", reference=batch_no, agency_path=agency_path, params={"volumes": urns}
            )
    return Applied(batch_no, len(volumes), pages)


def draw_sample(*, occasion: Occasion, batch_no: str) -> tuple[str, ...]:
    """Draw the 5 % that the supervisor looks at (监交抽样). Returns the references drawn.

    The seed comes from the first checkpoint that covers the batch's last pre-acceptance, and from the nonces that the
    agency committed to as it applied and the acceptor as he accepted: the hour of drawing has no influence on it,
    nobody chooses it, anybody recomputes it, and a drawn batch is not drawn again. Each category and term gives its
    share.

    Raises:
        A-001: the actor is neither supervisor nor archivist of that agency.
        L-001: it was drawn already.
        R-009: no such batch.
        T-002: a volume has not passed pre-acceptance yet.
        T-006: every volume was returned; nothing is left to hand over.
        T-010: paper-first batches are handed over without a witness.

    Standard: S3-W17, S3-N3.
    """
    sheet = queries.sheet(occasion.actor, batch_no)
    permit(occasion.actor, sheet.batch.agency_path, Post.SUPERVISOR, Post.ARCHIVIST)
    if sheet.route is Route.LEGACY:
        raise Refusal("T-010", batch_no=batch_no)
    if sheet.batch.stage != Stage.APPLIED:
        raise Refusal("L-001", reference=batch_no)
    for obstacle in sheet.obstacles:
        raise obstacle.as_refusal()
    if not sheet.present:
        raise Refusal("T-006", batch_no=batch_no)
    by_urn = {row.volume.urn: row.volume.reference for row in sheet.present}
    urns = sorted(by_urn)
    checkpoint = ledger.first_checkpoint_after(units=urns, acts=["inspection.pre_accept"], at=occasion.at)
    nonces = [
        *journal_queries.newest_said([f"batch:{batch_no}"], ["transfer.apply"], "nonce"),
        *journal_queries.newest_said(urns, ["inspection.pre_accept"], "nonce"),
    ]
    seed = sampling.seed_of(checkpoint.root, batch_no, *(value for _, value in nonces), *urns)
    drawn = rules.sample(rules.strata(row.volume for row in sheet.present), seed)

    with journal.writing(occasion=occasion, act="transfer.draw_sample", unit=f"batch:{batch_no}") as line:
        _step(batch_no, Stage.APPLIED, Stage.SAMPLED, seed=seed, checkpoint_size=checkpoint.size)
        left = [row.volume.urn for row in sheet.volumes if row.has_left]
        BatchVolume.objects.filter(batch__batch_no=batch_no, volume_urn__in=left).update(left_at=occasion.at)
        BatchVolume.objects.filter(batch__batch_no=batch_no, volume_urn__in=drawn).update(is_drawn=True)
        line.say(seed=seed, checkpoint=checkpoint.size, lot=",".join(urns), drawn=",".join(drawn))
        line.say(nonces=",".join(value for _, value in nonces))
    return tuple(by_urn[urn] for urn in drawn)


def witness(
    *, occasion: Occasion, batch_no: str, looks: Mapping[str, Mapping[str, bool]], counted: Mapping[str, int]
) -> tuple[records.Moved, ...]:
    """Sign the witnessed handover of a batch (监交通过): each drawn volume looked at on paper, images and contents.

    Args:
        occasion: the supervisor, now.
        batch_no: the batch.
        looks: by 档号 of a drawn volume, paper / images / contents found right.
        counted: by 档号 of a drawn volume, pages counted on paper; a single set has none.

    Raises:
        L-001 to L-006: the lifecycle table says no; L-005 when the supervisor applied, filed or checked himself.
        R-009: no such batch.
        T-003: a drawn volume was not looked at in all three ways.
        T-006: every volume was returned; nothing is left to witness.
        T-040, T-041: a drawn volume was not counted, or its count differs.

    Standard: S3-W17, S3-N3.
    """
    sheet = queries.sheet(occasion.actor, batch_no)
    permit(occasion.actor, sheet.batch.agency_path, Post.SUPERVISOR)
    if sheet.batch.stage != Stage.SAMPLED:
        raise Refusal("L-001" if sheet.batch.witnessed_at else "T-007", reference=batch_no, batch_no=batch_no)
    if not sheet.present:
        raise Refusal("T-006", batch_no=batch_no)
    wanted = rules.looked_at(sheet.route)
    rules.check_witnessed([row.volume.reference for row in sheet.drawn], looks, wanted)
    on_paper = {row.volume.reference: row.volume.page_count for row in sheet.drawn if "paper" in wanted}
    rules.check_witness_count(on_paper, counted)
    answered = not correction_queries.count_open([row.volume.urn for row in sheet.present])
    evidence = {Evidence.SAMPLE_CHECKED, Evidence.FAULTS_ANSWERED} if answered else {Evidence.SAMPLE_CHECKED}

    with journal.writing(occasion=occasion, act="transfer.witness", unit=f"batch:{batch_no}") as line:
        _step(
            batch_no,
            Stage.SAMPLED,
            Stage.WITNESSED,
            witnessed_by=occasion.actor.staff_code,
            witnessed_at=occasion.at,
        )
        for row in sheet.drawn:
            BatchVolume.objects.filter(batch__batch_no=batch_no, volume_urn=row.volume.urn).update(
                witnessed={what: True for what in wanted}
            )
        moved = _move_all(line, sheet, Verb.WITNESS, frozenset(evidence))
        line.say(drawn=",".join(row.volume.urn for row in sheet.drawn), volumes=len(moved), target=State.WITNESSED)
        line.say(counted=",".join(f"{row.volume.urn}={row.volume.page_count}" for row in sheet.drawn if on_paper))
    return moved


def refuse_witness(
    *, occasion: Occasion, batch_no: str, volume_urn: str, faults: Sequence[RaisedFault]
) -> records.Moved:
    """Send one volume of a batch back at the witnessed handover (监交退回); it leaves the batch, the others stay.

    The sample is filled up from those that stay, by the same seed: refusing what was drawn does not thin it out.

    Raises:
        L-001 to L-006: the lifecycle table says no.
        R-009: no such batch, or the volume is not in it.
        R-010, W-001 to W-004, W-006, W-007: a fault cannot be kept, or none is named.
    """
    sheet = queries.sheet(occasion.actor, batch_no)
    permit(occasion.actor, sheet.batch.agency_path, Post.SUPERVISOR)
    row = next((row for row in sheet.present if row.volume.urn == volume_urn), None)
    if row is None:
        raise Refusal("R-009", what=f"{batch_no} {volume_urn}")
    items = [item.urn for item in record_queries.items_of(volume_urn)]
    components = record_queries.components_of(items)

    with journal.writing(occasion=occasion, act="transfer.refuse_witness", unit=volume_urn) as line:
        raised = corrections.raise_faults(
            line=line,
            unit=volume_urn,
            reference=row.volume.reference,
            agency_path=row.volume.agency_path,
            state=row.volume.state,
            places={urn: {part.pk: part.page_count for part in parts} for urn, parts in components.items()},
            faults=faults,
        )
        moved = records.advance(
            line=line, urn=volume_urn, verb=Verb.REFUSE_WITNESS, evidence=frozenset({Evidence.FAULT})
        )
        notices.notify(
            line=line,
            kind=NoticeKind.VOLUME_RETURNED,
            unit=volume_urn,
            reference=row.volume.reference,
            agency_path=row.volume.agency_path,
            post=Post.FILER,
            staff=record_queries.duties_of(volume_urn).get(Duty.FILED, ()),
            within_days=DUE_DAYS,
            count=raised,
        )
        BatchVolume.objects.filter(batch__batch_no=batch_no, volume_urn=volume_urn).update(left_at=occasion.at)
        staying = rules.strata(other.volume for other in sheet.present if other.volume.urn != volume_urn)
        drawn = rules.sample(staying, sheet.batch.seed) if sheet.batch.seed else ()
        BatchVolume.objects.filter(batch__batch_no=batch_no, volume_urn__in=drawn).update(is_drawn=True)
        line.say(batch_no=batch_no, drawn=",".join(drawn), source=moved.source, target=moved.target)
    return moved


def dispatch(*, occasion: Occasion, batch_no: str, vehicle: str = "") -> tuple[records.Moved, ...]:
    """Let the paper leave the agency (交出): from now on the batch is in transit.

    On the target route after the witnessed handover; paper first, as soon as the spot check has passed (上门接收).

    Raises:
        L-001 to L-006: the lifecycle table says no; L-002 before the witnessed handover.
        T-002: paper first, a volume has not passed the spot check.
        T-006: every volume was returned.
        T-007: the batch has not come to this step.
        R-009: no such batch.
        R-010: the vehicle is too long, or holds a character that cannot be kept.
    """
    sheet = queries.sheet(occasion.actor, batch_no)
    permit(occasion.actor, sheet.batch.agency_path, Post.ARCHIVIST)
    vehicle = record_rules.text("车辆 vehicle", vehicle, limit=60) if vehicle.strip() else ""
    before = rules.stage_before_dispatch(sheet.route)
    if sheet.batch.stage != before:
        raise Refusal("L-001" if sheet.batch.dispatched_at else "T-007", reference=batch_no, batch_no=batch_no)
    for obstacle in sheet.obstacles:
        raise obstacle.as_refusal()
    if not sheet.present:
        raise Refusal("T-006", batch_no=batch_no)

    with journal.writing(occasion=occasion, act="transfer.dispatch", unit=f"batch:{batch_no}") as line:
        _step(
            batch_no,
            before,
            Stage.DISPATCHED,
            dispatched_by=occasion.actor.staff_code,
            dispatched_at=occasion.at,
            vehicle=vehicle,
        )
        moved = _move_all(line, sheet, Verb.DISPATCH, frozenset())
        line.say(vehicle=vehicle, volumes=len(moved), target=State.IN_TRANSIT)
        notices.notify(
            line=line,
            kind=NoticeKind.BATCH_DISPATCHED,
            unit=line.unit,
            reference=batch_no,
            agency_path=sheet.batch.agency_path,
            post=Post.RECEIVER,
            count=len(moved),
        )
    return moved


def receive(*, occasion: Occasion, batch_no: str, counted: Sequence[rules.Counted]) -> Accession:
    """Receive a batch by count (清点接收): custody passes to the archive, and the batch gets its accession number.

    Raises:
        L-001 to L-006: the lifecycle table says no; L-005 when the receiver applied himself.
        R-009: no such batch.
        T-004, T-005: volumes or pages differ from the register; nothing is received until it is settled.

    Standard: GB/T 31599-2015 6.9 (joint count); S3-W18.
    """
    sheet = queries.sheet(occasion.actor, batch_no)
    permit(occasion.actor, sheet.batch.agency_path, Post.RECEIVER)
    before = rules.stage_before_receipt(sheet.route)
    if sheet.batch.stage != before:
        raise Refusal("L-001" if sheet.batch.received_at else "T-007", reference=batch_no, batch_no=batch_no)
    rules.check_count({row.volume.reference: row.volume.page_count for row in sheet.present}, counted)

    with journal.writing(occasion=occasion, act="transfer.receive", unit=f"batch:{batch_no}") as line:
        accession_no = f"JS-{batch_no}"
        _step(
            batch_no,
            before,
            Stage.RECEIVED,
            received_by=occasion.actor.staff_code,
            received_at=occasion.at,
            accession_no=accession_no,
        )
        pages = {volume.reference: volume.pages for volume in counted}
        for row in sheet.present:
            BatchVolume.objects.filter(batch__batch_no=batch_no, volume_urn=row.volume.urn).update(
                counted_pages=pages[row.volume.reference]
            )
        moved = _move_all(line, sheet, Verb.RECEIVE, frozenset({Evidence.COUNTED}))
        line.say(accession_no=accession_no, volumes=len(moved), pages=sum(pages.values()), target=State.RECEIVED)
    return Accession(batch_no, accession_no, len(moved), sum(pages.values()))


def _today(occasion: Occasion) -> dt.date:
    return occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()


def _move_all(
    line: journal.Line, sheet: queries.BatchSheet, verb: Verb, evidence: frozenset[Evidence]
) -> tuple[records.Moved, ...]:
    moved = tuple(records.advance(line=line, urn=row.volume.urn, verb=verb, evidence=evidence) for row in sheet.present)
    line.include([(step.urn, canonical.digest([step.reference, step.target.value])) for step in moved])
    return moved


def _step(batch_no: str, source: str, target: str, **fields: object) -> None:
    if Batch.objects.filter(batch_no=batch_no, stage=source).update(stage=target, **fields) != 1:
        raise Refusal("L-001", reference=batch_no)


def _next_batch_no(agency_code: str, year: int) -> str:
    """The next number of an agency's year; the agency's row is locked, so two applications never get one number."""
    Agency.objects.select_for_update().get(code=agency_code)
    prefix = f"{agency_code}-{year}-"
    latest = Batch.objects.filter(batch_no__startswith=prefix).order_by("-batch_no").values_list("batch_no", flat=True)
    highest = latest.first()
    return f"{prefix}{int(highest.rsplit('-', 1)[1]) + 1 if highest else 1:04}"
