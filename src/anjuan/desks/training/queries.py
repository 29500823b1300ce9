"""What calls for training, which sessions there are, and who came (培训)."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Post
from anjuan.desks.training import rules
from anjuan.desks.training.models import Attendance, TrainingSession
from anjuan.facilities.corrections.queries import quality
from anjuan.facilities.corrections.queries.quality import Root
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import scopes_on

READERS = quality.QUALITY_POSTS
PLANNERS = (Post.SUPERVISOR, Post.ACCEPTOR, Post.RECHECKER)
LOOKED_BACK = 90  # days of faults that sessions are proposed from
LISTED = 60


@dataclass(frozen=True)
class SessionRow:
    """A session as pages see it."""

    session_no: str
    agency_code: str
    agency_path: str
    cause: str
    topic: str
    reason: str
    on_date: dt.date
    place: str
    trainer: str
    planned_by: str
    planned_at: dt.datetime
    held_date: dt.date | None
    held_by: str
    note: str
    cancelled_at: dt.datetime | None
    cancel_reason: str
    attended: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is planned, neither held nor called off."""
        return self.held_date is None and self.cancelled_at is None


def enter(actor: Actor, *posts: Post) -> None:
    """Whether the training desk is the actor's.

    Raises:
        A-001: he works with records, but holds none of the posts.
        R-009: he does not work with records; the desk does not exist for him.
    """
    wanted = posts or READERS
    if actor.holds(*wanted):
        return
    if actor.holds(*RECORD_POSTS):
        raise Refusal("A-001", posts=wanted)
    raise Refusal("R-009", what="培训 training")


def proposals(actor: Actor, *, now: dt.datetime) -> list[Root]:
    """Root causes that call for a session, by agency, the most faults first; two queries.

    Faults from before the last session on the same cause do not count: it was held for them.

    Raises:
        A-001, R-009: see `enter`.

    Standard: S3-R11, S3-P7.
    """
    enter(actor)
    sessions = list(
        TrainingSession.objects.filter(scopes_on("agency_path", actor, *READERS), cancelled_at=None).exclude(cause="")
    )
    trained: dict[tuple[str, str], dt.datetime] = {}
    planned: set[tuple[str, str]] = set()
    for row in sessions:
        key = (row.agency_code, row.cause)
        if row.held_at is None:
            planned.add(key)
        else:
            trained[key] = max(row.held_at, trained.get(key, row.held_at))
    roots = {(root.agency_code, root.cause.value): root for root in quality.roots(actor, _since(now), trained)}
    called = rules.calls_for(
        rules.Need(agency, cause, root.count, (agency, cause) in planned) for (agency, cause), root in roots.items()
    )
    return [roots[need.agency_code, need.cause] for need in called]


def need_of(actor: Actor, agency_code: str, cause: str, *, now: dt.datetime) -> Root | None:
    """The faults of an agency and cause that a session would be for, if there are any."""
    found = quality.roots(actor, _since(now), {})
    return next((root for root in found if (root.agency_code, root.cause.value) == (agency_code, cause)), None)


def sessions(actor: Actor) -> list[SessionRow]:
    """Sessions of the agencies that the actor's posts reach, the latest day first; two queries."""
    rows = TrainingSession.objects.filter(scopes_on("agency_path", actor, *READERS))
    return _rows(rows.order_by("-on_date", "-id")[:LISTED])


def session(actor: Actor, session_no: str) -> SessionRow:
    """One session.

    Raises:
        A-001, R-009: see `enter`; there is none, or the actor's posts do not reach its agency.
    """
    enter(actor)
    row = TrainingSession.objects.filter(scopes_on("agency_path", actor, *READERS), session_no=session_no).first()
    if row is None:
        raise Refusal("R-009", what=session_no[:40])
    return _rows([row])[0]


def people_of(agency_path: str) -> Mapping[str, str]:
    """Names of the people of an agency by staff code."""
    return accounts.people_at(agency_path)


def agencies_of(actor: Actor) -> list[accounts.AgencyRow]:
    """Agencies that the actor may plan sessions for."""
    return [row for row in accounts.agencies().values() if actor.covers(row.path, *PLANNERS)]


def next_session_no(on_date: dt.date) -> str:
    """The next free number of a year's sessions (培训编号)."""
    prefix = f"PX-{on_date:%Y}-"
    return f"{prefix}{TrainingSession.objects.filter(session_no__startswith=prefix).count() + 1:03}"


def reason_of(root: Root | None) -> str:
    """The faults that a session is planned for, as one line that is kept with it."""
    if root is None:
        return ""
    kinds = "、".join(f"{fault.code} {fault.zh} {count}" for fault, count in root.faults[:4])
    return f"近 {LOOKED_BACK} 天 {root.count} 个问题：{kinds}"[:300]


def record_facts(found: SessionRow) -> Mapping[str, object]:
    """What stands on the training record (培训记录): S3-F14.

    Raises:
        W-024: it was not held yet.
    """
    if found.held_date is None:
        raise Refusal("W-024", session_no=found.session_no)
    names = accounts.staff_names({*found.attended, found.planned_by, found.held_by})
    return {
        "session_no": found.session_no,
        "agency_name": accounts.agency_names().get(found.agency_code, found.agency_code),
        "topic": found.topic,
        "reason": found.reason,
        "date": found.held_date.isoformat(),
        "place": found.place,
        "trainer": found.trainer,
        "note": found.note,
        "count": str(len(found.attended)),
        "recorded_by": names.get(found.held_by, found.held_by),
        "printed_date": timezone.localdate().isoformat(),
        "rows": [
            {"no": str(place), "staff_code": code, "name": names.get(code, code)}
            for place, code in enumerate(found.attended, 1)
        ],
    }


def _since(now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(days=LOOKED_BACK)


def _rows(found: Iterable[TrainingSession]) -> list[SessionRow]:
    rows = list(found)
    came: dict[int, list[str]] = {}
    for pk, code in (
        Attendance.objects.filter(Q(session__in=rows)).order_by("staff_code").values_list("session_id", "staff_code")
    ):
        came.setdefault(pk, []).append(code)
    return [_row(row, came.get(row.pk, [])) for row in rows]


def _row(row: TrainingSession, attended: Sequence[str]) -> SessionRow:
    return SessionRow(
        session_no=row.session_no,
        agency_code=row.agency_code,
        agency_path=row.agency_path,
        cause=row.cause,
        topic=row.topic,
        reason=row.reason,
        on_date=row.on_date,
        place=row.place,
        trainer=row.trainer,
        planned_by=row.planned_by,
        planned_at=row.planned_at,
        held_date=row.held_date,
        held_by=row.held_by,
        note=row.note,
        cancelled_at=row.cancelled_at,
        cancel_reason=row.cancel_reason,
        attended=tuple(attended),
    )
