"""Showing what is masked: an act with a reason (显示隐去的号码)."""

from anjuan.core.terms import Occasion
from anjuan.facilities.search import queries
from anjuan.foundation.journal import actions as journal
from anjuan.records import rules as record_rules


def reveal(*, occasion: Occasion, subject_urn: str, reason: str) -> str:
    """Show the full number of a person or unit, with the reason in the journal. Returns the number.

    Raises:
        R-009: the actor may see no record of this subject.
        R-010: no reason is given.

    Standard: 个人信息保护法 (minimum display); ux law 10.
    """
    subject = queries.subject_for(occasion.actor, subject_urn)
    said = record_rules.text("事由 reason", reason, limit=120)

    with journal.writing(occasion=occasion, act="search.reveal", unit=subject_urn) as line:
        line.say(reason=said)
    return subject.id_number or subject.credit_code
