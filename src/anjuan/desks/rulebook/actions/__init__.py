"""Putting a drafted version of the retention table into force (施行)."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from anjuan.core import canonical
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.rulebook import queries
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.schedule import actions as schedule
from anjuan.foundation.schedule import queries as schedule_queries
from anjuan.foundation.schedule.actions import Heading
from anjuan.records.actions import terms

REQUIRED = "require"


@dataclass(frozen=True)
class Adopted:
    """The receipt of an adoption: how many open records fell under the version, and how many have another term."""

    code: str
    rows: int
    items: int
    retermed: int


def adopt(*, occasion: Occasion, code: str, seen_at: dt.datetime) -> Adopted:
    """Put a draft into force (施行新版期限表): the version and every open record that falls under it, in one act.

    Records formed from its first day on that are not sealed take its rule; what is sealed keeps its own, and so does
    what was formed before.

    Args:
        occasion: an archivist.
        code: which draft.
        seen_at: when the draft that was rehearsed had been changed last.

    Raises:
        A-001: only an archivist does this.
        H-006, H-016: it is in force already; there is no such draft.
        H-025: the archive authority has not consented, and the office asks for it.
        H-026: open volumes would be mixed, or steps would have no row.
        L-001: the draft was changed since it was rehearsed.

    Standard: 档案法实施条例 19 (consent of the archive authority); STD-21, S3-C12, S3-P8.
    Concurrency: what would change is looked at again inside the deed; an item sealed meanwhile keeps its rule.
    """
    schedule.permit(occasion)
    draft, rows = schedule_queries.draft_of(code)
    if draft.changed_at != seen_at:
        raise Refusal("L-001", reference=code)
    if settings.ANJUAN_SCHEDULE_CONSENT == REQUIRED and not draft.has_consent:
        raise Refusal("H-025", version=code)
    _must_be_clear(queries.rehearse(code, draft.effective_date, rows))

    with journal.writing(occasion=occasion, act="rulebook.adopt", unit=f"schedule:{code}") as line:
        found = queries.rehearse(code, draft.effective_date, rows)
        _must_be_clear(found)
        heading = Heading(
            code,
            draft.title,
            draft.effective_date,
            draft.approval_document,
            draft.consent_of,
            draft.consent_date,
        )
        schedule.put_in_force(line=line, heading=heading, rows=rows, drafted_at=seen_at)
        moved = terms.apply_rules(line=line, changes=queries.changes_of(found.effects))
        line.include(
            [
                (
                    effect.urn,
                    canonical.digest([effect.before_rule, str(effect.before), effect.after_rule, str(effect.after)]),
                )
                for effect in found.effects
            ]
        )
        line.say(items=moved, retermed=len(found.retermed), kept=found.sealed)
    return Adopted(code, len(rows), moved, len(found.retermed))


def _must_be_clear(found: queries.Rehearsal) -> None:
    if not found.is_clear:
        named = "、".join((*found.mixed[:3], *found.homeless[:3]))
        raise Refusal("H-026", mixed=len(found.mixed), homeless=len(found.homeless), named=named)
