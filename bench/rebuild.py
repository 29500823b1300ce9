"""Audit and rebuild, measured: rows a second, and how much memory the largest process took.

    python bench/rebuild.py [--rows 20000,100000]

Each size has a throw-away home: so many persons enter by deeds of 500, followed into journal on disk and log; then the
audit, then the database is thrown away and made whole, then the audit again. Timings are printed, never asserted.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FILL = """
import sys
from anjuan.config import cli
cli._boot()
from django.utils import timezone
from anjuan.demo import office
from anjuan.foundation.accounts import actions as accounts, occasions
from anjuan.foundation.journal import actions as journal, followers
from anjuan.foundation.ledger import actions as ledger
from anjuan.records.models import Subject
office.found()
for first in range(0, int(sys.argv[1]), 500):
    occasion = occasions.now(accounts.FOUNDER)
    with journal.writing(occasion=occasion, act="bench.enter", unit=f"persons:{first}") as line:
        Subject.objects.bulk_create(
            Subject(urn=f"urn:bench:{n}", kind="INSURED_PERSON", name=f"演示 {n}", id_number=f"{n:018}")
            for n in range(first, first + 500)
        )
journal.sequence()
while journal.follow(followers.FOLLOWER, at=timezone.now()):
    pass
ledger.catch_up(at=timezone.now())
"""


def measured(command: list[str], home: Path) -> tuple[float, float, int]:
    """Seconds, MiB of the largest process, exit status."""
    began = time.perf_counter()
    environment = {**os.environ, "ANJUAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "anjuan.config.settings.base"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return time.perf_counter() - began, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="20000,100000")
    options = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}, SQLite")
    anjuan = [sys.executable, "-m", "anjuan"]
    for count in (int(each) for each in options.rows.split(",")):
        with tempfile.TemporaryDirectory(prefix="anjuan-rebuild-") as folder:
            home = Path(folder)
            took, most, status = measured([sys.executable, "-c", FILL, str(count)], home)
            assert status == 0
            print(f"{count} rows: entered {count / took:.0f}/s, {most:.0f} MiB")
            for verb in ("audit", "rebuild", "audit"):
                if verb == "rebuild":
                    for path in home.glob("anjuan.db*"):
                        path.unlink()
                took, most, status = measured([*anjuan, verb], home)
                assert status == 0, verb
                print(f"  {verb:8} {took:6.1f} s  {count / took:7.0f} rows/s  {most:5.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
