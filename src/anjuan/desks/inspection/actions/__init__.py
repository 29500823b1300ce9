"""Checking (质检): the signed self-check, pre-acceptance and acceptance; returns, draws, campaigns stand beside."""

from collections.abc import Mapping

from anjuan.core import canonical
from anjuan.core.assurance import Stage
from anjuan.core.lifecycle import Evidence
from anjuan.core.terms import Occasion, Post, Route, Verb
from anjuan.desks.inspection import queries, rules
from anjuan.desks.inspection.actions.campaigns import (
    close_campaign,
    judge_unit,
    open_campaign,
    open_sweep,
    take_unit,
)
from anjuan.desks.inspection.actions.draws import (
    NONCE_BYTES,
    draw_recheck,
    draw_spot,
    freeze_lot,
    order_sampling,
    pass_recheck,
    pass_spot,
)
from anjuan.desks.inspection.actions.probes import (
    answer_probe,
    close_probes,
    delete_probes,
    open_probes,
    prepare_probe,
)
from anjuan.desks.inspection.actions.returning import return_volume
from anjuan.desks.inspection.models import PaperCheck, SelfCheck
from anjuan.facilities.assurance import actions as assurance
from anjuan.facilities.assurance import queries as assurance_queries
from anjuan.facilities.corrections import actions as corrections
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import actions as records
from anjuan.records import queries as record_queries

__all__ = [
    "accept",
    "answer_probe",
    "check_paper",
    "close_campaign",
    "close_probes",
    "delete_probes",
    "draw_recheck",
    "draw_spot",
    "freeze_lot",
    "judge_unit",
    "open_campaign",
    "open_probes",
    "open_sweep",
    "order_sampling",
    "pass_recheck",
    "pass_spot",
    "pre_accept",
    "prepare_probe",
    "return_volume",
    "sign_self_check",
    "take_unit",
]


def sign_self_check(*, occasion: Occasion, volume_urn: str, answers: Mapping[str, str]) -> records.Moved:
    """Sign the self-check of a volume (全面自查签字): without it no application is possible.

    Raises:
        L-001 to L-006: the lifecycle table says no; L-005 when the checker filed the volume himself.
        Q-001, Q-002: a line has no answer, or failed.
        R-009: no such volume.

    Standard: S3-W14.
    """
    sheet = queries.sheet(occasion.actor, volume_urn)
    final = rules.judge_checklist(queries.checklist_of(sheet.volume), answers, rules.prefill(queries.counts_of(sheet)))
    evidence = rules.answered_evidence(sheet.open_faults) | {Evidence.CHECKLIST_SIGNED}
    rules.check_findings(queries.against(queries.findings_in(sheet)), reference=sheet.volume.reference)

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


def pre_accept(*, occasion: Occasion, volume_urn: str) -> records.Moved:
    """Accept a volume by its images, page by page against the catalogue, before the paper moves (预验收通过).

    A single-set volume is accepted on the four-nature tests of transfer, done on every byte of it; their reports are
    kept with the deed.

    Raises:
        L-001 to L-006: the lifecycle table says no; L-004 while a page was not opened.
        R-009: no such volume.
        Q-009, Q-010: findings by machine wait for a person, or a person confirmed one.
        Z-001: a four-nature test did not pass.

    Standard: S3-W16, S3-N4; DA/T 70-2018 (transfer stage).
    """
    sheet = queries.sheet(occasion.actor, volume_urn)
    seen = record_queries.looked_at(occasion.actor, sheet.pages)
    evidence = rules.seen_evidence(sheet.pages, seen) | rules.answered_evidence(sheet.open_faults)
    rules.check_findings(queries.against(queries.findings_in(sheet)), reference=sheet.volume.reference)
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
        line.say(nonce=occasion.fresh(NONCE_BYTES).hex())  # committed to here, revealed by a draw
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
    rules.check_findings(queries.against(queries.findings_in(sheet)), reference=sheet.volume.reference)

    with journal.writing(occasion=occasion, act="inspection.accept", unit=volume_urn) as line:
        moved = records.advance(line=line, urn=volume_urn, verb=Verb.ACCEPT, evidence=evidence)
        closed = corrections.close_faults(line=line, urns=sheet.urns)
        line.say(closed_faults=closed, source=moved.source, target=moved.target)
        line.say(nonce=occasion.fresh(NONCE_BYTES).hex())  # committed to here, revealed by a draw
    return moved
