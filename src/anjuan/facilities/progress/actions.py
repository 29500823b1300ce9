"""Reminding whoever could move a record (催办), and telling an agency what is late."""

import datetime as dt
from collections.abc import Sequence

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices import queries as notice_queries
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.facilities.progress import queries, rules
from anjuan.facilities.progress.queries.deadlines import Lateness
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


# Who is told, each one notice: what is not filed is the filer's, what has not left is the archivist's, and what has
# lain for a year is the leader's.
_TOLD = {
    rules.Deadline.FILING: Post.FILER,
    rules.Deadline.TRANSFER: Post.ARCHIVIST,
    rules.Deadline.AGE: Post.SUPERVISOR,
}


def tell_late(*, occasion: Occasion, agency_code: str, agency_path: str, found: Sequence[Lateness]) -> None:
    """Tell an agency what of its records is late (逾期提醒), once a week; what was told before is done with it.

    Args:
        occasion: the calendar's.
        agency_code: which agency.
        agency_path: its path.
        found: what is late there; empty when nothing is any more, which only ends what was told before.

    Raises:
        O-003: it was told less than a week ago.
    """
    unit = f"agency:{agency_code}"

    with journal.writing(occasion=occasion, act="progress.tell_late", unit=unit) as line:
        again = occasion.at - dt.timedelta(days=rules.TELL_AGAIN_DAYS)
        if found and notice_queries.told_since(unit, NoticeKind.RECORDS_LATE, again):
            raise Refusal("O-003", agency=agency_code)
        for one in found:
            notices.notify(
                line=line,
                kind=NoticeKind.RECORDS_LATE,
                unit=unit,
                reference=agency_code,
                agency_path=agency_path,
                post=_TOLD[one.deadline],
                count=one.late,
                days=one.oldest_days,
                deadline=one.deadline,
            )
        line.say(**{one.deadline.lower(): one.late for one in found})
