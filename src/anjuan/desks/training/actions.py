"""Planning a session, recording that it was held and who came, calling it off (培训)."""

import datetime as dt
import zoneinfo
from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.training import queries, rules
from anjuan.desks.training.models import Attendance, TrainingSession
from anjuan.facilities.corrections.rules import Cause
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import rules as record_rules


def plan_session(
    *, occasion: Occasion, agency_code: str, cause: str, topic: str, on_date: dt.date, place: str, trainer: str
) -> queries.SessionRow:
    """Plan a session for an agency's people (培训计划). The faults that it is for are kept with it.

    Args:
        occasion: the leader, acceptor or re-checker over the agency, now.
        agency_code: whose people are trained.
        cause: root cause that it is about; empty for another subject.
        topic: 100 characters at most.
        on_date: the day.
        place: where; 60 characters at most.
        trainer: who holds it; 40 characters at most.

    Raises:
        A-001: the actor neither leads, accepts nor re-checks over that agency.
        L-001: somebody planned one in the same moment.
        R-009: no such agency.
        R-010: a word is missing, too long, or holds a character that cannot be kept.
        W-020: the day is past.
        W-023: there is no such root cause.

    Standard: S3-R11, S0-F10.
    """
    queries.enter(occasion.actor, *queries.PLANNERS)
    agency = accounts.agency(agency_code)
    permit(occasion.actor, agency.path, *queries.PLANNERS)
    rules.check_cause(cause, {one.value for one in Cause})
    topic = record_rules.text("主题 topic", topic, limit=100)
    place = record_rules.text("地点 place", place, limit=60)
    trainer = record_rules.text("讲解人 trainer", trainer, limit=40)
    rules.check_planned(on_date, today=_today(occasion))
    need = queries.need_of(occasion.actor, agency_code, cause, now=occasion.at) if cause else None
    session_no = queries.next_session_no(on_date)

    with journal.writing(occasion=occasion, act="training.plan_session", unit=f"training:{session_no}") as line:
        try:
            with transaction.atomic():
                TrainingSession.objects.create(
                    session_no=session_no,
                    agency_code=agency_code,
                    agency_path=agency.path,
                    cause=cause,
                    topic=topic,
                    reason=queries.reason_of(need),
                    on_date=on_date,
                    place=place,
                    trainer=trainer,
                    planned_by=occasion.actor.staff_code,
                    planned_at=occasion.at,
                )
        except IntegrityError:  # somebody else planned one a moment ago
            raise Refusal("L-001", reference=session_no) from None
        line.say(agency=agency_code, cause=cause, topic=topic, date=on_date, place=place, trainer=trainer)
    return queries.session(occasion.actor, session_no)


def hold_session(
    *, occasion: Occasion, session_no: str, held_date: dt.date, attended: Sequence[str], note: str = ""
) -> None:
    """Record that a session was held, and who came (培训记录).

    Args:
        occasion: the leader, acceptor or re-checker over the agency, now.
        session_no: of the session.
        held_date: the day on which it was held.
        attended: staff codes of those who came.
        note: what is worth keeping; 300 characters at most.

    Raises:
        A-001: the actor neither leads, accepts nor re-checks over that agency.
        L-001: it was recorded or called off already.
        R-009: no such session.
        R-010: the note is too long, or holds a character that cannot be kept.
        W-020 to W-022: see `rules.check_held`.

    Standard: S3-F14, S0-F10.
    """
    found = _mine(occasion, session_no)
    people = dict.fromkeys(attended)
    rules.check_held(
        held_date, today=_today(occasion), attended=people, known=queries.people_of(found.agency_path).keys()
    )
    note = record_rules.text("说明 note", note, limit=300) if note.strip() else ""

    with journal.writing(occasion=occasion, act="training.hold_session", unit=f"training:{session_no}") as line:
        open_ = TrainingSession.objects.filter(session_no=session_no, held_at=None, cancelled_at=None)
        changed = open_.update(held_date=held_date, held_by=occasion.actor.staff_code, held_at=occasion.at, note=note)
        if changed != 1:
            raise Refusal("L-001", reference=session_no)
        session = TrainingSession.objects.get(session_no=session_no)
        Attendance.objects.bulk_create(Attendance(session=session, staff_code=code) for code in people)
        line.say(date=held_date, attended=",".join(people), note=note)


def cancel_session(*, occasion: Occasion, session_no: str, reason: str) -> None:
    """Call a planned session off (取消培训).

    Raises:
        A-001: the actor neither leads, accepts nor re-checks over that agency.
        L-001: it was recorded or called off already.
        R-009: no such session.
        R-010: the reason is missing, too long, or holds a character that cannot be kept.

    Standard: S0-F10.
    """
    _mine(occasion, session_no)
    reason = record_rules.text("原因 reason", reason, limit=200)

    with journal.writing(occasion=occasion, act="training.cancel_session", unit=f"training:{session_no}") as line:
        open_ = TrainingSession.objects.filter(session_no=session_no, held_at=None, cancelled_at=None)
        changed = open_.update(cancelled_by=occasion.actor.staff_code, cancelled_at=occasion.at, cancel_reason=reason)
        if changed != 1:
            raise Refusal("L-001", reference=session_no)
        line.say(reason=reason)


def _mine(occasion: Occasion, session_no: str) -> queries.SessionRow:
    queries.enter(occasion.actor, *queries.PLANNERS)
    found = queries.session(occasion.actor, session_no)
    permit(occasion.actor, found.agency_path, *queries.PLANNERS)
    return found


def _today(occasion: Occasion) -> dt.date:
    return occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
