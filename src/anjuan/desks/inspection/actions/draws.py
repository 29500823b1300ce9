"""Lots and draws (定批·抽样): frozen with a plan, drawn by a seed that nobody chooses, passed or not accepted."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from anjuan.core import canonical, sampling
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.sampling.plans import Severity
from anjuan.core.terms import Occasion, Post, Route, State, Verb
from anjuan.desks.inspection import queries, rules
from anjuan.desks.inspection.models import InspectedLot, SampleDraw, SamplingOrder
from anjuan.desks.inspection.queries import DrawKind, history
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries as journal_queries
from anjuan.foundation.ledger import actions as ledger
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records import rules as record_rules

NONCE_BYTES = 16  # as long as the journal's own salts: nobody guesses it from its commitment


def freeze_lot(*, occasion: Occasion, agency_code: str, category_code: str) -> history.LotRow:
    """Freeze the volumes of an agency and category for the spot check (定批): the plan is fixed, then the draw follows.

    The acceptor's nonce is committed to in this line; the agency's was at its application. The root that the seed is
    made of does not exist yet.

    Raises:
        A-001: the actor is no acceptor over that agency.
        L-001: somebody froze them at the same time.
        Q-004: there is nothing to draw from.
        Q-020: the settings name a level or an AQL that the tables do not have.
        Q-021: inspection is stopped.

    Standard: S3-W4, S3-N4, S3-N5; GB/T 2828.1-2012.
    """
    queries.enter(occasion.actor, Post.ACCEPTOR)
    lot = next(
        (
            found
            for found in queries.lots(occasion.actor, DrawKind.SPOT)
            if (found.agency_code, found.category_code) == (agency_code, category_code)
        ),
        None,
    )
    if lot is None:
        raise Refusal("Q-004", agency=agency_code, acceptor="—")
    permit(occasion.actor, lot.agency_path, Post.ACCEPTOR)
    urns = sorted(volume.urn for volume in lot.volumes)
    before = history.known(history.histories(), (agency_code, category_code), lot.agency_path)
    plan = before.plan(len(urns))
    lot_no = before.last_no + 1
    named = " ".join([category_code, str(lot_no), *urns])
    draw_no = f"CC-{agency_code}-{hashlib.sha256(named.encode()).hexdigest()[:10].upper()}"
    again = history.was_inspected(urns, agency_code)

    with journal.writing(occasion=occasion, act="inspection.freeze_lot", unit=f"spot:{draw_no}") as line:
        for volume in lot.volumes:  # held: of two who freeze at once, the second finds the lot taken
            records.hold_at(urn=volume.urn, states=(volume.state,))
        if queries.is_under_draw(urns):
            raise Refusal("L-001", reference=draw_no)
        InspectedLot.objects.create(
            kind=DrawKind.SPOT,
            draw_no=draw_no,
            agency_code=agency_code,
            agency_path=lot.agency_path,
            category_code=category_code,
            lot_no=lot_no,
            units={volume.urn: history.fingerprint(volume) for volume in lot.volumes},
            plan=plan.spell(),
            # The switching rules do not count what comes a second time after mending, nor what people look through.
            is_counted=not plan.by_people and len(again) < len(urns),
            frozen_by=occasion.actor.staff_code,
            frozen_at=occasion.at,
        )
        line.say(
            lot_no=lot_no,
            lot=",".join(urns),
            plan=canonical.spell(plan.spell()).decode(),
            nonce=occasion.fresh(NONCE_BYTES).hex(),
        )
    return history.frozen_lot(occasion.actor, draw_no)


def draw_spot(*, occasion: Occasion, draw_no: str) -> queries.DrawRow:
    """Draw the spot check of a frozen lot (抽查预验收抽样): both sides' nonces are revealed, the seed is made.

    The seed comes from the first checkpoint past the freezing, the lot's number and list, and the nonces: nobody knew
    the root when he committed to his nonce, and a lot is drawn once.

    Raises:
        A-001: the actor is no acceptor over that agency.
        L-001: it was drawn already.
        Q-022: a volume has changed since, or has left.
        R-009: no such lot.

    Standard: S3-W4.
    """
    queries.enter(occasion.actor, Post.ACCEPTOR)
    lot = history.frozen_lot(occasion.actor, draw_no)
    rules.check_unaltered(draw_no, lot.units, history.as_they_stand(lot.units, State.APPLIED))
    plan = lot.spot_plan
    urns = sorted(lot.units)
    unit = f"spot:{draw_no}"
    checkpoint = ledger.first_checkpoint_after(units=[unit], acts=["inspection.freeze_lot"], at=occasion.at)
    nonces = [
        *journal_queries.newest_said(urns, ["transfer.apply"], "nonce"),
        *journal_queries.newest_said([unit], ["inspection.freeze_lot"], "nonce"),
    ]
    seed = sampling.seed_of(checkpoint.root, draw_no, *(value for _, value in nonces), *urns)
    drawn = sampling.draw(urns, plan.size, seed)
    volumes = record_queries.volumes_by_urn(urns)

    with journal.writing(occasion=occasion, act="inspection.draw_spot", unit=unit) as line:
        for urn in urns:
            records.hold_at(urn=urn, states=(State.APPLIED,))
        if SampleDraw.objects.filter(draw_no=draw_no).exists():
            raise Refusal("L-001", reference=draw_no)
        InspectedLot.objects.filter(draw_no=draw_no).update(
            nonces=[list(nonce) for nonce in nonces], standard=list(drawn[: plan.plan_size])
        )
        _write_draw(
            line,
            _Plan(
                DrawKind.SPOT,
                queries.Lot(lot.agency_code, lot.agency_path, "", tuple(volumes[urn] for urn in urns), True),
                -(-100 * len(drawn) // len(urns)),
                draw_no,
                seed,
                checkpoint.size,
                drawn,
                tuple(nonces),
            ),
        )
    return queries.draw(occasion.actor, draw_no)


def draw_recheck(
    *,
    occasion: Occasion,
    agency_code: str,
    acceptor_code: str,
    category_code: str = "",
    percent: int | None = None,
    on_paper: bool = False,
) -> queries.DrawRow:
    """Draw the re-check of one acceptor's volumes from one agency and category (复核抽样).

    Volumes that are counted on paper are a lot of their own, beside those that are looked at. How many are drawn
    follows the problem rate of the agency and category: k·p̂, between 10 and 30 percent. The re-checker may draw more
    than it asks, never less.

    Args:
        occasion: the re-checker, now.
        agency_code: whose volumes.
        acceptor_code: who accepted them.
        category_code: of which category; empty: the first that waits.
        percent: the ratio; none: what the problem rate asks.
        on_paper: the volumes that are counted on paper.

    The seed comes from the first checkpoint that covers the newest step of the whole lot, and from the nonces that the
    acceptor committed to as he accepted: the hour of drawing has no influence on it, nobody chooses it, anybody
    recomputes it.

    Raises:
        A-001: the actor is no re-checker over that agency.
        Q-003: the ratio is not between 10 and 30 percent.
        Q-004: there is nothing to draw from.
        Q-020: a number among the settings of sampling is none.
        Q-060: the problem rate asks for more.
        L-005: the actor accepted these volumes himself.

    Standard: S3-N2, S3-N5, S3-W6, S3-W19.
    """
    lot = _recheck_lot(occasion, agency_code, acceptor_code, category_code, on_paper=on_paper)
    ratio = history.rates(on_paper=on_paper).ratio(lot.agency_code, lot.category_code)
    plan = _recheck_plan(
        occasion, lot, rules.check_recheck_percent(ratio.asked if percent is None else percent, ratio.asked)
    )

    with journal.writing(occasion=occasion, act="inspection.draw_recheck", unit=f"recheck:{plan.draw_no}") as line:
        for volume in plan.lot.volumes:  # held: of two who draw at once, the second finds the lot drawn
            records.hold_at(urn=volume.urn, states=(volume.state,))
        if queries.is_under_draw(plan.urns):
            raise Refusal("L-001", reference=plan.draw_no)
        InspectedLot.objects.create(
            kind=DrawKind.RECHECK,
            draw_no=plan.draw_no,
            agency_code=agency_code,
            agency_path=plan.lot.agency_path,
            category_code=lot.category_code,
            acceptor_code=acceptor_code,
            units={volume.urn: history.fingerprint(volume) for volume in plan.lot.volumes},
            plan={"percent": plan.percent} | ratio.spell(),
            nonces=[list(nonce) for nonce in plan.nonces],
            is_counted=False,
            frozen_by=occasion.actor.staff_code,
            frozen_at=occasion.at,
        )
        _write_draw(line, plan)
    return queries.draw(occasion.actor, plan.draw_no)


def pass_spot(*, occasion: Occasion, draw_no: str) -> tuple[records.Moved, ...]:
    """Pass the spot check: every drawn volume counted on paper; the vehicle may be sent (抽查预验收通过).

    Of a lot that was not accepted every volume has been counted by then.

    Raises:
        L-001 to L-006: the lifecycle table says no.
        Q-022: a volume has changed since the lot was frozen.
        R-009: no such draw.

    Standard: S3-W4.
    """
    draw, evidence = _judged(occasion, draw_no, DrawKind.SPOT)
    lot = history.lot_of(draw_no)
    if lot is not None:
        frozen = {urn: lot.units[urn] for urn in draw.lot}
        rules.check_unaltered(draw_no, frozen, history.as_they_stand(frozen, State.APPLIED))

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


def order_sampling(*, occasion: Occasion, agency_code: str, category_code: str, order: str, reason: str) -> None:
    """Order how the next lots of an agency and category are inspected (抽样指令).

    Args:
        occasion: the re-checker, now.
        agency_code: whose lots.
        category_code: of which category.
        order: BY_PEOPLE (every volume by people), BY_PLAN (by plan again) or RESUME (go on after a stop, once its
            cause is mended).
        reason: in the re-checker's words.

    Raises:
        A-001: the actor is no re-checker over that agency.
        Q-024: what is ordered holds already, or there is nothing to resume.
        R-009: no such agency and category.
        R-010: the reason is missing, too long, or holds a character that cannot be kept.

    Standard: S3-N4; GB/T 2828.1-2012 9.4.
    """
    history.enter(occasion.actor, (Post.RECHECKER,))
    found = next((one for one in history.plans(occasion.actor) if one.key == (agency_code, category_code)), None)
    if found is None:
        raise Refusal("R-009", what=f"{agency_code}/{category_code}")
    permit(occasion.actor, found.agency_path, Post.RECHECKER)
    reason = record_rules.text("理由 reason", reason, limit=200)
    rules.check_order(order, by_people=found.by_people, is_stopped=found.standing.severity is Severity.STOPPED)

    unit = f"plan:{agency_code}/{category_code}"
    with journal.writing(occasion=occasion, act="inspection.order_sampling", unit=unit) as line:
        SamplingOrder.objects.create(
            kind=order,
            agency_code=agency_code,
            agency_path=found.agency_path,
            category_code=category_code,
            after_lot=found.last_no,
            reason=reason,
            ordered_by=occasion.actor.staff_code,
            ordered_at=occasion.at,
        )
        line.say(order=order, after_lot=found.last_no, reason=reason)


# What freezes a lot of the re-check: the newest of these on each volume. One that came back has its resubmission.
_FREEZING = ("transfer.receive", "inspection.accept", "filing.resubmit")
_ACCEPTING = ("inspection.pre_accept", "inspection.accept")
# Draws from before lots were kept are filled up by their percentage.
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
    nonces: tuple[tuple[int, str], ...]

    @property
    def urns(self) -> list[str]:
        return sorted(volume.urn for volume in self.lot.volumes)


def _recheck_lot(
    occasion: Occasion, agency_code: str, acceptor_code: str, category_code: str, *, on_paper: bool
) -> queries.Lot:
    queries.enter(occasion.actor, Post.RECHECKER)
    wanted = (agency_code, acceptor_code, on_paper)
    lot = next(
        (
            found
            for found in queries.lots(occasion.actor)
            if (found.agency_code, found.acceptor_code, found.on_paper) == wanted
            and category_code in ("", found.category_code)
        ),
        None,
    )
    if lot is None:
        raise Refusal("Q-004", agency=agency_code, acceptor=acceptor_code or "—")
    permit(occasion.actor, lot.agency_path, Post.RECHECKER)
    return lot


def _recheck_plan(occasion: Occasion, lot: queries.Lot, percent: int) -> _Plan:
    urns = sorted(volume.urn for volume in lot.volumes)
    checkpoint = ledger.first_checkpoint_after(units=urns, acts=_FREEZING, at=occasion.at)
    nonces = tuple(journal_queries.newest_said(urns, _ACCEPTING, "nonce"))
    named = " ".join([*urns, str(checkpoint.size)])
    draw_no = f"FH-{lot.agency_code}-{hashlib.sha256(named.encode()).hexdigest()[:10].upper()}"
    seed = sampling.seed_of(checkpoint.root, draw_no, *(value for _, value in nonces), *urns)
    drawn = sampling.draw(urns, sampling.sample_size(len(urns), percent, sampling.RECHECK_AT_LEAST), seed)
    return _Plan(DrawKind.RECHECK, lot, percent, draw_no, seed, checkpoint.size, drawn, nonces)


def _write_draw(line: journal.Line, plan: _Plan) -> None:
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
        nonces=",".join(value for _, value in plan.nonces),
        seed=plan.seed,
        checkpoint=plan.checkpoint_size,
    )


def _leave_draw(line: journal.Line, volume_urn: str) -> tuple[str, ...]:
    """Take a returned volume out of its draw; what was found of a lot is kept with it.

    A lot of the spot check keeps its sample; once more than Ac of the standard's part are problem volumes it is not
    accepted, and every volume that stays is looked at (全检). The sample of a re-check is filled up by the same seed:
    returning does not thin it.
    """
    _check_frozen(volume_urn)
    draw = queries.draw_over(volume_urn)
    if draw is None:
        return ()
    staying = [urn for urn in draw.lot if urn != volume_urn]
    lot = history.lot_of(draw.draw_no)
    if draw.kind is DrawKind.SPOT and lot is not None and lot.plan is not None:
        in_standard = lot.found_in_standard + (volume_urn in lot.standard)
        is_rejected = lot.is_rejected or in_standard > lot.plan.accept
        drawn = tuple(staying) if is_rejected else tuple(urn for urn in draw.drawn if urn != volume_urn)
    else:
        in_standard, is_rejected = 0, False
        size = sampling.sample_size(len(staying), draw.percent, _AT_LEAST[draw.kind])
        drawn = sampling.draw(staying, size, draw.seed)
    at = line.occasion.at
    SampleDraw.objects.filter(draw_no=draw.draw_no).update(
        lot=staying, drawn=list(drawn), emptied_at=None if staying else at
    )
    if lot is not None:
        found = lot.found + (volume_urn in draw.drawn)
        _keep_found(lot, found=found, in_standard=in_standard, is_rejected=is_rejected, at=at)
        if not staying:
            _finish(line, draw.draw_no, inspected=found)
    return drawn


def _check_frozen(volume_urn: str) -> None:
    """Between freezing and draw a lot stays as it is; only what was altered leaves it."""
    lot = history.frozen_over(volume_urn)
    if lot is None:
        return
    now = record_queries.volumes_by_urn([volume_urn])[volume_urn]
    if history.fingerprint(now) == lot.units[volume_urn]:
        raise Refusal("Q-023", draw_no=lot.draw_no, reference=now.reference)
    staying = {urn: digest for urn, digest in lot.units.items() if urn != volume_urn}
    InspectedLot.objects.filter(draw_no=lot.draw_no).update(units=staying)


def _keep_found(lot: history.LotRow, *, found: int, in_standard: int, is_rejected: bool, at: dt.datetime) -> None:
    rows = InspectedLot.objects.filter(draw_no=lot.draw_no)
    rows.update(found=found, found_in_standard=in_standard)
    if is_rejected:
        rows.filter(verdict="").update(verdict=history.Verdict.NOT_ACCEPTED, decided_at=at)


def _finish(line: journal.Line, draw_no: str, *, inspected: int) -> None:
    """A lot whose draw is over is accepted, unless it was decided before."""
    rows = InspectedLot.objects.filter(draw_no=draw_no)
    rows.filter(verdict="").update(verdict=history.Verdict.ACCEPTED, decided_at=line.occasion.at)
    rows.update(inspected=inspected, finished_at=line.occasion.at)


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
    lot = history.lot_of(draw.draw_no)
    if lot is not None:
        _finish(line, draw.draw_no, inspected=lot.found + len(draw.drawn))
    line.include([(step.urn, canonical.digest([step.reference, step.target.value])) for step in moved])
    line.say(volumes=len(moved), drawn=",".join(draw.drawn), target=moved[0].target)
    return moved
