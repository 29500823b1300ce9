"""Keeping files aside, and saying what becomes of them (隔离、放行、清除)."""

from pathlib import Path

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.screening import queries, rules
from anjuan.facilities.screening.backends import ward
from anjuan.facilities.screening.models import Quarantined
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import actions as journal

_Status = rules.AsideStatus


def keep_aside(
    *,
    occasion: Occasion,
    path: Path,
    name: str,
    refusal: Refusal,
    door: rules.Door,
    agency_code: str,
    unit: str = "",
    material: str = "",
) -> str:
    """Keep a refused file in quarantine, or hold one that the scanner has not seen (隔离). Returns its uid.

    The same bytes from the same person for the same record are kept once while they wait; then and where the refusal
    is none of these, the answer is empty and nothing is done.

    Args:
        occasion: who sent it, and when.
        path: the bytes, still where they came in.
        name: what it was called.
        refusal: why it was not taken in.
        door: by which way it came.
        agency_code: to whose affairs it belongs.
        unit: the record it was for, where there is one.
        material: the material it was for.
    """
    if not rules.is_kept_aside(refusal):
        return ""
    sha256 = queries.sha256_of(path)
    waits = Quarantined.objects.filter(
        status__in=(_Status.HELD, _Status.QUARANTINED),
        sha256=sha256,
        unit=unit,
        sender_code=occasion.actor.staff_code,
    )
    held = waits.filter(status=_Status.HELD).first()
    if held is not None and refusal.code != rules.AWAY:
        settle_held(occasion=occasion, uid=held.uid, refusal=refusal)  # it waited, and now it is known
        return held.uid
    if waits.filter(code=refusal.code).exists():
        return ""
    uid = occasion.fresh(8).hex()
    ward.lay(uid, path)
    status = _Status.HELD if refusal.code == rules.AWAY else _Status.QUARANTINED

    with journal.writing(occasion=occasion, act="screening.keep_aside", unit=unit or f"aside:{uid}") as line:
        Quarantined.objects.create(
            uid=uid,
            status=status,
            door=door,
            name=name[:255],
            sha256=sha256,
            size_bytes=path.stat().st_size,
            code=refusal.code,
            params={key: str(value)[:200] for key, value in refusal.params.items()},
            sender_code=occasion.actor.staff_code,
            agency_code=agency_code,
            agency_path=accounts.agency(agency_code).path,
            unit=unit,
            material=material,
            kept_at=occasion.at,
        )
        line.say(name=name[:120], sha256=sha256, reason=refusal.code, status=status, door=door, aside=uid)
    return uid


def release(*, occasion: Occasion, uid: str, note: str) -> None:
    """Declare a file harmless that the scanner took for malicious: the same bytes may come in (放行).

    Raises:
        M-022: the actor sent it himself.
        M-023: it is its own format that is not taken in.
        M-024: it was judged already, or it waits for the scanner.
        M-025: no reason is given.
        R-009: no such file.
    """
    row = queries.get_aside_for(occasion.actor, uid)
    rules.may_judge(actor_code=occasion.actor.staff_code, sender_code=row.sender_code, status=row.status)
    rules.may_release(row.refusal.code)
    _must_say(note)
    ward.declare(row.sha256)

    with journal.writing(occasion=occasion, act="screening.release", unit=row.unit or f"aside:{uid}") as line:
        _judge(occasion, uid, _Status.RELEASED, note)
        line.say(aside=uid, sha256=row.sha256, reason=row.refusal.code, note=note.strip())


def purge(*, occasion: Occasion, uid: str, note: str) -> None:
    """Take a quarantined file out of the ward for good; its entry in the list stays (清除).

    Raises:
        M-022: the actor sent it himself.
        M-024: it was judged already, or it waits for the scanner.
        M-025: no reason is given.
        R-009: no such file.
    """
    row = queries.get_aside_for(occasion.actor, uid)
    rules.may_judge(actor_code=occasion.actor.staff_code, sender_code=row.sender_code, status=row.status)
    _must_say(note)

    with journal.writing(occasion=occasion, act="screening.purge", unit=row.unit or f"aside:{uid}") as line:
        _judge(occasion, uid, _Status.PURGED, note)
        line.say(aside=uid, sha256=row.sha256, reason=row.refusal.code, note=note.strip())
    ward.clear(uid)


def settle_held(*, occasion: Occasion, uid: str, refusal: Refusal | None) -> None:
    """Say what became of a held file when the scanner was back: taken in, or refused and kept (续办).

    Raises:
        M-024: somebody was quicker.
    """
    status = _Status.QUARANTINED if refusal else _Status.PASSED
    change: dict[str, object] = {"status": status}
    if refusal:
        change |= {"code": refusal.code, "params": {key: str(one)[:200] for key, one in refusal.params.items()}}

    with journal.writing(occasion=occasion, act="screening.settle_held", unit=f"aside:{uid}") as line:
        if Quarantined.objects.filter(uid=uid, status=_Status.HELD).update(**change) != 1:
            raise Refusal("M-024")
        line.say(aside=uid, status=status, reason=refusal.code if refusal else "")
    if refusal is None:
        ward.clear(uid)


def _must_say(note: str) -> None:
    if not note.strip():
        raise Refusal("M-025")


def _judge(occasion: Occasion, uid: str, status: rules.AsideStatus, note: str) -> None:
    waits = Quarantined.objects.filter(uid=uid, status=_Status.QUARANTINED)
    changed = waits.update(
        status=status, judged_by=occasion.actor.staff_code, judged_at=occasion.at, note=note.strip()[:200]
    )
    if changed != 1:
        raise Refusal("M-024")
