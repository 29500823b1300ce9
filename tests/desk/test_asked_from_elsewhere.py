"""Another archive asks here: what it is told, and that it is put down (row 82)."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from anjuan.bridges.exchange import queries
from anjuan.bridges.exchange.rules import MOST_ROWS, Column
from anjuan.core.terms import Post, Secrecy
from anjuan.facilities.secrecy import actions as secrecy
from anjuan.foundation.journal.models import Entry
from tests import builders
from tests.builders import one_line
from tests.cast import Cast
from tests.desk.archive_double import answered
from tests.desk.counter_stage import EMPLOYER
from tests.desk.test_search_words import caught_up


def test_another_archive_is_told_of_open_records_alone_and_it_is_put_down(cast: Cast) -> None:
    who = builders.person(1)
    urns = [builders.register(cast, f"SL-{number}", persons=(who,)) for number in range(3)]
    secrecy.mark(
        occasion=cast.occasion(Post.SECURITY_OFFICER), item_urn=urns[1], secrecy=Secrecy.SENSITIVE, reason="个案"
    )
    caught_up()

    with one_line("exchange.answer"):
        found = answered(cast, who.id_number)

    assert [row[Column.REFERENCE] for row in found.rows] == ["SL-2", "SL-0"]
    assert {row[Column.NAMES] for row in found.rows} == {who.name}
    assert who.id_number not in json.dumps([dict(row) for row in found.rows])
    (row,) = queries.register_answered(cast.actor(Post.AUDITOR))
    assert (row.house, row.asker, row.rows) == ("临县社会保险档案馆", "李四（lx07）", 2)
    assert who.id_number not in row.asked


def test_an_archive_is_told_no_more_than_its_account_may_see(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    who = builders.person(1)
    builders.register(cast, "SL-1", persons=(who,))
    caught_up()
    outsider(Post.READING_DESK)
    body = {"asked": who.id_number, "purpose": "核实", "house": "某馆", "asker": "某人", "question": "1"}

    told = cast.program("hx-reading_desk").post("/api/v1/exchange/answers", body, content_type="application/json")

    assert told.status_code == 200
    assert told.json()["rows"] == []


def test_fifty_are_told_and_that_there_is_more(cast: Cast) -> None:
    who = builders.person(1)
    for number in range(MOST_ROWS + 2):
        builders.register(cast, f"SL-{number:03}", persons=(who,))
    caught_up()

    found = answered(cast, who.id_number)
    assert (len(found.rows), found.is_cut) == (MOST_ROWS, True)
    assert len({row[Column.REFERENCE] for row in found.rows}) == MOST_ROWS
    by_words = answered(cast, "SL*")
    assert (len(by_words.rows), by_words.is_cut) == (MOST_ROWS, True)


def test_of_a_list_of_many_only_whoever_was_asked_for_is_named(cast: Cast) -> None:
    people = tuple(builders.person(number) for number in range(1, 7))
    builders.register(cast, "SL-1", persons=people, step="CONTRIBUTION_DECLARATION", employer=EMPLOYER)
    caught_up()

    (row,) = answered(cast, people[4].id_number).rows
    assert row[Column.NAMES] == f"{people[4].name}、等6人、{EMPLOYER.name}"
    assert "、" not in row[Column.NUMBERS]
    (row,) = answered(cast, "SL-1").rows
    assert row[Column.NAMES] == f"{'、'.join(who.name for who in people[:3])}、等6人、{EMPLOYER.name}"


@pytest.mark.parametrize("missing", ["purpose", "house", "asker", "question"])
def test_whoever_does_not_say_who_asks_and_what_for_is_told_nothing(cast: Cast, missing: str) -> None:
    body = {"asked": "张三", "purpose": "核实", "house": "某馆", "asker": "某人", "question": "1", missing: " "}
    staff = cast.actor(Post.READING_DESK).staff_code

    told = cast.program(staff).post("/api/v1/exchange/answers", body, content_type="application/json")

    assert told.json()["code"] == "R-010"
    assert not Entry.objects.filter(act="exchange.answer").exists()
