"""Jobs end in three ways and no other, do nothing twice, and go on where they stood. User asks 9, 17 and 18."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Sequence

import pytest
from django.db import OperationalError
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from anjuan.config.jobs import KINDS as SHIPPED
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.facilities.jobs import actions, queries, rules, tasks
from anjuan.facilities.jobs.models import Job, JobItem, Pulse
from anjuan.facilities.jobs.queries import JobRow
from anjuan.facilities.jobs.rules import JobStatus, Kind, Named, Params
from anjuan.foundation.journal.models import Entry
from tests.builders import one_line, refused
from tests.cast import Cast

MINUTE = dt.timedelta(minutes=1)


class Bench:
    """Ten units to do; what was done is written down, what is broken is refused."""

    def __init__(self) -> None:
        self.units = [f"{number:03}" for number in range(1, 11)]
        self.done: list[str] = []
        self.broken: set[str] = set()
        self.before: Callable[[str], object] = lambda key: None

    def after(self, params: Params, key: str, limit: int) -> Sequence[str]:
        return [unit for unit in self.units if unit > key][:limit]

    def do(self, key: str) -> None:
        self.before(key)
        if key in self.broken:
            raise Refusal("B-008", urn=f"urn:{key}")
        self.done.append(key)


BENCH = Bench()
KINDS: dict[str, Kind] = {}


@pytest.fixture
def bench(settings: Settings) -> Iterator[Bench]:
    BENCH.__init__()  # type: ignore[misc]
    KINDS.clear()
    KINDS["TRIAL"] = Kind(
        code="TRIAL",
        zh="试做",
        en="Trial",
        posts=frozenset({Post.KEEPER}),
        within=dt.timedelta(hours=1),
        count=lambda params: len(BENCH.units),
        after=BENCH.after,
        do=BENCH.do,
        name=lambda key: Named(f"第 {key} 件"),
        at_once=3,
        is_standing=True,
    )
    KINDS["LED"] = dataclasses.replace(KINDS["TRIAL"], code="LED", is_standing=False)
    settings.ANJUAN_JOB_KINDS = f"{__name__}.KINDS"
    yield BENCH


def started(cast: Cast) -> str:
    return actions.start(occasion=cast.occasion(Post.KEEPER), kind="TRIAL")


def row(cast: Cast, uid: str) -> JobRow:
    return queries.get_for(cast.actor(Post.KEEPER), uid)


def chunk(cast: Cast, uid: str, number: int, token: str = "one") -> None:
    """Let a worker do a chunk."""
    occasion = cast.clock.occasion(tasks.WORKER)
    actions.run_chunk(occasion=occasion, uid=uid, chunk_no=number, token=token, clock=lambda: cast.clock.at)


def work_off(cast: Cast) -> None:
    """Do what lies in the queue until it is empty, as a worker does."""
    while waiting := DBTaskResult.objects.filter(status="READY").order_by("enqueued_at").first():
        waiting.delete()
        chunk(cast, *waiting.args_kwargs["args"])


def queued() -> list[list[object]]:
    return [task.args_kwargs["args"] for task in DBTaskResult.objects.order_by("enqueued_at")]


def test_a_job_is_done_in_chunks_each_put_into_the_queue_with_the_last(cast: Cast, bench: Bench) -> None:
    with one_line("jobs.start"):
        uid = started(cast)
    assert queued() == [[uid, 0]]

    chunk(cast, uid, 0)

    assert queued() == [[uid, 0], [uid, 1]]
    assert (row(cast, uid).status, row(cast, uid).done) == (JobStatus.RUNNING, 3)
    with one_line("jobs.finish"):
        work_off(cast)
    ended = row(cast, uid)
    assert (ended.status, ended.done, ended.failed, ended.total) == (JobStatus.DONE, 10, 0, 10)
    assert bench.done == bench.units
    assert ended.finished_at is not None and ended.is_finished


def test_a_chunk_that_is_carried_out_twice_is_no_work(cast: Cast, bench: Bench) -> None:
    uid = started(cast)

    chunk(cast, uid, 0)
    chunk(cast, uid, 0, "two")

    assert bench.done == bench.units[:3]
    assert row(cast, uid).done == 3


def test_of_two_workers_at_one_chunk_the_second_leaves_it_alone(cast: Cast, bench: Bench) -> None:
    uid = started(cast)
    bench.before = lambda key: chunk(cast, uid, 0, "two") if key == "001" else None

    chunk(cast, uid, 0)

    assert bench.done == bench.units[:3]


def test_a_worker_killed_in_the_middle_is_taken_over_exactly_once(cast: Cast, bench: Bench) -> None:
    uid = started(cast)

    def die(key: str) -> None:
        if key == "002":
            raise KeyboardInterrupt

    bench.before = die
    with pytest.raises(KeyboardInterrupt):
        chunk(cast, uid, 0)
    bench.before = lambda key: None
    DBTaskResult.objects.all().delete()

    assert actions.rescue(at=cast.clock.at + MINUTE) == 0  # it may still be at it
    cast.clock.at += rules.LEASE + MINUTE
    assert actions.rescue(at=cast.clock.at) == 1
    assert actions.rescue(at=cast.clock.at) == 0
    assert queued() == [[uid, 0]]
    work_off(cast)

    assert row(cast, uid).status is JobStatus.DONE
    assert row(cast, uid).done == 10
    assert bench.done == ["001", *bench.units]  # a unit may be done again; it is counted once


def test_a_worker_thought_dead_that_comes_back_keeps_nothing(cast: Cast, bench: Bench) -> None:
    uid = started(cast)

    def overtaken(key: str) -> None:
        if key == "002" and bench.done.count("001") == 1:
            cast.clock.at += rules.LEASE + MINUTE
            actions.rescue(at=cast.clock.at)
            chunk(cast, uid, 0, "two")

    bench.before = overtaken
    chunk(cast, uid, 0)

    job = Job.objects.get(uid=uid)
    assert (job.done, job.chunk_no, job.cursor) == (3, 1, "003")


def test_a_chunk_that_kills_its_worker_every_time_ends_the_job_with_its_reason(cast: Cast, bench: Bench) -> None:
    uid = started(cast)

    def die(key: str) -> None:
        raise KeyboardInterrupt

    bench.before = die
    for _ in range(rules.MOST_TRIES):
        with pytest.raises(KeyboardInterrupt):
            chunk(cast, uid, 0)
        cast.clock.at += rules.LEASE + MINUTE
        actions.rescue(at=cast.clock.at)
    with one_line("jobs.fail"):
        chunk(cast, uid, 0)

    ended = row(cast, uid)
    assert ended.status is JobStatus.FAILED
    assert ended.reason is not None and ended.reason.code == "Y-005"
    assert actions.rescue(at=cast.clock.at + rules.LEASE + MINUTE) == 0
    bench.before = lambda key: None
    actions.go_on(occasion=cast.occasion(Post.KEEPER), uid=uid)
    work_off(cast)
    assert row(cast, uid).status is JobStatus.DONE


def test_a_chunk_stops_when_its_time_is_up(cast: Cast, bench: Bench) -> None:
    uid = started(cast)

    def slow(key: str) -> None:
        cast.clock.at += rules.BUDGET

    bench.before = slow
    chunk(cast, uid, 0)

    assert bench.done == ["001"]
    assert row(cast, uid).per_minute == pytest.approx(12, rel=0.3)
    assert row(cast, uid).time_left is not None


def test_what_fails_is_a_list_and_only_the_list_is_done_again(cast: Cast, bench: Bench) -> None:
    bench.broken = {"002", "009"}
    uid = started(cast)
    work_off(cast)
    ended = row(cast, uid)
    assert (ended.status, ended.done, ended.failed) == (JobStatus.DONE_WITH_LIST, 8, 2)
    failed = queries.failed_of(uid)
    assert [(one.reference, one.refusal.code, one.tries) for one in failed] == [
        ("第 002 件", "B-008", 1),
        ("第 009 件", "B-008", 1),
    ]
    assert "urn:002" in failed[0].refusal.message("zh")

    bench.broken, bench.done = {"009"}, []
    with one_line("jobs.retry"):
        assert actions.retry(occasion=cast.occasion(Post.KEEPER), uid=uid) == 2
    work_off(cast)
    again = row(cast, uid)
    assert bench.done == ["002"]
    assert (again.status, again.done, again.failed) == (JobStatus.DONE_WITH_LIST, 9, 1)
    assert [(one.key, one.tries) for one in queries.failed_of(uid)] == [("009", 2)]

    bench.broken, bench.done = set(), []
    assert actions.retry(occasion=cast.occasion(Post.KEEPER), uid=uid, keys=["009"]) == 1
    work_off(cast)
    assert bench.done == ["009"]
    assert (row(cast, uid).status, row(cast, uid).done, row(cast, uid).total) == (JobStatus.DONE, 10, 10)
    assert JobItem.objects.filter(job__uid=uid, settled_at=None).count() == 0
    with refused("Y-003"):
        actions.retry(occasion=cast.occasion(Post.KEEPER), uid=uid)


def test_a_long_list_is_done_again_in_chunks_too(cast: Cast, bench: Bench) -> None:
    bench.broken = set(bench.units)
    uid = started(cast)
    work_off(cast)
    assert row(cast, uid).failed == 10

    bench.broken = set()
    actions.retry(occasion=cast.occasion(Post.KEEPER), uid=uid)
    work_off(cast)

    assert bench.done == bench.units
    assert row(cast, uid).status is JobStatus.DONE


def test_a_paused_job_finishes_the_chunk_in_hand_and_goes_on_where_it_stood(cast: Cast, bench: Bench) -> None:
    uid = started(cast)

    def rest(key: str) -> None:
        if key == "002":
            with one_line("jobs.pause"):
                actions.pause(occasion=cast.occasion(Post.KEEPER), uid=uid)

    bench.before = rest
    work_off(cast)
    assert (row(cast, uid).status, row(cast, uid).done, queued()) == (JobStatus.PAUSED, 3, [])
    assert actions.rescue(at=cast.clock.at + dt.timedelta(days=1)) == 0
    with refused("Y-003"):
        actions.pause(occasion=cast.occasion(Post.KEEPER), uid=uid)

    bench.before = lambda key: None
    with one_line("jobs.go_on"):
        actions.go_on(occasion=cast.occasion(Post.KEEPER), uid=uid)
    with refused("Y-003"):
        actions.go_on(occasion=cast.occasion(Post.KEEPER), uid=uid)
    work_off(cast)
    assert bench.done == bench.units


def test_a_job_paused_during_its_last_chunk_is_done(cast: Cast, bench: Bench) -> None:
    bench.units = bench.units[:2]
    uid = started(cast)
    bench.before = lambda key: actions.pause(occasion=cast.occasion(Post.KEEPER), uid=uid) if key == "002" else None

    work_off(cast)

    assert row(cast, uid).status is JobStatus.DONE


def test_a_stopped_job_says_who_stopped_it_and_drops_the_chunk_in_hand(cast: Cast, bench: Bench) -> None:
    uid = started(cast)

    def stop(key: str) -> None:
        if key == "002":
            with one_line("jobs.cancel"):
                actions.cancel(occasion=cast.occasion(Post.KEEPER), uid=uid)

    bench.before = stop
    work_off(cast)

    ended = row(cast, uid)
    assert (ended.status, ended.done) == (JobStatus.FAILED, 0)
    assert ended.reason is not None and ended.reason.code == "Y-004" and "陈立" in ended.reason.message("zh")
    with refused("Y-003"):
        actions.cancel(occasion=cast.occasion(Post.KEEPER), uid=uid)


def test_what_nobody_foresaw_ends_the_job_with_a_number_to_quote(cast: Cast, bench: Bench) -> None:
    uid = started(cast)

    def stumble(key: str) -> None:
        raise ZeroDivisionError

    bench.before = stumble
    tasks.run_chunk.call(uid, 0)

    ended = row(cast, uid)
    assert ended.status is JobStatus.FAILED
    assert ended.reason is not None and ended.reason.code == "Y-006" and "ZeroDivisionError" in ended.reason.message()
    bench.before = lambda key: None
    actions.go_on(occasion=cast.occasion(Post.KEEPER), uid=uid)
    work_off(cast)
    assert row(cast, uid).status is JobStatus.DONE


def test_a_database_that_was_away_for_a_moment_does_not_end_the_job(cast: Cast, bench: Bench) -> None:
    uid = started(cast)

    def away(key: str) -> None:
        raise OperationalError("server closed the connection")

    bench.before = away
    with pytest.raises(OperationalError):
        tasks.run_chunk.call(uid, 0)
    assert row(cast, uid).status is JobStatus.RUNNING

    bench.before = lambda key: None
    cast.clock.at += rules.LEASE + 2 * MINUTE
    actions.rescue(at=cast.clock.at)
    work_off(cast)
    assert row(cast, uid).status is JobStatus.DONE


def test_a_worker_that_lost_its_chunk_cannot_end_the_job(cast: Cast, bench: Bench) -> None:
    uid = started(cast)
    before = Entry.objects.count()

    actions.fail(occasion=cast.clock.occasion(tasks.WORKER), uid=uid, token="other", reason=Refusal("B-005", urn="x"))

    assert row(cast, uid).status is JobStatus.WAITING
    assert Entry.objects.count() == before


def test_the_same_job_is_not_started_twice(cast: Cast, bench: Bench) -> None:
    uid = started(cast)

    with refused("Y-002"):
        started(cast)
    assert queued() == [[uid, 0]]
    actions.cancel(occasion=cast.occasion(Post.KEEPER), uid=uid)
    started(cast)
    with refused("Y-002"):  # nor by letting an old one go on beside it
        actions.go_on(occasion=cast.occasion(Post.KEEPER), uid=uid)


def test_what_cannot_be_started_is_refused(cast: Cast, bench: Bench) -> None:
    with refused("Y-001"):
        actions.start(occasion=cast.occasion(Post.KEEPER), kind="NONE")
    with refused("Y-001"):
        actions.start(occasion=cast.occasion(Post.KEEPER), kind="LED")
    with refused("A-001"):
        actions.start(occasion=cast.occasion(Post.HANDLER), kind="TRIAL")
    bench.units = []
    with refused("Y-007"):
        started(cast)


def test_a_job_that_stands_still_or_a_worker_that_died_is_trouble(cast: Cast, bench: Bench) -> None:
    at = cast.clock.at
    assert queries.health(at).troubles == ()
    actions.beat(worker="w1", at=at)
    assert queries.health(at + rules.WORKER_SILENT_AFTER).troubles == ()
    assert queries.health(at + MINUTE).troubles == (rules.Trouble.WORKER_SILENT,)
    actions.leave(worker="w1")
    assert queries.health(at + MINUTE).troubles == ()

    uid = started(cast)
    later = cast.clock.at + rules.STALLED_AFTER + MINUTE
    actions.rescue(at=later)  # putting it back into a queue that nobody reads is no sign of life
    assert queries.health(later).troubles == (rules.Trouble.WORKER_SILENT, rules.Trouble.QUEUE_STALLED)
    actions.beat(worker="w2", at=later)
    assert queries.health(later).troubles == (rules.Trouble.QUEUE_STALLED,)
    assert [one.uid for one in queries.overdue_of(cast.actor(Post.KEEPER), later)] == [uid]
    assert queries.overdue_of(cast.actor(Post.HANDLER), later) == []
    assert [one.uid for one in queries.overdue_of(cast.actor(Post.SYSTEM_ADMIN), later)] == [uid]


def test_signs_of_workers_long_gone_are_taken_away(cast: Cast) -> None:
    actions.beat(worker="old", at=cast.clock.at - dt.timedelta(days=2))
    actions.beat(worker="new", at=cast.clock.at)
    actions.beat(worker="new", at=cast.clock.at + MINUTE)

    assert list(Pulse.objects.values_list("worker", "at")) == [("new", cast.clock.at + MINUTE)]


def test_the_real_kinds_are_gathered_from_the_desks() -> None:
    assert set(SHIPPED) == {
        "FIXITY_SWEEP",
        "REPLICATE",
        "DRAW_PAGES",
        "EXPORT_LIST",
        "AUDIT",
        "MEASURE_PAGES",
        "TEST_STORED",
        "LOOK_AT_PAGED",
        "READ_PAGES",
        "READ_REST",
        "RECONCILE_INDEX",
        "LAY_TEMPLATE",
        "SEAL_READINGS",
        "PREPARE_PROBES",
        "PILE_READ",
        "PILE_CAPTURE",
        "ATTACH_IMAGES",
    } | {f"CATALOGUE_{what}" for what in ("CHECK", "TAKE", "UNDO")} | {"SEAL_VOLUMES", "PRINT_VOLUMES"}
    assert all(code == kind.code for code, kind in SHIPPED.items())
