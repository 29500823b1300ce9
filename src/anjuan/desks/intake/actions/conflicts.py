"""A case that comes again as another one, and completed cases that file themselves (重送冲突、办结自动归档)."""

from collections.abc import Sequence
from pathlib import Path

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.intake import rules
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import FilingTry, SentConflict
from anjuan.desks.intake.queries import business_cases as queries
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import actions as journal
from anjuan.records import rules as record_rules
from anjuan.records.rows import CapturedFile


def keep_conflict(
    *,
    occasion: Occasion,
    agency_code: str,
    registration: rules.Registration,
    sent_digest: str,
    uploads: Sequence[tuple[Path, CapturedFile]],
) -> str:
    """Keep what was sent under a number that is taken by another case, bytes and facts (登记重送冲突). Returns its uid.

    The same sending that comes once more is kept once; then the answer is empty. So it is where nobody knows the
    number any more.
    """
    number = registration.acceptance_no.strip()
    urn = queries.urn_of(agency_code, number)
    same = SentConflict.objects.filter(agency_code=agency_code, acceptance_no=number, sent_digest=sent_digest)
    if not urn or same.exists():
        return ""
    uid = occasion.fresh(8).hex()
    spool.lay_whole("conflicts", uid, [path for path, _ in uploads])

    with journal.writing(occasion=occasion, act="intake.keep_conflict", unit=urn) as line:
        SentConflict.objects.create(
            uid=uid,
            agency_code=agency_code,
            agency_path=accounts.agency(agency_code).path,
            acceptance_no=number,
            urn=urn,
            sent_digest=sent_digest,
            facts=rules.sent_facts(registration),
            files=[[file.material_code, file.original_name, file.sha256, file.size_bytes] for _, file in uploads],
            sender_code=occasion.actor.staff_code,
            sent_at=occasion.at,
        )
        line.say(acceptance_no=number, files=" ".join(file.sha256 for _, file in uploads), conflict=uid)
    return uid


def settle_conflict(*, occasion: Occasion, uid: str, note: str) -> None:
    """Say that a conflict has been looked at and what is right (处理重送冲突); what was sent stays listed.

    Raises:
        I-070: it was settled already.
        R-009: no such conflict.
        R-010: no reason is given.
    """
    found = queries.get_conflict_for(occasion.actor, uid)
    why = record_rules.text("处理说明 note", note, limit=200)

    with journal.writing(occasion=occasion, act="intake.settle_conflict", unit=found.urn) as line:
        open_ones = SentConflict.objects.filter(uid=uid, settled_at=None)
        if open_ones.update(settled_by=occasion.actor.staff_code, settled_at=occasion.at, note=why) != 1:
            raise Refusal("I-070", number=found.acceptance_no)
        line.say(conflict=uid, note=why)


def note_unfiled(*, occasion: Occasion, urn: str, seen: str, refusal: Refusal) -> None:
    """Keep why a completed case did not file itself, for its list (自动归档未成). The worker does this.

    Raises:
        R-009: no such case.
    """
    item_pk = queries.item_of(urn)

    with journal.writing(occasion=occasion, act="intake.note_unfiled", unit=urn) as line:
        FilingTry.objects.update_or_create(
            item_id=item_pk,
            defaults={
                "seen": seen[:120],
                "code": refusal.code,
                "params": {key: str(value)[:120] for key, value in refusal.params.items()},
                "tried_at": occasion.at,
            },
        )
        line.say(reason=refusal.code)
