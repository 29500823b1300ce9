"""The screens of the other two routes: registering, counting paper, filing a completed case."""

import datetime as dt
import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from anjuan.core.terms import Arrangement, Post, State
from anjuan.desks.inspection import actions as inspection
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.foundation.accounts.actions import FOUNDER
from anjuan.records import actions as record_actions
from anjuan.records.models import Item
from tests import builders
from tests.builders import completed, electronic, on_paper
from tests.cast import Cast


@pytest.fixture(autouse=True)
def kept_long_enough(settings: Settings) -> None:
    """Pages stand on the real clock: what they show may not lie in the future."""
    settings.ANJUAN_LEGACY_KEEP_DAYS = 0


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode()).replace("<wbr>", "")


def main_of(answer: Any) -> str:
    return text_of(answer).split("<main")[1].split("</main>")[0]


# The counter -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chosen", "kept"), [("LEGACY", "LEGACY"), ("SINGLE_SET", "SINGLE_SET"), ("", "TARGET")])
def test_the_counter_chooses_the_route_and_the_target_one_is_the_default(cast: Cast, chosen: str, kept: str) -> None:
    handler = cast.client(Post.HANDLER)
    address = reverse("intake:register", kwargs={"step": "PERSON_REGISTRATION"})
    typed = {
        "agency": "BH",
        "acceptance_no": "SL-7",
        "formed_date": "2024-03-15",
        "paper_pages": "2",
        "person_name": "甲",
        "person_id": builders.number(1),
        "route": chosen,
    }

    empty = main_of(handler.get(address))
    answer = handler.post(address, typed)

    assert empty.count('name="route"') == 3 and 'value="TARGET" checked' in empty
    assert answer.status_code == 302
    assert Item.objects.get(acceptance_no="SL-7").route == kept


def test_a_paper_first_case_is_submitted_without_a_scan(cast: Cast) -> None:
    (urn,) = on_paper(cast, State.COLLECTING).item_urns
    handler = cast.client(Post.HANDLER)
    address = reverse("intake:item", kwargs={"urn": urn})

    shown = main_of(handler.get(address))
    answer = handler.post(reverse("intake:submit", kwargs={"urn": urn}))

    assert "先纸后扫" in shown and 'id="upload-form"' not in shown and "disabled" not in shown
    assert answer.status_code == 302 and builders.states(urn) == {State.IN_REVIEW}


def test_a_completed_case_is_filed_with_one_button_and_shows_its_tests(cast: Cast) -> None:
    urn = electronic(cast)
    handler = cast.client(Post.HANDLER)
    address, deed = (reverse(f"intake:{verb}", kwargs={"urn": urn}) for verb in ("item", "close"))

    before = main_of(handler.get(address))
    early = handler.post(deed)
    completed(cast, declared_pages=3)
    wrong = handler.post(deed)
    completed(cast)
    filed = handler.post(deed)
    after = main_of(handler.get(address))

    assert "I-017" in before and "办结归档" in before and "提交审核" not in before
    assert early.status_code == 422 and 'id="tests-head"' not in text_of(early)
    assert wrong.status_code == 422 and "Z-001" in text_of(wrong) and "2 ≠ 3" in text_of(wrong)
    assert filed.status_code == 302 and builders.states(urn) == {State.REVIEWED}
    assert 'id="tests-head"' in after and "不通过" not in after


def test_closing_asks_who_is_there(cast: Cast, outsider: Any) -> None:
    urn = electronic(cast)
    deed = reverse("intake:close", kwargs={"urn": urn})

    assert cast.client(Post.REVIEWER).post(deed).status_code == 403
    assert outsider(Post.HANDLER).post(deed).status_code == 404
    assert Client().post(deed)["Location"].startswith("/account/log-in/")
    assert cast.client(Post.HANDLER).get(deed).status_code == 405


# The reviewer ----------------------------------------------------------------------------------------------------


def test_the_reviewer_types_the_pages_he_counted_and_is_not_told_the_counters(cast: Cast) -> None:
    (urn,) = on_paper(cast, State.IN_REVIEW, paper_pages=37).item_urns
    reviewer = cast.client(Post.REVIEWER)
    address, deed = (reverse(f"review:{verb}", kwargs={"urn": urn}) for verb in ("judge", "pass_item"))

    shown = main_of(reviewer.get(address))
    queue = main_of(reviewer.get(reverse("review:waiting")))
    wrong = reviewer.post(deed, {"counted_pages": "36"})
    empty = reviewer.post(deed, {"counted_pages": ""})
    right = reviewer.post(deed, {"counted_pages": "37"})

    assert 'name="counted_pages"' in shown and "37" not in shown.replace(urn, "") and "37 页" not in queue
    assert wrong.status_code == 422 and "V-001" in text_of(wrong) and 'value="36"' in text_of(wrong)
    assert empty.status_code == 422 and "L-004" in text_of(empty)
    assert right.status_code == 302 and builders.states(urn) == {State.REVIEWED}


def test_paper_is_returned_to_the_counter_with_its_fault(cast: Cast) -> None:
    (urn,) = on_paper(cast, State.IN_REVIEW).item_urns

    answer = cast.client(Post.REVIEWER).post(
        reverse("review:return_item", kwargs={"urn": urn}), {"fault": "S01", "note": "缺章"}
    )

    assert answer.status_code == 302 and builders.states(urn) == {State.COLLECTING}


# Filing ----------------------------------------------------------------------------------------------------------


def dossiers(cast: Cast) -> None:
    record_actions.open_fonds(
        occasion=cast.clock.occasion(FOUNDER),
        code="J002",
        name="滨海业务档案",
        agency_code="BH",
        categories={"01": "社会保险管理类"},
        arranged={"01": Arrangement.PERSON_DOSSIER},
    )


def test_a_proposal_says_its_kind_and_leads_to_the_open_dossier(cast: Cast) -> None:
    dossiers(cast)
    first = builders.reviewed(cast, "SL-1")
    filer = cast.client(Post.FILER)

    fresh = main_of(filer.get("/filing/"))
    volume = builders.filed(cast, first)
    later = builders.reviewed(cast, "SL-2")
    known = main_of(filer.get("/filing/"))
    filer.post(reverse("filing:add", kwargs={"urn": volume}), {"item_urn": later})

    assert "一人一档" in fresh and "打开这一卷" not in known
    assert reverse("filing:volume", kwargs={"urn": volume}) + "#pool" in known
    assert builders.states(later) == {State.FILING}


def test_a_dossier_is_sealed_with_the_reason_and_the_day(cast: Cast) -> None:
    dossiers(cast)
    volume = builders.filed(cast, builders.reviewed(cast, "SL-1"))
    filer = cast.client(Post.FILER)
    address, deed = (reverse(f"filing:{verb}", kwargs={"urn": volume}) for verb in ("volume", "seal"))

    shown = main_of(filer.get(address))
    for wrong in ({}, {"closing": "DEATH"}, {"closing": "BORED", "closed_date": "2025-08-15"}):
        assert filer.post(deed, wrong).status_code == 409, wrong
    kept = text_of(filer.post(deed, {"closing": "DEATH", "closed_date": "2025-02-30"}))
    sealed = filer.post(deed, {"closing": "DEATH", "closed_date": "2025-08-15"})

    assert "停止归集并封卷" in shown and 'name="closed_date"' in shown and "死亡" in shown
    assert "F-012" in kept and 'value="DEATH" checked' in kept
    assert sealed.status_code == 302 and builders.states(volume) == {State.FILED}


def test_mending_in_the_archive_house_says_where_the_paper_lies(cast: Cast) -> None:
    walk = on_paper(cast, State.RECEIVED)
    inspection.return_volume(
        occasion=cast.occasion(Post.ACCEPTOR), volume_urn=walk.volume_urn, faults=[builders.fault(walk.item_urn)]
    )
    filer = cast.client(Post.FILER)

    shown = main_of(filer.get(reverse("filing:volume", kwargs={"urn": walk.volume_urn})))
    for row in correction_queries.of_units([walk.volume_urn, walk.item_urn]):
        filer.post(reverse("filing:answer", kwargs={"pk": row.pk}), {"volume": walk.volume_urn, "answer": "已补章"})
    answer = filer.post(reverse("filing:resubmit", kwargs={"urn": walk.volume_urn}))

    assert "实物在档案馆" in shown
    assert "resubmitted_in_archive" in answer["Location"] and builders.states(walk.volume_urn) == {State.RECEIVED}


# Transfer --------------------------------------------------------------------------------------------------------


def test_a_paper_first_volume_says_from_which_day_it_may_go(cast: Cast, settings: Settings) -> None:
    settings.ANJUAN_LEGACY_KEEP_DAYS = 365
    walk = on_paper(cast, State.SELF_CHECKED)
    until = cast.today() + dt.timedelta(days=365)
    archivist = cast.client(Post.ARCHIVIST)

    shown = main_of(archivist.get("/transfer/apply/"))
    early = archivist.post("/transfer/apply/", {"volume": [walk.volume_urn]})

    assert f"{until.isoformat()} 起可移交" in shown and "disabled" in shown and " checked" not in shown
    assert early.status_code == 409 and "T-009" in text_of(early)


def test_a_paper_first_batch_has_no_witness_and_leaves_after_the_spot_check(cast: Cast) -> None:
    walk = on_paper(cast, State.APPLIED)
    archivist, supervisor = cast.client(Post.ARCHIVIST), cast.client(Post.SUPERVISOR)
    address, deed = (reverse(f"transfer:{verb}", kwargs={"batch_no": walk.batch_no}) for verb in ("batch", "dispatch"))

    waiting = main_of(archivist.get(address))
    desks = text_of(archivist.get("/")), text_of(supervisor.get("/"))
    early = archivist.post(deed)
    builders.paper_step_to(cast, State.PRE_ACCEPTED, walk)
    ready = main_of(archivist.get(address))
    sent = archivist.post(deed, {"vehicle": "演A·00001"})

    way = waiting.split('class="way"')[1].split("</ol>")[0]
    assert "监交" not in way and "抽" not in way and "交出" in way
    assert "T-002" in waiting and early.status_code == 409 and "T-002" not in ready
    assert walk.batch_no in desks[0] and walk.batch_no not in desks[1]
    assert sent.status_code == 302 and builders.states(walk.volume_urn) == {State.IN_TRANSIT}


def test_a_single_set_batch_is_received_after_the_witness_without_a_vehicle(cast: Cast) -> None:
    walk = builders.single_set(cast, State.PRE_ACCEPTED)
    supervisor, receiver = cast.client(Post.SUPERVISOR), cast.client(Post.RECEIVER)
    page = {verb: reverse(f"transfer:{verb}", kwargs={"batch_no": walk.batch_no}) for verb in ("batch", "draw")}
    page |= {verb: reverse(f"transfer:{verb}", kwargs={"batch_no": walk.batch_no}) for verb in ("witness", "receive")}

    supervisor.post(page["draw"])
    drawn = main_of(supervisor.get(page["batch"]))
    signed = supervisor.post(page["witness"], {f"look_{walk.volume_urn}": ["images", "contents"]})
    shown = main_of(receiver.get(page["batch"]))
    desk = text_of(receiver.get("/"))
    received = receiver.post(page["receive"], {f"count_{walk.volume_urn}": "2"})

    assert 'value="images"' in drawn and 'value="paper"' not in drawn
    assert signed.status_code == 302 and "交出" not in shown.split('class="way"')[1].split("</ol>")[0]
    assert 'id="receive"' in shown and walk.batch_no in desk
    assert received.status_code == 302 and builders.states(walk.volume_urn) == {State.RECEIVED}
