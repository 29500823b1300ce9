"""Records in storage are tested every year, on demand and by the calendar; the house may add tests of its own."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from anjuan.core.assurance import Nature, Outcome, Stage
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, State
from anjuan.facilities.assurance import actions, queries, tasks
from anjuan.facilities.assurance.models import AddedTest, Report
from anjuan.facilities.assurance.queries import schemes, storage
from anjuan.facilities.jobs import actions as jobs
from anjuan.facilities.jobs import queries as job_queries
from anjuan.facilities.jobs.rules import JobStatus
from anjuan.records import queries as records
from anjuan.records.models import Item, Subject
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.contract.test_jobs_shipped import damage, work_off
from tests.desk.test_four_nature_reports import text_of

SCHEME = reverse("assurance:scheme")


def held(cast: Cast, *numbers: str) -> builders.Walked:
    return builders.single_set(cast, State.HELD, *numbers)


def added(cast: Cast, **other: Any) -> str:
    wanted: dict[str, Any] = {
        "zh": "姓名无缺字",
        "en": "",
        "nature": Nature.AUTHENTIC,
        "stages": [Stage.TRANSFER, Stage.STORAGE],
        "detectors": ["D03"],
        "has_veto": True,
        "reason": "本馆 2026 年检测方案",
    }
    return actions.add_test(occasion=cast.occasion(Post.RECHECKER), **(wanted | other))


def standing_of(urn: str) -> dict[str, Outcome]:
    return {one.code: one.outcome for one in queries.latest_of([urn], Stage.STORAGE)[urn].results}


# --- in storage


@pytest.mark.acceptance("STD-6")
def test_a_held_volume_is_tested_on_demand_and_its_report_kept(cast: Cast) -> None:
    walk = held(cast, "WS-1", "WS-2")

    with one_line("assurance.examine_volume"):
        found = actions.examine_volume(occasion=cast.occasion(Post.ARCHIVIST), volume_urn=walk.volume_urn)

    assert [one.unit for one in found] == list(walk.item_urns) and all(one.passes for one in found)
    assert set(queries.latest_of(walk.item_urns, Stage.STORAGE)) == set(walk.item_urns)
    where = reverse("assurance:report", kwargs={"urn": walk.volume_urn, "stage": "storage"})
    assert "长期保存" in text_of(cast.client(Post.ARCHIVIST).get(where).content)


def test_what_is_not_held_or_has_no_files_is_not_tested(cast: Cast) -> None:
    early = builders.single_set(cast, State.PRE_ACCEPTED)
    with refused("Z-005"):
        actions.examine_volume(occasion=cast.occasion(Post.ARCHIVIST), volume_urn=early.volume_urn)
    with refused("Z-005"):
        actions.examine_due(occasion=cast.clock.occasion(tasks.WORKER), volume_urn=early.volume_urn)
    assert not Report.objects.filter(stage=Stage.STORAGE).exists()


@pytest.mark.acceptance("STD-6")
def test_the_calendar_tests_what_is_due_once_a_year(cast: Cast) -> None:
    walk = held(cast)

    tasks.keep_tested()
    work_off()

    assert standing_of(walk.item_urns[0])["A1"] is Outcome.PASS
    job = job_queries.latest_of(actions.STORED_JOB)
    assert job is not None and (job.status, job.done) == (JobStatus.DONE, 1)
    now = timezone.now()
    assert list(storage.due(0, now)) == []
    assert [urn for _, urn in storage.due(0, now + storage.EVERY + dt.timedelta(days=1))] == [walk.volume_urn]
    # On the same day nothing is begun again, though something came in meanwhile.
    held(cast, "WS-9")
    assert len(list(storage.due(0, now))) == 1
    assert actions.keep_tested(occasion=cast.occasion(Post.ARCHIVIST)) == ""


@pytest.mark.acceptance("STD-6")
def test_a_record_that_fails_stands_on_the_list_of_the_job_and_of_the_page_until_it_passes(cast: Cast) -> None:
    walk = held(cast)
    path, was = damage(walk.item_urns[0], builders.components_of(walk.item_urns[0])[0].sha512)

    uid = jobs.start(occasion=cast.occasion(Post.ARCHIVIST), kind=actions.STORED_JOB)
    work_off()

    (failed,) = job_queries.failed_of(uid)
    assert failed.refusal.code == "Z-006" and "A1" in failed.refusal.message("zh")
    found = storage.standing(timezone.now())
    assert [(row.reference, row.records) for row in found.failing] == [(walk.reference, (item_reference(walk),))]
    assert "A1" in found.failing[0].codes and (found.held, found.tested) == (1, 1)

    path.write_bytes(was)
    jobs.retry(occasion=cast.occasion(Post.ARCHIVIST), uid=uid)
    work_off()
    assert storage.standing(timezone.now()).failing == ()


def item_reference(walk: builders.Walked) -> str:
    return Item.objects.get(urn=walk.item_urns[0]).reference_code or ""


def test_the_standing_costs_no_statement_more_for_more_volumes(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for number in range(3):
        walk = held(cast, f"WS-{number}")
        actions.examine_volume(occasion=cast.occasion(Post.ARCHIVIST), volume_urn=walk.volume_urn)
    Report.objects.filter(stage=Stage.STORAGE).update(is_passed=False)
    with django_assert_max_num_queries(6):
        assert len(storage.standing(timezone.now()).failing) == 3


# --- tests of the house


@pytest.mark.acceptance("STD-6")
def test_a_test_of_the_house_is_done_named_and_withdrawn(cast: Cast) -> None:
    with one_line("assurance.add_test"):
        assert added(cast) == "X1"
    walk = held(cast)
    (urn,) = walk.item_urns
    item = records.get_items_for(cast.actor(Post.ARCHIVIST), [urn])
    assert "X1" not in {one.code for one in queries.latest_of([urn], Stage.FILING)[urn].results}
    assert {one.code: one.outcome for one in queries.latest_of([urn], Stage.TRANSFER)[urn].results}[
        "X1"
    ] is Outcome.PASS

    Subject.objects.update(name="张?国")
    (found,) = queries.examine(item, Stage.STORAGE)
    assert found.outcome("X1") is not Outcome.PASS
    assert not found.passes and "X1 姓名无缺字" in found.failing

    with one_line("assurance.withdraw_test"):
        actions.withdraw_test(occasion=cast.occasion(Post.RECHECKER), code="X1", reason="并入国标项")
    (found,) = queries.examine(item, Stage.STORAGE)
    assert "X1" not in {one.code for one in found.results} and found.passes
    where = reverse("assurance:report", kwargs={"urn": urn, "stage": "transfer"})
    assert "姓名无缺字" in text_of(cast.client(Post.ARCHIVIST).get(where).content), "a report keeps the name"
    assert added(cast) == "X2", "a code is never given twice"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"detectors": []}, "Z-007"),
        ({"detectors": ["D03", "D99"]}, "Z-007"),
        ({"stages": []}, "Z-007"),
        ({"reason": " "}, "Z-004"),
        ({"zh": ""}, "R-010"),
        ({"zh": "题" * 101}, "R-010"),
        ({"en": "a\ue000b"}, "R-010"),
    ],
)
def test_a_test_that_cannot_be_done_is_refused(cast: Cast, wrong: dict[str, Any], code: str) -> None:
    with refused(code):
        added(cast, **wrong)
    assert not AddedTest.objects.exists()


def test_there_are_only_so_many_tests_and_none_is_withdrawn_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_ADDED", 1)
    added(cast)
    with refused("Z-008"):
        added(cast)
    with refused("Z-004"):
        actions.withdraw_test(occasion=cast.occasion(Post.RECHECKER), code="X1", reason="")
    actions.withdraw_test(occasion=cast.occasion(Post.RECHECKER), code="X1", reason="不再需要")
    for code in ("X1", "A1"):
        with refused("R-009"):
            actions.withdraw_test(occasion=cast.occasion(Post.RECHECKER), code=code, reason="不再需要")
    assert schemes.ever()["X1"].zh == "姓名无缺字" and schemes.added_tests() == ()


# --- pages and doors


def test_the_page_adds_and_withdraws_and_keeps_what_was_typed(cast: Cast) -> None:
    client = cast.client(Post.RECHECKER)
    typed = {"zh": "姓名无缺字", "nature": "SAFE", "stages": ["STORAGE"], "detectors": "d03，D02", "reason": ""}

    wrong = client.post(reverse("assurance:add_test"), typed)
    assert (
        wrong.status_code == 422
        and "Z-004" in wrong.content.decode()
        and 'value="姓名无缺字"' in wrong.content.decode()
    )
    assert client.post(reverse("assurance:add_test"), typed | {"reason": "方案", "veto": "1"}).status_code == 302

    (row,) = schemes.added()
    assert (row.test.detectors, row.test.nature, row.test.has_veto) == (("D03", "D02"), Nature.SAFE, True)
    assert "姓名无缺字" in client.get(SCHEME).content.decode()
    where = reverse("assurance:withdraw_test", kwargs={"code": "X1"})
    assert client.post(where, {"reason": "并入"}).status_code == 302
    assert schemes.added() == []


def test_who_may_see_and_change_the_scheme(cast: Cast) -> None:
    assert cast.client(Post.RECHECKER).get(SCHEME).status_code == 200
    # An agency's checker sees which tests there are; how the storage stands is the archive house's affair.
    theirs = cast.client(Post.CHECKER).get(SCHEME)
    assert theirs.status_code == 200 and "一票否决" in theirs.content.decode()
    assert "在库电子档案" not in theirs.content.decode()
    assert "在库电子档案" in cast.client(Post.RECHECKER).get(SCHEME).content.decode()
    assert cast.client(Post.HANDLER).get(SCHEME).status_code == 403
    assert cast.client(Post.SYSTEM_ADMIN).get(SCHEME).status_code == 404
    assert Client().get(SCHEME).status_code == 302
    with pytest.raises(Refusal) as caught:
        actions.add_test(
            occasion=cast.occasion(Post.HANDLER),
            zh="检测",
            en="",
            nature=Nature.SAFE,
            stages=[Stage.STORAGE],
            detectors=["D03"],
            has_veto=False,
            reason="方案",
        )
    assert caught.value.code == "A-001"
    added(cast)
    with refused("A-001"):
        actions.withdraw_test(occasion=cast.occasion(Post.HANDLER), code="X1", reason="方案")


def test_who_may_have_a_volume_tested(cast: Cast) -> None:
    walk = held(cast)
    where = reverse("assurance:examine", kwargs={"urn": walk.volume_urn})
    shown = reverse("assurance:record", kwargs={"urn": walk.volume_urn})

    assert cast.client(Post.HANDLER).post(where).status_code == 403
    assert cast.client(Post.SYSTEM_ADMIN).post(where).status_code == 404
    assert cast.client(Post.SYSTEM_ADMIN).get(shown).status_code == 404
    assert where not in cast.client(Post.HANDLER).get(shown).content.decode()
    page = cast.client(Post.ARCHIVIST).get(shown).content.decode()
    assert where in page and "移交与接收" in page and "长期保存" not in page
    assert cast.client(Post.ARCHIVIST).post(where).status_code == 302
    piece = cast.client(Post.ARCHIVIST).get(shown, headers={"HX-Request": "true"}).content.decode()
    assert "长期保存" in piece and "<html" not in piece
