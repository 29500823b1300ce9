"""Taking numbers and letting them go. A claim is no deed: the sealing that rests on it leaves the line."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from anjuan.core.refusals import Refusal
from anjuan.facilities.numbering import queries
from anjuan.facilities.numbering.models import Claim, FormerCode, Run, VoidedNumber
from anjuan.foundation.journal.actions import Line


def claim(*, run_key: str, unit: str, count: int, floor: int, most: int, at: dt.datetime) -> tuple[int, ...]:
    """Hold the next numbers of a run for a volume (取号). What it holds already is given again, so nothing is lost.

    Args:
        run_key: where the numbers run.
        unit: the volume they are for.
        count: how many.
        floor: the highest number that records bear: numbers given before runs were kept, or before a rebuild.
        most: the highest number that the template has room for.
        at: now.

    Raises:
        F-004: the run is used up; nothing is held then.

    Standard: DA/T 13-2022, 4 (unique, never given twice); S4-N3.
    Concurrency: one at a time in a run, by the lock on its row (PostgreSQL) or the IMMEDIATE transaction (SQLite). The
    bytes are named by the number before the sealing is entered; a sealing that dies in between leaves the number held,
    and the next sealing of that volume takes it: no gap, no double.
    """
    with transaction.atomic():
        run = _held(run_key)
        held = list(Claim.objects.filter(run=run, unit=unit).order_by("number").values_list("number", flat=True))
        if len(held) < count:
            last = max(run.last_no, floor, queries.highest_voided(run_key))
            fresh = range(last + 1, last + 1 + count - len(held))
            if fresh[-1] > most:
                raise Refusal("F-004", token=run_key, value=str(fresh[-1]), template=f"1–{most}")
            Claim.objects.bulk_create(Claim(run=run, number=number, unit=unit, claimed_at=at) for number in fresh)
            run.last_no = fresh[-1]
            run.save(update_fields=["last_no"])
            held += fresh
    return tuple(held[:count])


def settle(*, run_key: str, unit: str, numbers: tuple[int, ...]) -> None:
    """Let go of claims that were kept: the records bear the numbers now (号已用).

    Raises:
        L-001: one of them is held no more: it was voided while the bytes were written.
    """
    _held(run_key)
    gone, _ = Claim.objects.filter(run__key=run_key, unit=unit, number__in=numbers).delete()
    if gone != len(numbers):
        raise Refusal("L-001", reference=f"{run_key} {numbers[0]}")


def hold_run(*, run_key: str) -> None:
    """Hold a run to the end of the deed: nobody takes, settles or voids a number of it meanwhile."""
    _held(run_key)


def void(*, line: Line, run_key: str, number: int, code: str, reason: str) -> None:
    """Say that a number is given to nobody any more (作废); it stays visible with its reason.

    Raises:
        F-015: it is voided already.
    """
    occasion = line.occasion
    _held(run_key)
    if VoidedNumber.objects.filter(run_key=run_key, number=number).exists():
        raise Refusal("F-015", number=number, run=run_key)
    VoidedNumber.objects.create(
        run_key=run_key,
        number=number,
        code=code,
        reason=reason,
        voided_by=occasion.actor.staff_code,
        voided_at=occasion.at,
    )
    Claim.objects.filter(run__key=run_key, number=number).delete()


def remember(*, line: Line, codes: Mapping[str, tuple[str, str]], reason: str) -> None:
    """Keep the codes that records had before they were numbered anew (旧号→新号), by URN: former and new one."""
    FormerCode.objects.bulk_create(
        FormerCode(
            unit=unit,
            code=former,
            replaced_by=new,
            reason=reason,
            recorded_by=line.occasion.actor.staff_code,
            recorded_at=line.occasion.at,
        )
        for unit, (former, new) in codes.items()
    )


def _held(run_key: str) -> Run:
    Run.objects.get_or_create(key=run_key)
    return Run.objects.select_for_update().get(key=run_key)
