"""The worker beside the web server: it sequences the journal, runs the followers and the background tasks.

``anjuan serve`` starts it as a process of its own, so that a heavy task never makes a clerk wait; killing it loses
nothing, since followers have cursors and tasks are rows. The loop also gives a sign of life, puts the chunks of silent
workers back into the queue, and looks at the calendars of notices and of copies.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.core.management import call_command
from django.db import close_old_connections
from django.utils import timezone

from anjuan.config import followers
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.desks.filing import tasks as filing
from anjuan.desks.intake import tasks as intake
from anjuan.facilities.assurance import tasks as assurance
from anjuan.facilities.copies import actions as copies_actions
from anjuan.facilities.copies import tasks as copies
from anjuan.facilities.evidence import actions as evidence
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.notices import tasks as notices
from anjuan.facilities.progress import tasks as progress
from anjuan.facilities.reading import tasks as reading
from anjuan.facilities.sealing import tasks as sealing
from anjuan.facilities.search import actions as search
from anjuan.facilities.search import tasks as searching
from anjuan.facilities.workload import tasks as workload
from anjuan.foundation.accounts import occasions
from anjuan.foundation.journal import actions as journal

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.3
TEND_SECONDS = 0.2  # the followers wait for no page that is read, nor for a rebuild
WORKER = f"{socket.gethostname()[:40]}-{os.getpid()}"
WORKER_ACTOR = Actor("WORKER", "WORKER", "", "")  # no person closes the openings: the minute does
_stopping = threading.Event()


def run() -> None:
    """Work until told to stop."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _stop)
    tasks = threading.Thread(target=_run_tasks, name="tasks", daemon=True)
    tasks.start()
    turn = intake.Turn()
    rounds = [
        _Round(5, lambda: jobs.beat(worker=WORKER, at=timezone.now())),
        _Round(30, lambda: jobs.rescue(at=timezone.now())),
        _Round(2, lambda: search.tend(seconds=TEND_SECONDS, at=timezone.now())),
        _Round(5, search.notice_readings),
        _Round(60, close_openings),
        _Round(60, notices.scan),
        _Round(600, workload.scan),
        _Round(15, lambda: intake.go_on_held(turn)),
        _Round(5, intake.watch),
        _Round(10, intake.file_completed),
        _Round(3600, progress.scan),
        _Round(60, close_days),
        _Round(30, copies.keep_up),
        _Round(300, assurance.keep_up),
        _Round(3600, assurance.keep_tested),
        _Round(30, reading.keep_up),
        _Round(60, sealing.keep_up),
        _Round(30, bring_proof),
        _Round(3600, copies.gauge),
        _Round(3600, intake.clear_sendings),
        _Round(3600, intake.clear_spent),
        _Round(3600, filing.clear_prints),
        _Round(3600, searching.clear_exports),
        _Round(600, searching.keep_reconciled),
        _Round(86_400, lambda: call_command("prune_db_task_results", min_age_days=1, verbosity=0)),
    ]
    while not _stopping.is_set():
        try:
            for each in rounds:
                each.go()
            busy = followers.run_once() or search.tend(seconds=TEND_SECONDS, at=timezone.now())
        except Exception:
            log.exception("the followers stumbled")
            busy = 0
            close_old_connections()
            time.sleep(2)
        if not busy:
            _stopping.wait(PAUSE_SECONDS)
    try:
        close_openings()
        followers.run_once()
    finally:
        jobs.leave(worker=WORKER)


def close_openings() -> None:
    """Enter the openings of the last minute in the journal, so many a line."""
    while journal.close_openings(occasion=occasions.now(WORKER_ACTOR)) == journal.CLOSE_AT_ONCE:
        pass


def bring_proof() -> None:
    """Bring log and journal to the places of copies; where that takes a while, the followers go on between."""
    while copies_actions.tend_proof(seconds=TEND_SECONDS) and not _stopping.is_set():
        followers.run_once()


def close_days() -> None:
    """Write down the roots of the days that are over; without a time stamp it is tried again in a minute."""
    try:
        evidence.close_days(occasion=occasions.now(WORKER_ACTOR))
    except Refusal as refusal:
        log.warning("the day's root was not written down: %s", refusal)


class _Round:
    """Something that is looked at again and again, but not at every turn of the loop."""

    def __init__(self, every_seconds: float, look: Callable[[], object]) -> None:
        self.every_seconds = every_seconds
        self.look = look
        self.next_at = 0.0

    def go(self) -> None:
        if time.monotonic() >= self.next_at:
            self.next_at = time.monotonic() + self.every_seconds
            self.look()


def _run_tasks() -> None:
    from django_tasks_db.management.commands.db_worker import Worker

    worker = Worker(
        queue_names=["default"],
        interval=0.5,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="anjuan",
        excluded_queue_names=[],
    )
    threading.Thread(target=_relay_stop, args=(worker,), daemon=True).start()
    while not _stopping.is_set():
        try:
            worker.run()
        except Exception:  # a database that was away: the queue must not stop for it without a word
            log.exception("the tasks stumbled")
            close_old_connections()
            _stopping.wait(5)


def _relay_stop(worker: object) -> None:
    _stopping.wait()
    worker.running = False  # type: ignore[attr-defined]


def _stop(signum: int, frame: FrameType | None) -> None:
    _stopping.set()
