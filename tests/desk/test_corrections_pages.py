"""Corrections: my open ones, where to mend them, the answer."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from anjuan.core.terms import Post
from anjuan.desks.review import actions as review
from anjuan.facilities.corrections import queries
from anjuan.facilities.corrections.queries import quality
from anjuan.foundation.accounts import actions as accounts
from tests import builders
from tests.cast import Cast
from tests.desk import counter_stage as stage

# Collected static files are the installation's; tests serve them from the rooms.
pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


def test_what_is_open_to_me_is_listed_the_most_urgent_first(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        stage.returned(cast, f"SL-{number:02d}")
    client = cast.client(Post.HANDLER)
    with django_assert_max_num_queries(20):
        answer = client.get("/corrections/")
    page = answer.content.decode()
    assert "60 个问题待答复" in page and page.count("<tr") == 51 and len(answer.content) < 100_000
    assert "缺分中心经办专用章" in page and "请补盖经办专用章" in page


def test_only_those_who_mend_see_them(client: Client, cast: Cast, outsider: Callable[[Post], Client]) -> None:
    urn = stage.returned(cast)
    pk = queries.of_units([urn])[0].pk
    assert client.get("/corrections/").status_code == client.get(f"/corrections/{pk}/").status_code == 302
    assert client.post(f"/corrections/{pk}/answer/", {"answer": "好"}).status_code == 302
    assert cast.client(Post.REVIEWER).get("/corrections/").status_code == 403
    for stranger in (cast.client(Post.REVIEWER), outsider(Post.HANDLER), cast.client(Post.SYSTEM_ADMIN)):
        assert stranger.get(f"/corrections/{pk}/").status_code == 404
        assert stranger.post(f"/corrections/{pk}/answer/", {"answer": "好"}).status_code == 404
    assert queries.of_units([urn])[0].is_open


def test_a_correction_leads_to_the_place_and_takes_the_answer(cast: Cast) -> None:
    urn = stage.returned(cast)
    row = queries.of_units([urn])[0]
    client = cast.client(Post.HANDLER)
    page = client.get(f"/corrections/{row.pk}/").content.decode()
    assert f'href="/intake/{urn}/#mend"' in page and "left:50.000%" in page
    assert (
        client.post(f"/corrections/{row.pk}/answer/", {"answer": " 已补盖 "})["Location"] == "/corrections/?done=answer"
    )
    kept = queries.get_for(cast.actor(Post.HANDLER), row.pk)
    assert (kept.answer, kept.answered_by, kept.is_open) == ("已补盖", cast.actor(Post.HANDLER).staff_code, False)
    assert "<textarea" not in client.get(f"/corrections/{row.pk}/").content.decode()


def test_a_refused_answer_is_still_there(cast: Cast) -> None:
    row = queries.of_units([stage.returned(cast)])[0]
    client = cast.client(Post.HANDLER)
    said = "很" * 301
    answer = client.post(f"/corrections/{row.pk}/answer/", {"answer": said, "next": "/intake/"})
    page = answer.content.decode()
    assert answer.status_code == 422 and 'data-code="W-005"' in page and said in page and 'value="/intake/"' in page
    assert client.post(f"/corrections/{row.pk}/answer/", {"answer": "一"}).status_code == 302
    late = client.post(f"/corrections/{row.pk}/answer/", {"answer": "二"})
    assert late.status_code == 409 and 'data-code="L-001"' in late.content.decode()


def test_an_answer_never_leads_to_another_site(cast: Cast) -> None:
    row = queries.of_units([stage.returned(cast)])[0]
    answer = cast.client(Post.HANDLER).post(
        f"/corrections/{row.pk}/answer/", {"answer": "好", "next": "https://example.org/"}
    )
    assert answer["Location"] == "/corrections/?done=answer"


def test_the_filer_is_not_sent_to_a_counter_that_is_not_his(cast: Cast) -> None:
    urn = stage.returned(cast)
    pk = queries.of_units([urn])[0].pk
    page = cast.client(Post.FILER).get(f"/corrections/{pk}/").content.decode()
    assert "由经办人更换影像" in page and f"/intake/{urn}/" not in page


def test_nothing_to_mend_is_said_kindly(cast: Cast) -> None:
    assert "没有需要整改的问题" in cast.client(Post.HANDLER).get("/corrections/").content.decode()


def test_a_program_answers_too(client: Client, cast: Cast, settings: Any) -> None:
    from anjuan.foundation.accounts import actions as accounts

    settings.ROOT_URLCONF = "tests.desk.desk_addresses"
    stage.returned(cast)
    me = {"authorization": "Bearer " + accounts.issue_token(occasion=cast.occasion(Post.HANDLER), terminal="test").text}
    root = "/api/rooms/corrections"
    rows = client.get(root, headers=me).json()
    assert [row["fault"]["code"] for row in rows] == ["S01", "V12"] and rows[0]["box"] == [0.5, 0.6, 0.2, 0.1]
    done = client.post(
        f"{root}/{rows[0]['pk']}/answer", {"answer": "已改"}, headers=me, content_type="application/json"
    )
    assert (done.status_code, done.json()["answer"]) == (200, "已改")
    assert client.get(f"{root}/{rows[0]['pk']}", headers=me).json()["status"] == done.json()["status"]
    assert {"S01", "D01"} <= {row["code"] for row in client.get(f"{root}/faults", headers=me).json()}
    assert client.get(root).status_code == client.get(f"{root}/faults").status_code == 401
    empty = client.post(f"{root}/{rows[1]['pk']}/answer", {"answer": " "}, headers=me, content_type="application/json")
    assert (empty.status_code, empty.json()["code"]) == (422, "W-005")


@pytest.mark.acceptance("S3-W7")
def test_the_quality_report_tells_each_agency_what_was_found_and_where(cast: Cast) -> None:
    urns = [builders.submitted(cast, f"SL-{n}", persons=(builders.person(n),)) for n in (1, 2)]
    for urn in urns:
        review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=[builders.fault(urn)])

    acceptor = cast.client(Post.ACCEPTOR)
    page = acceptor.get("/corrections/quality/").content.decode()
    (told,) = quality.quality(
        cast.actor(Post.SUPERVISOR), since=cast.clock.at - dt.timedelta(days=1), now=cast.clock.at
    )

    assert "滨海分中心" in page and "缺分中心经办专用章" in page and "SL-1" in page
    assert [(fault.code, count) for fault, count in told.faults] == [("S01", 2)]
    assert (told.total, told.open_count, len(told.problems)) == (2, 2, 2)


def test_who_neither_accepts_nor_leads_sees_no_report_and_nobody_another_agencys(
    cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    urn = builders.submitted(cast, "SL-1")
    review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=[builders.fault(urn)])

    assert cast.client(Post.HANDLER).get("/corrections/quality/").status_code == 403
    assert Client().get("/corrections/quality/").status_code == 302
    assert "缺分中心经办专用章" not in outsider(Post.SUPERVISOR).get("/corrections/quality/").content.decode()


def test_a_program_reads_the_quality_report(cast: Cast) -> None:
    urn = builders.submitted(cast, "SL-1")
    review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=[builders.fault(urn)])
    token = accounts.issue_token(occasion=cast.occasion(Post.RECHECKER), terminal="test").text

    answer = Client().get("/api/v1/corrections/quality", headers={"Authorization": f"Bearer {token}"})

    (told,) = answer.json()
    assert (told["agency_code"], told["total"], told["faults"][0]["fault"]["code"]) == ("BH", 1, "S01")
