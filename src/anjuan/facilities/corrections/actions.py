"""Raising, answering and closing corrections. Desks raise and close inside their own deed; answering is a deed."""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence

from django.conf import settings

from anjuan.core.detection.catalogue import faults as all_faults
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Occasion, State
from anjuan.facilities.corrections import queries, rules
from anjuan.facilities.corrections.models import Correction
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line
from anjuan.records import actions as records
from anjuan.records import queries as record_queries


def raise_faults(
    *,
    line: Line,
    unit: str,
    reference: str,
    agency_path: str,
    state: State,
    places: Mapping[str, Mapping[int, int]],
    faults: Sequence[rules.RaisedFault],
) -> int:
    """Raise faults on a record (提出问题). Returns how many.

    Args:
        line: the open line of the desk's deed.
        unit: the record that is returned.
        reference: how people call it.
        agency_path: who must answer.
        state: the stage at which it was found.
        places: by item of that record, how many pages each of its components has.
        faults: what was found.

    Raises:
        R-010: a note holds a character that cannot be kept.
        W-001 to W-003, W-006, W-007: a fault cannot be kept.
        W-004: none is named.
    """
    if not faults:
        raise Refusal("W-004", reference=reference)
    known = frozenset(all_faults())
    for fault in faults:
        rules.check_fault(fault, known, places)
    faults = [dataclasses.replace(fault, note=rules.said("说明 note", fault.note)) for fault in faults]
    occasion = line.occasion
    duties = record_queries.duties_of_each([unit, *(fault.item_urn for fault in faults)])
    today = occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
    Correction.objects.bulk_create(
        Correction(
            unit=unit,
            item_urn=fault.item_urn,
            agency_path=agency_path,
            reference=reference,
            fault_code=fault.code,
            component_pk=fault.component_pk,
            page_no=fault.page_no,
            box=list(fault.box) if fault.box else None,
            note=fault.note,
            raised_at_state=state,
            raised_by=occasion.actor.staff_code,
            raised_at=occasion.at,
            due_date=today + dt.timedelta(days=rules.DUE_DAYS),
            responsible=_responsible(fault, unit, duties),
        )
        for fault in faults
    )
    line.say(
        faults="; ".join(
            f"{fault.code} {fault.item_urn} #{fault.component_pk or '-'} p{fault.page_no or '-'} {fault.note}".strip()
            for fault in faults
        )
    )
    return len(faults)


def _responsible(fault: rules.RaisedFault, unit: str, duties: Mapping[str, Mapping[Duty, frozenset[str]]]) -> list[str]:
    """Staff codes of those whose work a fault is: a named person, not an office."""
    duty = rules.RESPONSIBLE.get(fault.code[0], Duty.HANDLED)
    whose = unit if duty is Duty.FILED else fault.item_urn
    return sorted(duties.get(whose, {}).get(duty, ()))


def answer_fault(*, occasion: Occasion, pk: int, answer: str, cause: rules.Cause | None = None) -> None:
    """Say how a fault was mended, and where it came from (整改答复).

    Args:
        occasion: who mended it.
        pk: the correction.
        answer: what was done.
        cause: the root cause, where it is known; the analysis of quality counts those it is known of.

    Raises:
        R-009: it is not the actor's to answer.
        R-010: the answer holds a character that cannot be kept.
        W-005: the answer is empty or too long.
        L-001: somebody answered it already.
    """
    correction = queries.get_for(occasion.actor, pk)
    typed = answer.strip()
    if not typed or len(typed) > rules.MOST_SIGNS:
        raise Refusal("W-005", length=len(typed))
    said = rules.said("答复 answer", typed)

    with journal.writing(occasion=occasion, act="corrections.answer_fault", unit=correction.item_urn) as line:
        swapped = Correction.objects.filter(pk=pk, status=Correction.Status.OPEN).update(
            status=Correction.Status.ANSWERED,
            answer=said,
            cause=cause or "",
            answered_by=occasion.actor.staff_code,
            answered_at=occasion.at,
        )
        if swapped != 1:
            raise Refusal("L-001", reference=correction.reference)
        if correction.unit != correction.item_urn:  # raised on a volume: who answers for it may not judge it
            records.take_part(line=line, urn=correction.unit, duty=Duty.MENDED)
        line.say(fault=correction.fault.code, answer=said, cause=cause or "")


def close_faults(*, line: Line, urns: Sequence[str]) -> int:
    """Close what has been answered, when the desk that looked again passes the record (复查销号)."""
    pks = [row.pk for row in queries.of_units(urns)]
    return Correction.objects.filter(pk__in=pks, status=Correction.Status.ANSWERED).update(
        status=Correction.Status.CLOSED, closed_by=line.occasion.actor.staff_code, closed_at=line.occasion.at
    )
