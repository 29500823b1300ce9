"""The pages, the API and who may: a life line is looked at by those who work with records, decided by archivists."""

import argparse
import contextlib
import datetime as dt
import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anjuan.config import searching
from anjuan.core.terms import Post
from anjuan.facilities.lives import actions, queries
from anjuan.facilities.lives.models import Bond
from anjuan.facilities.lives.queries.life import life_of
from anjuan.foundation.journal import queries as journal
from anjuan.records.rules import Person
from tests import builders
from tests.builders import refused
from tests.cast import Cast
from tests.desk.lives_stage import at_second_agency, paid, twins_of_the_register, unit_named, unit_registered, urn_of


@pytest.mark.parametrize("post", [Post.PROCESSOR, Post.SYSTEM_ADMIN, Post.SECURITY_OFFICER, Post.AUDITOR])
def test_a_life_line_is_closed_to_who_works_with_no_records(cast: Cast, post: Post) -> None:
    builders.register(cast, "SL-1", persons=(builders.person(1),))
    urn = urn_of(builders.number(1))

    assert cast.client(post).get(f"/lives/{urn}/").status_code == 403
    assert cast.client(post).get("/lives/").status_code == 403
    assert Client().get(f"/lives/{urn}/").status_code == 302


def test_doubts_are_the_archivists_and_others_may_look_but_not_decide(cast: Cast) -> None:
    right, slip = twins_of_the_register(cast)
    one, other = urn_of(right.id_number), urn_of(slip.id_number)

    assert cast.client(Post.ARCHIVIST).get("/lives/").status_code == 200
    assert cast.client(Post.HANDLER).get("/lives/").status_code == 403
    page = cast.client(Post.READING_DESK).get(f"/lives/{one}/").content.decode()
    assert "可能是同一人" in page and f"/lives/{other}/" in page and "/join/" not in page
    answer = cast.client(Post.HANDLER).post(f"/lives/{one}/join/", {"other": other, "reason": "同一人"})
    assert answer.status_code == 403
    with refused("A-001"):
        actions.join(occasion=cast.occasion(Post.READING_DESK), one=one, other=other, reason="同一人")
    assert not Bond.objects.exists()


def test_an_archivist_elsewhere_may_not_even_see_it(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    right, slip = twins_of_the_register(cast)
    one, other = urn_of(right.id_number), urn_of(slip.id_number)
    stranger = outsider(Post.ARCHIVIST)

    assert stranger.get(f"/lives/{one}/").status_code == 404
    assert stranger.post(f"/lives/{one}/join/", {"other": other, "reason": "同一人"}).status_code == 404
    assert "林晓" not in stranger.get("/lives/").content.decode()


@pytest.mark.acceptance("S2-P2")
def test_each_look_is_put_down_and_the_supervisor_sees_who_looked(cast: Cast) -> None:
    builders.register(cast, "SL-1", persons=(builders.person(1),))
    urn = urn_of(builders.number(1))
    assert not journal.visits([urn])
    with refused("A-001"):
        actions.open_life(occasion=cast.occasion(Post.PROCESSOR), urn=urn)
    assert not journal.visits([urn])  # who may not look, did not

    cast.client(Post.READING_DESK).get(f"/lives/{urn}/")
    cast.program(cast.actor(Post.HANDLER).staff_code).get(f"/api/v1/lives/{urn}")

    looked = {(visit.staff_code, visit.purpose) for visit in journal.visits([urn])}
    assert looked == {
        (cast.actor(Post.READING_DESK).staff_code, "lives"),
        (cast.actor(Post.HANDLER).staff_code, "lives"),
    }
    assert "谁看过" in cast.client(Post.SUPERVISOR).get(f"/lives/{urn}/").content.decode()
    assert "谁看过" not in cast.client(Post.HANDLER).get(f"/lives/{urn}/").content.decode()


def test_the_number_of_statements_does_not_grow_with_records(cast: Cast) -> None:
    few, many = builders.person(1, "林晓"), builders.person(2, "白云")
    builders.register(cast, "SL-0", persons=(few,))
    for place in range(1, 14):
        builders.register(cast, f"SL-{place}", persons=(many,))
    client = cast.client(Post.ARCHIVIST)
    for person in (few, many):  # the first look of a quarter of an hour is put down
        client.get(f"/lives/{urn_of(person.id_number)}/")

    def counted(person: Person) -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/lives/{urn_of(person.id_number)}/")
        return len(asked)

    assert counted(few) == counted(many) <= 45


def test_the_pages_deeds_work_without_a_script_and_keep_what_was_typed(cast: Cast) -> None:
    right, slip = twins_of_the_register(cast)
    one, other = urn_of(right.id_number), urn_of(slip.id_number)
    client = cast.client(Post.ARCHIVIST)

    refused_page = client.post(f"/lives/{one}/name/", {"name": "林晓", "kind": "FORMER", "reason": "登记错误"})
    assert refused_page.status_code == 409 and "登记错误" in refused_page.content.decode()
    for data, code in (
        ({"name": "林笑", "kind": "NICK", "reason": "x"}, "L-113"),
        ({"name": "林笑", "kind": "FORMER", "day": "去年", "reason": "x"}, "L-115"),
    ):
        answer = client.post(f"/lives/{one}/name/", data)
        assert code in answer.content.decode()
    assert "L-114" in client.post(f"/lives/{one}/join/", {"other": "查无此人", "reason": "x"}).content.decode()
    client.post(f"/lives/{one}/name/", {"name": "林笑", "kind": "FORMER", "day": "2001-02-03", "reason": "户口本"})
    done = client.post(f"/lives/{one}/join/", {"other": slip.id_number, "reason": "同一人"}, follow=True)
    assert done.status_code == 200 and "已并为一人" in done.content.decode()
    assert slip.id_number not in done.redirect_chain[0][0]
    (bond,) = Bond.objects.all()
    client.post(f"/lives/decisions/{bond.uid}/withdraw/", {"reason": "看错"})
    client.post(f"/lives/{one}/apart/", {"other": other, "reason": "两人"})
    kinds = [(row.kind, row.stands) for row in life_of(cast.actor(Post.ARCHIVIST), one).decisions]
    assert kinds == [("APART", True), ("JOINED", False), ("FORMER", True)]
    items = [item.urn for item in life_of(cast.actor(Post.ARCHIVIST), one).items]
    assert "L-108" in client.post(f"/lives/{one}/part/", {"items": items, "name": "某", "reason": "x"}).content.decode()
    unit = unit_registered(cast, "SL-U", "甲厂", formed=dt.date(2020, 1, 1))
    client.post(f"/lives/{unit}/succession/", {"kind": "ABOLISHED", "day": "2021-01-01", "reason": "注销"})
    assert queries.successions_of([unit])[0].kind == "ABOLISHED"


def test_the_api_tells_and_decides_as_the_page_does(cast: Cast) -> None:
    right, slip = twins_of_the_register(cast)
    one, other = urn_of(right.id_number), urn_of(slip.id_number)
    program = cast.program(cast.actor(Post.ARCHIVIST).staff_code)

    def post(path: str, **body: object) -> tuple[int, dict[str, object]]:
        answer = program.post(f"/api/v1/lives/{path}", body, content_type="application/json")
        return answer.status_code, answer.json()

    (pair,) = program.get("/api/v1/lives/doubts").json()["pairs"]
    assert {pair["one"]["urn"], pair["other"]["urn"]} == {one, other} and "NEAR_NUMBER" in pair["signs"]
    status, decided = post(f"{one}/join", other=other, reason="同一人")
    assert status == 201
    told = program.get(f"/api/v1/lives/{one}").json()
    assert len(told["records"]) == 2 and right.id_number not in str(told)
    assert post(f"{one}/keep-apart", other=other, reason="两人")[0] == 409
    status, row = post(f"decisions/{decided['uid']}/withdraw", reason="看错")
    assert (status, row["stands"]) == (200, False)
    assert post(f"{one}/keep-apart", other=other, reason="两人")[0] == 201
    assert post(f"{one}/names", name="林笑", kind="FORMER", reason="户口本")[0] == 201
    builders.register(cast, "SL-7", persons=(right,))
    last = program.get(f"/api/v1/lives/{one}").json()["records"][-1]["urn"]
    assert post(f"{one}/partings", items=[last], name="另一人", reason="重号")[0] == 201
    unit = unit_registered(cast, "SL-U", "甲厂", formed=dt.date(2020, 1, 1))
    heir = unit_registered(cast, "SL-V", "乙厂", formed=dt.date(2021, 1, 1))
    assert post(f"{unit}/successions", successor=heir, kind="RENAMED", day="2021-01-01", reason="更名")[0] == 201
    assert unit_named("乙厂") == heir and at_second_agency(cast)


def test_the_command_prints_the_line_and_the_look_is_put_down(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    someone = builders.person(1, "林晓")
    builders.register(cast, "SL-1", persons=(someone,))
    paid(cast, someone.id_number, "2020-01", "2020-03")
    paid(cast, someone.id_number, "2020-06", "2020-07")
    staff = cast.actor(Post.READING_DESK).staff_code
    monkeypatch.setattr("anjuan.config.keys.occasion_of", lambda code, *, terminal: cast.occasion_of(code))
    parser = argparse.ArgumentParser()
    searching.add_to(parser.add_subparsers(), lambda: None, contextlib.nullcontext)

    def said(*more: str) -> str:
        options = parser.parse_args(["search", "life", "--staff", staff, *more, someone.id_number])
        assert options.run(options) == 0
        return capsys.readouterr().out

    printed = said()
    assert "2020-04 – 2020-05（2）" in printed and "退休 Retirement  无记录" in printed
    assert someone.id_number not in printed
    assert json.loads(said("--json"))["stated_from"] == "2020-01"
    assert [visit.staff_code for visit in journal.visits([urn_of(someone.id_number)])] == [staff]
