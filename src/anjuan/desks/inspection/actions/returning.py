"""Returning a volume (退回整改): at whatever gate it stands, with its faults."""

from collections.abc import Sequence

from anjuan.core.lifecycle import Evidence
from anjuan.core.terms import Duty, Occasion, Post, Verb
from anjuan.desks.inspection import queries
from anjuan.desks.inspection.actions.draws import _leave_draw
from anjuan.desks.inspection.models import CampaignUnit
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections.rules import DUE_DAYS, MOST_SIGNS, RaisedFault
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.foundation.journal import actions as journal
from anjuan.records import actions as records
from anjuan.records import queries as record_queries


def return_volume(*, occasion: Occasion, volume_urn: str, faults: Sequence[RaisedFault]) -> records.Moved:
    """Return a volume with its faults, at whatever gate it stands (退回整改). It leaves the draw it was in.

    Before the receipt it goes back to the agency; after it the agency mends it in the archive house (S3-W8). In the
    campaigns that it waits in, the fault is raised by that.

    Raises:
        L-001 to L-006: the lifecycle table says no.
        R-009: no such volume.
        Q-023: its lot is frozen and not drawn yet.
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
        drawn = _leave_draw(line, volume_urn)
        _settle(line, volume_urn, faults)
        line.say(drawn=",".join(drawn), source=moved.source, target=moved.target)
    return moved


def _settle(line: journal.Line, volume_urn: str, faults: Sequence[RaisedFault]) -> None:
    """Say in every campaign that the volume waits in that the fault went back."""
    waiting = CampaignUnit.objects.filter(
        volume_urn=volume_urn, campaign__closed_at=None, verdict__in=("", CampaignUnit.Verdict.PUT_OFF)
    )
    waiting.update(
        verdict=CampaignUnit.Verdict.FAULT,
        is_returned=True,
        faults=sorted({fault.code for fault in faults}),
        note="；".join(fault.note.strip() for fault in faults if fault.note.strip())[:MOST_SIGNS],
        judged_by=line.occasion.actor.staff_code,
        judged_at=line.occasion.at,
    )
