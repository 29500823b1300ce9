"""The scan agent against an archive that goes away, and killed at any moment: nothing lost, nothing sent twice."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests import builders
from tests.architecture.source import ROOT
from tests.journey import commands

AGENT = ROOT / "src/anjuan/config/agent.py"


class Line:
    """A network between the agent and the archive that can be cut: before a request is passed on, or after.

    Attributes:
        cut_at: requests by number (from 1) that fail; ``before`` the archive sees them, or ``after`` it has answered.
    """

    def __init__(self, target: str) -> None:
        self.target, self.count, self.cut_at = target, 0, {}  # type: str, int, dict[int, str]
        self.is_down = False
        self.paths: list[str] = []
        line = self

        class Relay(BaseHTTPRequestHandler):
            def relay(self) -> None:
                line.count += 1
                line.paths.append(f"{self.command} {self.path}")
                cut = "before" if line.is_down else line.cut_at.get(line.count, "")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if cut == "before":
                    self.close_connection = True
                    return
                kept = {key: self.headers[key] for key in ("Authorization", "Content-Type") if self.headers[key]}
                request = urllib.request.Request(
                    line.target + self.path, data=body or None, method=self.command, headers=kept
                )
                try:
                    with urllib.request.urlopen(request, timeout=60) as answer:
                        status, said = answer.status, answer.read()
                except urllib.error.HTTPError as error:
                    status, said = error.code, error.read()
                if cut == "after":
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST = do_PUT = do_DELETE = relay

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Desk:
    """A clerk's computer: the scanner's folder, a token, the agent, and the line to the archive."""

    def __init__(self, address: str, home: Path, folder: Path) -> None:
        self.address, self.folder, self.line = address, folder, Line(address)
        folder.mkdir()
        password = (home / "keys" / "practice-password").read_text().strip()
        self.token = self.ask("POST", "/session", staff_code="bh01", password=password)["token"]
        self.token_file = folder.with_suffix(".token")
        self.token_file.write_text(self.token)
        self.drawn = 0

    def ask(self, method: str, path: str, **said: Any) -> Any:
        headers = {"Content-Type": "application/json"}
        if hasattr(self, "token"):
            headers["Authorization"] = f"Bearer {self.token}"
        body = json.dumps(said).encode() if said else None
        request = urllib.request.Request(f"{self.address}/api/v1{path}", data=body, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def scan(self, *names: str) -> None:
        for name in names:
            self.drawn += 1
            (self.folder / name).write_bytes(builders.jpeg(self.drawn))

    def command(self, *more: str) -> list[str]:
        return [
            sys.executable, "-I", str(AGENT), str(self.folder), "--server", self.line.address, "--agency", "BH",
            "--token-file", str(self.token_file), "--settle", "0.4", "--every", "0.1", "--most", "0.4", *more,
        ]  # fmt: skip

    def run(self, *more: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        return subprocess.run(
            self.command(*more), env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    def arrived(self) -> list[list[str]]:
        """The files of each pile at the archive, oldest first."""
        piles = sorted(self.ask("GET", "/intake/piles"), key=lambda pile: pile["laid_at"])
        mine = [pile["uid"] for pile in piles if pile["name"].startswith("扫描终端")]
        return [[leaf["original_name"] for leaf in self.ask("GET", f"/intake/piles/{uid}")["leaves"]] for uid in mine]

    def here(self) -> list[str]:
        """Every scan that still lies on this computer, wherever."""
        return sorted(path.name for path in self.folder.rglob("*.jpg"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    place = tmp_path_factory.mktemp("archive")
    with commands.served(place / "home", place / "said") as address:
        yield address, place / "home"


@pytest.fixture
def desk(served: tuple[str, Path], tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(*served, tmp_path / "scans")
    before = len(desk.arrived())
    arrived = desk.arrived
    desk.arrived = lambda: arrived()[before:]  # type: ignore[method-assign]
    desk.drawn = int(time.time() * 1000) % 10**9  # pages that no test before brought
    yield desk
    desk.line.server.shutdown()
    desk.line.server.server_close()


@pytest.mark.acceptance("S2-P3")
def test_what_was_scanned_while_the_archive_was_away_arrives_once_it_is_back(desk: Desk) -> None:
    desk.line.is_down = True
    desk.scan("scan2.jpg", "scan10.jpg", "scan1.jpg")
    away = desk.run("--once")
    assert away.returncode == 1 and "待传 3 个文件、1 叠" in away.stdout
    assert desk.run("--status").stdout.startswith("文件夹里 0 个，待传 3 个（1 叠）")
    assert desk.here() == ["scan1.jpg", "scan10.jpg", "scan2.jpg"] and desk.arrived() == []

    desk.line.is_down = False
    back = desk.run("--once")

    assert back.returncode == 0 and "已送达 3 个文件" in back.stdout
    assert desk.arrived() == [["scan1.jpg", "scan2.jpg", "scan10.jpg"]]
    (receipt,) = (desk.folder / "_sent").glob("*_receipt.json")
    assert all(len(page["sha512"]) == 128 for page in json.loads(receipt.read_text())["pages"])
    assert desk.run("--once").returncode == 0 and len(desk.arrived()) == 1


@pytest.mark.acceptance("S2-P3")
def test_an_agent_that_runs_goes_on_by_itself_and_says_what_waits(desk: Desk) -> None:
    desk.line.is_down = True
    agent = subprocess.Popen(
        desk.command(), env={**os.environ, "PYTHONIOENCODING": "utf-8"}, stdout=subprocess.PIPE, text=True
    )
    try:
        desk.scan("a.jpg")
        until(lambda: desk.line.count >= 3)
        assert desk.run().returncode == 3, "two agents never have one folder"
        desk.line.is_down = False
        until(lambda: desk.arrived() == [["a.jpg"]])
        desk.scan("a.jpg")  # the scanner begins its numbers anew
        until(lambda: desk.arrived() == [["a.jpg"], ["a.jpg"]])
        until(lambda: len(list((desk.folder / "_sent").glob("*/a.jpg"))) == 2)
    finally:
        agent.kill()
        said, _ = agent.communicate(timeout=30)
    assert said.count("待传 1 个文件、1 叠") == 1, "said once, not at each try"


@pytest.mark.acceptance("S2-P3")
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_line_that_is_cut_at_any_request_loses_nothing_and_sends_nothing_twice(desk: Desk, side: str) -> None:
    desk.scan("x.jpg", "y.jpg")
    assert desk.run("--once").returncode == 0
    requests, done = desk.line.count, 1
    assert requests >= 7

    for number in range(1, requests + 1):
        desk.line.count, desk.line.cut_at = 0, {number: side}
        desk.scan("x.jpg", "y.jpg")
        first = desk.run("--once")
        assert first.returncode == 1
        desk.line.cut_at = {}
        assert desk.run("--once").returncode == 0
        done += 1
        assert desk.arrived() == [["x.jpg", "y.jpg"]] * done
        assert desk.ask("GET", "/intake/sendings") == [], "nothing is left over on the way"
    assert len(list((desk.folder / "_sent").glob("*/x.jpg"))) == done


@pytest.mark.acceptance("S2-P3")
def test_an_agent_that_is_killed_at_any_moment_goes_on_where_it_stood(desk: Desk) -> None:
    # Killed at every third audit event that changes a file or speaks to the network, of a walk that was counted first.
    desk.scan("x.jpg", "y.jpg")
    counted = killed_after(desk, 10**9)
    assert counted > 20 and desk.arrived() == [["x.jpg", "y.jpg"]]
    done = 1
    for number in range(1, counted + 1, 3):
        desk.scan("x.jpg", "y.jpg")
        killed_after(desk, number)
        assert desk.run("--once").returncode == 0
        pages = [name for heap in desk.arrived()[done:] for name in heap]
        assert sorted(pages) == ["x.jpg", "y.jpg"], number
        done = len(desk.arrived())
    assert not [path for path in (desk.folder / "_queue").rglob("*") if path.is_file()]


def test_a_file_that_is_half_written_is_not_taken(desk: Desk) -> None:
    octets = builders.jpeg(desk.drawn)
    (desk.folder / "empty.jpg").touch()
    agent = subprocess.Popen(desk.command(), stdout=subprocess.DEVNULL)
    try:
        with (desk.folder / "slow.jpg").open("wb") as scanner:
            for first in range(0, len(octets), len(octets) // 8 or 1):
                scanner.write(octets[first : first + (len(octets) // 8 or 1)])
                scanner.flush()
                time.sleep(0.2)  # half of what settles a folder
                assert not list(desk.folder.glob("_queue/*/slow.jpg"))
        until(lambda: desk.arrived() == [["slow.jpg"]])
        until(lambda: bool(list((desk.folder / "_sent").glob("*/slow.jpg"))))
    finally:
        agent.kill()
        agent.wait(timeout=30)
    (kept,) = (desk.folder / "_sent").glob("*/slow.jpg")
    assert kept.read_bytes() == octets and (desk.folder / "empty.jpg").exists()


def test_nothing_is_deleted_before_the_digests_agree_and_then_only_when_asked(desk: Desk) -> None:
    desk.scan("d.jpg")
    desk.line.is_down = True
    desk.run("--once", "--delete")
    assert desk.here() == ["d.jpg"]
    desk.line.is_down = False
    assert desk.run("--once", "--delete").returncode == 0
    assert desk.here() == [] and desk.arrived() == [["d.jpg"]]


def test_what_the_archive_refuses_is_put_aside_with_its_reason(desk: Desk) -> None:
    desk.scan("same.jpg")
    octets = (desk.folder / "same.jpg").read_bytes()
    assert desk.run("--once").returncode == 0
    (desk.folder / "same.jpg").write_bytes(octets)
    assert desk.run("--once").returncode == 0
    (reason,) = desk.folder.glob("_failed/*/原因.txt")
    assert reason.read_text().startswith("I-072") and reason.with_name("same.jpg").read_bytes() == octets
    assert desk.arrived() == [["same.jpg"]]
    assert desk.ask("GET", "/intake/sendings") == [], "what was put aside here does not lie there either"


def test_a_token_or_an_agency_that_is_wrong_makes_scans_wait(desk: Desk) -> None:
    desk.scan("t.jpg")
    desk.token_file.write_text("wrong")
    assert desk.run("--once").returncode == 1 and desk.here() == ["t.jpg"]
    desk.token_file.write_text(desk.token)
    elsewhere = desk.run("--once", "--agency", "NOWHERE")
    assert elsewhere.returncode == 1 and desk.here() == ["t.jpg"]
    pieces = sum(path.startswith("PUT") for path in desk.line.paths)
    desk.run("--once", "--agency", "NOWHERE")
    assert sum(path.startswith("PUT") for path in desk.line.paths) == pieces, "not sent anew each time"
    assert desk.run("--once").returncode == 0 and desk.arrived() == [["t.jpg"]]


def test_the_token_does_not_cross_the_network_in_the_clear(desk: Desk) -> None:
    done = desk.run("--server", "http://archive.example")
    assert done.returncode == 2 and "https" in done.stderr


def test_the_command_is_the_same_program(desk: Desk, tmp_path: Path) -> None:
    desk.scan("c.jpg")
    said = commands.run(tmp_path / "home", "agent", str(desk.folder), "--status")
    assert said.returncode == 1 and "文件夹里 1 个" in said.stdout


def until(holds: Any, seconds: float = 60) -> None:
    """Wait until something holds."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it does not come about"
        time.sleep(0.1)


def killed_after(desk: Desk, number: int) -> int:
    """Run the agent and kill it at one of its steps. How many steps it took."""
    steps = desk.folder.with_suffix(".steps")
    program = f"""
import os, runpy, sys
left = [0]
def step(event, args):
    if event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "socket.connect") or (
        event == "open" and isinstance(args[1], str) and "w" in args[1]
    ):
        left[0] += 1
        if left[0] == {number}:
            os._exit(9)
sys.addaudithook(step)
sys.argv = {[str(AGENT), *desk.command("--once")[3:]]!r}
try:
    runpy.run_path({str(AGENT)!r}, run_name="__main__")
finally:
    os.write(os.open({str(steps)!r}, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), str(left[0]).encode())
"""
    steps.unlink(missing_ok=True)
    subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, timeout=120, check=False)
    return int(steps.read_text()) if steps.exists() else number
