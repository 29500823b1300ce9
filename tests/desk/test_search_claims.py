"""What the lists ask of finding: databases that agree with the records, answers while one waits, one index."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anjuan.core.asking import grammar
from anjuan.core.terms import Post
from anjuan.desks.intake import actions as intake
from anjuan.facilities.search import actions, queries, rules
from anjuan.facilities.search.backends import statements
from anjuan.facilities.search.backends.fts5 import DIALECT as ON_SQLITE
from anjuan.facilities.search.queries import kept
from anjuan.facilities.search.rules import Grant, Order
from anjuan.records import queries as records
from anjuan.records.models import Subject
from anjuan.records.queries import subjects
from tests import builders
from tests.cast import Cast
from tests.desk.test_search_words import caught_up, written

LEAN_ROW = 1_024  # bytes of one row of an answer
on_sqlite = pytest.mark.skipif("settings.DATABASES['default']['ENGINE'].endswith('postgresql')")


def found(cast: Cast, text: str, post: Post = Post.HANDLER) -> set[str]:
    result = queries.find(cast.actor(post), text)
    return {item.urn for item in result.items} | set(result.listed)


def agrees(cast: Cast) -> bool:
    """A whole check of the index against the records finds nothing."""
    uid = actions.open_check(occasion=cast.occasion(Post.SYSTEM_ADMIN))
    row = kept.check_by_uid(uid)
    assert row is not None
    for place in range(row.total):
        actions.check_window(uid=uid, place=place, at=cast.clock.at)
    done = kept.check_by_uid(uid)
    return done is not None and done.finished_at is not None and done.faults == 0


@pytest.mark.acceptance("S0-F1")
def test_the_catalogue_database_answers_by_every_field_and_agrees_with_the_records(cast: Cast) -> None:
    urn = builders.captured(cast, "SL-1", persons=(builders.person(1, "王伟"),), formed=dt.date(2024, 3, 15))
    builders.captured(cast, "SL-2", persons=(builders.person(2, "李娜"),), formed=dt.date(2024, 5, 1))
    caught_up()
    item = records.get_item_for(cast.actor(Post.HANDLER), urn)
    step = records.step_names()[item.step_code]

    for asked in (
        "王伟", "姓名:王伟", "wangwei", "SL-1", "受理号:SL-1", f"王伟 题名:{item.title[:2]}", f"王伟 环节:{step}",
        f"王伟 门类:{item.category_code}", "王伟 机构:BH", "王伟 年度:2024", "日期:2024-03-15", builders.number(1),
    ):  # fmt: skip
        assert found(cast, asked) == {urn}, asked
    assert queries.find(cast.actor(Post.HANDLER), "年度:2024").facets["YEAR"] == {"2024": 2}
    assert agrees(cast)


@pytest.mark.acceptance("S0-F2")
def test_the_full_text_database_has_every_page_and_leads_to_it(cast: Cast) -> None:
    urn = written(cast, "SL-1", "兹证明王建国同志一九七八年起在纺织一厂从事特殊工种。", serial=1)
    written(cast, "SL-2", "另一份材料", serial=2)
    caught_up()

    result = queries.find(cast.actor(Post.HANDLER), "“纺织一厂” 特殊工种")
    [reason, *_] = result.hits[urn].reasons
    page = cast.client(Post.HANDLER).get("/find/", {"q": "“纺织一厂” 特殊工种"}).content.decode()

    assert [item.urn for item in result.items] == [urn]
    assert (reason.kind, reason.page) == ("PAGE", 1)
    assert ("纺织一厂", True) in reason.pieces
    assert f"/view/{urn}/?page=1" in page and "<mark>纺织一厂</mark>" in page
    held = queries.index().count()
    assert (held.waiting, held.unreadable) == (0, 0)
    assert agrees(cast)


@pytest.mark.acceptance("S0-N4")
def test_an_answer_is_small_and_costs_as_many_statements_for_many_records_as_for_few(cast: Cast) -> None:
    """Timings stand in docs/benchmarks/search.md; what they rest on is held here."""

    def asked(text: str) -> tuple[int, dict[str, Any]]:
        client = cast.program(cast.actor(Post.HANDLER).staff_code)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get("/api/v1/find", {"q": text})
        assert answer.status_code == 200
        return len(captured), json.loads(answer.content)

    number = builders.number(1)
    for place in range(1, 4):
        builders.register(cast, f"SL-{place}", persons=(builders.person(1),))
    caught_up()
    asked(number)
    few = asked(number)[0]
    for place in range(4, 30):
        builders.register(cast, f"SL-{place}", persons=(builders.person(1),))
    caught_up()
    many, told = asked(number)

    rows = told["persons"][0]["items"]
    assert (many, len(rows)) == (few, 29)
    assert many <= 24
    assert max(len(json.dumps(row, ensure_ascii=False).encode()) for row in rows) <= LEAN_ROW
    many, told = asked("参保人*")
    assert len(told["items"]) == 20 and told["following"]
    whole = [*told["items"], *told["why"].values()]
    assert max(len(json.dumps(row, ensure_ascii=False).encode()) for row in whole) <= LEAN_ROW


@on_sqlite
@pytest.mark.acceptance("S0-N5")
@pytest.mark.parametrize("asked", [builders.number(1), "id:9990*", "姓名:王伟", "SL-1", "wangwei", "王伟 退休"])
def test_no_question_about_a_person_reads_through_the_index(cast: Cast, asked: str) -> None:
    """A city's millions of pages: what decides is looked up in a tree, so that no table is gone through."""
    builders.register(cast, "SL-1", persons=(builders.person(1, "王伟"),))
    caught_up()
    plan = rules.plan(grammar.read(asked).question, digest=queries.indexed.digest(), named=lambda _: ())
    sql = statements.answering(plan, [Grant("/SJ/BH/")], (), ON_SQLITE, order=Order.NEWEST, after=None, limit=21)

    file = apsw.Connection(str(Path(settings.ANJUAN_HOME) / "search.db"))
    steps = list(file.execute(f"EXPLAIN QUERY PLAN {sql.text}", sql.given))
    file.close()

    within = {step[0] for step in steps if step[3] == "MATERIALIZE hit"}  # what follows goes over what was found
    for step in steps:
        within |= {step[0]} if step[1] in within else set()
    deciding = [step[3] for step in steps if step[0] in within]
    assert [step for step in deciding if step.startswith("SCAN") and "VIRTUAL" not in step] == []
    assert any(step.startswith("SEARCH i USING INTEGER PRIMARY KEY") for step in deciding)


@on_sqlite
@pytest.mark.acceptance("S0-N5")
@pytest.mark.parametrize("asked", [builders.number(1), "SL-1", "王伟", "王伟 退休"])
def test_no_question_goes_through_all_records_or_persons(cast: Cast, asked: str) -> None:
    """Beside the index, records are looked up by their numbers: not one by one, nor by a list of all one may see."""
    builders.register(cast, "SL-1", persons=(builders.person(1, "王伟"),))
    caught_up()
    with CaptureQueriesContext(connection) as captured:
        queries.find(cast.actor(Post.HANDLER), asked)

    with connection.cursor() as rows:
        for told in captured.captured_queries:
            rows.execute(f"EXPLAIN QUERY PLAN {told['sql'].replace('%', '%%')}")
            steps = [step[3] for step in rows.fetchall() if step[3].startswith("SCAN")]
            # Few steps, agencies and categories, and what was given; records, persons and what binds them never are.
            few = ("schedule_", "accounts_", "json_each")
            assert [step for step in steps if not any(name in step for name in few)] == [], told["sql"]


def test_a_hundred_namesakes_cost_no_more_statements_than_two(cast: Cast) -> None:
    def asked() -> tuple[int, list[tuple[str, list[str]]]]:
        with CaptureQueriesContext(connection) as captured:
            result = queries.find(cast.actor(Post.HANDLER), "王伟")
        return len(captured), [(hit.subject.id_number, [item.urn for item in hit.items]) for hit in result.persons]

    for place in (1, 2):
        builders.register(cast, f"SL-{place}", persons=(builders.person(place, "王伟"),))
    caught_up()
    asked()
    few, _ = asked()
    together = (builders.person(1, "王伟"), builders.person(2, "王伟"))
    both = builders.register(cast, "SL-3", persons=together, step="CONTRIBUTION_DECLARATION")
    for place in range(4, 12):
        builders.register(cast, f"SL-{place}", persons=(builders.person(place, "王伟"),))
    caught_up()
    many, told = asked()

    assert many == few
    assert len(told) == 10
    assert [urns[0] for number, urns in told if number in (builders.number(1), builders.number(2))] == [both, both]
    pks = list(Subject.objects.filter(name="王伟").order_by("pk").values_list("pk", flat=True))
    at_once = subjects.items_of_each(cast.actor(Post.HANDLER), pks, limit=500)
    one_by_one = subjects.items_of_each(cast.actor(Post.HANDLER), pks, limit=2)
    assert at_once == {pk: subjects.items_concerning(cast.actor(Post.HANDLER), [pk]) for pk in pks}
    assert one_by_one == at_once


@pytest.mark.acceptance("STD-16")
def test_each_person_on_a_form_finds_it_by_name_number_and_sound(cast: Cast) -> None:
    people = (builders.person(1, "王伟"), builders.person(2, "单晓龙"), builders.person(3, "买买提·艾力"))
    form = builders.register(cast, "SL-9", persons=people, step="CONTRIBUTION_DECLARATION")
    builders.register(cast, "SL-8", persons=(builders.person(4, "李娜"),))
    caught_up()

    for one in people:
        number = one.id_number
        for asked in (one.name, number, f"{number[:6]}********{number[-4:]}"):
            assert found(cast, asked) == {form}, asked
    for sound in ("wangwei", "shanxiaolong", "maimaitiaili"):
        assert found(cast, sound) == {form}, sound
    for one in people:
        (hit,) = queries.find(cast.actor(Post.HANDLER), one.id_number).persons
        assert (hit.subject.name, [item.urn for item in hit.items]) == (one.name, [form])


@pytest.mark.acceptance("S4-P4")
def test_one_index_serves_all_offices_and_each_sees_its_own_part_of_it(cast: Cast) -> None:
    """No shared index, master data without norms: one person is one subject, whoever registers him, and found once."""
    elsewhere = cast.hire("hx01", Post.HANDLER, cast.found_elsewhere())
    someone = builders.person(1, "王伟")
    here = builders.register(cast, "SL-1", persons=(someone,))
    there = intake.register(
        occasion=cast.occasion_of(elsewhere),
        agency_code="HX",
        registration=builders.registration("HX-1", persons=(someone,)),
    ).urn
    caught_up()

    whole = queries.find(cast.actor(Post.READING_DESK), someone.id_number)

    assert len(whole.persons) == 1
    assert {item.urn for item in whole.persons[0].items} == {here, there}
    assert found(cast, "姓名:王伟", Post.READING_DESK) == {here, there}
    assert queries.find(cast.actor(Post.READING_DESK), "年度:2024").facets["AGENCY"] == {"BH": 1, "HX": 1}
    assert found(cast, "姓名:王伟") == {here}
    assert queries.index().count().items == 2


@pytest.mark.acceptance("S1-W5")
def test_an_office_neither_finds_nor_counts_what_is_not_its_own(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    urn = written(cast, "SL-1", "纺织一厂", serial=1)
    caught_up()
    stranger = outsider(Post.HANDLER)
    program = cast.program("hx-handler")

    for asked in (builders.number(1), "参保人〇〇一", "纺织一厂", "SL-1", f"{builders.number(1)[:10]}*"):
        told = program.get("/api/v1/find", {"q": asked}).json()
        assert (told["total"], told["persons"], told["items"], told["facets"]) == (0, [], [], {}), asked
    assert stranger.get(f"/item/{urn}/").status_code == 404
    [component] = builders.components_of(urn)
    assert stranger.get(f"/formats/{component.pk}/1/").status_code == 404


@pytest.mark.acceptance("S1-P2", "S4-W5", "S4-R6")
def test_a_query_desk_far_from_the_paper_finds_it_opens_the_image_and_can_ask_for_a_certificate(cast: Cast) -> None:
    """Paper and search by hand: now a question in the browser leads to page, place and the request that is approved."""
    urn = builders.captured(cast, "SL-1", persons=(builders.person(1, "王伟"),))
    caught_up()
    desk = cast.client(Post.READING_DESK)

    page = desk.get("/find/", {"q": "wangwei"}).content.decode()
    slip = desk.get("/find/", {"q": "王玮"}).content.decode()
    record = desk.get(f"/item/{urn}/")

    assert f"/item/{urn}/" in page
    assert "王伟" in slip  # a wrong character: names that sound alike are offered, not asked instead
    assert record.status_code == 200
    assert "/certificates/" in record.content.decode()
    assert kept.row_limit(cast.actor(Post.READING_DESK)) == 500
    assert builders.number(1) not in page + record.content.decode()
