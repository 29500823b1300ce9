"""A worker killed in the middle of a chunk, and two that find it: it ends once, each unit counts once. User ask 18."""

import subprocess
import sys
import time
from pathlib import Path

from tests.journey import commands
from tests.journey.test_two_at_once import python, said

# A worker that stops in the third unit of the chunk and says so, to be killed there.
HALF = """
    import dataclasses, sys, time
    import django; django.setup()
    from anjuan.config import jobs as kinds
    from anjuan.core.terms import Post
    from anjuan.demo import office
    from anjuan.facilities.jobs import actions, tasks
    done, sweep = [], kinds.KINDS["FIXITY_SWEEP"]
    def check(key):
        sweep.do(key)
        done.append(key)
        if len(done) == 3:
            print("in the middle", flush=True)
            time.sleep(300)
    uid = actions.start(occasion=office.as_post(Post.KEEPER), kind="FIXITY_SWEEP")
    kinds.KINDS["FIXITY_SWEEP"] = dataclasses.replace(sweep, do=check, batch=None)
    tasks.run_chunk.call(uid, 0)
"""
# Two minutes and more go by.
LATER = """
    import datetime as dt
    import django; django.setup()
    from anjuan.facilities.jobs import rules
    from anjuan.facilities.jobs.models import Job
    job = Job.objects.get(kind="FIXITY_SWEEP")
    print(job.status, job.done, bool(job.claimed_by))
    past = job.heartbeat_at - rules.LEASE - dt.timedelta(minutes=1)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=past, queued_at=past)
"""
WORKERS = """
    import django; django.setup()
    from anjuan.facilities.jobs.models import Pulse
    print(Pulse.objects.count())
"""
STANDS = """
    import django; django.setup()
    from anjuan.facilities.jobs.models import Job, Pulse
    from anjuan.foundation.journal.models import Entry
    job = Job.objects.get(kind="FIXITY_SWEEP")
    lines = Entry.objects.filter(act="jobs.finish", unit=f"job:{job.uid}").count()
    print(job.status, job.done == job.total, job.chunk_no, lines, Pulse.objects.count())
"""


def wait_until(home: Path, script: str, beginning: str) -> str:
    """Ask again until the answer begins so; two minutes at most, a busy machine's start included."""
    deadline = time.monotonic() + 120
    while not (answer := said(python(home, script))).startswith(beginning) and time.monotonic() < deadline:
        time.sleep(0.5)
    return answer


def test_a_killed_workers_chunk_is_done_again_and_counted_once_by_two_workers_at_once(own_home: Path) -> None:
    half = python(own_home, HALF)
    assert half.stdout is not None
    assert half.stdout.readline().strip() == "in the middle"
    half.kill()
    half.communicate()

    workers = [
        subprocess.Popen([sys.executable, "-m", "anjuan", "work"], env=commands.clean_environment(own_home))
        for _ in range(2)
    ]
    try:
        wait_until(own_home, WORKERS, "2")
        assert said(python(own_home, LATER)) == "RUNNING 0 True"
        assert wait_until(own_home, STANDS, "DONE") == "DONE True 1 1 2"
    finally:
        for worker in workers:
            worker.terminate()
        ends = [worker.wait() for worker in workers]
    assert ends == [0, 0]
    assert (
        said(python(own_home, STANDS)) == "DONE True 1 1 0"
    )  # who stops in order leaves no sign that could grow stale
