"""The log at a million entries: how fast it grows, how long a proof takes, how long a stranger needs to audit it.

    python bench/log.py [--entries 1000000] [--batch 1000] [--checkpoints 1000] [--keep FOLDER]

Entries are spelled as the journal spells them and integrated in batches as the follower gives them, fsync on, on the
disk of the temporary folder (TMPDIR). Timings are printed, never asserted: machines are noisy.
"""

import argparse
import datetime as dt
import hashlib
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from anjuan.core.merkle import checkpoint as note_format
from anjuan.core.merkle import proof, tree
from anjuan.foundation.journal.rules import Facts, leaf
from anjuan.foundation.ledger.backends import notekey
from anjuan.foundation.ledger.backends.folder import FolderStore
from anjuan.foundation.ledger.backends.growth import Log

AT = dt.datetime(2026, 1, 1, 0, 0, tzinfo=dt.UTC)


def facts(position: int) -> Facts:
    """An entry such as a counter makes all day: four fields."""
    digest = hashlib.sha256(position.to_bytes(8, "big")).hexdigest()
    return Facts(
        uid=digest[:32],
        position=position,
        at=AT + dt.timedelta(seconds=position),
        act="intake.register",
        unit=f"urn:uuid:{digest[:8]}-{digest[8:12]}-7000-8000-{digest[20:32]}",
        staff_code="H0001",
        agency_code="A0001",
        commitments={name: digest for name in ("acceptance_no", "formed_date", "step", "person_1")},
        members_root="",
        members_count=0,
    )


def grown(log: Log, key: notekey.NoteKey, asked: argparse.Namespace) -> float:
    """Entries a second, with what is signed in between; making up the entries is not counted."""
    every = max(1, asked.entries // asked.checkpoints)
    spent, due = 0.0, every
    for start in range(0, asked.entries, asked.batch):
        entries = [facts(position) for position in range(start, min(start + asked.batch, asked.entries))]
        begun = time.perf_counter()
        with log.lock():
            size = log.append([leaf(entry) for entry in entries])
            if size >= due or size == asked.entries:
                signed = note_format.Checkpoint(key.name, size, log.root(size))
                log.publish(size, note_format.sign_note(signed.body(), key.name, key.public, key.sign))
                due = size + every
        spent += time.perf_counter() - begun
    return asked.entries / spent


def timed(deed: Callable[[], object], times: int) -> tuple[float, float]:
    """Median and worst of 99 in a hundred, in milliseconds."""
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        deed()
        spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent), sorted(spent)[int(times * 0.99)]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--checkpoints", type=int, default=1000)
    parser.add_argument("--keep", type=Path, help="make the log here and leave it")
    asked = parser.parse_args()
    home = asked.keep or Path(tempfile.mkdtemp(prefix="anjuan-log-"))
    key = notekey.load(home / "keys")
    log = Log(FolderStore(home / "log"))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"integrated: {grown(log, key, asked):,.0f} entries/s in batches of {asked.batch}, fsync on")

    drawn = random.Random(1)
    size = log.size
    root = log.root(size)

    def include() -> None:
        index = drawn.randrange(size)
        path = log.inclusion_path(index, size)
        assert proof.verify_inclusion(
            leaf=tree.leaf_hash(leaf(facts(index))), index=index, size=size, path=path, root=root
        )

    def connect() -> None:
        log.consistency_path(drawn.randrange(1, size), size)

    for name, deed in (("inclusion", include), ("consistency", connect)):
        median, worst = timed(deed, 500)
        print(f"{name} proof: median {median:.2f} ms, 99 % within {worst:.2f} ms")

    trust = home / "trust.json"
    trust.write_text(
        json.dumps(
            {"format": "anjuan-trust-v1", "agency": "", "practice": True, "certificate_authorities": []}
            | {"logs": [key.vkey]}
        )
    )
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "anjuan_verify", "--log", str(home / "log"), "--trust", str(trust), "--lang", "en"],
        capture_output=True,
        text=True,
        check=False,
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"audited by anjuan-verify: {time.perf_counter() - begun:.1f} s, {peak:.0f} MiB, exit {done.returncode}")
    print(done.stdout)


if __name__ == "__main__":
    main()
