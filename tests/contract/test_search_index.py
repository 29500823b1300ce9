"""One suite for both indexes: the file beside SQLite, and the tables of PostgreSQL."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection

from anjuan.core.asking import grammar
from anjuan.core.asking.folding import joined, phrase
from anjuan.facilities.search import rules
from anjuan.facilities.search.backends import (
    Damaged,
    Described,
    File,
    Held,
    Index,
    Open,
    PageWords,
    Standing,
    Unit,
    fts5,
    tsvector,
)
from anjuan.facilities.search.backends.file import FORMAT, SORTED
from anjuan.facilities.search.backends.fts5 import Fts5Index
from anjuan.facilities.search.backends.tsvector import TsvectorIndex
from anjuan.facilities.search.rules import Grant, Labels, Order

AT = 7


@pytest.fixture(params=["fts5", "tsvector"])
def index(request: pytest.FixtureRequest, db: None, tmp_path: Path) -> Index:
    if request.param == "fts5":
        made: Index = Fts5Index(tmp_path / "search.db")
    elif connection.vendor == "postgresql":
        made = TsvectorIndex()
    else:
        pytest.skip("tables of PostgreSQL")
    made.begin(position=AT)
    return made


def described(item: int, text: str, **components: bool) -> Described:
    labels = Labels("/SJ/", "SJ", "01", "STEP", "ALL", "HELD", "2024", "2024-01-01")
    files = {
        int(name[1:]): File(f"digest of {name}", 2, may_hold, is_read=may_hold) for name, may_hold in components.items()
    }
    return Described(item, f"digest of {text}", labels, {0: joined([text])}, files=files)


def page(text: str) -> PageWords:
    return PageWords(joined([text]))


def found(index: Index, text: str, after: int | None = None, limit: int = 100) -> list[int]:
    plan = rules.plan(grammar.read(text).question, digest=lambda part: part, named=lambda _: ())
    cursor = ("", after) if after is not None else None
    answer = index.answer(plan, [Grant("/")], order=Order.NEWEST, after=cursor, limit=limit)
    return [item for item, _ in answer.rows]


def test_a_new_index_stands_where_it_was_begun_and_is_not_whole(index: Index) -> None:
    standing = index.standing()

    assert standing is not None
    assert (standing.position, standing.rebuilt_to) == (7, 0)
    assert index.count() == Held(items=0, units=0, waiting=0, unreadable=0, unread=0)
    assert index.is_sound()


def test_how_far_it_came_is_kept_with_what_it_took(index: Index) -> None:
    index.keep([described(1, "养老", c10=True, c11=False)], expected=AT, position=9, rebuilt_to=1)

    standing = index.standing()

    assert standing is not None
    assert (standing.position, standing.rebuilt_to) == (9, 1)
    assert index.count() == Held(items=1, units=1, waiting=1, unreadable=0, unread=0)
    index.rebuilt()
    assert index.standing().rebuilt_to is None  # type: ignore[union-attr]


def test_a_rebuild_that_is_cut_off_between_its_last_steps_goes_on(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbered = replace(described(1, "养老"), numbers={"n" * 16: ("d" * 16,)})
    index.keep([numbered], expected=AT, rebuilt_to=1)
    with monkeypatch.context() as broken:
        broken.setattr(fts5, "SORTED", (SORTED[0], SORTED[1], "no such step"))
        broken.setattr(tsvector, "SCATTERED", {**tsvector.SCATTERED, "no_such_index": "nowhere (at)"})
        with pytest.raises((Damaged, ProgrammingError)):
            index.rebuilt()

    assert index.standing().rebuilt_to == 1  # type: ignore[union-attr]
    index.rebuilt()
    assert index.standing().rebuilt_to is None  # type: ignore[union-attr]
    start = rules.Numbered(("d" * 16,))
    assert index.answer(start, [Grant("/")], order=Order.NEWEST, after=None, limit=9).total == 1


def test_what_was_read_before_another_wrote_is_not_taken(index: Index) -> None:
    assert index.keep([described(1, "新题名")], expected=AT, position=9)

    assert not index.keep([described(1, "旧题名")], expected=AT, position=8)

    assert index.standing() == Standing(position=9, rebuilt_to=0)
    assert (found(index, "旧题名"), found(index, "新题名")) == ([], [1])


def test_items_are_found_newest_first_and_in_steps(index: Index) -> None:
    index.keep([described(item, "养老待遇 2024") for item in (3, 1, 2)], expected=AT)

    assert found(index, "养老待遇") == [3, 2, 1]
    assert found(index, "养老", after=3, limit=1) == [2]
    assert found(index, "遇") == [3, 2, 1]
    assert found(index, "20") == []


def test_all_terms_must_be_met_by_an_item_on_whichever_of_its_pages(index: Index) -> None:
    index.keep([described(1, "养老", c10=True), described(2, "养老", c20=True)], expected=AT)
    index.keep_pages(10, {1: page("王伟"), 2: page("李娜")})
    index.keep_pages(20, {1: page("王伟")})

    assert found(index, "养老 王伟 李娜") == [1]
    for asked, places in (("李娜", [(10, 2)]), ("养老", [(0, 0)])):
        looked_for = phrase(asked)
        assert looked_for is not None
        assert index.units([1], looked_for, limit=9) == [Unit(1, *place, joined([asked])) for place in places]


def test_what_was_taken_again_has_only_its_new_words(index: Index) -> None:
    index.keep([described(1, "旧题名", c10=True)], expected=AT)
    index.keep_pages(10, {1: page("旧页")})

    for _ in range(2):
        index.keep([described(1, "新题名", c11=True)], expected=AT)
        index.keep_pages(10, {1: page("旧页")})  # read by somebody who did not know yet

    assert (found(index, "旧题名"), found(index, "旧页"), found(index, "新题名")) == ([], [], [1])
    assert index.known([1, 2])[1].components == {11}
    assert 2 not in index.known([1, 2])
    assert index.waiting(10) == [11]


def test_what_cannot_be_read_waits_no_longer_and_is_counted(index: Index) -> None:
    index.keep([described(1, "题名", c10=True)], expected=AT)

    index.keep_pages(10, {}, is_readable=False)

    assert index.count() == Held(items=1, units=1, waiting=0, unreadable=1, unread=1)


def test_files_with_unread_pages_are_looked_at_in_turn_until_they_are_read(index: Index) -> None:
    index.keep([described(item, "题名", **{f"c{item}0": True}) for item in (1, 2, 3)], expected=AT)
    assert index.unread(version=1, newest=1, limit=1) == []  # they wait to be taken in first
    for component in (10, 20, 30):
        index.keep_pages(component, {1: page("一")}, readings="1:1")

    turns = [[file.component for file in index.unread(version=1, newest=1, limit=1)] for _ in range(4)]
    index.wait_again([20])
    index.keep_pages(10, {1: page("一"), 2: page("二")}, readings="1:2")

    assert turns == [[10, 30], [20, 30], [30], [30]]
    assert index.unread(version=1, newest=9, limit=9) == [Open(30, "digest of c30", 2, "1:1")]
    standing = index.standing()
    assert standing is not None
    assert (index.waiting(9), standing.behind, index.count().unread) == ([20], 2, 1)
    # Pages are read in another way: what was done is looked at again.
    assert [file.component for file in index.unread(version=2, newest=9, limit=9)] == [10, 30]


def test_an_index_begun_anew_is_empty(index: Index) -> None:
    index.keep([described(1, "题名", c10=True)], expected=AT, position=50)

    index.begin(position=0)

    assert index.standing() == Standing(position=0, rebuilt_to=0)
    assert index.count() == Held(items=0, units=0, waiting=0, unreadable=0, unread=0)
    assert found(index, "题名") == []


@pytest.mark.parametrize("harm", ["garbled", "cut", "another file"])
def test_a_damaged_file_is_said_and_can_be_begun_anew(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "search.db"
    index = Fts5Index(path)
    assert index.standing() is None
    index.begin(position=AT)
    index.keep([described(item, f"题名{item}") for item in range(300)], expected=AT)
    sqlite3.connect(path).execute("PRAGMA wal_checkpoint(TRUNCATE)").connection.close()
    if harm == "garbled":
        path.write_bytes(b"\0" * 3000)
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    else:
        path.unlink()
        other = sqlite3.connect(path)
        other.execute(f"PRAGMA user_version = {FORMAT}")
        other.close()

    with pytest.raises(Damaged):
        index.standing()
    index.begin(position=3)

    assert index.standing() is not None and index.is_sound()
