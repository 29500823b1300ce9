"""The index is held against the records: what was lost, changed or added by hand is found, and put right."""

import datetime as dt
from pathlib import Path
from typing import Any

import apsw
import pytest
from django.conf import settings
from django.db import connection

from anjuan.config import followers
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Occasion, Post
from anjuan.desks.intake import actions as intake
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.jobs.models import Job
from anjuan.facilities.search import actions, queries, tasks
from anjuan.facilities.search.actions import repairing
from anjuan.facilities.search.models import IndexCheck, IndexFault
from anjuan.facilities.search.queries import kept
from anjuan.foundation.journal.models import Entry
from tests import builders
from tests.cast import Cast

AT = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
SYSTEM = Actor("SYSTEM", "SYSTEM", "", "")


def on_index(statement: str, *given: Any) -> list[tuple[Any, ...]]:
    """Somebody at the tables of the index with a tool of the engine."""
    if connection.vendor == "postgresql":
        with connection.cursor() as rows:
            rows.execute(statement.replace("?", "%s"), list(given))
            return rows.fetchall() if rows.description else []
    file = apsw.Connection(str(Path(settings.ANJUAN_HOME) / "search.db"))
    try:
        return list(file.execute(statement, given))
    finally:
        file.close()


def caught_up() -> None:
    while followers.run_once():
        pass
    while actions.tend(seconds=5):
        pass


def found(cast: Cast, text: str) -> set[str]:
    return {item.urn for item in queries.find(cast.actor(Post.HANDLER), text).items}


def check(cast: Cast) -> kept.CheckRow:
    """A whole check, as the command does it."""
    uid = actions.open_check(occasion=cast.occasion(Post.SYSTEM_ADMIN))
    row = kept.check_by_uid(uid)
    assert row is not None
    for place in range(row.total):
        actions.check_window(uid=uid, place=place, at=AT)
    done = kept.check_by_uid(uid)
    assert done is not None and done.finished_at == AT
    return done


@pytest.fixture
def three(cast: Cast) -> list[str]:
    """Three items in the index: two with images, one with a page of words and a number on it."""
    urns = [
        builders.captured(cast, "SL-1", persons=(builders.person(1, "王伟"),)),
        builders.captured(cast, "SL-2", persons=(builders.person(2, "李娜"),)),
        builders.register(cast, "SL-3", persons=(builders.person(3, "赵敏"),)),
    ]
    path = Path(settings.ANJUAN_HOME) / "说明.txt"
    path.write_text(f"纺织一厂证明，{builders.number(9)}", encoding="utf-8")
    upload = intake.Upload(path, "说明.txt", "MAIN_FORM")
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urns[2], uploads=[upload])
    caught_up()
    return urns


def pk_of(cast: Cast, urn: str) -> int:
    from anjuan.records import queries as records

    return records.get_item_for(cast.actor(Post.HANDLER), urn).pk


def test_an_index_that_agrees_is_left_as_it_is(cast: Cast, three: list[str]) -> None:
    done = check(cast)

    assert done.faults == 0
    assert (done.done, done.total) == (done.total, done.total)
    assert not IndexFault.objects.exists()


HARMS: dict[str, tuple[str, ...]] = {
    "an item is gone": ("missing", "DELETE FROM search_item WHERE item = ?"),
    "everything of an item is gone": (
        "missing",
        *(f"DELETE FROM search_{table} WHERE item = ?" for table in ("item", "unit", "mark", "part")),
    ),
    "a column is changed": ("stale", "UPDATE search_item SET label = 0 WHERE item = ?"),
    "a text is changed": ("stale", "UPDATE search_unit SET body = '假' WHERE item = ?"),
    "a mark is gone": ("stale", "DELETE FROM search_mark WHERE kind = 'NAME' AND item = ?"),
    "a mark is added": ("stale", "INSERT INTO search_mark VALUES (?, 0, 0, 'NAME', '假名')"),
    "a file is gone": ("stale", "DELETE FROM search_part WHERE item = ?"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_what_was_lost_or_changed_by_hand_is_found_and_put_right(cast: Cast, three: list[str], harm: str) -> None:
    kind, *statements = HARMS[harm]
    for statement in statements:
        on_index(statement, pk_of(cast, three[0]))

    first, second = check(cast), check(cast)
    caught_up()

    assert (first.faults - first.strays, getattr(first, kind)) == (1, 1)
    assert second.faults == 0
    assert queries.find(cast.actor(Post.HANDLER), "姓名:王伟").total == 1
    assert found(cast, "姓名:假名") == set()


def test_digests_of_a_number_that_are_gone_are_found_and_put_right(cast: Cast, three: list[str]) -> None:
    on_index("DELETE FROM search_digit")
    assert found(cast, f"id:{builders.number(1)[:8]}*") == set()

    done = check(cast)

    assert done.stale == 3
    assert found(cast, f"id:{builders.number(1)[:8]}*") >= {three[0]}


def test_items_that_nobody_knows_are_taken_out(cast: Cast, three: list[str]) -> None:
    ghost = 7_777
    on_index(
        "INSERT INTO search_item SELECT ?, label, formed, digest FROM search_item WHERE item = ?",
        ghost,
        pk_of(cast, three[0]),
    )
    on_index("INSERT INTO search_mark VALUES (?, 0, 0, 'NAME', '王伟')", ghost)
    before = queries.find(cast.actor(Post.HANDLER), "姓名:王伟").more

    done = check(cast)

    assert (before, done.surplus, done.faults) == (2, 1, 1)
    assert queries.find(cast.actor(Post.HANDLER), "姓名:王伟").more == 1
    assert check(cast).faults == 0


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE search_unit SET body = '假' WHERE component > 0",
        "DELETE FROM search_unit WHERE component > 0",
        "DELETE FROM search_mark WHERE component > 0",
        "UPDATE search_part SET sum = '0'",
        "UPDATE search_part SET readings = '9:9' WHERE readings = ''",
    ],
)
def test_pages_that_were_changed_by_hand_are_taken_in_again(cast: Cast, three: list[str], harm: str) -> None:
    on_index(harm)

    first = check(cast)
    caught_up()
    second = check(cast)

    assert first.pages >= 1
    assert second.faults == 0
    assert found(cast, "纺织一厂") == {three[2]}
    assert found(cast, builders.number(9)) == {three[2]}


def test_words_that_do_not_agree_with_their_text_are_found(cast: Cast, three: list[str]) -> None:
    """The engine's own words: found by the token and not by the text, or by the text and not by the token."""
    if connection.vendor == "postgresql":
        on_index("UPDATE search_unit SET words = ''::tsvector")
    else:
        on_index("DELETE FROM search_words")
        on_index("INSERT INTO search_words (rowid, tokens) VALUES (99999, 'ghost')")
    assert found(cast, "赵敏 纺织") == set()

    first = check(cast)
    caught_up()

    assert (first.stale, first.strays) == (3, 0 if connection.vendor == "postgresql" else 1)
    assert check(cast).faults == 0
    assert found(cast, "赵敏 纺织") == {three[2]}


def test_a_check_that_is_killed_in_the_middle_goes_on_and_counts_nothing_twice(
    cast: Cast, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_index("DELETE FROM search_item")
    monkeypatch.setattr(repairing, "WINDOW", 1)
    uid = actions.open_check(occasion=cast.occasion(Post.SYSTEM_ADMIN))
    row = kept.check_by_uid(uid)
    assert row is not None
    mended = queries.index().mend
    calls: list[int] = []

    def killed(*args: Any, **kwargs: Any) -> bool:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return mended(*args, **kwargs)

    monkeypatch.setattr(type(queries.index()), "mend", lambda self, *args, **kwargs: killed(*args, **kwargs))
    with pytest.raises(KeyboardInterrupt):
        for place in range(row.total):
            actions.check_window(uid=uid, place=place, at=AT)
    cut = kept.unfinished_check()
    assert cut is not None and 0 < cut.done < cut.total

    for place in range(cut.done, cut.total):
        actions.check_window(uid=uid, place=place, at=AT)
    done = kept.check_by_uid(uid)

    assert done is not None and (done.missing, done.faults) == (3, 3)
    assert kept.unfinished_check() is None
    monkeypatch.undo()
    assert check(cast).faults == 0


def test_what_the_follower_has_not_told_yet_is_no_fault(cast: Cast, three: list[str]) -> None:
    builders.captured(cast, "SL-4", persons=(builders.person(4, "钱进"),))

    done = check(cast)

    assert done.faults == 0
    caught_up()
    assert check(cast).faults == 0
    assert queries.find(cast.actor(Post.HANDLER), "姓名:钱进").total == 1


def test_everything_can_be_taken_in_anew_while_questions_are_answered(cast: Cast, three: list[str]) -> None:
    uid = actions.open_check(occasion=cast.occasion(Post.SYSTEM_ADMIN), is_anew=True)

    row = kept.check_by_uid(uid)
    assert row is not None
    for place in range(row.total):
        actions.check_window(uid=uid, place=place, at=AT)
    between = found(cast, "纺织一厂")
    waiting = queries.index().waiting(99)
    caught_up()

    assert between == {three[2]}
    assert waiting
    assert found(cast, "纺织一厂") == {three[2]}
    assert check(cast).faults == 0


def test_an_index_that_is_being_made_is_not_held_against_anything_x_010(cast: Cast, three: list[str]) -> None:
    queries.index().begin(position=0)

    with builders.refused("X-010"):
        actions.open_check(occasion=cast.occasion(Post.SYSTEM_ADMIN))
    with builders.refused("X-010"):
        actions.reconcile(occasion=cast.occasion(Post.SYSTEM_ADMIN))


def test_a_check_is_a_job_of_the_administrator_with_one_line(cast: Cast, three: list[str]) -> None:
    on_index("DELETE FROM search_item WHERE item = ?", pk_of(cast, three[1]))
    before = Entry.objects.filter(act="search.reconcile").count()
    with builders.refused("A-001"):
        actions.reconcile(occasion=cast.occasion(Post.HANDLER))

    uid = actions.reconcile(occasion=cast.occasion(Post.SYSTEM_ADMIN))
    with builders.refused("Y-002"):
        actions.reconcile(occasion=cast.occasion(Post.SYSTEM_ADMIN))
    job_occasion = cast.occasion(Post.SYSTEM_ADMIN)
    [begun, *_] = kept.checks()
    for chunk in range(begun.total):
        jobs.run_chunk(occasion=job_occasion, uid=uid, chunk_no=chunk, token="t", clock=lambda: cast.clock.at)

    assert Entry.objects.filter(act="search.reconcile").count() == before + 1
    [row, *_] = kept.checks()
    assert (row.missing, row.faults) == (1, 1)
    assert row.finished_at is not None
    assert found(cast, "姓名:李娜") == {three[1]}


def test_it_is_done_once_a_night_at_the_hour_that_is_set(cast: Cast, three: list[str], settings: Any) -> None:
    night = dt.datetime(2026, 5, 1, 18, 30, tzinfo=dt.UTC)  # half past two in the agency's zone

    def at(moment: dt.datetime) -> str:
        return actions.keep_reconciled(occasion=Occasion(tasks.WORKER, moment, cast.clock.fresh))

    by_day = at(night + dt.timedelta(hours=9))
    started = at(night)
    again = at(night + dt.timedelta(minutes=20))
    IndexCheck.objects.update(finished_at=night)
    Job.objects.update(status="DONE")
    later = at(night + dt.timedelta(minutes=25))
    next_night = at(night + dt.timedelta(days=1))
    settings.ANJUAN_RECONCILE_HOUR = -1
    never = at(night + dt.timedelta(days=2))

    assert (by_day, again, later, never) == ("", "", "", "")
    assert started and next_night and started != next_night


def test_a_check_that_is_not_there_is_refused_r_009(cast: Cast, three: list[str]) -> None:
    with pytest.raises(Refusal, match="R-009"):
        actions.check_window(uid="0" * 32, place=0, at=AT)
