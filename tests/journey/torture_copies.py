"""Copying and mending, cut at every single step (断电演练·副本): ``python -m tests.journey.torture_copies``.

The suite takes every fourth step of these matrices; this takes each, by kill, by a full disk and by a fault of reading.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run the matrices whole. Returns the exit code of the test run."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "cut_at_any_step"]
    done = subprocess.run(
        [*command, "tests/contract/test_copies_bytes.py"],
        cwd=ROOT,
        env={**os.environ, "ANJUAN_EVERY_STEP": "1"},
        check=False,
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
