"""Reminding whoever could move a record (催办)."""

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices import queries as notice_queries
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.facilities.progress import queries, rules
from anjuan.foundation.journal import actions as journal


def remind(*, occasion: Occasion, urn: str) -> None:
    """Remind those who could move a record that it waits for them (催办): one reminder a record and day.

    Raises:
        O-001: nobody can do anything now.
        O-002: they were reminded less than a day ago.
        R-009: there is no such record, or the actor may not see it.
    """
    standing = queries.standing(occasion.actor, urn)
    if not standing.why.posts:
        raise Refusal("O-001", reference=standing.reference)

    with journal.writing(occasion=occasion, act="progress.remind", unit=standing.mover_urn) as line:
        if notice_queries.told_since(standing.mover_urn, NoticeKind.REMINDED, occasion.at - rules.REMIND_AGAIN):
            raise Refusal("O-002", reference=standing.reference)
        for post in sorted(standing.why.posts):
            notices.notify(
                line=line,
                kind=NoticeKind.REMINDED,
                unit=standing.mover_urn,
                reference=standing.reference,
                agency_path=standing.agency_path,
                post=post,
            )
        line.say(cause=standing.why.cause, verb=standing.why.verb or "", posts=",".join(sorted(standing.why.posts)))
