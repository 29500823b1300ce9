"""The reviewer's desk: queue, judge view, both verdicts, and the refusals beside them."""

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from anjuan.core.terms import Post, State
from anjuan.desks.intake import actions as intake
from anjuan.facilities.corrections import actions as answering
from anjuan.facilities.corrections import queries as corrections
from anjuan.foundation.schedule import actions as revising
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import MaterialRow
from anjuan.records import actions as record_actions
from anjuan.records import queries as records
from tests.cast import Cast
from tests.desk import counter_stage as stage

# Collected static files are the installation's; tests serve them from the rooms.
pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


def state(cast: Cast, urn: str) -> State:
    return records.get_item_for(cast.actor(Post.REVIEWER), urn).state


def first_component(urn: str) -> int:
    return records.components_of([urn])[urn][0].pk


def fault(**more: str) -> dict[str, str]:
    return {"fault": "S01", "page": "001", "note": "请补盖", **more}


BOX = {"box_x": "0.5", "box_y": "0.6", "box_w": "0.2", "box_h": "0.1"}


def test_only_the_reviewer_of_the_agency_opens_the_desk(
    client: Client, cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    urn = stage.submitted(cast)
    stage.looked_at(cast, urn)
    for path in ("/review/", f"/review/{urn}/"):
        assert client.get(path).status_code == 302, path
        assert cast.client(Post.REVIEWER).get(path).status_code == 200, path
        assert cast.client(Post.FILER).get(path).status_code == 403, path
    other, administrator = outsider(Post.REVIEWER), cast.client(Post.SECURITY_OFFICER)
    assert other.get(f"/review/{urn}/").status_code == administrator.get(f"/review/{urn}/").status_code == 404
    for verb in ("pass", "return"):
        path = f"/review/{urn}/{verb}/"
        assert client.post(path, fault()).status_code == 302
        assert cast.client(Post.FILER).post(path, fault()).status_code == 403
        assert other.post(path, fault()).status_code == administrator.post(path, fault()).status_code == 404
        assert cast.client(Post.REVIEWER).get(path).status_code == 405
    assert state(cast, urn) is State.IN_REVIEW


def test_the_queue_tells_new_from_mended(cast: Cast, django_assert_max_num_queries: Any) -> None:
    urn = stage.returned(cast, "SL-1")
    for row in corrections.of_units([urn]):
        answering.answer_fault(occasion=cast.occasion(Post.HANDLER), pk=row.pk, answer="已改")
    assert cast.client(Post.HANDLER).post(f"/intake/{urn}/submit/").status_code == 302
    stage.submitted(cast, "SL-2")
    client = cast.client(Post.REVIEWER)
    with django_assert_max_num_queries(20):
        page = client.get("/review/").content.decode()
    assert "2 件" in page and "已整改，待复查" in page and "新提交" in page


def test_a_long_queue_stays_light(cast: Cast) -> None:
    for number in range(55):
        stage.registered(cast, f"SL-{number:03d}")
    from anjuan.records.models import Item

    Item.objects.update(state=State.IN_REVIEW)  # straight to the stage: only the list is under test
    answer = cast.client(Post.REVIEWER).get("/review/")
    assert answer.content.count(b"<tr") == 51 and len(answer.content) < 100_000
    assert cast.client(Post.REVIEWER).get("/review/?page=2").content.count(b"<tr") == 6


@pytest.mark.acceptance("S3-W12")
def test_the_judge_view_shows_the_catalogue_in_full(cast: Cast, django_assert_max_num_queries: Any) -> None:
    urn = stage.submitted(cast)
    client = cast.client(Post.REVIEWER)
    with django_assert_max_num_queries(36):  # ten of them gather what the detectors judge by
        page = client.get(f"/review/{urn}/").content.decode()
    assert stage.WANG.id_number in page.replace("<wbr>", "") and stage.EMPLOYER.credit_code in page
    assert "已看 0 / 2 页" in page and page.count('data-component="') == 2
    assert re.search(r"<button[^>]*disabled[^>]*>.*?审核通过", page, re.S) and "每一页都看过" in page
    assert "身份证复印件" in page and 'value="D01"' in page


@pytest.mark.acceptance("S3-W12")
def test_every_page_must_have_been_opened(cast: Cast) -> None:
    urn = stage.submitted(cast)
    client, occasion = cast.client(Post.REVIEWER), cast.occasion(Post.REVIEWER)
    record_actions.look(actor=occasion.actor, component_pk=first_component(urn), page_no=1, at=occasion.at)
    page = client.get(f"/review/{urn}/").content.decode()
    assert "已看 1 / 2 页" in page and f"/review/{urn}/?page=2" in page

    refused = client.post(f"/review/{urn}/pass/")
    assert refused.status_code == 422 and 'data-code="L-004"' in refused.content.decode()
    assert state(cast, urn) is State.IN_REVIEW

    stage.looked_at(cast, urn)
    assert not re.search(r"<button[^>]*disabled", client.get(f"/review/{urn}/").content.decode())
    assert client.post(f"/review/{urn}/pass/")["Location"] == "/review/?done=pass"
    assert state(cast, urn) is State.REVIEWED


def test_opening_a_page_is_what_counts_as_seeing_it(cast: Cast) -> None:
    urn = stage.submitted(cast)
    client = cast.client(Post.REVIEWER)
    page = client.get(f"/review/{urn}/").content.decode()
    for address in re.findall(r'data-image="([^"]+)"', page):
        image = client.get(address)
        assert image.status_code == 200 and image.content[:2] == b"\xff\xd8"
    assert "已看 2 / 2 页" in client.get(f"/review/{urn}/").content.decode()


def test_a_verdict_leads_to_the_next_item(cast: Cast) -> None:
    one, two = stage.submitted(cast, "SL-1"), stage.submitted(cast, "SL-2")
    stage.looked_at(cast, one)
    client = cast.client(Post.REVIEWER)
    answer = client.post(f"/review/{one}/pass/", follow=True)
    assert answer.redirect_chain == [(f"/review/{two}/?done=pass", 302)]
    assert "已通过。这是下一件。" in answer.content.decode()


def test_who_handled_the_case_may_not_pass_it(cast: Cast) -> None:
    urn = stage.submitted(cast)
    handler = cast.actor(Post.HANDLER).staff_code
    cast.promote(handler, Post.REVIEWER, "BH")
    stage.looked_at(cast, urn)
    client = cast.client_of(handler)
    page = client.get(f"/review/{urn}/").content.decode()
    assert "L-005" in page and re.search(r"<button[^>]*disabled[^>]*>.*?审核通过", page, re.S)
    refused = client.post(f"/review/{urn}/pass/")
    assert refused.status_code == 403 and 'data-code="L-005"' in refused.content.decode()
    assert state(cast, urn) is State.IN_REVIEW


@pytest.mark.acceptance("S3-W12")
def test_an_item_is_returned_with_its_fault_and_place(cast: Cast) -> None:
    urn = stage.submitted(cast)
    answer = cast.client(Post.REVIEWER).post(f"/review/{urn}/return/", fault(page="002", **BOX))
    assert answer["Location"] == "/review/?done=return"
    (row,) = corrections.of_units([urn])
    second = records.components_of([urn])[urn][1]
    assert (row.fault.code, row.component_pk, row.page_no, row.note) == ("S01", second.pk, 1, "请补盖")
    assert row.box == (0.5, 0.6, 0.2, 0.1)
    assert state(cast, urn) is State.COLLECTING


def test_a_fault_of_the_whole_record_has_no_place(cast: Cast) -> None:
    urn = stage.submitted(cast)
    cast.client(Post.REVIEWER).post(f"/review/{urn}/return/", fault(page="", component="9", **BOX))
    (row,) = corrections.of_units([urn])
    assert (row.component_pk, row.page_no, row.box) == (None, None, None)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (fault(fault=""), "W-004"),
        (fault(fault="ZZ9"), "W-001"),
        (fault(page="099"), "W-006"),
        (fault(**BOX | {"box_w": "0.9"}), "W-002"),
        (fault(note="长" * 301), "W-003"),
    ],
)
def test_a_refused_return_keeps_what_was_typed(cast: Cast, sent: dict[str, str], code: str) -> None:
    urn = stage.submitted(cast)
    answer = cast.client(Post.REVIEWER).post(f"/review/{urn}/return/", sent)
    page = answer.content.decode()
    assert answer.status_code in (409, 422) and f'data-code="{code}"' in page
    assert sent["note"] in page and '<details class="sheet" id="return" open>' in page
    if "box_x" in sent:
        assert f'name="box_x" value="{sent["box_x"]}"' in page
    assert state(cast, urn) is State.IN_REVIEW and corrections.of_units([urn]) == []


def test_a_judged_item_offers_no_verdict(cast: Cast) -> None:
    urn = stage.returned(cast)
    page = cast.client(Post.REVIEWER).get(f"/review/{urn}/").content.decode()
    assert 'id="return"' not in page and "/pass/" not in page and "以前发现的问题" in page
    late = cast.client(Post.REVIEWER).post(f"/review/{urn}/pass/")
    assert late.status_code == 409 and "data-code=" in late.content.decode()


def test_a_program_reviews_like_a_person(client: Client, cast: Cast, settings: Any) -> None:
    from anjuan.foundation.accounts import actions as accounts

    settings.ROOT_URLCONF = "tests.desk.desk_addresses"
    one, two = stage.submitted(cast, "SL-1"), stage.submitted(cast, "SL-2")
    stage.looked_at(cast, one)
    token = accounts.issue_token(occasion=cast.occasion(Post.REVIEWER), terminal="test")
    me = {"authorization": f"Bearer {token.text}"}
    root = "/api/rooms/review/items"
    assert [row["urn"] for row in client.get(root, headers=me).json()] == [one, two]
    sheet = client.get(f"{root}/{two}", headers=me).json()
    assert [page["seen"] for page in sheet["pages"]] == [False, False]
    assert [said["code"] for said in sheet["missing"]] == ["L-004"] and sheet["may_judge"]
    assert client.post(f"{root}/{one}/pass", content_type="application/json", headers=me).json()["target"] == "REVIEWED"
    early = client.post(f"{root}/{two}/pass", content_type="application/json", headers=me)
    assert (early.status_code, early.json()["code"]) == (422, "L-004")
    body = {"faults": [{"code": "S01", "component_pk": first_component(two), "page_no": 1, "box": [0, 0, 0.5, 0.5]}]}
    answer = client.post(f"{root}/{two}/return", body, headers=me, content_type="application/json")
    assert answer.json()["target"] == "COLLECTING"
    assert client.get(root).status_code == 401
    handler = accounts.issue_token(occasion=cast.occasion(Post.HANDLER), terminal="test")
    assert client.get(root, headers={"authorization": f"Bearer {handler.text}"}).status_code == 403


@pytest.mark.acceptance("S3-W12")
def test_a_line_of_the_list_counts_as_required_only_where_its_condition_holds(cast: Cast) -> None:
    usual = schedule.step("PERSON_REGISTRATION")
    proxy = MaterialRow("PROXY", "授权委托书", "Proxy", True, False, False, False, (), "第一条", condition="有代办人")
    revising.revise_steps(
        occasion=cast.rule_keeper(),
        steps=[dataclasses.replace(usual, materials=(*usual.materials, proxy))],
    )

    def shown(number: str, *, holds: bool) -> str:
        urn = stage.captured(cast, number)
        intake.answer_conditions(occasion=cast.occasion(Post.HANDLER), urn=urn, answers={"有代办人": holds})
        intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
        page = cast.client(Post.REVIEWER).get(f"/review/{urn}/").content.decode()
        return str(next(line for line in re.findall(r"<li>.*?</li>", page, re.S) if "授权委托书" in line))

    without, with_agent = shown("SL-1", holds=False), shown("SL-2", holds=True)

    assert "必收" not in without and "仅当「有代办人」时收取" in without
    assert "必收" in with_agent and "因「有代办人」收取" in with_agent
