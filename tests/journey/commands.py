"""Running the program as its users do: the command, in a home of its own, in a process of its own."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def run(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``anjuan`` with these arguments in a home."""
    return subprocess.run(
        [sys.executable, "-m", "anjuan", *arguments],
        env=clean_environment(home, **environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a newcomer: no settings of the test suite leak in; pages are read where a test asks for it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANJUAN_", "DJANGO_", "PYTEST_", "COV_"))
    }
    return {**kept, "ANJUAN_READ": "off", "ANJUAN_HOME": str(home), **more}


def walked(home: Path, *arguments: str, **environment: str) -> dict[str, Any]:
    """Walk the journey and give its JSON object; the walk must have succeeded."""
    outcome = run(home, "journey", "--json", *arguments, **environment)
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


def python(home: Path, script: str, *arguments: str, **environment: str) -> str:
    """Run a program in a home, Django ready. What it printed; it must have ended well."""
    outcome = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()\n" + textwrap.dedent(script), *arguments],
        env=clean_environment(home, DJANGO_SETTINGS_MODULE="anjuan.config.settings.base", **environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    return outcome.stdout.strip()


@contextlib.contextmanager
def served(home: Path, said: Path, **environment: str) -> Iterator[str]:
    """``anjuan serve`` for as long as the block runs, what it says in a file. The address it answers at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with said.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "anjuan", "serve", "--port", str(port)],
            env=clean_environment(home, **environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"{address}/account/log-in/", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


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
