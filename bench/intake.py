"""Batch intake, measured as a scanner station meets it: over HTTP, with a clerk's rights, fsync on, the worker beside.

    python bench/intake.py [--kind pdf|jpeg] [--items 200,2000] [--connections 1,2,4] [--repeat 3] [--engines …]

It serves a throw-away home (SQLite) and, where PostgreSQL answers, a throw-away database; logs in as the practice
handler; sends files made beforehand, one a case, a hundred a request; and samples the journal while it does. The plain
copy of the same files in the same run is the yardstick. Timings are printed, never asserted: machines are noisy.
"""

import argparse
import contextlib
import datetime as dt
import http.client
import io
import json
import os
import platform
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import plain_copy
from PIL import Image, ImageDraw
from tools import engines

from anjuan.core import identifiers

PORT = 8198
A_REQUEST = 100
BOUNDARY = "anjuan-bench-3f1c"


# --- what is sent --------------------------------------------------------------------------------------------------


def pdf(serial: int) -> bytes:
    """A form of one or two pages with text, and 30 KB that do not compress, as the subset of a CJK font would be."""
    drawn = random.Random(serial)
    count = 1 + serial % 2
    font = drawn.randbytes(30_000)
    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{5 + 2 * page} 0 R" for page in range(count))
    bodies.append(f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode())
    bodies.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    bodies.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(font), font))
    for page in range(count):
        lines = "".join(f"BT /F 10 Tf 60 {780 - 14 * n} Td (Case {serial} line {n}) Tj ET\n" for n in range(40))
        text = zlib.compress(lines.encode())
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * page} 0 R "
            "/Resources << /Font << /F 3 0 R >> >> >>".encode()
        )
        bodies.append(b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(text), text))
    whole = io.BytesIO()
    whole.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(whole.tell())
        whole.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = whole.tell()
    whole.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1))
    whole.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    whole.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start))
    return whole.getvalue()


def jpeg(serial: int) -> bytes:
    """An A4 page at 150 dpi in grey, with lines of writing and the grain of a scanner."""
    grain = Image.effect_noise((1240, 1754), 5).point(lambda value: min(255, value + 100))
    pen = ImageDraw.Draw(grain)
    drawn = random.Random(serial)
    for line in range(60):
        pen.line([(90, 100 + 26 * line), (drawn.randrange(300, 1150), 100 + 26 * line)], fill=30, width=6)
    pen.text((90, 40), f"page {serial}", fill=0)
    octets = io.BytesIO()
    grain.save(octets, "JPEG", quality=70, dpi=(150, 150))
    return octets.getvalue()


MAKERS: dict[str, Callable[[int], bytes]] = {"pdf": pdf, "jpeg": jpeg}


def person(serial: int) -> dict[str, str]:
    """Nobody, with a number of the right form."""
    born = dt.date(1950, 1, 1) + dt.timedelta(days=serial // 900)
    first17 = f"{identifiers.PRACTICE_REGION}{born:%Y%m%d}{serial % 900 + 1:03}"
    return {"name": f"参保人{serial}", "id_number": first17 + identifiers.id_check_digit(first17)}


def request_body(step: str, material: str, files: Sequence[Path], first: int, run: str) -> bytes:
    """One request: a manifest and its files."""
    cases = [
        {
            "agency_code": "BH",
            "acceptance_no": f"{run}-{first + place}",
            "step_code": step,
            "formed_date": "2024-03-15",
            "paper_pages": 1 + (first + place) % 2 if path.suffix == ".pdf" else 1,
            "persons": [person(first + place)],
            "files": [{"part": f"f{place}", "material": material, "name": path.name}],
            "submit": True,
        }
        for place, path in enumerate(files)
    ]
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="manifest"\r\n\r\n'.encode(),
        json.dumps({"cases": cases}).encode(),
    ]
    for place, path in enumerate(files):
        parts.append(
            f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="f{place}"; filename="{path.name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n".encode()
        )
        parts.append(path.read_bytes())
    parts.append(f"\r\n--{BOUNDARY}--\r\n".encode())
    return b"".join(parts)


# --- who takes it --------------------------------------------------------------------------------------------------


@dataclass
class Server:
    """A served archive, and a way to look at its journal from outside."""

    engine: str
    home: Path
    look: Callable[[], Sequence[int]]  # entries in all, and how many of them each follower has taken
    token: str = ""
    step: str = ""
    material: str = ""

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=600)
        return self.say(connection, method, path, body, kind)

    def say(self, connection: http.client.HTTPConnection, method: str, path: str, body: bytes, kind: str) -> bytes:
        headers = {"Content-Type": kind}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        connection.request(method, f"/api/v1{path}", body, headers)
        answer = connection.getresponse()
        octets = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{path}: {answer.status} {octets[:400]!r}")
        return octets


@contextlib.contextmanager
def served(engine: str, address: str) -> Iterator[Server]:
    """An archive of its own, for as long as the block runs."""
    home = Path(tempfile.mkdtemp(prefix="anjuan-bench-"))
    environment = {**os.environ, "ANJUAN_HOME": str(home)}
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        if engine == "PostgreSQL":
            environment["ANJUAN_DATABASE"], look = stack.enter_context(database(address))
        else:
            environment.pop("ANJUAN_DATABASE", None)
            look = _looking_at_sqlite(home / "anjuan.db")
        process = subprocess.Popen(
            [sys.executable, "-m", "anjuan", "serve", "--port", str(PORT)],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        stack.callback(process.wait, 30)
        stack.callback(process.terminate)
        server = Server(engine, home, look)
        log_in(server)
        yield server


def log_in(server: Server) -> None:
    """As the practice handler; and find a step that one file completes."""
    for _ in range(600):
        try:
            password = (server.home / "keys" / "practice-password").read_text().strip()
            said = json.dumps({"staff_code": "bh01", "password": password}).encode()
            server.token = json.loads(server.ask("POST", "/session", said))["token"]
            break
        except OSError:
            time.sleep(0.1)
    for step in json.loads(server.ask("GET", "/intake/steps")):
        needed = [one["code"] for one in step["materials"] if one["is_required"] or one["is_main"]]
        if len(needed) == 1:
            server.step, server.material = step["code"], needed[0]
            return
    server.step, server.material = "PERSON_REGISTRATION", "MAIN_FORM"


_ENTRIES = "SELECT count(*) FROM journal_entry"
_FOLLOWERS = ("ledger", "search")
_TAKEN = "SELECT follower, position FROM journal_cursor"


def _looking_at_sqlite(path: Path) -> Callable[[], Sequence[int]]:
    def look() -> Sequence[int]:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as rows:
            taken = dict(rows.execute(_TAKEN).fetchall())
            return rows.execute(_ENTRIES).fetchone()[0], *(taken.get(name, 0) for name in _FOLLOWERS)

    return look


@contextlib.contextmanager
def database(address: str) -> Iterator[tuple[str, Callable[[], Sequence[int]]]]:
    """A database of its own on the PostgreSQL that answers."""
    import psycopg

    name = f"anjuan_bench_{os.getpid()}"
    scheme, _, rest = address.partition("//")
    place, _, options = rest.partition("?")
    own = f"{scheme}//{place.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')

    def look() -> Sequence[int]:
        with psycopg.connect(own) as rows:
            entries = rows.execute(_ENTRIES).fetchone()
            taken = dict(rows.execute(_TAKEN).fetchall())
            return entries[0] if entries else 0, *(taken.get(name, 0) for name in _FOLLOWERS)

    try:
        yield own, look
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


# --- the measuring -------------------------------------------------------------------------------------------------


@dataclass
class Watch:
    """Looks at the journal from beside: when an entry was first seen, and when each follower had taken it."""

    look: Callable[[], Sequence[int]]
    lags: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in _FOLLOWERS})
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Watch":
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        entries, *_ = self.look()
        waiting: dict[str, list[tuple[int, float]]] = {name: [] for name in _FOLLOWERS}
        while not (self._stop.is_set() and not any(waiting.values())):
            self._stop.wait(0.05) or time.sleep(0)
            fresh, *taken = self.look()
            now = time.perf_counter()
            for name, reached in zip(_FOLLOWERS, taken, strict=True):
                late = waiting[name] + [(number, now) for number in range(entries, fresh)]
                self.lags[name] += [now - seen for number, seen in late if number < reached]
                waiting[name] = [(number, seen) for number, seen in late if number >= reached]
            entries = fresh


def send(
    server: Server, files: Sequence[Path], *, first: int, connections: int, run: str
) -> tuple[float, dict[str, list[float]]]:
    """Send files, a hundred a request. Seconds in all, and the lag of each follower behind each act."""
    bodies = [
        request_body(server.step, server.material, files[at : at + A_REQUEST], first + at, run)
        for at in range(0, len(files), A_REQUEST)
    ]
    waiting = iter(bodies)
    lock = threading.Lock()
    wrong: list[object] = []

    def station() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=600)
        while True:
            with lock:
                body = next(waiting, None)
            if body is None:
                return
            kind = f"multipart/form-data; boundary={BOUNDARY}"
            answers = json.loads(server.say(connection, "POST", "/intake/batches", body, kind))["answers"]
            wrong.extend(one for one in answers if not one["accepted"] or one["accepted"]["state"] != "IN_REVIEW")

    with Watch(server.look) as watch:
        started = time.perf_counter()
        threads = [threading.Thread(target=station) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - started
    if wrong:
        raise RuntimeError(f"{len(wrong)} cases were not taken in: {wrong[0]}")
    return seconds, watch.lags


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", choices=MAKERS, default="pdf")
    parser.add_argument("--items", default="200,2000")
    parser.add_argument("--connections", default="1,2,4")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--engines", default="SQLite,PostgreSQL")
    asked = parser.parse_args()
    sizes = [int(size) for size in asked.items.split(",")]
    address, version = engines.answering()
    print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(f"SQLite {sqlite3.sqlite_version}, PostgreSQL {version or 'does not answer'}")

    with tempfile.TemporaryDirectory(prefix="anjuan-bench-in-") as folder:
        files = []
        for serial in range(max(sizes)):
            path = Path(folder) / f"{serial:06}.{asked.kind}"
            path.write_bytes(MAKERS[asked.kind](serial))
            files.append(path)
        size = statistics.mean(path.stat().st_size for path in files) / 1024
        print(f"{len(files)} files of {asked.kind}, {size:.0f} KB on average, {A_REQUEST} a request, fsync on")
        os.sync()  # what making the files left behind is not the copy's to wait for
        plain = {
            threads: statistics.median(plain_copy.rate(files[:500], threads=threads) for _ in range(asked.repeat))
            for threads in (1, 4)
        }
        for threads, rate in plain.items():
            print(f"  plain copy, {threads} threads{rate:>38.0f} files/s")
        for engine in asked.engines.split(","):
            if engine == "PostgreSQL" and not address:
                continue
            for connections in (int(count) for count in asked.connections.split(",")):
                measure(engine, address, files, sizes, connections, asked.repeat, plain[4])


def measure(
    engine: str, address: str, files: Sequence[Path], sizes: Sequence[int], connections: int, repeat: int, plain: float
) -> None:
    """One engine and so many stations: each size, repeated on a fresh archive."""
    seconds: dict[int, list[float]] = {size: [] for size in sizes}
    lags: dict[str, list[float]] = {name: [] for name in _FOLLOWERS}
    for _ in range(repeat):
        with served(engine, address) as server:
            first = 0
            send(server, files[:A_REQUEST], first=first, connections=connections, run="W")  # the first request warms up
            for size in sizes:
                first += 1_000_000 // 4
                took, seen = send(server, files[:size], first=first, connections=connections, run=f"B{size}")
                seconds[size].append(took)
                for name in _FOLLOWERS:
                    lags[name] += seen[name]
    for size, took in seconds.items():
        best, middle = size / min(took), size / statistics.median(took)
        print(
            f"  {engine}, {connections} connections, {size} items: {middle:.0f}/s median, {best:.0f}/s best of "
            f"{repeat}, {middle / plain:.0%} of the plain copy by 4 threads"
        )
    if len(sizes) > 1:
        grown = statistics.median(seconds[sizes[-1]]) / statistics.median(seconds[sizes[0]])
        print(f"    {sizes[-1] / sizes[0]:.0f}× the items in {grown:.1f}× the time")
    for name, ordered in ((name, sorted(found)) for name, found in lags.items() if found):
        worst = ordered[max(0, round(len(ordered) * 0.95) - 1)]
        print(
            f"    {name} behind an act: {statistics.median(ordered):.2f} s median, {worst:.2f} s P95 of {len(ordered)}"
        )


if __name__ == "__main__":
    main()
