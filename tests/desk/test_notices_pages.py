"""Notices on the screen and through the API: mine, overdue, done; reading is not doing. User ask 9."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from anjuan.core.terms import Post
from anjuan.facilities.notices import queries, tasks
from anjuan.facilities.notices.models import Notice
from anjuan.facilities.notices.queries import Shown
from tests.cast import Cast
from tests.contract.test_notices import overdue, returned_item

# Collected static files are the installation's; tests serve them from the rooms.
pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")

PAGES = ("/notices/", "/notices/overdue/", "/notices/done/")


def test_everyone_sees_his_own_notices_and_nobody_elses(
    client: Client, cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    urn = returned_item(cast)
    pk = Notice.objects.get().pk
    for path in PAGES:
        assert client.get(path).status_code == 302
    assert client.post(f"/notices/{pk}/read/").status_code == 302
    assert client.get("/api/v1/notices").status_code == client.post(f"/api/v1/notices/{pk}/read").status_code == 401

    page = cast.client(Post.HANDLER).get("/notices/").content.decode()
    assert "审核退回，有 2 个问题要整改" in page and f'href="/intake/{urn}/#mend"' in page
    for stranger in (cast.client(Post.REVIEWER), cast.client(Post.SYSTEM_ADMIN), outsider(Post.HANDLER)):
        for path in PAGES:
            answer = stranger.get(path)
            assert answer.status_code == 200 and urn not in answer.content.decode()
        assert stranger.post(f"/notices/{pk}/read/").status_code == 404
    for program in (cast.program("bh02"), cast.program("sj90"), cast.program("hx-handler")):
        assert program.get("/api/v1/notices").json() == []
        assert program.post(f"/api/v1/notices/{pk}/read").status_code == 404
    assert Notice.objects.get().read_at is None


def test_reading_marks_it_read_and_leaves_it_to_do(cast: Cast) -> None:
    returned_item(cast)
    pk = Notice.objects.get().pk
    client = cast.client(Post.HANDLER)
    assert f'action="/notices/{pk}/read/"' in client.get("/notices/").content.decode()

    assert client.post(f"/notices/{pk}/read/")["Location"] == "/notices/"

    assert f'action="/notices/{pk}/read/"' not in client.get("/notices/").content.decode()
    assert len(queries.list_for(cast.actor(Post.HANDLER), Shown.OPEN, today=cast.today())) == 1


def test_what_is_overdue_is_red_with_a_word_and_counted_in_the_shell_and_on_the_desk(cast: Cast) -> None:
    returned_item(cast)
    overdue(*queries.list_for(cast.actor(Post.HANDLER), Shown.OPEN, today=cast.today()))
    client = cast.client(Post.HANDLER)

    listed, desk = (client.get(path).content.decode() for path in ("/notices/overdue/", "/"))

    assert '<tr class="bad">' in listed and "超期 4 天" in listed and "alert-triangle" in listed
    assert "3 天上报分管领导（天数待核实）" in listed
    assert 'href="/notices/overdue/"' in desk and 'class="n hot"' in desk and 'class="sheet bad"' in desk


def test_the_supervisor_sees_what_was_escalated_to_him(cast: Cast) -> None:
    urn = returned_item(cast)
    supervisor = cast.client(Post.SUPERVISOR)
    overdue(*queries.list_for(cast.actor(Post.HANDLER), Shown.OPEN, today=cast.today()))
    assert urn not in supervisor.get("/notices/").content.decode()

    tasks.scan()

    page = supervisor.get("/notices/").content.decode()
    assert "已上报分管领导" in page and f'href="/item/{urn}/"' in page


def test_the_program_reads_them_too(cast: Cast) -> None:
    urn = returned_item(cast)
    client = cast.program("bh01")

    found = client.get("/api/v1/notices").json()
    assert [(one["kind"], one["unit"], one["params"]) for one in found] == [("ITEM_RETURNED", urn, {"count": 2})]
    assert dt.date.fromisoformat(found[0]["due_date"]) > cast.today()
    assert client.post(f"/api/v1/notices/{found[0]['pk']}/read").json()["read_at"] is not None
    assert client.get("/api/v1/notices?show=done").json() == client.get("/api/v1/notices?show=overdue").json() == []
    assert client.get("/api/v1/notices?show=all").status_code == 422
