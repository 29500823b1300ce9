"""Checking (质检): the signed self-check, pre-acceptance and acceptance, and drawn samples."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core import canonical, sampling
from anjuan.core.assurance import Stage
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Occasion, Post, Route, Verb
from anjuan.desks.inspection import queries, rules
from anjuan.desks.inspection.models import PaperCheck, SampleDraw, SelfCheck
from anjuan.desks.inspection.queries import DrawKind
from anjuan.facilities.assurance import actions as assurance
from anjuan.facilities.assurance import queries as assurance_queries
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections.rules import DUE_DAYS, RaisedFault
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.ledger import actions as ledger
from anjuan.records import actions as records
from anjuan.records import queries as record_queries


def sign_self_check(*, occasion: Occasion, volume_urn: str, answers: Mapping[str, str]) -> records.Moved:
    """Sign the self-check of a volume (全面自查签字): without it no application is possible.

    Raises:
        L-001 to L-006: the lifecycle table says no; L-005 when the checker filed the volume himself.
        Q-001, Q-002: a line has no answer, or failed.
        R-009: no such volume.

    Standard: S3-W14.
    """
    sheet = queries.sheet(occasion.actor, volume_urn)
    final = rules.judge_checklist(queries.checklist(), answers, rules.prefill(queries.counts_of(sheet)))
    evidence = rules.answered_evidence(sheet.open_faults) | {Evidence.CHECKLIST_SIGNED}

    with journal.writing(occasion=occasion, act="inspection.sign_self_check", unit=volume_urn) as line:
        moved = records.advance(line=line, urn=volume_urn, verb=Verb.PASS_SELF_CHECK, evidence=evidence)
        SelfCheck.objects.create(
            volume_urn=volume_urn,
            answers=dict(final),
            signed_by=occasion.actor.staff_code,
            signed_at=occasion.at,
        )
        line.say(checklist=canonical.spell(dict(final)).decode(), source=moved.source, target=moved.target)
    return moved


def return_volume(*, occasion: Occasion, volume_urn: str, faults: Sequence[RaisedFault]) -> records.Moved:
    """Return a volume with its faults, at whatever gate it stands (退回整改). It leaves the draw it was in.

    Before the receipt it goes back to the agency; after it the agency mends it in the archive house (S3-W8).

    Raises:
        L-001 to L-006: the lifecycle table says no.
        R-009: no such volume.
        R-010, W-001 to W-004, W-006, W-007: a fault cannot be kept, or none is named.
    """
    sheet = queries.sheet(occasion.actor, volume_urn)

    with journal.writing(occasion=occasion, act="inspection.return_volume", unit=volume_urn) as line:
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
        drawn = _leave_draw(volume_urn, occasion.at)
        line.say(drawn=",".join(drawn), source=moved.source, target=moved.target)
    return moved


def pre_accept(*, occasion: Occasion, volume_urn: str) -> records.Moved:
    """Accept a volume by its images, page by page against the catalogue, before the paper moves (预验收通过).

    A single-set volume is accepted on the four-nature tests of transfer, done on every byte of it; their reports are
    kept with the deed.

    Raises:
        L-001 to L-006: the lifecycle table says no; L-004 while a page was not opened.
        R-009: no such volume.
        Z-001: a four-nature test did not pass.

    Standard: S3-W16, S3-N4; DA/T 70-2018 (transfer stage).
    """
    sheet = queries.sheet(occasion.actor, volume_urn)
    seen = record_queries.looked_at(occasion.actor, sheet.pages)
    evidence = rules.seen_evidence(sheet.pages, seen) | rules.answered_evidence(sheet.open_faults)
    examined: list[assurance_queries.Examined] = []
    if sheet.volume.route is Route.SINGLE_SET:
        permit(occasion.actor, sheet.volume.agency_path, Post.ACCEPTOR)
        examined = assurance_queries.examine([one.item for one in sheet.items], Stage.TRANSFER)
        assurance.must_pass(examined, reference=sheet.volume.reference)
        evidence |= {Evidence.FOUR_NATURE}

    with journal.writing(occasion=occasion, act="inspection.pre_accept", unit=volume_urn) as line:
        records.hold_at(urn=volume_urn, states=(sheet.volume.state,))
        moved = records.advance(line=line, urn=volume_urn, verb=Verb.PRE_ACCEPT, evidence=evidence)
        closed = corrections.close_faults(line=line, urns=sheet.urns)
        assurance.keep(line=line, found=examined)
        line.say(pages=len(sheet.pages), closed_faults=closed, source=moved.source, target=moved.target)
    return moved


def check_paper(
    *,
    occasion: Occasion,
    volume_urn: str,
    counted: Mapping[str, int],
    has_main_forms: bool,
    has_seals: bool,
) -> None:
    """Enter what a person counted of a volume on paper, item by item (实物核对): what paper gates rest on.

    Args:
        occasion: the acceptor, or at the re-check the re-checker.
        volume_urn: a paper-first volume.
        counted: pages counted, by item URN.
        has_main_forms: every main form is there.
        has_seals: every seal is there.

    Raises:
        A-001: the actor does not hold the post whose turn it is.
        Q-005 to Q-007: the paper is not what the catalogue says; nothing is entered, the volume is to be returned.
        Q-008: the volume is not counted on paper at this stage.
        R-009: no such volume.

    Standard: S3-W5.
    """
    sheet = queries.paper_bench(occasion.actor, volume_urn)
    expected = {one.item.urn: (one.item.reference, one.item.paper_pages) for one in sheet.items}
    rules.check_paper(expected, counted, has_main_forms=has_main_forms, has_seals=has_seals)

    with journal.writing(occasion=occasion, act="inspection.check_paper", unit=volume_urn) as line:
        records.hold_at(urn=volume_urn, states=(sheet.volume.state,))
        PaperCheck.objects.create(
            volume_urn=volume_urn,
            state=sheet.volume.state,
            state_since=sheet.volume.state_since,
            counted=dict(counted),
            checked_by=occasion.actor.staff_code,
            checked_at=occasion.at,
        )
        line.say(items=len(counted), pages=sum(counted.values()))


def accept(*, occasion: Occasion, volume_urn: str) -> records.Moved:
    """Accept received paper, volume by volume, item by item, page by page (验收通过).

    Raises:
        L-001 to L-006: the lifecycle table says no; L-004 before the paper was counted.
        R-009: no such volume.

    Standard: S3-W5.
    """
    sheet = queries.sheet(occasion.actor, volume_urn)
    evidence = rules.answered_evidence(sheet.open_faults)
    if queries.paper_checked(occasion.actor, [sheet.volume]):
        evidence |= {Evidence.PAPER_CHECKED}

    with journal.writing(occasion=occasion, act="inspection.accept", unit=volume_urn) as line:
        moved = records.advance(line=line, urn=volume_urn, verb=Verb.ACCEPT, evidence=evidence)
        closed = corrections.close_faults(line=line, urns=sheet.urns)
        line.say(closed_faults=closed, source=moved.source, target=moved.target)
    return moved


def draw_spot(*, occasion: Occasion, agency_code: str, percent: int = sampling.SPOT_PERCENT) -> queries.DrawRow:
    """Draw the spot check before paper-first volumes of an agency are fetched (抽查预验收抽样).

    Raises:
        A-001: the actor is no acceptor over that agency.
        Q-003: the ratio is not between 10 and 30 percent.
        Q-004: there is nothing to draw from.

    Standard: S3-W4.
    """
    plan = _plan(occasion, DrawKind.SPOT, agency_code, "", percent, on_paper=True)

    with journal.writing(occasion=occasion, act="inspection.draw_spot", unit=f"spot:{plan.draw_no}") as line:
        _write_draw(line, plan)
    return queries.draw(occasion.actor, plan.draw_no)


def draw_recheck(
    *,
    occasion: Occasion,
    agency_code: str,
    acceptor_code: str,
    percent: int = sampling.RECHECK_PERCENT,
    on_paper: bool = False,
) -> queries.DrawRow:
    """Draw the re-check of one acceptor's volumes from one agency (复核抽样).

    Volumes that are counted on paper are a lot of their own, beside those that are looked at.

    The seed comes from the first checkpoint that covers the newest step of the whole lot: the hour of drawing has no
    influence on it, nobody chooses it, anybody recomputes it.

    Raises:
        A-001: the actor is no re-checker over that agency.
        Q-003: the ratio is not between 10 and 30 percent.
        Q-004: there is nothing to draw from.
        L-005: the actor accepted these volumes himself.

    Standard: S3-N2, S3-W6, S3-W19.
    """
    plan = _plan(occasion, DrawKind.RECHECK, agency_code, acceptor_code, percent, on_paper=on_paper)

    with journal.writing(occasion=occasion, act="inspection.draw_recheck", unit=f"recheck:{plan.draw_no}") as line:
        _write_draw(line, plan)
    return queries.draw(occasion.actor, plan.draw_no)


def pass_spot(*, occasion: Occasion, draw_no: str) -> tuple[records.Moved, ...]:
    """Pass the spot check: every drawn volume counted on paper; the vehicle may be sent (抽查预验收通过).

    Raises:
        L-001 to L-006: the lifecycle table says no.
        R-009: no such draw.

    Standard: S3-W4.
    """
    draw, evidence = _judged(occasion, draw_no, DrawKind.SPOT)

    with journal.writing(occasion=occasion, act="inspection.pass_spot", unit=f"spot:{draw_no}") as line:
        moved = _pass(line, draw, Verb.PRE_ACCEPT, evidence)
    return moved


def pass_recheck(*, occasion: Occasion, draw_no: str) -> tuple[records.Moved, ...]:
    """Pass the re-check of a lot: every page of the drawn volumes looked at, or counted on paper, again (复核通过).

    Raises:
        L-001 to L-006: the lifecycle table says no; L-005 when the re-checker accepted a volume himself.
        R-009: no such draw.

    Standard: S3-W6, S3-W19.
    """
    draw, evidence = _judged(occasion, draw_no, DrawKind.RECHECK)

    with journal.writing(occasion=occasion, act="inspection.pass_recheck", unit=f"recheck:{draw_no}") as line:
        moved = _pass(line, draw, Verb.PASS_RECHECK, evidence)
    return moved


# What freezes a lot: the newest of these on each volume. One that came back from mending has its resubmission.
_FREEZING = {
    DrawKind.SPOT: ("transfer.apply",),
    DrawKind.RECHECK: ("transfer.receive", "inspection.accept", "filing.resubmit"),
}
_PREFIXES = {DrawKind.SPOT: "CC", DrawKind.RECHECK: "FH"}
_AT_LEAST = {DrawKind.SPOT: sampling.SPOT_AT_LEAST, DrawKind.RECHECK: sampling.RECHECK_AT_LEAST}


@dataclass(frozen=True)
class _Plan:
    """A draw before it is written down."""

    kind: DrawKind
    lot: queries.Lot
    percent: int
    draw_no: str
    seed: str
    checkpoint_size: int
    drawn: tuple[str, ...]

    @property
    def urns(self) -> list[str]:
        return sorted(volume.urn for volume in self.lot.volumes)


def _plan(
    occasion: Occasion, kind: DrawKind, agency_code: str, acceptor_code: str, percent: int, *, on_paper: bool
) -> _Plan:
    queries.enter(occasion.actor, queries.DRAWING_POSTS[kind])
    rules.check_recheck_percent(percent)
    lot = next(
        (
            found
            for found in queries.lots(occasion.actor, kind)
            if (found.agency_code, found.acceptor_code, found.on_paper) == (agency_code, acceptor_code, on_paper)
        ),
        None,
    )
    if lot is None:
        raise Refusal("Q-004", agency=agency_code, acceptor=acceptor_code or "—")
    permit(occasion.actor, lot.agency_path, queries.DRAWING_POSTS[kind])
    urns = sorted(volume.urn for volume in lot.volumes)
    checkpoint = ledger.first_checkpoint_after(units=urns, acts=_FREEZING[kind], at=occasion.at)
    named = " ".join([*urns, str(checkpoint.size)])
    draw_no = f"{_PREFIXES[kind]}-{agency_code}-{hashlib.sha256(named.encode()).hexdigest()[:10].upper()}"
    seed = sampling.seed_of(checkpoint.root, draw_no, *urns)
    drawn = sampling.draw(urns, sampling.sample_size(len(urns), percent, _AT_LEAST[kind]), seed)
    return _Plan(kind, lot, percent, draw_no, seed, checkpoint.size, drawn)


def _write_draw(line: journal.Line, plan: _Plan) -> None:
    for volume in plan.lot.volumes:  # held: of two who draw at once, the second finds the lot drawn
        records.hold_at(urn=volume.urn, states=(volume.state,))
    if queries.is_under_draw(plan.urns):
        raise Refusal("L-001", reference=plan.draw_no)
    SampleDraw.objects.create(
        kind=plan.kind,
        draw_no=plan.draw_no,
        agency_code=plan.lot.agency_code,
        acceptor_code=plan.lot.acceptor_code,
        lot=plan.urns,
        drawn=list(plan.drawn),
        percent=plan.percent,
        seed=plan.seed,
        checkpoint_size=plan.checkpoint_size,
        drawn_by=line.occasion.actor.staff_code,
        drawn_at=line.occasion.at,
    )
    line.say(
        acceptor=plan.lot.acceptor_code,
        lot=",".join(plan.urns),
        drawn=",".join(plan.drawn),
        percent=plan.percent,
        seed=plan.seed,
        checkpoint=plan.checkpoint_size,
    )


def _leave_draw(volume_urn: str, at: dt.datetime) -> tuple[str, ...]:
    """Take a returned volume out of its draw. The sample is filled up by the same seed: returning does not thin it."""
    draw = queries.draw_over(volume_urn)
    if draw is None:
        return ()
    staying = [urn for urn in draw.lot if urn != volume_urn]
    size = sampling.sample_size(len(staying), draw.percent, _AT_LEAST[draw.kind])
    drawn = sampling.draw(staying, size, draw.seed)
    SampleDraw.objects.filter(draw_no=draw.draw_no).update(
        lot=staying, drawn=list(drawn), emptied_at=None if staying else at
    )
    return drawn


def _judged(occasion: Occasion, draw_no: str, kind: DrawKind) -> tuple[queries.DrawRow, frozenset[Evidence]]:
    """A draw under way, and the evidence that its sample gives: pages looked at, or paper counted."""
    draw = queries.draw(occasion.actor, draw_no)
    if draw.kind is not kind:
        raise Refusal("R-009", what=draw_no)
    if draw.passed_at is not None or not draw.lot:
        raise Refusal("L-001", reference=draw_no)
    sheets = [queries.sheet(occasion.actor, urn) for urn in draw.drawn]
    evidence = rules.answered_evidence(sum(sheet.open_faults for sheet in sheets))
    on_paper = [sheet.volume for sheet in sheets if sheet.volume.route is Route.LEGACY]
    pages = queries.judged_pages([sheet for sheet in sheets if sheet.volume.route is not Route.LEGACY])
    counted = {volume.urn for volume in on_paper} <= queries.paper_checked(occasion.actor, on_paper)
    looked = not pages or bool(rules.seen_evidence(pages, record_queries.looked_at(occasion.actor, pages)))
    return draw, evidence | {Evidence.SAMPLE_CHECKED} if counted and looked else evidence


def _pass(
    line: journal.Line, draw: queries.DrawRow, verb: Verb, evidence: frozenset[Evidence]
) -> tuple[records.Moved, ...]:
    moved = tuple(records.advance(line=line, urn=urn, verb=verb, evidence=evidence) for urn in draw.lot)
    if queries.draw(line.occasion.actor, draw.draw_no).lot != draw.lot:  # a volume was returned meanwhile
        raise Refusal("L-001", reference=draw.draw_no)
    changed = SampleDraw.objects.filter(draw_no=draw.draw_no, passed_at=None).update(passed_at=line.occasion.at)
    if changed != 1:
        raise Refusal("L-001", reference=draw.draw_no)
    line.include([(step.urn, canonical.digest([step.reference, step.target.value])) for step in moved])
    line.say(volumes=len(moved), drawn=",".join(draw.drawn), target=moved[0].target)
    return moved
