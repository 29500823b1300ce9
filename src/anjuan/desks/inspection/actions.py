"""Checking (质检): the signed self-check, image pre-acceptance, and the drawn re-check."""

import hashlib
from collections.abc import Mapping, Sequence

from anjuan.core import canonical, sampling
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Occasion, Post, State, Verb
from anjuan.desks.inspection import queries, rules
from anjuan.desks.inspection.models import RecheckDraw, SelfCheck
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
    """Return a volume with its faults, at the self-check or at pre-acceptance (退回整改).

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
        line.say(source=moved.source, target=moved.target)
    return moved


def pre_accept(*, occasion: Occasion, volume_urn: str) -> records.Moved:
    """Accept a volume by its images, page by page against the catalogue, before the paper moves (预验收通过).

    Raises:
        L-001 to L-006: the lifecycle table says no; L-004 while a page was not opened.
        R-009: no such volume.

    Standard: S3-W16, S3-N4.
    """
    sheet = queries.sheet(occasion.actor, volume_urn)
    seen = record_queries.looked_at(occasion.actor, sheet.pages)
    evidence = rules.seen_evidence(sheet.pages, seen) | rules.answered_evidence(sheet.open_faults)

    with journal.writing(occasion=occasion, act="inspection.pre_accept", unit=volume_urn) as line:
        moved = records.advance(line=line, urn=volume_urn, verb=Verb.PRE_ACCEPT, evidence=evidence)
        closed = corrections.close_faults(line=line, urns=sheet.urns)
        line.say(pages=len(sheet.pages), closed_faults=closed, source=moved.source, target=moved.target)
    return moved


def draw_recheck(
    *, occasion: Occasion, agency_code: str, acceptor_code: str, percent: int = sampling.RECHECK_PERCENT
) -> queries.DrawRow:
    """Draw the re-check of one acceptor's volumes from one agency (复核抽样).

    The seed comes from the first checkpoint that covers the receipt of the whole lot: the hour of drawing has no
    influence on it, nobody chooses it, anybody recomputes it.

    Raises:
        A-001: the actor is no re-checker over that agency.
        Q-003: the ratio is not between 10 and 30 percent.
        Q-004: there is nothing to draw from.
        L-005: the actor accepted these volumes himself.

    Standard: S3-N2, S3-W19.
    """
    rules.check_recheck_percent(percent)
    lot = next(
        (
            found
            for found in queries.lots(occasion.actor)
            if (found.agency_code, found.acceptor_code) == (agency_code, acceptor_code)
        ),
        None,
    )
    if lot is None:
        raise Refusal("Q-004", agency=agency_code, acceptor=acceptor_code)
    permit(occasion.actor, lot.agency_path, Post.RECHECKER)
    urns = sorted(volume.urn for volume in lot.volumes)
    checkpoint = ledger.first_checkpoint_after(units=urns, act="transfer.receive", at=occasion.at)
    draw_no = f"FH-{agency_code}-{hashlib.sha256(' '.join(urns).encode()).hexdigest()[:10].upper()}"
    seed = sampling.seed_of(checkpoint.root, draw_no, *urns)
    size = sampling.sample_size(len(urns), percent, sampling.RECHECK_AT_LEAST)
    drawn = sampling.draw(urns, size, seed)

    with journal.writing(occasion=occasion, act="inspection.draw_recheck", unit=f"recheck:{draw_no}") as line:
        for urn in urns:  # held: of two re-checkers who draw at once, the second finds the lot drawn
            records.hold_at(urn=urn, states=(State.RECEIVED,))
        if queries.is_under_draw(urns):
            raise Refusal("L-001", reference=draw_no)
        RecheckDraw.objects.create(
            draw_no=draw_no,
            agency_code=agency_code,
            acceptor_code=acceptor_code,
            lot=urns,
            drawn=list(drawn),
            percent=percent,
            seed=seed,
            checkpoint_size=checkpoint.size,
            drawn_by=occasion.actor.staff_code,
            drawn_at=occasion.at,
        )
        line.say(
            acceptor=acceptor_code,
            lot=",".join(urns),
            drawn=",".join(drawn),
            percent=percent,
            seed=seed,
            checkpoint=checkpoint.size,
        )
    return queries.draw(occasion.actor, draw_no)


def pass_recheck(*, occasion: Occasion, draw_no: str) -> tuple[records.Moved, ...]:
    """Pass the re-check of a lot: every page of the drawn volumes looked at again (复核通过).

    Raises:
        L-001 to L-006: the lifecycle table says no; L-005 when the re-checker accepted a volume himself.
        R-009: no such draw.

    Standard: S3-W19.
    """
    draw = queries.draw(occasion.actor, draw_no)
    if draw.passed_at is not None:
        raise Refusal("L-001", reference=draw_no)
    sheets = [queries.sheet(occasion.actor, urn) for urn in draw.drawn]
    evidence = rules.answered_evidence(sum(sheet.open_faults for sheet in sheets))
    pages = queries.judged_pages(sheets)
    if rules.seen_evidence(pages, record_queries.looked_at(occasion.actor, pages)):
        evidence |= {Evidence.SAMPLE_CHECKED}

    with journal.writing(occasion=occasion, act="inspection.pass_recheck", unit=f"recheck:{draw_no}") as line:
        moved = [records.advance(line=line, urn=urn, verb=Verb.PASS_RECHECK, evidence=evidence) for urn in draw.lot]
        RecheckDraw.objects.filter(draw_no=draw_no).update(passed_at=occasion.at)
        line.include([(step.urn, canonical.digest([step.reference, State.HELD.value])) for step in moved])
        line.say(volumes=len(moved), drawn=",".join(draw.drawn), target=State.HELD)
    return tuple(moved)
