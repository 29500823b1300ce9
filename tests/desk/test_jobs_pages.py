"""The job centre on the screen and through the API: who may, what it shows, what its buttons do. User asks 9 and 17."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_tasks_db.models import DBTaskResult

from anjuan.core.terms import Post, State
from anjuan.desks.transfer import actions as transfer
from anjuan.facilities.jobs import actions, queries, rules, tasks
from anjuan.facilities.jobs.models import Job
from anjuan.facilities.jobs.rules import JobStatus
from anjuan.foundation.journal.models import Entry
from tests import builders
from tests.builders import at_state
from tests.cast import Cast
from tests.contract.test_jobs_shipped import damage, work_off

# Collected static files are the installation's; tests serve them from the rooms.
pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")

DEEDS = ("pause", "go-on", "retry", "cancel")


def swept(cast: Cast, *, broken: bool = True) -> str:
    """A sweep that has ended, with one damaged file unless said otherwise."""
    urn = builders.captured(cast, "A-1")
    if broken:
        damage(urn, builders.components_of(urn)[0].sha512)
    uid = actions.start(occasion=cast.occasion(Post.KEEPER), kind="FIXITY_SWEEP")
    work_off()
    return uid


def silent(uid: str) -> None:
    """Let a job have given no sign of life for long."""
    Job.objects.filter(uid=uid).update(
        heartbeat_at=dt.datetime.now(dt.UTC) - rules.STALLED_AFTER - dt.timedelta(minutes=1)
    )


def post(client: Client, path: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(path, json.dumps(body or {}), content_type="application/json")


def test_who_may_see_and_steer_jobs(client: Client, cast: Cast, outsider: Callable[[Post], Client]) -> None:
    uid = swept(cast)
    for path in ("/jobs/", f"/jobs/{uid}/"):
        assert client.get(path).status_code == 302
    for path in ("/jobs/start/", *(f"/jobs/{uid}/{deed}/" for deed in DEEDS)):
        assert client.post(path).status_code == 302
    assert client.get("/api/v1/jobs").status_code == client.get(f"/api/v1/jobs/{uid}").status_code == 401

    for post_of in (Post.KEEPER, Post.SYSTEM_ADMIN):
        assert cast.client(post_of).get("/jobs/").status_code == 200
        assert cast.client(post_of).get(f"/jobs/{uid}/").status_code == 200
    reviewer = cast.client(Post.REVIEWER)  # whose work is none that runs in the background
    program = cast.program(cast.actor(Post.REVIEWER).staff_code)
    assert reviewer.get("/jobs/").status_code == program.get("/api/v1/jobs").status_code == 403
    assert reviewer.post("/jobs/start/", {"kind": "FIXITY_SWEEP"}).status_code == 403
    assert post(program, "/api/v1/jobs", {"kind": "FIXITY_SWEEP"}).status_code == 403

    strangers = (reviewer, cast.client(Post.ARCHIVIST), outsider(Post.KEEPER))
    programs = (program, cast.program("bh05"), cast.program("hx-keeper"))
    for stranger, program in zip(strangers, programs, strict=True):
        before = Entry.objects.count()
        assert stranger.get(f"/jobs/{uid}/").status_code == 404
        assert program.get(f"/api/v1/jobs/{uid}").status_code == 404
        for deed in DEEDS:
            assert stranger.post(f"/jobs/{uid}/{deed}/").status_code == 404
            assert post(program, f"/api/v1/jobs/{uid}/{deed}").status_code == 404
        assert Entry.objects.count() == before


def test_a_batch_shows_its_work_to_those_who_apply_and_accept_and_to_nobody_else(
    cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    walk = at_state(cast, State.SELF_CHECKED, "A-1")
    batch_no = transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn]).batch_no

    assert batch_no in cast.client(Post.ARCHIVIST).get("/jobs/").content.decode()
    assert batch_no in cast.client(Post.ACCEPTOR).get("/jobs/").content.decode()
    assert batch_no in cast.client(Post.SYSTEM_ADMIN).get("/jobs/").content.decode()
    assert batch_no not in cast.client(Post.KEEPER).get("/jobs/").content.decode()
    assert batch_no not in outsider(Post.ARCHIVIST).get("/jobs/").content.decode()


def test_the_keeper_starts_a_sweep_and_sees_how_far_it_is(cast: Cast) -> None:
    builders.captured(cast, "A-1")
    client = cast.client(Post.KEEPER)

    answer = client.post("/jobs/start/", {"kind": "FIXITY_SWEEP"})

    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.uid}/"
    page = client.get(answer["Location"]).content.decode()
    assert "0 / 1" in page and "排队等候" in page and "陈立" in page and 'hx-trigger="every 2s"' in page
    again = client.post("/jobs/start/", {"kind": "FIXITY_SWEEP"})
    assert again.status_code == 409 and 'data-code="Y-002"' in again.content.decode()
    work_off()
    page = client.get(answer["Location"]).content.decode()
    assert "全部完成" in page and "hx-trigger" not in page


def test_a_page_that_polls_is_given_the_fragment_alone(cast: Cast) -> None:
    builders.captured(cast, "A-1")
    uid = actions.start(occasion=cast.occasion(Post.KEEPER), kind="FIXITY_SWEEP")
    client = cast.client(Post.KEEPER)

    for path in ("/jobs/", f"/jobs/{uid}/"):
        fragment = client.get(path, headers={"HX-Request": "true"}).content.decode()
        assert fragment.startswith("<div id=") and "<html" not in fragment and "hx-trigger" in fragment


def test_each_failure_has_its_cause_its_remedy_its_owner_and_its_button(cast: Cast) -> None:
    uid = swept(cast)
    item = queries.failed_of(uid)[0]
    page = cast.client(Post.KEEPER).get(f"/jobs/{uid}/").content.decode()
    assert "个文件损坏" in page and "修复" in page and "N-001" in page
    assert f'href="/item/{item.urn}/"' in page and "处理后继续" in page and page.count("陈立") > 2
    # The administrator, who may not see records, is told what failed, without a door he could not open.
    assert "/item/" not in cast.client(Post.SYSTEM_ADMIN).get(f"/jobs/{uid}/").content.decode()

    answer = cast.client(Post.KEEPER).post(f"/jobs/{uid}/retry/", {"key": item.key})

    assert answer["Location"] == f"/jobs/{uid}/"
    assert Job.objects.get().status == JobStatus.WAITING
    assert DBTaskResult.objects.count() == 1


def test_what_moves_says_how_fast_and_what_stands_still_does_not(cast: Cast) -> None:
    builders.captured(cast, "A-1")
    uid = actions.start(occasion=cast.occasion(Post.KEEPER), kind="FIXITY_SWEEP")
    at = dt.datetime.now(dt.UTC)
    began = at - dt.timedelta(minutes=10)
    Job.objects.update(status="RUNNING", total=600, done=120, started_at=began, leg_at=began, heartbeat_at=at)
    client = cast.client(Post.KEEPER)
    page = client.get(f"/jobs/{uid}/").content.decode()
    assert "每分钟 12" in page and "约剩 40 分钟" in page and "120 / 600" in page

    silent(uid)

    page = client.get(f"/jobs/{uid}/").content.decode()
    assert "每分钟" not in page and "约剩" not in page and "停滞" in page


def test_the_buttons_pause_go_on_and_stop(cast: Cast) -> None:
    builders.captured(cast, "A-1")
    uid = actions.start(occasion=cast.occasion(Post.KEEPER), kind="FIXITY_SWEEP")
    client = cast.client(Post.KEEPER)

    for deed, status, button in (
        ("pause", "PAUSED", "继续"),
        ("go-on", "WAITING", "暂停"),
        ("cancel", "FAILED", "继续"),
    ):
        assert client.post(f"/jobs/{uid}/{deed}/").status_code == 302
        assert Job.objects.get().status == status
        assert button in client.get(f"/jobs/{uid}/").content.decode()
    late = client.post(f"/jobs/{uid}/pause/")
    assert late.status_code == 409 and 'data-code="Y-003"' in late.content.decode()


def test_a_job_that_stands_still_is_an_alarm_on_its_owners_desk_with_one_button(cast: Cast) -> None:
    builders.captured(cast, "A-1")
    uid = actions.start(occasion=cast.occasion(Post.KEEPER), kind="FIXITY_SWEEP")
    actions.beat(worker="w", at=dt.datetime.now(dt.UTC))
    assert 'class="alarm' not in _desk(cast.client(Post.KEEPER))
    silent(uid)

    for who in (Post.KEEPER, Post.SYSTEM_ADMIN):
        page = _desk(cast.client(who))
        assert "任务停滞：全库固定性检查" in page and f'action="/jobs/{uid}/go-on/"' in page
    for who in (Post.HANDLER, Post.ARCHIVIST):
        assert "任务停滞" not in _desk(cast.client(who))

    assert cast.client(Post.KEEPER).post(f"/jobs/{uid}/go-on/").status_code == 302
    assert "任务停滞" not in _desk(cast.client(Post.KEEPER))


def test_a_job_past_its_day_is_an_alarm_although_it_moves(cast: Cast) -> None:
    builders.captured(cast, "A-1")
    uid = actions.start(occasion=cast.occasion(Post.KEEPER), kind="FIXITY_SWEEP")
    Job.objects.filter(uid=uid).update(deadline_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1))

    page = _desk(cast.client(Post.KEEPER))

    assert "任务超期：全库固定性检查" in page and f'class="btn btn-primary" href="/jobs/{uid}/"' in page
    assert "超期" in cast.client(Post.KEEPER).get(f"/jobs/{uid}/").content.decode()


def test_a_worker_that_died_is_an_alarm_that_says_how_to_restart_it(cast: Cast) -> None:
    actions.beat(worker="w", at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5))

    page = _desk(cast.client(Post.SYSTEM_ADMIN))

    assert "后台程序停了" in page and 'href="/jobs/#restart"' in page
    assert 'id="restart"' in cast.client(Post.SYSTEM_ADMIN).get("/jobs/").content.decode()
    assert "后台程序停了" not in _desk(cast.client(Post.HANDLER))


def test_what_failed_waits_on_the_owners_desk_until_it_is_mended(cast: Cast) -> None:
    uid = swept(cast)
    assert "待处理的任务" in _desk(cast.client(Post.KEEPER)) and "1 项失败" in _desk(cast.client(Post.KEEPER))
    assert queries.count_to_mend(cast.actor(Post.SYSTEM_ADMIN)) == 0

    again = actions.start(occasion=cast.occasion(Post.KEEPER), kind="FIXITY_SWEEP")
    assert queries.to_mend(cast.actor(Post.KEEPER)) == []
    actions.cancel(occasion=cast.occasion(Post.KEEPER), uid=again)
    assert queries.to_mend(cast.actor(Post.KEEPER)) == []
    assert uid != again


def test_the_program_walks_the_same_way(cast: Cast) -> None:
    urn = builders.captured(cast, "A-1")
    damage(urn, builders.components_of(urn)[0].sha512)
    client = cast.program("sj04")

    uid = post(client, "/api/v1/jobs", {"kind": "FIXITY_SWEEP"}).json()["uid"]
    assert post(client, f"/api/v1/jobs/{uid}/pause").json()["status"] == "PAUSED"
    assert post(client, f"/api/v1/jobs/{uid}/go-on").json()["status"] == "WAITING"
    work_off()
    sheet = client.get(f"/api/v1/jobs/{uid}").json()
    assert (sheet["status"], sheet["done"], sheet["failed"]) == ("DONE_WITH_LIST", 0, 1)
    assert sheet["failures"][0]["reason"]["code"] == "N-001" and "修复" in sheet["failures"][0]["reason"]["remedy_zh"]
    assert client.get("/api/v1/jobs").json()[0]["uid"] == uid
    again = post(client, f"/api/v1/jobs/{uid}/retry", {"keys": [sheet["failures"][0]["key"]]})
    assert again.json()["status"] == "WAITING"
    stopped = post(client, f"/api/v1/jobs/{uid}/cancel").json()
    assert (stopped["status"], stopped["reason"]["code"]) == ("FAILED", "Y-004")
    assert post(client, "/api/v1/jobs", {"kind": "DRAW_PAGES"}).json()["code"] == "Y-001"


def test_a_long_list_of_jobs_asks_no_more_questions(cast: Cast, django_assert_max_num_queries: Any) -> None:
    uid = swept(cast, broken=False)
    job = Job.objects.get(uid=uid)
    Job.objects.bulk_create(
        Job(
            **{f.attname: getattr(job, f.attname) for f in Job._meta.fields if f.attname not in ("id", "uid")}
            | {"uid": str(n)}
        )
        for n in range(100)
    )
    client = cast.client(Post.KEEPER)

    with django_assert_max_num_queries(20):
        answer = client.get("/jobs/")

    assert answer.content.decode().count("<progress") == 101


def test_a_job_of_another_version_of_the_program_is_listed_and_fails_with_a_number(cast: Cast) -> None:
    builders.captured(cast, "A-1")
    uid = actions.start(occasion=cast.occasion(Post.KEEPER), kind="FIXITY_SWEEP")
    Job.objects.update(kind="GONE", reference="X")

    tasks.run_chunk.call(uid, 0)

    page = cast.client(Post.KEEPER).get(f"/jobs/{uid}/").content.decode()
    assert "GONE X" in page and "Y-006" in page


def _desk(client: Client) -> str:
    return client.get("/").content.decode()
