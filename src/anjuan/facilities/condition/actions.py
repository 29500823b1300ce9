"""Saying how the paper is, and that it was repaired (实体状况登记与修复)."""

from django.db import IntegrityError, transaction

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, State
from anjuan.facilities.condition import queries, rules
from anjuan.facilities.condition.models import Damage
from anjuan.facilities.condition.rules import NOTING_POSTS, REPAIRING_POSTS, Place
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line
from anjuan.records import rules as record_rules


def note_damage(*, occasion: Occasion, unit: str, kind: str, note: str, place: Place | None = None) -> int:
    """Say how the paper of an item or a volume is (实体状况登记). Returns the key of the entry.

    Args:
        occasion: somebody who has the paper in his hands.
        unit: URN of the item or volume.
        kind: code of the kind.
        note: what is to be seen, in words; 300 characters at most.
        place: the page, where there is an image of it; nothing means the whole record.

    Raises:
        A-001: the actor never has that agency's paper in his hands.
        D-080 to D-082: see `rules.check`.
        R-009: no such record, or it is not his to see.
        R-010: the note is empty, too long, or holds a character that cannot be kept.
        R-080: it was sent on; another office answers for it.

    Standard: S1-C2; DA/T 64.1 (state of the paper before processing), wording unconfirmed.
    Concurrency: of two who say the same at once the second is D-082.
    """
    record = queries.record_for(occasion.actor, unit)
    permit(occasion.actor, record.agency_path, *NOTING_POSTS)
    record_rules.check_not_forwarded(record.custody, reference=record.reference)
    said = record_rules.text("说明 note", rules.one_line(note), limit=rules.MOST_SIGNS)
    where = place or Place()
    open_places = {(row.kind.code, row.place) for row in queries.of_units([unit], only_open=True)}
    rules.check(kind, where, kinds=queries.kinds(), pages=record.pages, open_places=open_places)

    with journal.writing(occasion=occasion, act="condition.note_damage", unit=unit) as line:
        return _enter(
            line, unit, kind, said, where, reference=record.reference, path=record.agency_path, state=record.state
        )


def note_at_registration(*, line: Line, unit: str, reference: str, agency_path: str, kind: str, note: str) -> None:
    """Say how the paper came in, inside the deed that registers it (收集时登记实体状况).

    Raises:
        D-080: no such kind.
        R-010: the note is empty, too long, or holds a character that cannot be kept.
    """
    said = record_rules.text("说明 note", rules.one_line(note), limit=rules.MOST_SIGNS)
    rules.check(kind, Place(), kinds=queries.kinds(), pages={}, open_places=frozenset())
    _enter(line, unit, kind, said, Place(), reference=reference, path=agency_path, state=State.COLLECTING)


def repair(*, occasion: Occasion, pk: int, done: str) -> None:
    """Say what was done about it and close it (修复销号). A bundle is closed by having been arranged.

    Raises:
        A-001: the actor neither keeps, arranges nor scans that agency's paper.
        D-083: somebody closed it meanwhile.
        R-009: no such entry, or its record is not his to see.
        R-010: nothing is said, too much, or a character that cannot be kept.
        R-080: the record was sent on.

    Standard: S1-C2; S3-P3 (what was found is answered).
    """
    entry = queries.get_for(occasion.actor, pk)
    permit(occasion.actor, entry.agency_path, *REPAIRING_POSTS)
    record = queries.record_for(occasion.actor, entry.unit)
    record_rules.check_not_forwarded(record.custody, reference=record.reference)
    said = record_rules.text("修复情况 repair", rules.one_line(done), limit=rules.MOST_SIGNS)

    with journal.writing(occasion=occasion, act="condition.repair", unit=entry.unit) as line:
        closed = Damage.objects.filter(pk=pk, repaired_at=None).update(
            repair=said, repaired_by=occasion.actor.staff_code, repaired_at=occasion.at
        )
        if closed != 1:
            raise Refusal("D-083", reference=entry.reference)
        line.say(entry=pk, kind=entry.kind.code, repair=said)


def _enter(
    line: Line, unit: str, kind: str, note: str, place: Place, *, reference: str, path: str, state: State
) -> int:
    try:
        with transaction.atomic():
            row = Damage.objects.create(
                unit=unit,
                agency_path=path,
                reference=reference,
                kind=kind,
                component_pk=place.component_pk,
                page_no=place.page_no,
                note=note,
                noted_at_state=state,
                noted_by=line.occasion.actor.staff_code,
                noted_at=line.occasion.at,
            )
    except IntegrityError:  # somebody said the same a moment ago
        raise Refusal("D-082", kind=queries.kinds()[kind].zh) from None
    line.say(paper=kind, page=f"#{place.component_pk} p{place.page_no}" if place.page_no else "", paper_note=note)
    return row.pk
