"""Seeing jobs: what runs, how fast, what failed, and whether the work behind the screens is well."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Case, Count, Exists, IntegerField, Max, Min, OuterRef, Q, QuerySet, When
from django.utils.module_loading import import_string

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.facilities.jobs import rules
from anjuan.facilities.jobs.models import Job, JobItem, Pulse
from anjuan.facilities.jobs.rules import JobStatus, Kind
from anjuan.foundation.journal import queries as journal

LISTED = 200


@dataclass(frozen=True)
class JobRow:
    """A job as lists and pages see it."""

    uid: str
    kind: str
    reference: str
    owner_code: str
    agency_path: str
    status: JobStatus
    total: int
    done: int
    failed: int
    created_at: dt.datetime
    started_at: dt.datetime | None
    heartbeat_at: dt.datetime
    deadline_at: dt.datetime
    finished_at: dt.datetime | None
    per_minute: float | None
    time_left: dt.timedelta | None
    reason: Refusal | None

    @property
    def is_finished(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.status not in rules.UNFINISHED

    def is_stalled(self, at: dt.datetime) -> bool:
        """Whether it ought to move and has given no sign of life for too long."""
        return self.status in rules.AT_WORK and at - self.heartbeat_at > rules.STALLED_AFTER

    def is_late(self, at: dt.datetime) -> bool:
        """Whether it ought to have ended by now."""
        return not self.is_finished and at > self.deadline_at


@dataclass(frozen=True)
class FailedRow:
    """A unit that failed and waits to be mended."""

    key: str
    reference: str
    urn: str
    refusal: Refusal
    tries: int
    failed_at: dt.datetime
    is_wanted: bool


@dataclass(frozen=True)
class Health:
    """How the work behind the screens is."""

    signs: rules.Signs
    troubles: tuple[rules.Trouble, ...]


def kinds() -> Mapping[str, Kind]:
    """All kinds of job by code; settings name where the rooms' kinds are gathered."""
    gathered: Mapping[str, Kind] = import_string(settings.ANJUAN_JOB_KINDS)
    return gathered


def posts() -> frozenset[Post]:
    """The posts to which the job centre is open."""
    return frozenset({Post.SYSTEM_ADMIN}).union(*(kind.posts for kind in kinds().values()))


def permit(actor: Actor) -> None:
    """Whether the job centre is open to the actor.

    Raises:
        A-001: none of his posts has to do with jobs.
    """
    if not actor.holds(*posts()):
        raise Refusal("A-001", posts=posts())


def startable(actor: Actor) -> list[Kind]:
    """The kinds the actor may start from the job centre."""
    return [kind for kind in kinds().values() if kind.is_standing and actor.holds(*kind.posts)]


def list_for(actor: Actor, *, limit: int = LISTED) -> list[JobRow]:
    """The actor's jobs, those at work first, then the newest."""
    pressing = Case(
        When(status=JobStatus.RUNNING, then=0),
        When(status=JobStatus.WAITING, then=1),
        When(status=JobStatus.PAUSED, then=2),
        default=3,
        output_field=IntegerField(),
    )
    rows = _visible_to(actor).annotate(pressing=pressing).order_by("pressing", "-created_at", "-id")[:limit]
    return [_row(row) for row in rows]


def get_for(actor: Actor, uid: str) -> JobRow:
    """A job the actor may see.

    Raises:
        R-009: there is none, or it is neither his own nor his post's.
    """
    row = _visible_to(actor).filter(uid=uid).first()
    if row is None:
        raise Refusal("R-009", what=uid[:40])
    return _row(row)


def failed_of(uid: str, *, limit: int = LISTED) -> list[FailedRow]:
    """What failed in a job and has not been mended, in order; whether he may see the job is asked before."""
    rows = JobItem.objects.filter(job__uid=uid, settled_at=None).order_by("id")[:limit]
    return [
        FailedRow(
            row.key, row.reference, row.urn, Refusal(row.code, **row.params), row.tries, row.failed_at, row.is_wanted
        )
        for row in rows
    ]


def latest_of(kind: str, *, unfinished: bool = False) -> JobRow | None:
    """The newest job of a kind, whosever it is, or the newest that is not finished: for what runs on a calendar."""
    rows = Job.objects.filter(kind=kind)
    if unfinished:
        rows = rows.filter(status__in=rules.UNFINISHED)
    row = rows.order_by("-created_at", "-id").first()
    return _row(row) if row else None


def of_references(kind: str, references: Sequence[str]) -> Mapping[str, JobRow]:
    """The newest job of each of these references; whether it may be seen is asked before."""
    return {row.reference: _row(row) for row in Job.objects.filter(kind=kind, reference__in=references).order_by("id")}


def count_at_work(actor: Actor) -> int:
    """How many of the actor's jobs are not finished."""
    return _visible_to(actor).filter(status__in=rules.UNFINISHED).count()


def to_mend(actor: Actor, *, limit: int = LISTED) -> list[JobRow]:
    """The actor's own jobs that ended with a list or a reason, unless the same work was begun anew since."""
    return [_row(row) for row in _to_mend(actor).order_by("finished_at", "id")[:limit]]


def count_to_mend(actor: Actor) -> int:
    """How many of the actor's own jobs ended with a list or a reason."""
    return _to_mend(actor).count()


def _to_mend(actor: Actor) -> QuerySet[Job]:
    newer = Job.objects.filter(kind=OuterRef("kind"), reference=OuterRef("reference"), pk__gt=OuterRef("pk"))
    ended = Q(status=JobStatus.DONE_WITH_LIST) | Q(status=JobStatus.FAILED) & ~Q(reason_code=rules.STOPPED)
    return Job.objects.filter(ended, ~Exists(newer), owner_code=actor.staff_code)


def overdue_of(actor: Actor, at: dt.datetime) -> list[JobRow]:
    """The actor's own jobs that stand still or ought to have ended; a system administrator's are all he may see."""
    rows = _visible_to(actor) if actor.holds(Post.SYSTEM_ADMIN) else Job.objects.filter(owner_code=actor.staff_code)
    late = Q(status__in=rules.UNFINISHED, deadline_at__lt=at)
    return [_row(row) for row in rows.filter(_stalled(at) | late).order_by("heartbeat_at", "id")[:LISTED]]


def health(at: dt.datetime) -> Health:
    """Whether the worker lives, the queue moves, and the followers keep up."""
    stalled = Job.objects.filter(_stalled(at)).aggregate(many=Count("id"), since=Min("heartbeat_at"))
    behind = max((lag.behind for lag in journal.lags()), default=0) + journal.waiting()
    signs = rules.Signs(
        pulse_at=Pulse.objects.aggregate(at=Max("at"))["at"],
        stalled=stalled["many"],
        stalled_since=stalled["since"],
        behind=behind,
    )
    return Health(signs, rules.troubles(signs, at))


def _stalled(at: dt.datetime) -> Q:
    return Q(status__in=rules.AT_WORK, heartbeat_at__lt=at - rules.STALLED_AFTER)


def _visible_to(actor: Actor) -> QuerySet[Job]:
    condition = Q(owner_code=actor.staff_code)
    for held in actor.appointments:
        mine = [kind.code for kind in kinds().values() if held.post in kind.posts]
        if held.post is Post.SYSTEM_ADMIN:
            condition |= Q(agency_path__startswith=held.agency_path)
        elif mine:
            condition |= Q(agency_path__startswith=held.agency_path, kind__in=mine)
    return Job.objects.filter(condition)


def _row(row: Job) -> JobRow:
    processed = row.done + row.failed
    pace = rules.per_minute(processed - row.leg_done, row.heartbeat_at - row.leg_at) if row.leg_at else None
    status = JobStatus(row.status)
    return JobRow(
        uid=row.uid,
        kind=row.kind,
        reference=row.reference,
        owner_code=row.owner_code,
        agency_path=row.agency_path,
        status=status,
        total=row.total,
        done=row.done,
        failed=row.failed,
        created_at=row.created_at,
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        deadline_at=row.deadline_at,
        finished_at=row.finished_at,
        per_minute=pace,
        time_left=rules.time_left(row.total - processed, pace) if status is JobStatus.RUNNING else None,
        reason=Refusal(row.reason_code, **row.reason_params) if row.reason_code else None,
    )
