"""Openings: put down before a page is served, closed into the journal, and every changed line is named."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from anjuan.config import doctor
from anjuan.core.terms import Post
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries, rules
from anjuan.foundation.journal.backends.access import AccessFile
from anjuan.foundation.journal.models import Entry
from tests import builders
from tests.cast import Cast

on_sqlite = pytest.mark.skipif("settings.DATABASES['default']['ENGINE'].endswith('postgresql')")
UNIT = "urn:uuid:0191"


def opened(cast: Cast, page: int, *, unit: str = UNIT, purpose: str = "view") -> None:
    journal.note_opening(occasion=cast.occasion(Post.REVIEWER), unit=unit, component=1, page=page, purpose=purpose)


def raw(statement: str) -> None:
    """Raw SQL on the openings, as an administrator might send it."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.replace("opening", "journal_opening", 1))
        return
    rows = apsw.Connection(str(Path(settings.ANJUAN_HOME) / "access.db"))
    try:
        rows.execute(statement)
    finally:
        rows.close()


def lift_guards() -> None:
    on = " ON journal_opening" if connection.vendor == "postgresql" else ""
    for act in ("update", "delete"):
        if connection.vendor == "postgresql":
            with connection.cursor() as rows:
                rows.execute(f"DROP TRIGGER journal_opening_no_{act}{on}")
        else:
            raw(f"DROP TRIGGER opening_no_{act}")


def report() -> doctor.Line:
    (line,) = [line for line in doctor.examine() if line.topic == "openings"]
    return line


def test_a_person_who_opens_pages_of_a_record_for_a_purpose_is_one_visit_a_quarter_hour(cast: Cast) -> None:
    cast.clock.at = dt.datetime(2026, 11, 21, 3, 29, 0, tzinfo=dt.UTC)
    for page in (2, 1, 2):
        opened(cast, page)
    opened(cast, 1, purpose="review")
    cast.clock.at = dt.datetime(2026, 11, 21, 3, 30, 0, tzinfo=dt.UTC)
    opened(cast, 1)

    found = queries.visits([UNIT])

    assert [(visit.purpose, visit.slot.minute, visit.pages) for visit in found] == [
        ("view", 30, ((1, 1),)),
        ("review", 15, ((1, 1),)),
        ("view", 15, ((1, 1), (1, 2))),
    ]
    assert found[-1].first_at == dt.datetime(2026, 11, 21, 3, 29, 1, tzinfo=dt.UTC)
    assert queries.visits([]) == [] and queries.visits(["urn:uuid:other"]) == []


def test_the_minute_is_closed_with_one_line_that_holds_a_digest_of_each(cast: Cast) -> None:
    for page in range(1, 4):
        opened(cast, page)

    with builders.one_line("journal.close_openings"):
        assert journal.close_openings(occasion=cast.occasion(Post.AUDITOR)) == 3
    assert journal.close_openings(occasion=cast.occasion(Post.AUDITOR)) == 0

    entry = Entry.objects.get(act="journal.close_openings")
    lines = queries.openings().after(0, 10)
    assert (entry.members_count, entry.unit) == (3, f"openings:{lines[0][0]}-{lines[-1][0]}")
    assert entry.members_root == rules.members_root([(f"opening:{no}", line.digest) for no, line in lines])
    assert report().is_well


def test_many_openings_are_closed_so_many_a_line(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "CLOSE_AT_ONCE", 2)
    for page in range(1, 6):
        opened(cast, page)

    counts = [journal.close_openings(occasion=cast.occasion(Post.AUDITOR)) for _ in range(4)]

    assert counts == [2, 2, 1, 0]
    assert queries.check_openings().compared == 5


@pytest.mark.parametrize("statement", ["DELETE FROM opening", "UPDATE opening SET staff_code = 'nobody'"])
def test_openings_are_append_only_for_everybody(cast: Cast, statement: str) -> None:
    opened(cast, 1)

    with pytest.raises((apsw.ConstraintError, DatabaseError), match="append-only"):
        raw(statement)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE opening SET staff_code = 'nobody' WHERE page = 2", "1 changed, 0 missing"),
        ("DELETE FROM opening WHERE page = 2", "0 changed, 1 missing"),
    ],
)
def test_a_line_that_was_changed_or_taken_out_is_found_and_named(cast: Cast, statement: str, said: str) -> None:
    for page in range(1, 4):
        opened(cast, page)
    journal.close_openings(occasion=cast.occasion(Post.AUDITOR))
    second = queries.openings().after(0, 10)[1][0]
    lift_guards()

    raw(statement)

    line = report()
    assert not line.is_well
    assert said in line.en and f"({second})" in line.en and "安全审计员" in line.zh


@on_sqlite
def test_a_file_that_was_lost_is_found_and_gives_no_number_twice(cast: Cast, home: Path) -> None:
    for page in range(1, 4):
        opened(cast, page)
    journal.close_openings(occasion=cast.occasion(Post.AUDITOR))
    for path in home.glob("access.db*"):
        path.unlink()

    opened(cast, 9)

    assert [no for no, _ in queries.openings().after(0, 10)] == [4]
    assert "3 missing" in report().en


@on_sqlite
def test_an_opening_that_cannot_be_put_down_shows_nothing(cast: Cast, home: Path) -> None:
    urn = builders.submitted(cast)
    component = builders.components_of(urn)[0].pk
    (home / "access.db").mkdir()
    client = cast.client(Post.REVIEWER)

    with builders.refused("J-003"):
        opened(cast, 1)
    answers = [client.get(f"/pages/{component}/{rest}") for rest in ("1/view.jpg", "1/page.dzi", "original")]

    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert all(b"\xff\xd8" not in answer.content for answer in answers)
    assert not report().is_well


def test_whatever_can_be_read_is_an_opening_and_a_thumbnail_is_not(cast: Cast) -> None:
    urn = builders.submitted(cast)
    component = builders.components_of(urn)[0].pk
    client = cast.client(Post.REVIEWER)
    client.get(f"/pages/{component}/1/thumb.jpg")
    client.head(f"/pages/{component}/1/view.jpg")
    assert queries.visits([urn]) == []

    client.get(f"/pages/{component}/1/view.jpg", headers={"Referer": f"http://testserver/review/{urn}/"})
    client.get(f"/pages/{component}/1/view.jpg?ahead&purpose=inspection")
    client.get(f"/pages/{component}/original?purpose=anything").getvalue()

    found = {visit.purpose: visit.pages for visit in queries.visits([urn])}
    assert found == {
        "review": ((component, 1),),
        "inspection": ((component, 1),),
        "view": ((component, 0),),
    }


def test_what_one_may_not_see_is_no_opening(cast: Cast) -> None:
    urn = builders.submitted(cast)
    component = builders.components_of(urn)[0].pk

    assert cast.client(Post.AUDITOR).get(f"/pages/{component}/1/view.jpg").status_code == 404
    assert queries.visits([urn]) == []


def test_threads_that_come_together_share_the_disk_and_none_is_lost(tmp_path: Path) -> None:
    access = AccessFile(tmp_path / "access.db", lambda: 0)
    start = threading.Barrier(16)
    at = dt.datetime(2026, 11, 21, 3, 0, tzinfo=dt.UTC)

    def open_pages(person: int) -> None:
        start.wait()
        for page in range(1, 21):
            access.put(rules.Opening(f"p{person}", "BH", UNIT, "view", at, 1, page, at))
            assert any(line.staff_code == f"p{person}" and line.page == page for line in access.of([UNIT], 500))

    with ThreadPoolExecutor(16) as people:
        list(people.map(open_pages, range(16)))

    lines = access.after(0, 1000)
    assert [no for no, _ in lines] == list(range(1, 321))
    assert len({(line.staff_code, line.page) for _, line in lines}) == 320
