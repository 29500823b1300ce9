"""A real S3 server (SeaweedFS) for the tests: started once in a session, on free ports, thrown away after it."""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from anjuan.foundation.buckets.rules import Address

PLAIN, LOCKED = "plain", "locked"
KEY_ID, SECRET, REGION = "anjuan", "anjuan-tests-only", "us-east-1"
PORTS = {"master.port": 0, "volume.port": 0, "filer.port": 0, "s3.port": 0}
START_SECONDS = 60.0
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class NoServer(Exception):
    """The server is not here, or does not start."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    endpoint: str
    process_id: int

    def bucket(self, *, has_lock: bool = False) -> Address:
        """A place of its own in one of two buckets; the one with object lock keeps versions too."""
        return Address(LOCKED if has_lock else PLAIN, f"{uuid.uuid4().hex[:12]}/", self.endpoint, REGION)

    def make_buckets(self) -> None:
        """The two, once: for each new bucket the server would lay out volumes anew."""
        import boto3

        client = boto3.session.Session(KEY_ID, SECRET, region_name=REGION).client("s3", endpoint_url=self.endpoint)
        client.create_bucket(Bucket=PLAIN)
        client.create_bucket(Bucket=LOCKED, ObjectLockEnabledForBucket=True)
        client.close()


def _free_port() -> int:
    """A port that is free, and whose neighbour 10,000 above, which the server takes for its own talk, is free too."""
    for _ in range(100):
        with socket.socket() as low, socket.socket() as high:
            low.bind(("127.0.0.1", 0))
            port = int(low.getsockname()[1])
            if port > 55000:
                continue
            with contextlib.suppress(OSError):
                high.bind(("127.0.0.1", port + 10000))
                return port
    raise NoServer("no free ports")


def program() -> str:
    """Where ``weed`` is: beside this Python, or on the path."""
    beside = Path(sys.executable).parent / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    if not found:
        raise NoServer("weed is not installed")
    return found


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Server]:
    """The server, until the block is left.

    Raises:
        NoServer: it is not here, or did not answer in time.
    """
    weed = program()
    (folder / "data").mkdir()
    (folder / "s3.json").write_text(
        json.dumps(
            {
                "identities": [
                    {
                        "name": "anjuan",
                        "credentials": [{"accessKey": KEY_ID, "secretKey": SECRET}],
                        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
                    }
                ]
            }
        )
    )
    ports = {name: _free_port() for name in PORTS}
    command = [
        weed,
        "server",
        f"-dir={folder / 'data'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=100",
        "-volume.preStopSeconds=0",
        "-s3",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.autoCreateBucket=false",
        f"-s3.config={folder / 's3.json'}",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, start_new_session=True, preexec_fn=_die_with_the_tests
        )
    endpoint = f"http://127.0.0.1:{ports['s3.port']}"
    try:
        _wait(process, endpoint)
        server = Server(endpoint, process.pid)
        server.make_buckets()
        yield server
    finally:
        process.kill()  # what it holds is thrown away: nothing need be put in order
        process.wait()


def _die_with_the_tests() -> None:
    """Ask the kernel to end the server when the tests are killed and cannot."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait(process: "subprocess.Popen[bytes]", endpoint: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise NoServer(f"weed ended with {process.returncode}")
        try:
            urllib.request.urlopen(endpoint, timeout=2).close()
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 403:  # it is there, and wants credentials
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise NoServer(f"weed did not answer in {START_SECONDS:.0f} s")


@contextlib.contextmanager
def session() -> Iterator[None]:
    """The credentials of the server in the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Server]:
    """The server of the session; skipped where it is not, which CI does not let pass."""
    with (
        tempfile.TemporaryDirectory(prefix="anjuan-s3-", ignore_cleanup_errors=True) as folder,
        session(),
        contextlib.ExitStack() as closing,
    ):
        try:
            server = closing.enter_context(running(Path(folder)))
        except NoServer as reason:
            said = f"S3 not covered: {reason}"
            if os.environ.get("CI") == "true":
                pytest.fail(said)
            pytest.skip(said)
        yield server


@pytest.fixture
def bucket_address(s3_server: Server) -> Address:
    """A bucket of the test's own, without versions."""
    return s3_server.bucket()


@pytest.fixture
def locked_address(s3_server: Server) -> Address:
    """A bucket of the test's own, with versions and object lock."""
    return s3_server.bucket(has_lock=True)
