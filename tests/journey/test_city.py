"""The practice city: living, whole, the same in every load, and open to each of its people."""

import http.cookiejar
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from anjuan.core.lifecycle import TABLE
from anjuan.core.terms import Arrangement, Post, Route, State
from anjuan.demo import agencies
from tests.journey import browser, commands
from tests.journey.browser import Desk

SECONDS = 600
# The pages of the city that the walk of one record does not open.
SHOWN = (
    ("bh01", "desk-handler", "/"),
    ("bh05", "desk-archivist", "/"),
    ("bh03", "filing", "/filing/"),
    ("hx03", "dossiers", "/filing/"),
    ("bh05", "apply", "/transfer/apply/"),
    ("bh06", "notices", "/notices/"),
    ("bh06", "overdue", "/notices/overdue/"),
    ("bh06", "steps", "/progress/steps/"),
    ("sj01", "quality", "/corrections/quality/"),
    ("sj01", "spot", "/inspection/spot/"),
    ("sj01", "acceptance", "/inspection/acceptance/"),
    ("sj01", "pre-acceptance", "/inspection/pre-acceptance/"),
    ("sj03", "recheck", "/inspection/recheck/"),
    ("sj06", "workshop", "/workshop/"),
    ("sj04", "jobs", "/jobs/"),
    ("sj05", "words", "/find/?q=养老待遇调整"),
)


@pytest.fixture(scope="session")
def cities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two loads of the city, side by side, each in a home of its own."""
    homes = (tmp_path_factory.mktemp("city"), tmp_path_factory.mktemp("twin"))
    loads = [
        subprocess.Popen(
            [sys.executable, "-m", "anjuan", "demo", "load"],
            env=commands.clean_environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for home in homes
    ]
    for load in loads:
        said, _ = load.communicate(timeout=SECONDS)
        assert load.returncode == 0, said[-3000:]
        assert said.rstrip().endswith("verified"), said[-600:]
    return homes


@pytest.fixture(scope="session")
def city(cities: tuple[Path, Path]) -> Path:
    return cities[0]


def rows(home: Path, question: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{home / 'anjuan.db'}?mode=ro", uri=True) as database:
        return database.execute(question).fetchall()


def counted(home: Path, question: str) -> int:
    ((number,),) = rows(home, question)
    assert isinstance(number, int)
    return number


def test_two_loads_write_the_same_journal(cities: tuple[Path, Path]) -> None:
    one, other = (json.loads((home / "practice-city.json").read_text()) for home in cities)

    assert one == other
    assert len(one["journal_root"]) == 64 and one["size"] > 2500


def test_the_city_is_as_large_as_it_says(city: Path) -> None:
    assert counted(city, "select count(*) from records_item") >= 1500
    pages = counted(city, "select sum(page_count) from records_component where superseded_at is null")
    assert 1500 <= pages <= 2000
    full = "select count(*) from (select item_id from records_component group by item_id having sum(page_count) >= 4)"
    assert counted(city, full) >= 60
    persons = counted(city, "select count(*) from business_fact where kind = 'CONTRIBUTION'")
    assert persons > 300
    holders = counted(city, "select count(distinct holder_number) from business_fact")
    assert holders >= 280
    assert counted(city, "select count(*) from records_subject where kind = 'EMPLOYER'") >= 30


@pytest.mark.acceptance("S1-F2", "S0-W13")
def test_it_has_several_fonds_and_offices_and_says_where_the_paper_lies(city: Path) -> None:
    assert counted(city, "select count(*) from records_fonds") == 3
    assert {code for (code,) in rows(city, "select code from accounts_agency")} == {"SJ", "BH", "HX", "NK", "YX", "LQ"}
    held = counted(city, "select count(*) from records_volume where state = 'HELD' and route <> 'SINGLE_SET'")
    placed = counted(city, "select count(*) from stacks_placement")
    assert held == placed > 0


def test_every_stage_of_every_route_has_something(city: Path) -> None:
    standing = {(route, state) for route, state in rows(city, "select distinct route, state from records_item")}
    wanted = {
        (move.route.value, state.value)
        for move in TABLE
        for state in (move.source, move.target)
        # A single set that came back stands where the other routes show it; nothing of it is loaded.
        if not (move.route is Route.SINGLE_SET and state in (State.RETURNED, State.MENDING, State.FILING))
    }
    passing = {("LEGACY", "COLLECTING"), ("LEGACY", "REVIEWED"), ("LEGACY", "FILING"), ("LEGACY", "FILED")}
    passing |= {("SINGLE_SET", state) for state in ("SELF_CHECKED", "PRE_ACCEPTED", "RECEIVED")}
    assert wanted - passing <= standing


def test_all_arrangement_kinds_are_there_and_something_waits_overdue(city: Path) -> None:
    kinds = {kind for (kind,) in rows(city, "select distinct arrangement from records_volume")}
    assert kinds == {kind.value for kind in Arrangement}
    closed = counted(city, "select count(*) from records_volume where closed_date is not null")
    growing = "select count(*) from records_volume where arrangement = 'PERSON_DOSSIER' and state = 'FILING'"
    assert closed >= 5 and counted(city, growing) >= 20
    assert counted(city, "select count(*) from corrections_correction where status = 'OPEN'") >= 20


def test_everybody_holds_his_post_and_every_post_is_held(city: Path) -> None:
    held = {post for (post,) in rows(city, "select distinct post from accounts_appointment")}
    assert held == {post.value for post in Post}
    assert len({one.staff_code for one in agencies.EVERYBODY}) == len(agencies.EVERYBODY) >= 40


def test_the_store_conforms_and_a_second_load_changes_nothing(city: Path) -> None:
    before = (city / "practice-city.json").read_text()

    assert commands.run(city, "ocfl", "validate", str(city / "store")).returncode == 0
    assert commands.run(city, "demo", "load").returncode == 0
    assert (city / "practice-city.json").read_text() == before


def test_an_archive_with_records_in_it_is_not_replaced(walked_home: tuple[Path, dict[str, object]]) -> None:
    home, _ = walked_home

    for verb in ("load", "reset"):
        outcome = commands.run(home, "demo", verb)
        assert outcome.returncode == 1
        assert "E-006" in outcome.stderr


# Its people at their desks -----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def served(cities: tuple[Path, Path]) -> Iterator[str]:
    """The twin, served: what its worker does there changes nothing that the other tests count."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "anjuan", "serve", "--port", str(port)],
        env=commands.clean_environment(cities[1]),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/account/log-in/", timeout=5)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def opened(browser: urllib.request.OpenerDirector, address: str) -> tuple[int, str]:
    try:
        with browser.open(address, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def logged_in(address: str, staff_code: str, password: str) -> urllib.request.OpenerDirector:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    _, page = opened(browser, f"{address}/account/log-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    user = re.search(r'<input[^>]*name="(username|staff_code)"', page)
    assert token and user
    typed = {"csrfmiddlewaretoken": token[1], user[1]: staff_code, "password": password}
    status, page = 0, ""
    request = urllib.request.Request(
        f"{address}/account/log-in/", urllib.parse.urlencode(typed).encode(), {"Referer": f"{address}/account/log-in/"}
    )
    with browser.open(request, timeout=60) as answer:
        status, page = answer.status, answer.read().decode()
    assert status == 200 and staff_code in page + staff_code
    return browser


@pytest.mark.acceptance("S0-R1", "S0-R2", "S0-R3", "S3-R1", "S3-R9", "S0-P7")
def test_every_desk_of_the_city_opens_with_its_work_on_it(served: str, cities: tuple[Path, Path]) -> None:
    password = (cities[1] / "keys" / "practice-password").read_text().strip()
    seen: Counter[str] = Counter()
    for one in agencies.EVERYBODY:
        if one.post is Post.INTERFACE:  # a program's account; it has no desk
            continue
        browser = logged_in(served, one.staff_code, password)
        status, desk = opened(browser, f"{served}/")
        assert status == 200 and one.name in desk, one
        for link in sorted(set(re.findall(r'<a[^>]+href="(/[a-z-]+/(?:[a-z-]+/)?)"', desk)))[:12]:
            status, page = opened(browser, f"{served}{link}")
            assert status == 200, (one.staff_code, link, status)
            seen[one.post.value] += 1
            if len(re.findall(r'data-guard|class="t |queue', page)) and link.startswith("/records"):
                break
    assert set(seen) >= {post.value for post in Post} - {"INTERFACE"}


@pytest.mark.browser
def test_the_citys_pages_are_sound_in_a_browser(served: str, cities: tuple[Path, Path]) -> None:
    if browser.chromium() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: .ci/run installs it")
        pytest.skip("no Chromium on this machine: the city was not looked at")
    password = (cities[1] / "keys" / "practice-password").read_text().strip()
    paper = rows(cities[1], "select urn from records_volume where route = 'LEGACY' and state = 'RECEIVED' limit 1")
    bench = rows(cities[1], "select urn from records_volume where state = 'IN_WORKSHOP' limit 1")
    stuck = rows(
        cities[1], "select urn from records_volume where state = 'MENDING' and reference_code like '%2026·BH%' limit 1"
    )
    counted = rows(
        cities[1], "select urn from records_item where state = 'IN_REVIEW' and acceptance_no like 'JZBH%' limit 1"
    )
    shown = (
        *SHOWN,
        ("sj01", "paper", f"/inspection/paper/{paper[0][0]}/"),
        ("sj06", "bench", f"/workshop/{bench[0][0]}/"),
        ("bh05", "why", f"/volume/{stuck[0][0]}/"),
        ("bh02", "counting", f"/review/{counted[0][0]}/"),
    )
    with browser.opened() as chromium:
        for staff_code in dict.fromkeys(one for one, _, _ in shown):
            desk = Desk(chromium, served, staff_code, password)
            for one, name, path in shown:
                if one == staff_code:
                    desk.visit(path)
                    desk.look(f"city-{name}")
            desk.close()
