"""Every crash at every operation (断电演练): a walk is killed after its n-th operation and resumed, for n after n.

``python -m tests.journey.torture`` tries every n and says what it found (user ask 18). A lane is one process that has
loaded the program and owns one home; each try copies a start into that home and forks twice: once to be killed, once
to resume and to be judged. So what is killed is a real process, by a real SIGKILL, and a try costs no start.
"""

import argparse
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCANS = ("010.jpg", "011.jpg", "012.jpg", "013.jpg")  # two cases of the sample, two pages each
BATCH = 5
WALKS = ("migration", "founding", "journey", "batch")
# Where a walk begins, and what it is a walk of: `migration` and `founding` are the first part of a first start.
STARTS = {"migration": "nothing", "founding": "migrated", "journey": "founded", "batch": "founded"}


@dataclass
class Tally:
    """What came of one kind of walk."""

    walk: str
    operations: list[str]
    tried: int = 0
    kills: int = 0
    failures: list[tuple[int, list[str]]] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.walk}: {self.tried} of {len(self.operations)} operations tried, {self.kills} kills, "
            f"{len(self.failures)} failures"
        )


# --- a lane: the process that forks ---


def lane() -> None:
    """Answer tries, one JSON line each, until standard input ends."""
    from anjuan.config import cli

    home = Path(os.environ["ANJUAN_HOME"])
    os.environ["DJANGO_SETTINGS_MODULE"] = "anjuan.config.settings.base"
    import django

    django.setup()
    from anjuan.config import crash
    from anjuan.demo import journey, office  # noqa: F401  loaded once, for every fork
    from anjuan.facilities.repository import actions as repository
    from tests import builders
    from tests.journey import torture_checks as checks

    scans = home.parent / "scans"
    for number in range(BATCH):
        for place in range(len(builders.MATERIALS)):
            (home.parent / "batch" / f"{number}-{place}.jpg").write_bytes(builders.jpeg(number * 10 + place + 1))

    def boot() -> None:
        cli._boot()

    def run(walk: str) -> None:
        if walk == "batch":
            boot()
            repository.recover()  # as every start of the server does
            _send_batch(home.parent / "batch")
        elif cli.main(["journey", "--resume", "--input", str(scans)]):
            raise RuntimeError("the walk was not verified")

    def found() -> None:
        boot()
        office.found()

    def measure(walk: str, upto: str) -> None:
        os.environ["ANJUAN_CRASH_COUNT"] = "1"
        if upto == "migration":
            boot()
        elif upto == "founding":
            found()
        else:
            run(walk)
        _answer(home, {"operations": list(crash.done), "result": checks.census()["result"]})

    def kill(walk: str, number: int) -> None:
        os.environ["ANJUAN_CRASH_AFTER"] = str(number)
        run(walk)

    def resume(walk: str, said: str, wanted: dict[str, Any]) -> None:
        from django.db import DatabaseError

        os.environ.pop("ANJUAN_CRASH_AFTER", None)
        before: dict[str, Any] = {}
        try:
            before = checks.census()
        except DatabaseError:
            if walk not in ("migration", "founding"):
                raise
        run(walk)
        _answer(
            home, {"wrong": checks.wrong(said=said, before=before, wanted=wanted, may_leave_objects=walk == "batch")}
        )

    for line in sys.stdin:
        task = json.loads(line)
        _reset(home, Path(task["start"]) if task["start"] else None)
        answer: dict[str, Any] = {}
        if task["do"] == "make":
            code, said = _fork(home, boot if task["what"] == "migrated" else found)
            answer = {"code": code, "said": said}
            _keep(home, Path(task["to"]))
        elif task["do"] == "measure":
            code, said = _fork(home, functools.partial(measure, task["walk"], task["upto"]))
            answer = {"code": code, "said": said, **_answered(home)}
        else:
            code, said = _fork(home, functools.partial(kill, task["walk"], task["n"]))
            answer = {"was_killed": code == -9, "wrong": [] if code in (0, -9) else [f"exit {code}: {said[-600:]}"]}
            code, told = _fork(home, functools.partial(resume, task["walk"], said, task["wanted"]))
            answer["wrong"] += _answered(home).get("wrong", []) if code == 0 else [f"resume {code}: {told[-900:]}"]
        print(json.dumps(answer), flush=True)


def _fork(home: Path, work: Callable[[], None]) -> tuple[int, str]:
    """Do work in a fork; its exit code (minus the signal) and what it printed."""
    said = home.parent / "said.txt"
    (home.parent / "answer.json").unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            target = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(target, 1)
            os.dup2(target, 2)
            work()
            code = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said.read_text(errors="replace")


def _answer(home: Path, answer: dict[str, Any]) -> None:
    (home.parent / "answer.json").write_text(json.dumps(answer))


def _answered(home: Path) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads((home.parent / "answer.json").read_text())
    except FileNotFoundError:
        return {}
    return answer


def _send_batch(folder: Path) -> None:
    """Five cases in one request; every case must be answered with a receipt."""
    from anjuan.core.terms import Post
    from anjuan.demo import office
    from anjuan.desks.intake import actions as intake
    from anjuan.desks.intake.actions import batches
    from tests import builders

    def case(number: int) -> batches.Case:
        uploads = []
        for place, material in enumerate(builders.MATERIALS):
            path = folder / f"{number}-{place}.jpg"
            uploads.append(intake.Upload(path, path.name, material))
        return batches.Case(
            agency_code="BH",
            registration=builders.registration(f"PL-{number}", persons=(builders.person(number + 1),)),
            uploads=tuple(uploads),
            submit=True,
        )

    answers = batches.take_in(occasion=office.as_post(Post.HANDLER), cases=[case(number) for number in range(BATCH)])
    refused = [answer for answer in answers if not isinstance(answer, batches.TakenIn)]
    if refused:
        raise RuntimeError(f"refused: {refused}")


# --- the state of a lane: its home, and on PostgreSQL its database ---


def _database() -> str:
    return os.environ.get("ANJUAN_DATABASE", "").rpartition("/")[2].partition("?")[0]


def _admin(*statements: str) -> None:
    import psycopg

    with psycopg.connect(os.environ["TORTURE_ADMIN"], autocommit=True) as connection:
        for statement in statements:
            for left in reversed(range(50)):
                try:
                    connection.execute(statement.encode())
                except psycopg.errors.ObjectInUse:  # the server has not noticed yet that the fork has gone
                    if not left:
                        raise
                    time.sleep(0.1)
                else:
                    break


def _reset(home: Path, start: Path | None) -> None:
    """Put a home back to a start; an empty one if there is none."""
    shutil.rmtree(home, ignore_errors=True)
    if start is not None:
        shutil.copytree(start, home)
    else:
        home.mkdir(parents=True)
    if name := _database():
        template = f" TEMPLATE {name}_{start.name}" if start is not None else ""
        _admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}{template}")


def _keep(home: Path, to: Path) -> None:
    shutil.copytree(home, to)
    if name := _database():
        _admin(f"CREATE DATABASE {name}_{to.name} TEMPLATE {name}")


# --- the conductor: hands out the tries ---


class Lane:
    """A lane as the conductor sees it."""

    def __init__(self, folder: Path, number: int, admin: str = "") -> None:
        self.folder = folder / f"lane-{number}"
        (self.folder / "batch").mkdir(parents=True)
        _scans(self.folder / "scans")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANJUAN_", "DJANGO_"))}
        environment = {**kept, "ANJUAN_HOME": str(self.folder / "home")}
        self.database = f"anjuan_crash_{os.getpid()}_{number}" if admin else ""
        self.admin = admin
        if admin:
            base, _, options = admin.partition("?")
            address = f"{base.rpartition('/')[0]}/{self.database}{'?' + options if options else ''}"
            environment |= {"ANJUAN_DATABASE": address, "TORTURE_ADMIN": admin}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.journey.torture", "--lane"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **task: Any) -> dict[str, Any]:
        """One task, one answer."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def start(self, name: str) -> str:
        """The folder of a start, made when it is first asked for."""
        if name == "nothing":
            return ""
        to = self.folder / name
        if not to.exists():
            made = self.ask(do="make", what=name, start="", to=str(to))
            assert made["code"] == 0, made["said"]
        return str(to)

    def close(self) -> None:
        """End the lane, and drop its databases."""
        with self.process:  # closes its pipes, which ends it
            pass
        if self.database:
            import psycopg

            with psycopg.connect(self.admin, autocommit=True) as connection:
                for name in (self.database, f"{self.database}_migrated", f"{self.database}_founded"):
                    connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def _scans(folder: Path) -> None:
    sample = ROOT / "src" / "anjuan" / "demo" / "sample"
    folder.mkdir()
    header, *rows = (sample / "catalogue.csv").read_text(encoding="utf-8-sig").splitlines()
    kept = [row for row in rows if row.split(",")[0] in SCANS]
    (folder / "catalogue.csv").write_text("\n".join([header, *kept]), encoding="utf-8")
    for name in SCANS:
        shutil.copy(sample / name, folder)


class Torture:
    """Several lanes and what they found."""

    def __init__(self, folder: Path, *, lanes: int = 2, admin: str = "", say: Callable[[str], None] = print) -> None:
        self.lanes = [Lane(folder, number, admin) for number in range(lanes)]
        self.say = say

    def measure(self, walk: str) -> tuple[list[str], dict[str, Any]]:
        """The operations of a walk that nobody cuts off, and its result."""
        upto = walk if walk in ("migration", "founding") else "end"
        first = self.lanes[0]
        told = first.ask(do="measure", walk=walk, upto=upto, start=first.start(STARTS[walk]))
        assert told["code"] == 0, told["said"]
        if upto == "end":
            return told["operations"], told["result"]
        whole = first.ask(do="measure", walk=walk, upto="end", start=first.start(STARTS[walk]))
        assert whole["code"] == 0, whole["said"]
        return told["operations"], whole["result"]

    def kill(
        self, walk: str, choose: Callable[[Sequence[str]], Iterable[int]] = lambda all_: range(1, len(all_) + 1)
    ) -> Tally:
        """Kill a walk after each chosen operation and resume it.

        Args:
            walk: one of `WALKS`.
            choose: which numbers, given the operations in order; all by default.
        """
        operations, wanted = self.measure(walk)
        tally = Tally(walk, operations)
        waiting = list(reversed(list(choose(operations))))
        turn, began = threading.Lock(), time.monotonic()

        def drive(lane: Lane) -> None:
            start = lane.start(STARTS[walk])
            while True:
                with turn:
                    if not waiting:
                        return
                    number = waiting.pop()
                answer = lane.ask(do="kill", walk=walk, n=number, start=start, wanted=wanted)
                with turn:
                    tally.tried += 1
                    tally.kills += answer["was_killed"]
                    if answer["wrong"]:
                        tally.failures.append((number, answer["wrong"]))
                        self.say(f"  after operation {number} ({operations[number - 1]}): {answer['wrong'][0][:300]}")
                    if tally.tried % 50 == 0:
                        self.say(f"  {walk}: {tally.tried} tried, {time.monotonic() - began:.0f} s")

        threads = [threading.Thread(target=drive, args=(lane,)) for lane in self.lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return tally

    def close(self) -> None:
        """End every lane."""
        for lane in self.lanes:
            lane.close()


def main() -> int:
    """Try every n of every walk, or every k-th."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lane", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--walk", choices=WALKS, action="append", help="which walks; all if none is named")
    parser.add_argument("--every", type=int, default=1, help="only every k-th operation")
    parser.add_argument("--lanes", type=int, default=2)
    options = parser.parse_args()
    if options.lane:
        lane()
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="anjuan-torture-") as folder:
        torture = Torture(Path(folder), lanes=options.lanes, say=lambda text: print(text, flush=True))
        try:
            tallies = []
            for walk in options.walk or WALKS:
                tallies.append(torture.kill(walk, lambda all_: range(1, len(all_) + 1, options.every)))
                kinds = ", ".join(f"{kind} {number}" for kind, number in Counter(tallies[-1].operations).most_common())
                print(f"{tallies[-1]}\n  ({kinds})", flush=True)
        finally:
            torture.close()
    print(f"torture: {sum(t.kills for t in tallies)} kills, {sum(len(t.failures) for t in tallies)} failures, "
          f"{time.monotonic() - began:.0f} s")  # fmt: skip
    return 1 if any(tally.failures for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
