"""The worker beside the web server: it sequences the journal, runs the followers and the background tasks.

``anjuan serve`` starts it as a process of its own, so that a heavy task never makes a clerk wait; killing it loses
nothing, since followers have cursors and tasks are rows.
"""

import logging
import signal
import threading
import time
from types import FrameType

from django.db import close_old_connections

from anjuan.config import followers

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.3
_stopping = threading.Event()


def run() -> None:
    """Work until told to stop."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _stop)
    tasks = threading.Thread(target=_run_tasks, name="tasks", daemon=True)
    tasks.start()
    while not _stopping.is_set():
        try:
            busy = followers.run_once()
        except Exception:
            log.exception("the followers stumbled")
            busy = 0
            close_old_connections()
            time.sleep(2)
        if not busy:
            _stopping.wait(PAUSE_SECONDS)


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
    worker.run()


def _relay_stop(worker: object) -> None:
    _stopping.wait()
    worker.running = False  # type: ignore[attr-defined]


def _stop(signum: int, frame: FrameType | None) -> None:
    _stopping.set()
