"""Noting that a helper was put to other work, and what the supervisor says to it (越岗提醒)."""

import datetime as dt

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.facilities.workload import queries, rules
from anjuan.facilities.workload.models import Diversion
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal


def note_diversion(*, occasion: Occasion, staff_code: str, agency_code: str, date: dt.date, acts: int) -> None:
    """Note that a helper's account did other work on a day, and tell the supervisor of the agency (越岗提醒).

    Raises:
        O-102: that day is noted already.

    Standard: S3-R6, S3-P6 (helpers must not be used for other work).
    """
    agency = accounts.agency(agency_code)
    unit = f"diversion:{staff_code}:{date.isoformat()}"

    with journal.writing(occasion=occasion, act="workload.note_diversion", unit=unit) as line:
        _, is_new = Diversion.objects.get_or_create(
            staff_code=staff_code,
            date=date,
            defaults={
                "agency_code": agency_code,
                "agency_path": agency.path,
                "acts": acts,
                "noted_at": occasion.at,
            },
        )
        if not is_new:
            raise Refusal("O-102", staff=staff_code, date=date.isoformat())
        notices.notify(
            line=line,
            kind=NoticeKind.HELPER_DIVERTED,
            unit=unit,
            reference=f"{staff_code} {date.isoformat()}",
            agency_path=agency.path,
            post=Post.SUPERVISOR,
            count=acts,
        )
        line.say(staff=staff_code, agency=agency_code, date=date, acts=acts)


def explain(*, occasion: Occasion, pk: int, explanation: str) -> None:
    """Say why a helper did other work, or what was done about it (说明).

    Raises:
        A-001: the actor is not the supervisor of that agency.
        O-101: the explanation is empty or too long.
        L-001: it was explained already.
        R-009: there is none such.
    """
    found = queries.get_for(occasion.actor, pk)
    permit(occasion.actor, found.agency_path, *queries.EXPLAINERS)
    typed = rules.said(explanation)
    unit = f"diversion:{found.staff_code}:{found.date.isoformat()}"

    with journal.writing(occasion=occasion, act="workload.explain", unit=unit) as line:
        swapped = Diversion.objects.filter(pk=pk, explained_at=None).update(
            explanation=typed, explained_by=occasion.actor.staff_code, explained_at=occasion.at
        )
        if swapped != 1:
            raise Refusal("L-001", reference=f"{found.staff_code} {found.date.isoformat()}")
        line.say(explanation=typed)
