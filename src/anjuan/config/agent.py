"""The scan agent (扫描终端) on a clerk's computer: what a scanner writes into a folder reaches the archive.

This one file needs Python and nothing else: copy it to the computer and run ``python agent.py FOLDER --server URL
--agency CODE --token-file FILE``; where the whole program is installed, ``anjuan agent`` is the same.

What is scanned at one sitting is a heap. A heap is moved out of the scanner's way into ``_queue``, its plan written
first, so that whatever moment the machine is switched off at, the next start goes on where it stood. Its files go to
the archive in pieces; then they are laid down as one pile there, under a name that is the heap's alone. Only when the
archive has told the digests of that pile, and they are those of the files here, does the heap go to ``_sent`` (or is
deleted, if that was asked for). What the archive refuses goes to ``_failed`` with its reason; nothing else is moved.

Exit codes: 0 done or stopped, 1 something still waits (with ``--once``), 2 usage, 3 another agent has the folder.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import re
import secrets
import shutil
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

QUEUE, SENT, FAILED = "_queue", "_sent", "_failed"
PLAN, REASON, RECEIPT, LOCK = "_plan.json", "原因.txt", "_receipt.json", "_agent.lock"
PIECE_BYTES = 2 << 20
MOST_FILES = 500  # of one pile, as the archive takes them
BLOCK = 1 << 20
TIMEOUT_SECONDS = 60
LOCAL = ("127.0.0.1", "localhost", "::1")


class Away(Exception):
    """The archive does not answer, or not now: what waits goes on waiting."""


class Refused(Exception):
    """The archive says No, with a number; trying again would not help."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(f"{code} {words}".strip())
        self.status, self.code = status, code


@dataclass
class Page:
    """One scanned file: its name, and what it was when it was taken."""

    name: str
    size_bytes: int = 0
    sha256: str = ""
    sha512: str = ""
    uid: str = ""
    is_whole: bool = False


@dataclass
class Heap:
    """Files that were scanned at one sitting, in the scanner's order, and how far they have come."""

    name: str
    pages: list[Page] = field(default_factory=list)
    is_laid: bool = False  # the archive was asked to lay it down; whether it did stands there


class Archive:
    """The archive at the other end."""

    def __init__(self, server: str, token_file: Path, trust: Path | None) -> None:
        self.server, self.token_file = server.rstrip("/"), token_file
        self.context = ssl.create_default_context(cafile=str(trust) if trust else None)

    def call(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> Any:
        """One request.

        Raises:
            Away: no answer, or one that says to come again.
            Refused: No.
        """
        token = self.token_file.read_text(encoding="utf-8").strip()  # read anew: it may have been renewed
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked at the start
            f"{self.server}/api/v1{path}",
            data=body or None,
            method=method,
            headers={"Authorization": f"Bearer {token}", "Content-Type": kind, "Accept-Language": "zh-Hans"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=self.context) as answer:  # noqa: S310
                said = answer.read()
        except urllib.error.HTTPError as error:
            raise _no(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise Away(str(error) or type(error).__name__) from error
        try:
            return json.loads(said) if said else None
        except ValueError as error:  # a page of some box on the way, not the archive
            raise Away("不是档案系统的回答 (not the archive's answer)") from error

    def ask(self, method: str, path: str, **said: object) -> Any:
        """A request whose body is JSON."""
        return self.call(method, path, json.dumps(said).encode() if said else b"")


def _no(error: urllib.error.HTTPError) -> Exception:
    """What an answer with an error means: come again, or No."""
    try:
        found = json.loads(error.read())
    except (ValueError, OSError, http.client.HTTPException):
        found = {}
    code = str(found.get("code", "")) if isinstance(found, dict) else ""
    words = str(found.get("detail") or found.get("title") or error.reason) if isinstance(found, dict) else ""
    if error.code in (401, 403, 408, 425, 429) or error.code >= 500 or not code:
        # Not logged in any more, no right yet, or a box on the way: the files are not at fault.
        return Away(f"HTTP {error.code} {code} {words}".strip())
    return Refused(error.code, code, words)


class Agent:
    """One folder, watched for one agency."""

    def __init__(
        self, folder: Path, archive: Archive, agency: str, *, settle_seconds: float = 10, deletes: bool = False
    ) -> None:
        self.folder, self.archive, self.agency = folder, archive, agency
        self.settle_seconds, self.deletes = settle_seconds, deletes
        self.seen: dict[str, tuple[int, int]] = {}
        self.seen_since = time.monotonic()

    def take(self) -> None:
        """Move what the scanner has finished into the queue as one heap; nothing while it still writes.

        A file counts as finished when no name, size or time in the folder has changed for as long as was set: sizes
        are compared between two looks, since the clock of a scanner's share may be wrong.
        """
        self._resume()
        found = {}
        for path in _scans(self.folder):
            with contextlib.suppress(FileNotFoundError):  # the scanner's program renamed it this moment
                state = path.stat()
                found[path.name] = (state.st_size, state.st_mtime_ns)
        if found != self.seen:
            self.seen, self.seen_since = found, time.monotonic()
        if time.monotonic() - self.seen_since < self.settle_seconds:
            return
        names = sorted((name for name, (size, _) in found.items() if size), key=_in_order)
        for first in range(0, len(names), MOST_FILES):
            heap = Heap(time.strftime("%m%d-%H%M%S-") + secrets.token_hex(4))
            heap.pages = [Page(name) for name in names[first : first + MOST_FILES]]
            (self.folder / QUEUE / heap.name).mkdir(parents=True)
            self._keep(heap)
            for page in heap.pages:  # one that the scanner's program holds fast is left for the next heap
                with contextlib.suppress(OSError):
                    (self.folder / page.name).rename(self.folder / QUEUE / heap.name / page.name)
            self._measure(heap)

    def heaps(self) -> list[Heap]:
        """What waits, oldest first."""
        found = []
        for plan in sorted((self.folder / QUEUE).glob(f"*/{PLAN}")):
            said = json.loads(plan.read_text(encoding="utf-8"))
            found.append(Heap(said["name"], [Page(**page) for page in said["pages"]], said["is_laid"]))
        return found

    def is_done(self) -> bool:
        """Whether nothing waits: neither in the queue nor, finished or not, in the folder."""
        return not self.heaps() and not any(path.stat().st_size for path in _scans(self.folder))

    def send(self, heap: Heap) -> None:
        """Bring one heap to the archive, from where it stands.

        Raises:
            Away: the archive does not answer; call again later.
        """
        try:
            pile = self._laid(heap) if heap.is_laid else ""
            if not pile:
                for page in heap.pages:
                    self._send_page(heap, page)
                pile = self._lay(heap)
            self._compare(heap, pile)
        except Refused as refused:
            self._put_aside(heap, str(refused))
        else:
            self._put_away(heap, pile)

    def _resume(self) -> None:
        """Set right what a stop in the middle left: a heap not measured yet, a folder whose heap has arrived."""
        for heap in self.heaps():
            if not all(page.sha512 for page in heap.pages):
                self._measure(heap)
        for home in (self.folder / QUEUE).glob("*"):
            if not (home / PLAN).exists():
                is_sent = (self.folder / SENT / f"{home.name}{RECEIPT}").exists()
                if is_sent or all(path.name == f"{PLAN}.new" for path in home.iterdir()):  # or nothing was moved in yet
                    shutil.rmtree(home)

    def _measure(self, heap: Heap) -> None:
        """Keep what really lies in the queue, with sizes and digests.

        What was planned and not moved before a stop is not moved now: the scanner may be writing it anew.
        """
        home = self.folder / QUEUE / heap.name
        heap.pages = [page for page in heap.pages if (home / page.name).exists()]
        for page in heap.pages:
            page.size_bytes = (home / page.name).stat().st_size
            page.sha256, page.sha512 = _digests(home / page.name)
        if heap.pages:
            self._keep(heap)
        else:
            (home / PLAN).unlink()
            home.rmdir()

    def _send_page(self, heap: Heap, page: Page) -> None:
        for _ in range(3):
            if page.is_whole:
                return
            begun = self.archive.ask("POST", "/intake/sendings", name=page.name, size_bytes=page.size_bytes)
            if page.uid and page.uid != begun["uid"] and self._finished(page):
                # It was whole before the machine stopped; the sending begun just now is not needed.
                self.archive.ask("DELETE", f"/intake/sendings/{begun['uid']}")
            else:
                page.uid = begun["uid"]
                self._keep(heap)
                self._send_pieces(heap, page, begun["received"])
                page.is_whole = self._finished(page)
            self._keep(heap)
        if not page.is_whole:
            raise Away(f"{page.name}: 摘要不符，稍后重传 (digests differ; it is sent again later)")

    def _send_pieces(self, heap: Heap, page: Page, received: int) -> None:
        with (self.folder / QUEUE / heap.name / page.name).open("rb") as stream:
            while received < page.size_bytes:
                stream.seek(received)
                piece = stream.read(PIECE_BYTES)
                if not piece:
                    raise Refused(0, "LOCAL", f"{page.name}: 本机文件变短了 (the file here has become shorter)")
                path = f"/intake/sendings/{page.uid}/pieces/{received}"
                received = self.archive.call("PUT", path, piece, "application/octet-stream")["received"]

    def _finished(self, page: Page) -> bool:
        """Whether the archive has the whole file with our digest. One that differs there is dropped."""
        try:
            whole = self.archive.ask("POST", f"/intake/sendings/{page.uid}/finish", sha256=page.sha256)
        except Refused as refused:
            if refused.code == "I-083":  # other bytes of the same name and length were begun before
                self.archive.ask("DELETE", f"/intake/sendings/{page.uid}")
            elif refused.status != 404 and refused.code != "I-082":
                raise
            page.uid = ""
            return False
        page.is_whole = bool(whole["sha256"] == page.sha256)
        return page.is_whole

    def _lay(self, heap: Heap) -> str:
        heap.is_laid = True
        self._keep(heap)  # before it is asked for: the answer may be lost
        said = [
            ("agency_code", self.agency),
            ("paper_pages", "0"),
            ("is_counted", "false"),
            ("name", self._called(heap)),
            *(("sendings", page.uid) for page in heap.pages),
        ]
        body, kind = _form(said)
        try:
            return str(self.archive.call("POST", "/intake/piles", body, kind)["uid"])
        except Refused as refused:
            if refused.status != 404:
                raise
            if pile := self._laid(heap):  # the first answer was on its way still
                return pile
            if all([self._finished(page) for page in heap.pages]):
                raise Away(str(refused)) from refused  # the files are there: it is the agency that is not known
            for page in heap.pages:
                page.is_whole = bool(page.uid)
            self._keep(heap)
            raise Away(
                "已传文件在服务器上已清理，重新传送 (what was sent is gone there; it is sent again)"
            ) from refused

    def _laid(self, heap: Heap) -> str:
        """The pile that the archive made of this heap; empty where it made none."""
        called = self._called(heap)
        return next(
            (str(pile["uid"]) for pile in self.archive.ask("GET", "/intake/piles") if pile["name"] == called), ""
        )

    def _compare(self, heap: Heap, pile: str) -> None:
        """The receipt: digests told by the archive against the files as they are here and now."""
        told = [
            (leaf["original_name"], leaf["sha512"])
            for leaf in self.archive.ask("GET", f"/intake/piles/{pile}")["leaves"]
        ]
        home = self.folder / QUEUE / heap.name
        if told != [(page.name, _digests(home / page.name)[1]) for page in heap.pages]:
            raise Refused(0, "LOCAL", f"回执与本机文件不符，叠 {pile} (the receipt differs from the files here)")

    def _called(self, heap: Heap) -> str:
        return f"扫描终端 {heap.name}"

    def _put_away(self, heap: Heap, pile: str) -> None:
        home = self.folder / QUEUE / heap.name
        receipt = {"pile": pile, "server": self.archive.server, **asdict(heap)}
        _write(self.folder / SENT / f"{heap.name}{RECEIPT}", json.dumps(receipt, ensure_ascii=False, indent=1))
        if self.deletes:
            (home / PLAN).unlink()  # first: a start in the middle finds no plan and sends nothing twice
            shutil.rmtree(home)
        else:
            home.rename(self.folder / SENT / heap.name)
        say(f"已送达 {len(heap.pages)} 个文件，叠 {pile} (sent)")

    def _put_aside(self, heap: Heap, reason: str) -> None:
        home, aside = self.folder / QUEUE / heap.name, self.folder / FAILED
        aside.mkdir(exist_ok=True)
        for page in filter(lambda page: page.uid, heap.pages):  # else it is cleared there in time
            with contextlib.suppress(Refused, Away):
                self.archive.ask("DELETE", f"/intake/sendings/{page.uid}")
        _write(home / REASON, reason + "\n")
        home.rename(aside / heap.name)
        say(f"未收下，已移到 {FAILED}/{heap.name}：{reason} (refused; put aside)")

    def _keep(self, heap: Heap) -> None:
        plan = self.folder / QUEUE / heap.name / PLAN
        _write(plan, json.dumps(asdict(heap), ensure_ascii=False))


def _scans(folder: Path) -> list[Path]:
    """What a scanner laid down; names that begin with a dot, a dash below or a wave are not scans."""
    return [one for one in folder.iterdir() if one.is_file() and not one.name.startswith((".", "_", "~"))]


def _digests(path: Path) -> tuple[str, str]:
    """SHA-256 and SHA-512 of a file."""
    short, long = hashlib.sha256(), hashlib.sha512()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            short.update(block)
            long.update(block)
    return short.hexdigest(), long.hexdigest()


def _write(path: Path, text: str) -> None:
    """Write a small file whole or not at all, also through a cut of power."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    with beside.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)


def _form(said: list[tuple[str, str]]) -> tuple[bytes, str]:
    """Fields as a browser's form with files sends them."""
    edge = secrets.token_hex(16)
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in said]
    return ("".join(parts) + f"--{edge}--\r\n").encode(), f"multipart/form-data; boundary={edge}"


def _in_order(name: str) -> list[tuple[int, str]]:
    """As a scanner numbers: 2 before 10."""
    return [(int(part[:18]), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name) if part]


def say(words: str) -> None:
    """One line for the person at the computer."""
    print(time.strftime("%H:%M:%S"), words, flush=True)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether no other agent has this folder; the lock falls with the process, however it ends."""
    with (folder / LOCK).open("a") as lock:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def watch(agent: Agent, *, every_seconds: float, most_seconds: float, once: bool) -> int:
    """Take and send until stopped; with ``once``, until what lies there now is sent or the archive is away."""
    pause, told = every_seconds, ""
    while True:
        agent.take()
        try:
            for heap in agent.heaps():
                agent.send(heap)
            pause, told = every_seconds, ""
        except Away as away:
            left = agent.heaps()
            words = f"待传 {sum(len(one.pages) for one in left)} 个文件、{len(left)} 叠：{away} (waiting)"
            if words != told:
                say(words)
            pause, told = min(most_seconds, pause * 2), words
            if once:
                return 1
        if once and agent.is_done():
            return 0
        time.sleep(min(pause, agent.settle_seconds) if once else pause)


def arguments_of(parser: argparse.ArgumentParser) -> None:
    """What the agent is told."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder that the scanner writes into")
    parser.add_argument("--server", metavar="URL", help="address of the archive; https, or this machine")
    parser.add_argument("--agency", metavar="CODE", help="whose cases they are")
    parser.add_argument(
        "--token-file", type=Path, metavar="FILE", help="a file with the bearer token; read anew each time"
    )
    parser.add_argument(
        "--trust", type=Path, metavar="FILE", help="certificate that the archive's address is trusted by"
    )
    parser.add_argument("--settle", type=float, default=10, metavar="SECONDS", help="how long nothing may change; 10")
    parser.add_argument(
        "--every", type=float, default=3, metavar="SECONDS", help="how often the folder is looked at; 3"
    )
    parser.add_argument(
        "--most", type=float, default=300, metavar="SECONDS", help="longest pause while it is away; 300"
    )
    parser.add_argument("--delete", action="store_true", help="delete what arrived, instead of keeping it in _sent")
    parser.add_argument(
        "--once", action="store_true", help="send what lies there and end; 1 when something still waits"
    )
    parser.set_defaults(run=run)
    parser.add_argument("--status", action="store_true", help="say what waits and end; the archive is not asked")


def run(options: argparse.Namespace) -> int:
    """Run as told."""
    folder: Path = options.folder
    if not folder.is_dir():
        print(f"没有这个文件夹 (no such folder): {folder}", file=sys.stderr)
        return 2
    if options.status:
        return _status(folder)
    if not (options.server and options.agency and options.token_file and options.token_file.is_file()):
        print("须给出 --server、--agency、--token-file (all three are needed)", file=sys.stderr)
        return 2
    address = urllib.parse.urlsplit(options.server)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOCAL):
        print("须用 https，否则令牌和影像会明文经过网络 (https is needed)", file=sys.stderr)
        return 2
    archive = Archive(options.server, options.token_file, options.trust)
    agent = Agent(folder, archive, options.agency, settle_seconds=options.settle, deletes=options.delete)
    with alone(folder) as is_alone:
        if not is_alone:
            print("另一个终端程序正在看这个文件夹 (another agent has this folder)", file=sys.stderr)
            return 3
        try:
            return watch(agent, every_seconds=options.every, most_seconds=options.most, once=options.once)
        except KeyboardInterrupt:
            return 0


def _status(folder: Path) -> int:
    agent = Agent(folder, Archive("", folder, None), "")
    waiting = agent.heaps()
    fresh = _scans(folder)
    aside = list((folder / FAILED).glob("*")) if (folder / FAILED).is_dir() else []
    pages = sum(len(one.pages) for one in waiting)
    print(f"文件夹里 {len(fresh)} 个，待传 {pages} 个（{len(waiting)} 叠），未收下 {len(aside)} 叠")
    for heap in waiting:
        whole = sum(page.is_whole for page in heap.pages)
        print(f"  {heap.name}  {whole}/{len(heap.pages)}")
    return 1 if waiting or fresh else 0


def main() -> int:
    """As a program of its own."""
    parser = argparse.ArgumentParser(description="扫描终端 scan agent")
    arguments_of(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
