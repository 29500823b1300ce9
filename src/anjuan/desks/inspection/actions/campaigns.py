"""Campaigns (回头看) and same-fault sweeps (同类问题排查): opened over frozen volumes, taken, judged, closed."""

from collections.abc import Sequence

from django.db import IntegrityError

from anjuan.core.detection.catalogue import faults as all_faults
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.inspection import queries, rules
from anjuan.desks.inspection.actions.returning import return_volume
from anjuan.desks.inspection.models import Campaign, CampaignUnit
from anjuan.desks.inspection.queries import INSPECTING_POSTS, campaigns, history, scope
from anjuan.desks.inspection.queries.campaigns import UNDECIDED, CampaignRow, Kind, UnitRow, Verdict
from anjuan.facilities.corrections.rules import RaisedFault, check_fault, said
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import queries as records
from anjuan.records import rules as record_rules


def open_campaign(
    *, occasion: Occasion, name: str, reason: str, selection: rules.Selection, expected: int
) -> CampaignRow:
    """Open a campaign (开展回头看): the volumes that answer now are frozen, each to be judged once more by a person.

    Args:
        occasion: who opens it, now.
        name: what people call it.
        reason: why it is held.
        selection: which volumes.
        expected: how many were counted at the rehearsal.

    Raises:
        A-001, R-009: the actor opens no campaigns.
        Q-030: the selection cannot be asked.
        Q-031, Q-032: no volume answers, or too many.
        Q-033: others answer than were counted.
        R-010: name or reason is missing, too long, or holds a character that cannot be kept.

    Standard: S0 §二(二).
    """
    chosen = scope.selected(occasion.actor, selection)
    rules.check_count(len(chosen), limit=rules.MOST_UNITS, expected=expected)
    name = record_rules.text("名称 name", name, limit=100)
    reason = record_rules.text("理由 reason", reason, limit=200)
    number = f"HTK-{occasion.fresh(5).hex().upper()}"

    with journal.writing(occasion=occasion, act="inspection.open_campaign", unit=f"campaign:{number}") as line:
        campaign = Campaign.objects.create(
            kind=Kind.CAMPAIGN,
            campaign_no=number,
            name=name,
            reason=reason,
            selection=selection.spell(),
            fault_code=selection.fault_code,
            agency_path=rules.common_path(one.agency_path for one in chosen),
            unit_count=len(chosen),
            opened_by=occasion.actor.staff_code,
            opened_at=occasion.at,
        )
        _freeze(campaign, chosen)
        line.say(name=name, reason=reason, units=len(chosen), **selection.spell())
    return campaigns.campaign_for(occasion.actor, number)


def open_sweep(*, occasion: Occasion, fault_pk: int) -> CampaignRow:
    """Look for a fault where the same person worked in the same week (同类问题排查). Nothing is returned by that.

    Raises:
        A-001, R-009: the actor checks nothing, or no such fault there.
        L-001: a colleague has just begun it.
        Q-031: there is no other volume of that work.
        Q-034: nobody knows whose work it was.

    Concurrency: one sweep a fault, by a constraint; the second who begins it is L-001.
    """
    kin = scope.kin_of(occasion.actor, fault_pk)
    rules.check_count(len(kin.chosen), limit=rules.MOST_UNITS)
    number = f"PC-{occasion.fresh(5).hex().upper()}"
    fault = kin.fault.fault

    try:
        with journal.writing(occasion=occasion, act="inspection.open_sweep", unit=f"campaign:{number}") as line:
            campaign = Campaign.objects.create(
                kind=Kind.SWEEP,
                campaign_no=number,
                name=f"{fault.zh} {kin.week[0]}—{kin.week[1]}",
                reason=f"{kin.fault.reference} {fault.code}"[:200],
                selection={},
                fault_code=fault.code,
                origin_fault=fault_pk,
                agency_path=rules.common_path(one.agency_path for one in kin.chosen),
                unit_count=len(kin.chosen),
                opened_by=occasion.actor.staff_code,
                opened_at=occasion.at,
            )
            _freeze(campaign, kin.chosen)
            line.say(fault=fault.code, of=kin.fault.reference, units=len(kin.chosen), week=kin.week[0])
    except IntegrityError as twice:
        raise Refusal("L-001", reference=kin.fault.reference) from twice
    return campaigns.campaign_for(occasion.actor, number)


def take_unit(*, occasion: Occasion, campaign_no: str, unit_pk: int | None = None) -> UnitRow:
    """Take a volume of a campaign in hand: the next that nobody holds, or a certain one (领取复查).

    A volume that somebody took and left is free again after a day.

    Raises:
        A-001, R-009: the actor has no part in the campaign, or checks nothing of that agency.
        L-001: somebody else has it in hand, or it is judged.
        Q-036: the actor handled, filed or mended something of it.
        Q-037: none is left that he may take.
        Q-038: the campaign is closed.

    Concurrency: the campaign's row is held while one is picked (on SQLite deeds queue anyway), and the pick is a swap.
    """
    row = campaigns.campaign_for(occasion.actor, campaign_no)
    history.enter(occasion.actor, INSPECTING_POSTS)
    reference = row.name
    if unit_pk is not None:
        asked = campaigns.unit_for(occasion.actor, row, unit_pk)
        permit(occasion.actor, asked.agency_path, *INSPECTING_POSTS)
        _check_apart(occasion, asked)
        reference = asked.reference

    with journal.writing(occasion=occasion, act="inspection.take_unit", unit=f"campaign:{campaign_no}") as line:
        _hold_open(row)
        if unit_pk is None:
            unit = campaigns.free_for(occasion.actor, row, occasion.at).first()
            if unit is None:
                raise Refusal("Q-037", name=row.name)
        else:
            unit = CampaignUnit.objects.get(pk=unit_pk)
            mine = unit.taken_by in ("", occasion.actor.staff_code)
            if unit.verdict not in UNDECIDED or not (mine or _was_left(unit, occasion)):
                raise Refusal("L-001", reference=reference)
        swapped = CampaignUnit.objects.filter(pk=unit.pk, taken_by=unit.taken_by, verdict=unit.verdict).update(
            taken_by=occasion.actor.staff_code, taken_at=occasion.at
        )
        if swapped != 1:
            raise Refusal("L-001", reference=reference)
        line.say(volume=unit.volume_urn, place=unit.place)
    return campaigns.unit_for(occasion.actor, row, unit.pk)


def judge_unit(
    *,
    occasion: Occasion,
    campaign_no: str,
    unit_pk: int,
    verdict: Verdict,
    note: str = "",
    faults: Sequence[RaisedFault] = (),
) -> UnitRow:
    """Say of a volume in hand what a person found: nothing, a fault, or that it is put off (复查结论).

    A fault goes back with the volume where it stands at a gate of the actor's; elsewhere it is kept as a note.

    Args:
        occasion: who has the volume in hand, now.
        campaign_no: the campaign.
        unit_pk: the volume in it.
        verdict: what is said.
        note: why it is put off, or what is to be added.
        faults: what was found, where a fault is raised.

    Raises:
        A-001, R-009: the actor has no part in the campaign, or checks nothing of that agency.
        L-001 to L-006, Q-023: the volume cannot be returned.
        Q-035: nothing found, and a page was not looked at.
        Q-036: the actor handled, filed or mended something of it.
        Q-038: the campaign is closed.
        Q-039: he does not have it in hand.
        R-010, W-001 to W-004, W-006, W-007: the note or a fault cannot be kept, or none is named.

    Standard: S0 §二(二), S0-P4.
    """
    row = campaigns.campaign_for(occasion.actor, campaign_no)
    unit = campaigns.unit_for(occasion.actor, row, unit_pk)
    permit(occasion.actor, unit.agency_path, *INSPECTING_POSTS)
    if not row.is_open:
        raise Refusal("Q-038", name=row.name)
    if not unit.is_held_by(occasion.actor.staff_code):
        raise Refusal("Q-039", reference=unit.reference)
    _check_apart(occasion, unit)
    sheet = queries.sheet(occasion.actor, unit.volume_urn)
    posts = records.posts_over(occasion.actor, sheet.volume.agency_path)
    if verdict is Verdict.FAULT and rules.has_gate(sheet.volume.route, sheet.volume.state, posts):
        return_volume(occasion=occasion, volume_urn=unit.volume_urn, faults=faults)
        return campaigns.unit_for(occasion.actor, row, unit_pk)
    codes: list[str] = []
    if verdict is Verdict.NOTHING:
        pages = campaigns.pages_to_look_at(unit, sheet)
        rules.check_looked(pages, records.looked_at(occasion.actor, pages), reference=unit.reference)
    elif verdict is Verdict.FAULT:
        codes = _check_faults(faults, sheet)
        note = "；".join(filter(None, (note.strip(), *(fault.note.strip() for fault in faults))))
    else:
        note = record_rules.text("理由 reason", note, limit=rules.MOST_NOTE)
    note = said("说明 note", note)

    with journal.writing(occasion=occasion, act="inspection.judge_unit", unit=unit.volume_urn) as line:
        _hold_open(row)
        swapped = CampaignUnit.objects.filter(
            pk=unit.pk, taken_by=occasion.actor.staff_code, verdict__in=UNDECIDED
        ).update(
            verdict=verdict,
            is_returned=False,
            faults=codes,
            note=note,
            judged_by=occasion.actor.staff_code,
            judged_at=occasion.at,
            taken_by="" if verdict is Verdict.PUT_OFF else occasion.actor.staff_code,
        )
        if swapped != 1:
            raise Refusal("Q-039", reference=unit.reference)
        line.say(campaign=campaign_no, verdict=verdict, faults=",".join(codes), note=note, state=sheet.volume.state)
    return campaigns.unit_for(occasion.actor, row, unit_pk)


def close_campaign(*, occasion: Occasion, campaign_no: str, note: str) -> CampaignRow:
    """Close a campaign (结束回头看): what is not judged by then stays unjudged, and its report says so.

    Raises:
        A-001: the actor neither opened it nor may open one over all its volumes.
        Q-038: it is closed already.
        R-009: no such campaign.
        R-010: the note is missing, too long, or holds a character that cannot be kept.
    """
    row = campaigns.campaign_for(occasion.actor, campaign_no)
    if not campaigns.may_close(occasion.actor, row):
        raise Refusal("A-001", posts=campaigns.closing_posts(row))
    note = record_rules.text("结论 conclusion", note, limit=200)

    with journal.writing(occasion=occasion, act="inspection.close_campaign", unit=f"campaign:{campaign_no}") as line:
        _hold_open(row)
        Campaign.objects.filter(pk=row.pk).update(
            closed_by=occasion.actor.staff_code, closed_at=occasion.at, closing_note=note
        )
        left = CampaignUnit.objects.filter(campaign=row.pk, verdict__in=UNDECIDED).count()
        line.say(units=row.unit_count, left=left, note=note)
    return campaigns.campaign_for(occasion.actor, campaign_no)


def _freeze(campaign: Campaign, chosen: Sequence[scope.Chosen]) -> None:
    CampaignUnit.objects.bulk_create(
        [
            CampaignUnit(
                campaign=campaign,
                place=place,
                volume_urn=one.urn,
                agency_code=one.agency_code,
                agency_path=one.agency_path,
                category_code=one.category_code,
                items=list(one.items),
                score=one.score,
            )
            for place, one in enumerate(chosen, 1)
        ],
        batch_size=50,  # as many parameters as SQLite takes
    )


def _hold_open(row: CampaignRow) -> None:
    """Hold a campaign until the deed ends; a closed one is worked on no more."""
    if Campaign.objects.select_for_update().filter(pk=row.pk, closed_at=None).first() is None:
        raise Refusal("Q-038", name=row.name)


def _was_left(unit: CampaignUnit, occasion: Occasion) -> bool:
    return unit.taken_at is None or unit.taken_at <= occasion.at - rules.HELD_FOR


def _check_apart(occasion: Occasion, unit: UnitRow) -> None:
    items = [item.urn for item in records.items_of(unit.volume_urn)]
    duties = records.duties_of_each([unit.volume_urn, *items])
    rules.check_apart(occasion.actor.staff_code, duties.values(), reference=unit.reference)


def _check_faults(faults: Sequence[RaisedFault], sheet: queries.VolumeSheet) -> list[str]:
    """The codes of faults that are kept as a note.

    Raises:
        W-001 to W-004, W-006, W-007: a fault cannot be kept, or none is named.
    """
    if not faults:
        raise Refusal("W-004", reference=sheet.volume.reference)
    for fault in faults:
        check_fault(fault, frozenset(all_faults()), sheet.places)
    return sorted({fault.code for fault in faults})
