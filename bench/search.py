"""Search, measured: how fast it is built, how large it is, how long questions take; beside other engines.

    python bench/search.py [--size 100000] [--engine sqlite|postgresql] [--rounds 60] [--whoosh 20000]

A throw-away home; the catalogue of `search_corpus`. Questions are asked over HTTP, with a token, of a web process such
as `anjuan serve` starts, by a clerk of one centre and by the archivist of the whole house; numbers of answers are
compared with the truth. Then the engine's own statement in the same process, and, where they are installed (``pip
install tantivy whoosh``), two other engines that are given the same tokens. Timings are printed, never asserted.
"""

import argparse
import contextlib
import http.client
import json
import os
import platform
import random
import resource
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import search_beside
from search_beside import percentiles

PORT = 8497
WEB = """
import sys
from granian import Granian
from granian.constants import Interfaces
Granian("anjuan.config.wsgi:application", address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.WSGI,
        workers=int(sys.argv[2]), blocking_threads=8, log_enabled=False).serve()
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--whoosh", type=int, default=20_000, help="records given to Whoosh, which is slow to build")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2], help="web processes, for the crowd")
    parser.add_argument("--only-numbers", action="store_true", help="no words: marks, codes and numbers alone")
    parser.add_argument("--home", type=Path, help="an archive to keep: made at the first run, asked again at the next")
    parser.add_argument("--only-crowd", action="store_true", help="of a kept archive, ask the crowd's questions alone")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "anjuan.config.settings.base"
    if options.home:
        os.environ["ANJUAN_HOME"] = str(options.home)
        with database(options.engine, f"anjuan_bench_{options.home.name}"):
            run(options, options.home)
        return 0
    with tempfile.TemporaryDirectory(prefix="anjuan-search-") as home:
        os.environ["ANJUAN_HOME"] = home
        with database(options.engine):
            run(options, Path(home))
    return 0


class database:
    """A database of its own: a file in the home, or one made in the PostgreSQL that answers; one with a name stays."""

    def __init__(self, engine: str, kept: str = "") -> None:
        self.engine, self.name, self.is_kept = engine, kept or f"anjuan_bench_{secrets.token_hex(4)}", bool(kept)

    def __enter__(self) -> None:
        if self.engine == "sqlite":
            return
        address = os.environ.get("ANJUAN_TEST_DATABASE", "postgresql://postgres@127.0.0.1:5432/postgres")
        self.admin = address
        from psycopg.errors import DuplicateDatabase

        with contextlib.suppress(*[DuplicateDatabase] * self.is_kept):  # it stands from the run before
            self._do(f"CREATE DATABASE {self.name}")
        os.environ["ANJUAN_DATABASE"] = f"{address.rpartition('/')[0]}/{self.name}"

    def __exit__(self, *_: object) -> None:
        if self.engine == "postgresql" and not self.is_kept:
            from django.db import connections

            connections.close_all()
            self._do(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.admin, autocommit=True) as rows:
            rows.execute(statement)  # type: ignore[arg-type]


def run(options: argparse.Namespace, home: Path) -> None:
    import django

    django.setup()

    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(
        f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}, {options.engine}, "
        f"{options.size:,} items, load average {load}",
        flush=True,
    )
    made = home / "made"
    if not made.exists():
        make(options, home)
        if options.home:
            made.write_text(str(options.size))
    elif made.read_text() != str(options.size):
        raise SystemExit(f"the kept archive has {made.read_text()} items: say --size {made.read_text()}")
    people = clerks()
    if not options.only_crowd:
        ask(options, people)
    ask_in_a_crowd(options, people["clerk of one centre"])
    if not options.only_numbers and not options.home:
        search_beside.beside(options.size, options.rounds, options.whoosh, options.engine)
        pages(home)


def make(options: argparse.Namespace, home: Path) -> None:
    """Lay the archive down and build its index, saying what that took."""
    from django.core.management import call_command

    import search_corpus
    from anjuan.demo import office
    from anjuan.facilities.search import actions

    call_command("migrate", verbosity=0)
    office.found()
    took = search_corpus.lay(options.size)
    if options.only_numbers:
        leave_words_out()
    print(f"laid down in {took:.0f} s", flush=True)
    began, worked = time.perf_counter(), time.process_time()
    more = actions.tend(seconds=5, begin_anew=True)
    while more:
        more = actions.tend(seconds=5)
    took = time.perf_counter() - began
    worked = time.process_time() - worked
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"index made: {took:.1f} s, {options.size / took:,.0f} records/s ({options.size / worked:,.0f} a second "
        f"of the processor), most memory {most:.0f} MiB",
        flush=True,
    )
    size = bytes_of(home)
    print(f"size of the index: {size / 1e6:.0f} MB, {size / options.size:,.0f} bytes a record", flush=True)


def leave_words_out() -> None:
    """Have the index told of marks and numbers only: what the largest archive is measured by."""
    from anjuan.facilities.search.actions import keeping

    whole = keeping.described
    keeping.described = lambda items: [replace(one, fields={}) for one in whole(items)]  # type: ignore[assignment]


def bytes_of(home: Path) -> int:
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as rows:
            rows.execute(
                "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c "
                "WHERE c.relkind = 'r' AND c.relname IN ('search_item', 'search_unit', 'search_label', 'search_heap', "
                "'search_mark', 'search_digit', 'search_part', 'search_about')"
            )
            return int(rows.fetchone()[0])
    import apsw

    file = apsw.Connection(str(home / "search.db"))
    file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    file.close()
    return (home / "search.db").stat().st_size


SWEEPING = ("common phrase", "common NOT", "year and unit")  # found in a good part of the archive: no counter asks so
BY_NUMBER = ("ID number, whole", "acceptance number", "first digits of a number")


def kinds(options: argparse.Namespace) -> dict[str, Callable[[random.Random], str]]:
    """Kinds of question, each drawn from the corpus."""
    import search_corpus as corpus

    size = options.size

    def drawn(random_: random.Random) -> corpus.Made:
        return corpus.made(random_.randrange(size))

    found: dict[str, Callable[[random.Random], str]] = {
        "ID number, whole": lambda r: drawn(r).number,
        "name": lambda r: drawn(r).name,
        "name and word": lambda r: f"{drawn(r).name} 退休",
        "phrase": lambda r: f"“{r.choice(corpus.MATTERS)[:8]}” {drawn(r).name}",
        "common phrase": lambda r: f"“{r.choice(corpus.MATTERS)[:6]}”",
        "NOT": lambda r: f"{drawn(r).name} NOT {r.choice(corpus.UNITS)}",
        "common NOT": lambda r: f"退休 NOT {r.choice(corpus.UNITS)}",
        "pinyin": lambda r: "".join(_sound(drawn(r).name)),
        "acceptance number": lambda r: drawn(r).acceptance_no,
        "first digits of a number": lambda r: f"{drawn(r).number[:14]}*",
        "year and unit": lambda r: f"年度:{r.choice(corpus.YEARS)} {r.choice(corpus.UNITS)}",
    }
    return {kind: draw for kind, draw in found.items() if kind in BY_NUMBER} if options.only_numbers else found


def _sound(name: str) -> str:
    from anjuan.core.asking.pinyin import readings

    return next(iter(readings(name)), ("", ""))[0] or name


def truths(size: int) -> list[tuple[str, int]]:
    """Questions with what they must find, counted from the texts in plain Python."""
    import search_corpus as corpus

    wanted: dict[str, Callable[[corpus.Made], bool]] = {
        "退休": lambda one: "退休" in one.title,
        "“特殊工种” NOT 港务局": lambda one: "特殊工种" in one.title and "港务局" not in one.title,
        "第三中学 OR 光明印刷厂": lambda one: "第三中学" in one.title or "光明印刷厂" in one.title,
        "年度:2001 工伤认定": lambda one: one.formed.year == 2001 and "工伤认定" in one.title,
    }
    counts = dict.fromkeys(wanted, 0)
    for one in itertools_chain(corpus.corpus(size), [corpus.made(0)]):  # the sample says what the first one says
        for asked, holds in wanted.items():
            counts[asked] += holds(one)
    return list(counts.items())


def itertools_chain(*parts: Iterable[Any]) -> Iterator[Any]:
    for part in parts:
        yield from part


def clerks() -> dict[str, str]:
    """Tokens of those who ask."""
    from anjuan.foundation.accounts import actions as accounts
    from anjuan.foundation.accounts import occasions
    from anjuan.foundation.accounts import queries as staff

    def token(staff_code: str) -> str:
        actor = staff.actor_for(staff_code, on=occasions.today())
        return accounts.issue_token(occasion=occasions.now(actor), terminal="bench").text

    return {"clerk of one centre": token("bh01"), "archivist of the house": token("sj12")}


def ask(options: argparse.Namespace, people: dict[str, str]) -> None:
    """One question after another, of each kind."""
    with serving(processes=1) as pid:
        whole = people["archivist of the house"]
        for asked, count in () if options.only_numbers else truths(options.size):
            found = Asker(whole)(asked)["total"]
            print(f"truth {'agrees' if found == count else f'DIFFERS: {found}'}: {asked} → {count:,}", flush=True)
        print(
            "\n| question | clerk P50 | P95 | processor | house P50 | P95 | processor |\n|---|---|---|---|---|---|---|"
        )
        for kind, draw in kinds(options).items():
            cells = []
            for held in people.values():
                drawn = random.Random(7)
                asker = Asker(held)
                for _ in range(20):  # each of the eight threads has a connection of its own, that is cold at first
                    asker(draw(drawn))
                before = processor_ms(pid)
                cells += percentiles(lambda: asker(draw(drawn)), options.rounds)  # noqa: B023 (called at once)
                cells.append((processor_ms(pid) - before) / options.rounds)
            print(f"| {kind} | " + " | ".join(f"{each:.1f} ms" for each in cells) + " |", flush=True)


def ask_in_a_crowd(options: argparse.Namespace, token: str) -> None:
    every = kinds(options)
    counter = {kind: draw for kind, draw in every.items() if kind not in SWEEPING}
    for processes in options.processes:
        for name, draws in (("of a counter", counter), ("of all kinds, evenly", every)):
            with serving(processes=processes) as pid:
                print(f"\n{processes} web processes, questions {name}:", end=" ")
                before = processor_ms(pid)
                count = crowd(options, token, list(draws.values()))
                print(f"processor of the web processes: {(processor_ms(pid) - before) / count:.1f} ms a question")


@contextlib.contextmanager
def serving(*, processes: int) -> Iterator[int]:
    """A web server such as `anjuan serve` starts; gives its number."""
    web = subprocess.Popen([sys.executable, "-c", WEB, str(PORT), str(processes)], env=os.environ.copy())
    try:
        _up()
        yield web.pid
    finally:
        web.terminate()
        web.wait(10)


def processor_ms(pid: int) -> float:
    """Time of the processor that a process and its children took: what other work on the machine does not change."""
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            cells = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(entry.parent.name) == pid or int(cells[1]) == pid:
            ticks += int(cells[11]) + int(cells[12])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def _up() -> None:
    for _ in range(200):
        try:
            http.client.HTTPConnection("127.0.0.1", PORT, timeout=2).request("GET", "/")
        except OSError:
            time.sleep(0.1)
        else:
            return


class Asker:
    """One program with one connection that is kept."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)

    def __call__(self, asked: str) -> dict[str, Any]:
        self.line.request(
            "GET",
            f"/api/v1/find?{urllib.parse.urlencode({'q': asked})}",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        answer = self.line.getresponse()
        octets = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {octets[:200]!r}")
        found: dict[str, Any] = json.loads(octets)
        return found


def crowd(options: argparse.Namespace, token: str, draws: list[Callable[[random.Random], str]]) -> int:
    """Many clients with a second of thought between questions."""
    took: list[float] = []
    errors: list[str] = []

    begun = threading.Barrier(options.clients)

    def client(seed: int) -> None:
        drawn, asker = random.Random(seed), Asker(token)
        for _ in range(4):  # a process that has just begun answers its first questions slowly
            asker(drawn.choice(draws)(drawn))
        begun.wait()
        time.sleep(drawn.random())
        for _ in range(15):
            began = time.perf_counter()
            try:
                asker(drawn.choice(draws)(drawn))
            except (OSError, RuntimeError, http.client.HTTPException) as fault:
                errors.append(str(fault))
            took.append((time.perf_counter() - began) * 1000)
            time.sleep(1)

    threads = [threading.Thread(target=client, args=(seed,)) for seed in range(options.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cuts = statistics.quantiles(took, n=20)
    print(
        f"{options.clients} clients, 1 s of thought, {len(took)} questions: "
        f"P50 {statistics.median(took):.0f} ms, P95 {cuts[18]:.0f} ms, {len(errors)} errors {errors[:1]}",
        flush=True,
    )
    return options.clients * (15 + 4)


def pages(home: Path) -> None:
    """How much the index grows by text of pages."""
    import search_corpus as corpus
    from anjuan.core.asking.folding import joined
    from anjuan.facilities.search import queries
    from anjuan.facilities.search.backends import Described, File, PageWords
    from anjuan.facilities.search.rules import Labels

    index = queries.index()
    standing = index.standing()
    before = bytes_of(home)
    drawn, text_bytes, ghosts = random.Random(3), 0, 2_000
    first = 1_000_000_000
    labels = Labels("/SJ/", "SJ", "01", "STEP", "ALL", "HELD", "2024", "2024-01-01")
    for item in range(first, first + ghosts):
        words = {}
        for page in range(1, 6):
            text = "，".join(
                f"{drawn.choice(corpus.SURNAMES)}{''.join(drawn.sample(corpus.GIVEN, 2))}"
                f"{drawn.choice(corpus.MATTERS)}{drawn.choice(corpus.UNITS)}{drawn.randrange(10**6)}"
                for _ in range(25)
            )
            text_bytes += len(text.encode())
            words[page] = PageWords(joined([text]))
        index.keep(
            [Described(item, "", labels, files={item: File("", 5, has_words=True, is_read=False)})],
            expected=standing.position,
        )
        index.keep_pages(item, words)
    grown = bytes_of(home) - before
    print(f"\npages: {ghosts * 5:,} pages, {text_bytes / 1e6:.1f} MB of text, index grew by {grown / text_bytes:.2f} ×")


if __name__ == "__main__":
    sys.exit(main())
