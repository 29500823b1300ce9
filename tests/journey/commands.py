"""Running the program as its users do: the command, in a home of its own, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def run(home: Path, *arguments: str, timeout: float = 120, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``anjuan`` with these arguments in a home."""
    return subprocess.run(
        [sys.executable, "-m", "anjuan", *arguments],
        env=clean_environment(home, **environment),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a newcomer: no settings of the test suite leak in."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANJUAN_", "DJANGO_", "PYTEST_", "COV_"))
    }
    return {**kept, "ANJUAN_HOME": str(home), **more}


def walked(home: Path, *arguments: str) -> dict[str, Any]:
    """Walk the journey and give its JSON object; the walk must have succeeded."""
    outcome = run(home, "journey", "--json", *arguments)
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``anjuan-verify`` as a stranger does: nothing of the archive in the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANJUAN_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "anjuan_verify", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
