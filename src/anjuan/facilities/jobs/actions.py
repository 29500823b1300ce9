"""Starting, steering and doing long work. Chunks leave no journal line; starting, steering and ending a job do.

A chunk is done outside any transaction and kept in one: the chunk's number and the worker's claim are swapped, so that
of two workers who did the same chunk one is kept, and a killed worker's chunk is done again by another.
"""

import contextlib
import datetime as dt
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.module_loading import import_string

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.jobs import queries, rules
from anjuan.facilities.jobs.models import Job, JobItem, Pulse
from anjuan.facilities.jobs.rules import JobStatus, Kind, Params
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class _Chunk:
    """What one chunk did: each unit with its refusal, if it was refused."""

    outcomes: tuple[tuple[str, Refusal | None], ...]
    is_retry: bool
    is_last: bool
    at: dt.datetime


class _Lost(Exception):
    """Somebody else has the chunk now: what was done is dropped, and done again by him."""


def start(*, occasion: Occasion, kind: str, reference: str = "", params: Params | None = None) -> str:
    """Start a job from the job centre (开始任务). Returns its uid.

    Raises:
        A-001: none of the actor's posts may start it.
        Y-001: there is no such kind, or it cannot be started alone.
        Y-002: the same job is under way.
        Y-007: there is nothing to do.
    """
    found = queries.kinds().get(kind)
    if found is None or not found.is_standing:
        raise Refusal("Y-001", kind=kind[:30])
    actor = occasion.actor
    permit(actor, actor.agency_path, *found.posts)

    with journal.writing(occasion=occasion, act="jobs.start", unit="job:new") as line:
        uid = open_job(
            line=line, kind=kind, reference=reference, agency_path=actor.agency_path, params=dict(params or {})
        )
        if not uid:
            raise Refusal("Y-007", kind=found.zh)
        line.unit = f"job:{uid}"
        line.say(kind=kind, reference=reference)
    return uid


def open_job(*, line: Line, kind: str, reference: str, agency_path: str, params: Params) -> str:
    """Have long work done as part of a desk's deed: the job and its first chunk stand and fall with it.

    Args:
        line: the open line of the deed.
        kind: which work.
        reference: what people call its subject, such as a batch number.
        agency_path: to whose affairs it belongs.
        params: what the kind needs to know.

    Returns:
        The job's uid; empty when there is nothing to do.

    Raises:
        Y-002: the same job is under way.
    """
    occasion, found = line.occasion, queries.kinds()[kind]
    if found.begin is not None:
        params = {**found.begin(occasion.at), **params}
    total = found.count(params)
    if not total:
        return ""
    uid = occasion.fresh(16).hex()
    try:
        with transaction.atomic():  # a savepoint: of two who start at once, the second is told
            Job.objects.create(
                uid=uid,
                kind=kind,
                reference=reference,
                owner_code=occasion.actor.staff_code,
                agency_path=agency_path,
                params=dict(params),
                total=total,
                created_at=occasion.at,
                heartbeat_at=occasion.at,
                queued_at=occasion.at,
                deadline_at=occasion.at + found.within,
            )
    except IntegrityError as error:
        raise Refusal("Y-002", kind=found.zh, reference=reference or "—") from error
    _enqueue(uid, 0)
    line.say(job=uid, units=total)
    return uid


def pause(*, occasion: Occasion, uid: str) -> None:
    """Let a job rest (暂停): the chunk in hand is finished, no other is begun.

    Raises:
        R-009: there is no such job, or it is not the actor's to steer.
        Y-003: it is not at work.
    """
    queries.get_for(occasion.actor, uid)

    with journal.writing(occasion=occasion, act="jobs.pause", unit=f"job:{uid}") as line:
        _swap(uid, Q(status__in=rules.AT_WORK), status=JobStatus.PAUSED)
        line.say(status=JobStatus.PAUSED)


def go_on(*, occasion: Occasion, uid: str) -> None:
    """Let a paused, failed or stalled job go on where it stood (继续).

    Raises:
        R-009: there is no such job, or it is not the actor's to steer.
        Y-002: the same job was started anew meanwhile.
        Y-003: it is at work, or it is done.
    """
    row = queries.get_for(occasion.actor, uid)
    silent = Q(status__in=rules.AT_WORK, heartbeat_at__lt=occasion.at - rules.LEASE)

    with journal.writing(occasion=occasion, act="jobs.go_on", unit=f"job:{uid}") as line:
        _wake(row, Q(status__in=(JobStatus.PAUSED, JobStatus.FAILED)) | silent, occasion.at)
        line.say(status=JobStatus.WAITING, was=row.status)


def retry(*, occasion: Occasion, uid: str, keys: Sequence[str] = ()) -> int:
    """Do what failed again, and nothing else (处理后继续). Returns how many units.

    Args:
        occasion: who, and when.
        uid: the job.
        keys: only these units; all that failed when empty.

    Raises:
        R-009: there is no such job, or it is not the actor's to steer.
        Y-003: it has not ended with a list, or none of these stands in it.
    """
    row = queries.get_for(occasion.actor, uid)

    with journal.writing(occasion=occasion, act="jobs.retry", unit=f"job:{uid}") as line:
        wanted = JobItem.objects.filter(job__uid=uid, settled_at=None)
        if keys:
            wanted = wanted.filter(key__in=keys)
        count = wanted.update(is_wanted=True)
        if not count:
            raise Refusal("Y-003", uid=uid[:8])
        _wake(row, Q(status=JobStatus.DONE_WITH_LIST), occasion.at)
        line.say(units=count)
    return count


def cancel(*, occasion: Occasion, uid: str) -> None:
    """Stop a job until somebody lets it go on (停止). Always safe: units are done whole, and can be done again.

    Raises:
        R-009: there is no such job, or it is not the actor's to steer.
        Y-003: it has ended.
    """
    queries.get_for(occasion.actor, uid)

    with journal.writing(occasion=occasion, act="jobs.cancel", unit=f"job:{uid}") as line:
        _end(uid, Q(status__in=rules.UNFINISHED), Refusal("Y-004", staff=occasion.actor.name), occasion.at)
        line.say(status=JobStatus.FAILED)


def run_chunk(*, occasion: Occasion, uid: str, chunk_no: int, token: str, clock: Clock) -> None:
    """Do one chunk of a job, keep what came of it, and put the next into the queue (做一段).

    Does nothing when the chunk is done already, in another worker's hand, or its job rests.

    Args:
        occasion: the worker's own.
        uid: the job.
        chunk_no: which chunk; a number that has passed is no work.
        token: who claims it.
        clock: the time now; for the chunk's budget and signs of life.
    """
    job = _claim(uid, chunk_no, token, occasion.at)
    if job is None:
        return
    if job.tries > rules.MOST_TRIES:
        fail(occasion=occasion, uid=uid, token=token, reason=Refusal("Y-005", tries=rules.MOST_TRIES))
        return
    kind = queries.kinds()[job.kind]
    try:
        chunk = _work(job, kind, token, clock)
    except Refusal as refusal:
        fail(occasion=occasion, uid=uid, token=token, reason=refusal)
        return
    except _Lost:
        return
    named = {key: kind.name(key) for key, refusal in chunk.outcomes if refusal is not None}

    with contextlib.suppress(_Lost):
        if chunk.is_last:
            with journal.writing(occasion=occasion, act="jobs.finish", unit=f"job:{uid}") as line:
                kept = _keep(job, token, chunk, named)
                kept.status = JobStatus.DONE_WITH_LIST if kept.failed else JobStatus.DONE
                kept.finished_at = chunk.at
                kept.save()
                line.say(status=kept.status, done=kept.done, failed=kept.failed)
        else:
            with transaction.atomic():
                kept = _keep(job, token, chunk, named)
                kept.save()
                if kept.status != JobStatus.PAUSED:
                    _enqueue(uid, kept.chunk_no)


def fail(*, occasion: Occasion, uid: str, token: str, reason: Refusal) -> None:
    """End a job with its reason, on behalf of the worker that has it in hand (任务失败)."""
    with (
        contextlib.suppress(Refusal),  # another worker has it now, or a person stopped it: then that stands
        journal.writing(occasion=occasion, act="jobs.fail", unit=f"job:{uid}") as line,
    ):
        _end(uid, Q(status__in=rules.UNFINISHED, claimed_by=token), reason, occasion.at)
        line.say(status=JobStatus.FAILED, reason=reason.code)


def rescue(*, at: dt.datetime) -> int:
    """Put chunks whose worker went silent into the queue again (看护). Returns how many.

    Concurrency: swapped on chunk and time, so that of two watchdogs one puts it back; a chunk put back needlessly is
    not done twice, since its number has passed.
    """
    rescued = 0
    silent = Q(status__in=rules.AT_WORK, heartbeat_at__lt=at - rules.LEASE, queued_at__lt=at - rules.LEASE)
    for uid, chunk_no, queued_at in (
        Job.objects.filter(silent).order_by("id").values_list("uid", "chunk_no", "queued_at")
    ):
        with transaction.atomic():
            same = Job.objects.filter(silent, uid=uid, chunk_no=chunk_no, queued_at=queued_at)
            if same.update(queued_at=at, claimed_by="") == 1:
                _enqueue(uid, chunk_no)
                rescued += 1
    return rescued


def beat(*, worker: str, at: dt.datetime) -> None:
    """A sign of life of a worker; signs of workers gone for a day are taken away."""
    Pulse.objects.update_or_create(worker=worker, defaults={"at": at})
    Pulse.objects.filter(at__lt=at - dt.timedelta(days=1)).delete()


def leave(*, worker: str) -> None:
    """A worker stops in order: its silence is no alarm."""
    Pulse.objects.filter(worker=worker).delete()


def _enqueue(uid: str, chunk_no: int) -> None:
    # Settings name the task: a task reads the clock, so it stands above the actions that ask for it.
    import_string(settings.ANJUAN_JOB_CHUNK).enqueue(uid, chunk_no)


def _swap(uid: str, condition: Q, **fields: object) -> None:
    if Job.objects.filter(condition, uid=uid).update(**fields) != 1:
        raise Refusal("Y-003", uid=uid[:8])


def _wake(row: queries.JobRow, condition: Q, at: dt.datetime) -> None:
    kind = queries.kinds()[row.kind]
    try:
        with transaction.atomic():
            _swap(
                row.uid,
                condition,
                status=JobStatus.WAITING,
                tries=0,
                heartbeat_at=at,
                queued_at=at,
                deadline_at=at + kind.within,
                finished_at=None,
                leg_at=None,
                leg_done=F("done") + F("failed"),
                reason_code="",
                reason_params={},
            )
    except IntegrityError as error:
        raise Refusal("Y-002", kind=kind.zh, reference=row.reference or "—") from error
    _enqueue(row.uid, Job.objects.values_list("chunk_no", flat=True).get(uid=row.uid))


def _end(uid: str, condition: Q, reason: Refusal, at: dt.datetime) -> None:
    _swap(
        uid,
        condition,
        status=JobStatus.FAILED,
        claimed_by="",
        finished_at=at,
        reason_code=reason.code,
        reason_params=rules.kept(reason),
    )


def _claim(uid: str, chunk_no: int, token: str, at: dt.datetime) -> Job | None:
    free = Q(claimed_by="") | Q(heartbeat_at__lt=at - rules.LEASE)
    mine = Job.objects.filter(free, uid=uid, chunk_no=chunk_no, status__in=rules.AT_WORK).update(
        status=JobStatus.RUNNING,
        claimed_by=token,
        heartbeat_at=at,
        tries=F("tries") + 1,
        started_at=Coalesce("started_at", Value(at)),
        leg_at=Coalesce("leg_at", Value(at)),
    )
    return Job.objects.get(uid=uid) if mine == 1 else None


def _work(job: Job, kind: Kind, token: str, clock: Clock) -> _Chunk:
    """Do as many units as fit into a chunk: first what a person wants done again, else what comes next."""
    wanted = JobItem.objects.filter(job=job, is_wanted=True, settled_at=None).order_by("id")
    again = list(wanted.values_list("key", flat=True)[: kind.at_once + 1])
    found = again or (() if job.is_walked else tuple(kind.after(job.params, job.cursor, kind.at_once + 1)))
    outcomes = tuple(_done(job.uid, kind, found[: kind.at_once], token, clock))
    rest = len(outcomes) < len(found)
    return _Chunk(outcomes, bool(again), not rest and (job.is_walked or not again), clock())


def _done(uid: str, kind: Kind, keys: Sequence[str], token: str, clock: Clock) -> Iterator[tuple[str, Refusal | None]]:
    began = beaten = clock()
    with contextlib.closing(kind.batch(keys) if kind.batch is not None else _one_by_one(kind, keys)) as outcomes:
        for key, refusal in zip(keys, outcomes, strict=True):
            yield key, refusal
            at = clock()
            if at - beaten >= rules.BEAT_EVERY:
                beaten = at
                if not Job.objects.filter(uid=uid, claimed_by=token).update(heartbeat_at=at):
                    raise _Lost
            if at - began >= rules.BUDGET:
                return


def _one_by_one(kind: Kind, keys: Sequence[str]) -> Generator[Refusal | None, None, None]:
    for key in keys:
        try:
            kind.do(key)
        except Refusal as refusal:
            yield refusal
        else:
            yield None


def _keep(job: Job, token: str, chunk: _Chunk, named: dict[str, rules.Named]) -> Job:
    """Write a chunk's outcome down, if the chunk is still ours. The caller saves the row in the same transaction."""
    held = Job.objects.select_for_update().filter(pk=job.pk, chunk_no=job.chunk_no, claimed_by=token).first()
    if held is None:
        raise _Lost
    known = {item.key: item for item in JobItem.objects.filter(job=held, key__in=[key for key, _ in chunk.outcomes])}
    for key, refusal in chunk.outcomes:
        item = known.get(key)
        if item is not None and item.settled_at is None:
            held.failed -= 1
        elif item is not None:  # walked again after it was mended: it is counted already
            held.done -= 1
        if refusal is None:
            held.done += 1
            if item is not None:
                item.settled_at, item.is_wanted = chunk.at, False
                item.save()
        else:
            held.failed += 1
            item = item or JobItem(job=held, key=key, tries=0)
            item.reference, item.urn = named[key].reference[:200], named[key].urn
            item.code, item.params = refusal.code, rules.kept(refusal)
            item.tries, item.failed_at = item.tries + 1, chunk.at
            item.is_wanted, item.settled_at = False, None
            item.save()
    if not chunk.is_retry:
        held.cursor = chunk.outcomes[-1][0] if chunk.outcomes else held.cursor
        held.is_walked = chunk.is_last
    # Work that is found by what is left to do shrinks when it is done twice, or by somebody else meanwhile.
    held.total = max(0 if chunk.is_last else held.total, held.done + held.failed)
    held.chunk_no += 1
    held.claimed_by, held.tries, held.heartbeat_at = "", 0, chunk.at
    return held
