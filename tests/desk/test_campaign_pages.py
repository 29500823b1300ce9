"""Pages and API of campaigns and sweeps: what is offered after a return, who may, may not, may not even see."""

import csv
import html
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anjuan.core.terms import Post, State
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection.models import Campaign, CampaignUnit
from anjuan.desks.inspection.queries.campaigns import Verdict
from anjuan.facilities.corrections import queries as corrections
from anjuan.records import queries as records
from tests import builders
from tests.builders import fault, look_through
from tests.campaign_stage import found_nothing, judged, many, opened, raised, took, volumes
from tests.cast import Cast


def page(verb: str, **names: object) -> str:
    return reverse(f"inspection:{verb}", kwargs=names or None)


def text_of(answer: Any) -> str:
    """What the page says; codes are breakable at their separators."""
    return html.unescape(answer.content.decode()).replace("<wbr>", "")


# The sweep ----------------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S0-P4")
def test_after_a_return_the_same_fault_is_offered_elsewhere_and_swept_to_the_end(cast: Cast) -> None:
    first, second = volumes(cast, 2)
    checker = cast.client(Post.CHECKER)
    back = checker.post(
        page("return_self_check", urn=first.volume_urn), {"deed": "return", "fault": "S01", "page": "001", "note": ""}
    )
    pk = corrections.of_units([first.volume_urn])[0].pk

    told = text_of(checker.get(back["Location"]))
    assert f"fault={pk}" in back["Location"]
    assert "同一责任人同一周另有 1 卷可能有同样问题" in told and page("sweep", pk=pk) in told

    offered = text_of(checker.get(page("sweep", pk=pk)))
    assert second.reference in offered and "S01" in offered and "林晓" in offered
    begun = checker.post(page("open_sweep", pk=pk))
    assert begun.status_code == 302 and builders.states(second.volume_urn) == {State.FILED}
    assert "继续排查" in text_of(checker.get(page("sweep", pk=pk)))

    number = Campaign.objects.get().campaign_no
    taken = checker.post(page("take_next", campaign_no=number))
    shown = text_of(checker.get(taken["Location"]))
    assert second.reference in shown and "S01" in shown and "Q-035" in shown
    unit = CampaignUnit.objects.get()
    refused = checker.post(page("nothing_found", campaign_no=number, pk=unit.pk))
    assert refused.status_code == 422 and "Q-035" in text_of(refused)
    look_through(cast, Post.CHECKER, *second.item_urns)
    done = checker.post(page("nothing_found", campaign_no=number, pk=unit.pk))

    assert done.status_code == 302 and "本卷没有发现问题" in text_of(checker.get(done["Location"]))
    assert CampaignUnit.objects.get().verdict == "NOTHING"


def test_the_judge_view_and_the_faults_page_lead_to_where_the_same_may_be_wrong(cast: Cast) -> None:
    first, _ = volumes(cast, 2)
    pk = raised(cast, first)
    cast.promote("bh03", Post.CHECKER, "BH")

    judging = text_of(cast.client(Post.CHECKER).get(page("self_check", urn=first.volume_urn)))
    listed = text_of(cast.client(Post.CHECKER).get(page("campaigns")))

    assert page("sweep", pk=pk) in judging and page("sweep", pk=pk) in listed
    answering = reverse("corrections:one", kwargs={"pk": pk})
    assert page("sweep", pk=pk) in text_of(cast.client_of("bh03").get(answering))
    assert page("sweep", pk=pk) not in text_of(cast.client(Post.HANDLER).get(answering))


def test_a_sweep_without_another_volume_says_so(cast: Cast) -> None:
    (first,) = volumes(cast, 1)
    checker = cast.client(Post.CHECKER)
    pk = raised(cast, first)

    shown = text_of(checker.get(page("sweep", pk=pk)))
    answer = checker.post(page("open_sweep", pk=pk))

    assert "没有其他案卷" in shown and page("open_sweep", pk=pk) not in shown
    assert answer.status_code == 409 and "Q-031" in text_of(answer)


# The campaign -------------------------------------------------------------------------------------------------


def test_a_campaign_is_counted_before_it_is_opened_and_keeps_what_was_typed(cast: Cast) -> None:
    volumes(cast, 2)
    acceptor = cast.client(Post.ACCEPTOR)
    asked = {"agency": "BH", "state": "FILED"}

    counted = text_of(acceptor.get(page("rehearse"), {**asked, "count": "1"}))
    assert "这 2 卷" in counted and 'name="expected" value="2"' in counted and not Campaign.objects.exists()
    wrong = acceptor.get(page("rehearse"), {"year": "二〇", "count": "1"})
    assert wrong.status_code == 422 and "Q-030" in text_of(wrong)
    none = acceptor.get(page("rehearse"), {"filed_to": "2001-01-01", "count": "1"})
    assert none.status_code == 409 and "Q-031" in text_of(none)

    stale = acceptor.post(page("open_campaign"), {**asked, "expected": "3", "name": "复查甲", "reason": "达标"})
    assert stale.status_code == 409 and "Q-033" in text_of(stale) and "复查甲" in text_of(stale)
    good = acceptor.post(page("open_campaign"), {**asked, "expected": "2", "name": "复查甲", "reason": "达标"})

    assert good.status_code == 302 and Campaign.objects.get().unit_count == 2
    assert "复查甲" in text_of(acceptor.get(page("campaigns")))


def test_a_fault_is_raised_put_on_the_list_and_a_volume_put_off_from_the_page(cast: Cast) -> None:
    volumes(cast, 2)
    row = opened(cast, 2)
    checker = cast.client(Post.CHECKER)
    unit = took(cast, row)
    names = {"campaign_no": row.campaign_no, "pk": unit.pk}

    piece = checker.post(
        page("fault_found", **names),
        {"fault": "S01", "page": "001", "deed": "keep"},
        headers={"HX-Request": "true"},
    )
    assert piece.content.decode().count('name="kept"') == 1 and CampaignUnit.objects.get(pk=unit.pk).verdict == ""
    none = checker.post(page("fault_found", **names), {"deed": "return", "fault": "", "note": "留着"})
    assert none.status_code == 422 and "W-004" in text_of(none) and "留着" in text_of(none)
    back = checker.post(page("fault_found", **names), {"deed": "return", "fault": "S01", "page": "001"})
    assert back["Location"].endswith("?done=fault") and builders.states(unit.volume_urn) == {State.RETURNED}

    other = took(cast, row)
    names["pk"] = other.pk
    empty = checker.post(page("put_off", **names), {"reason": ""})
    assert empty.status_code == 422 and "R-010" in text_of(empty)
    later = checker.post(page("put_off", **names), {"reason": "等纸质档案"})
    shown = text_of(checker.get(later["Location"]))
    assert "等纸质档案" in shown and "已退回" in shown


def test_a_campaign_stands_on_the_desk_of_who_checks_until_it_is_done(cast: Cast) -> None:
    walks = volumes(cast, 1)
    row = opened(cast, 1)
    checker = cast.client(Post.CHECKER)
    address = page("campaign", campaign_no=row.campaign_no)

    assert address in text_of(checker.get("/")) and "已复查 0 / 1 卷" in text_of(checker.get("/"))
    assert address not in text_of(cast.client(Post.FILER).get("/"))
    found_nothing(cast, row, walks)

    assert address not in text_of(checker.get("/"))


def test_what_could_only_be_noted_is_shown_at_the_next_gate(cast: Cast) -> None:
    (walk,) = volumes(cast, 1, State.SELF_CHECKED)
    row = opened(cast, 1)
    unit = took(cast, row)
    said = judged(cast, row, unit, Verdict.FAULT, faults=[fault(walk.item_urn, "I06", note="第一页模糊")])
    assert not said.is_returned
    builders.step_to(cast, State.APPLIED, walk)

    shown = text_of(cast.client(Post.ACCEPTOR).get(page("pre_acceptance", urn=walk.volume_urn)))

    assert "回头看时记录" in shown and "第一页模糊" in shown and "I06" in shown


def test_a_volume_in_a_colleagues_hand_is_looked_at_and_not_taken(cast: Cast) -> None:
    volumes(cast, 1)
    row = opened(cast, 1)
    unit = took(cast, row, Post.ACCEPTOR)
    checker = cast.client(Post.CHECKER)
    names = {"campaign_no": row.campaign_no, "pk": unit.pk}

    shown = text_of(checker.get(page("campaign_unit", **names)))
    answer = checker.post(page("take_unit", **names))
    none = checker.post(page("take_next", campaign_no=row.campaign_no))

    assert "王海" in shown and page("take_unit", **names) not in shown and page("nothing_found", **names) not in shown
    assert answer.status_code == 409 and "L-001" in text_of(answer)
    assert none.status_code == 409 and "Q-037" in text_of(none)
    resumed = cast.client(Post.ACCEPTOR).post(page("take_next", campaign_no=row.campaign_no))
    assert resumed["Location"] == page("campaign_unit", **names)


def test_the_report_counts_and_its_table_has_a_line_a_volume_and_no_formula(cast: Cast) -> None:
    (walk,) = volumes(cast, 1)
    row = opened(cast, 1)
    unit = took(cast, row)
    acceptor = cast.client(Post.ACCEPTOR)
    note = [fault(walk.item_urn, "S01", note="=1+1")]
    inspection.judge_unit(
        occasion=cast.occasion(Post.CHECKER),
        campaign_no=row.campaign_no,
        unit_pk=unit.pk,
        verdict=Verdict.FAULT,
        faults=note,
    )
    closed = acceptor.post(page("close_campaign", campaign_no=row.campaign_no), {"note": "已全部看完"})

    shown = text_of(acceptor.get(closed["Location"]))
    sheet = acceptor.get(page("campaign_sheet", campaign_no=row.campaign_no))
    lines = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))

    assert "已全部看完" in shown and "滨海分中心" in shown and "S01" in shown and "100.0 %" in shown
    assert sheet["Content-Type"].startswith("text/csv") and len(lines) == 2
    assert walk.reference in lines[1] and "'=1+1" in lines[1]
    again = acceptor.post(page("close_campaign", campaign_no=row.campaign_no), {"note": "再结束"})
    assert again.status_code == 409 and "Q-038" in text_of(again)


def test_a_page_of_the_list_costs_the_same_with_many_volumes(cast: Cast) -> None:
    volumes(cast, 1)
    row = opened(cast, 1)
    acceptor = cast.client(Post.ACCEPTOR)
    acceptor.get(page("campaign", campaign_no=row.campaign_no))

    counts = []
    for more in (0, 160):
        many(row, more)
        with CaptureQueriesContext(connection) as asked:
            answer = acceptor.get(page("campaign", campaign_no=row.campaign_no), {"page": "2" if more else "1"})
        assert answer.status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]


# Who may ------------------------------------------------------------------------------------------------------


def addresses(cast: Cast) -> dict[str, tuple[str, str]]:
    """Every address, with the method it answers, of a campaign and a fault that stand in BH."""
    first, *_ = volumes(cast, 3)
    pk = raised(cast, first)
    row = opened(cast, 2)
    unit = took(cast, row)
    names: dict[str, object] = {"campaign_no": row.campaign_no}
    one = {**names, "pk": unit.pk}
    return {
        "campaign": ("GET", page("campaign", **names)),
        "report": ("GET", page("campaign_report", **names)),
        "csv": ("GET", page("campaign_sheet", **names)),
        "unit": ("GET", page("campaign_unit", **one)),
        "sweep": ("GET", page("sweep", pk=pk)),
        "next": ("POST", page("take_next", **names)),
        "take": ("POST", page("take_unit", **one)),
        "nothing": ("POST", page("nothing_found", **one)),
        "fault": ("POST", page("fault_found", **one)),
        "put_off": ("POST", page("put_off", **one)),
        "close": ("POST", page("close_campaign", **names)),
        "open_sweep": ("POST", page("open_sweep", pk=pk)),
        "api campaign": ("GET", f"/api/v1/inspection/campaigns/{row.campaign_no}"),
        "api report": ("GET", f"/api/v1/inspection/campaigns/{row.campaign_no}/report"),
        "api units": ("GET", f"/api/v1/inspection/campaigns/{row.campaign_no}/units"),
        "api sweep": ("GET", f"/api/v1/inspection/sweeps/{pk}"),
        "api next": ("POST", f"/api/v1/inspection/campaigns/{row.campaign_no}/next"),
        "api take": ("POST", f"/api/v1/inspection/campaigns/{row.campaign_no}/units/{unit.pk}/take"),
        "api verdict": ("POST", f"/api/v1/inspection/campaigns/{row.campaign_no}/units/{unit.pk}/verdict"),
        "api close": ("POST", f"/api/v1/inspection/campaigns/{row.campaign_no}/close"),
        "api open sweep": ("POST", f"/api/v1/inspection/sweeps/{pk}"),
    }


BODY = json.dumps({"verdict": "PUT_OFF", "note": "x"})


def ask(client: Client, method: str, address: str) -> int:
    if method == "GET":
        return client.get(address).status_code
    if address.startswith("/api/"):
        return client.post(address, BODY, content_type="application/json").status_code
    return client.post(address, {"note": "x", "reason": "x", "deed": "return", "fault": "S01"}).status_code


def test_every_address_asks_whose_post_it_is(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    doors = addresses(cast)
    before = list(CampaignUnit.objects.order_by("pk").values())
    stranger = outsider(Post.CHECKER)
    foreign = cast.program("hx-checker")
    programs = {post: cast.program(cast.actor(post).staff_code) for post in (Post.FILER, Post.READING_DESK)}

    for name, (method, address) in doors.items():
        api = address.startswith("/api/")
        for post, program in programs.items():
            client = program if api else cast.client(post)
            assert ask(client, method, address) == 403, (name, post)
        assert ask(foreign if api else stranger, method, address) == 404, name
        if not api:
            assert ask(cast.client(Post.AUDITOR), method, address) == 404, name
            assert ask(Client(), method, address) == 302, name
        else:
            assert ask(Client(), method, address) == 401, name

    assert list(CampaignUnit.objects.order_by("pk").values()) == before
    assert Campaign.objects.get().closed_at is None
    checker = cast.client(Post.CHECKER)
    for name in ("campaign", "report", "csv", "unit", "sweep"):
        assert ask(checker, *doors[name]) == 200, name
    supervisor = cast.client(Post.SUPERVISOR)
    assert ask(supervisor, *doors["report"]) == 200 and ask(supervisor, *doors["unit"]) == 403


@pytest.mark.parametrize("address", ["campaigns", "rehearse"])
def test_the_lists_ask_whose_post_it_is(cast: Cast, address: str) -> None:
    assert cast.client(Post.ACCEPTOR).get(page(address)).status_code == 200
    assert cast.client(Post.SUPERVISOR).get(page(address)).status_code == 200
    assert cast.client(Post.CHECKER).get(page(address)).status_code == (200 if address == "campaigns" else 403)
    assert cast.client(Post.FILER).get(page(address)).status_code == 403
    assert cast.client(Post.AUDITOR).get(page(address)).status_code == 404
    assert Client().get(page(address)).status_code == 302


# The API ------------------------------------------------------------------------------------------------------


def test_a_program_does_all_that_the_pages_do(cast: Cast) -> None:
    volumes(cast, 2)
    acceptor = cast.program(cast.actor(Post.ACCEPTOR).staff_code)
    checker = cast.program(cast.actor(Post.CHECKER).staff_code)
    base = "/api/v1/inspection/campaigns"

    def post(client: Client, path: str, body: Any = None) -> Any:
        answer = client.post(f"{base}{path}", json.dumps(body or {}), content_type="application/json")
        assert answer.status_code in (200, 201), answer.content
        return answer.json()

    counted = acceptor.get(f"{base}/rehearsal", {"agency_code": "BH", "state": "FILED"}).json()
    assert counted["count"] == 2 and len(counted["volumes"]) == 2
    body = {"name": "复查", "reason": "达标", "selection": {"agency_code": "BH"}, "expected": 2}
    number = post(acceptor, "", body)["campaign_no"]
    one = post(checker, f"/{number}/next")
    assert post(checker, f"/{number}/next")["pk"] == one["pk"], "work is taken up again"
    said = post(checker, f"/{number}/units/{one['pk']}/verdict", {"verdict": "PUT_OFF", "note": "等纸质档案"})
    assert said["verdict"] == "PUT_OFF"
    two = post(checker, f"/{number}/next")
    raised_fault = {"code": "S01", "item_urn": records.items_of(two["volume_urn"])[0].urn}
    said = post(checker, f"/{number}/units/{two['pk']}/verdict", {"verdict": "FAULT", "faults": [raised_fault]})
    assert said["is_returned"] and said["faults"] == ["S01"]
    assert post(acceptor, f"/{number}/units/{one['pk']}/take")["taken_by"] == "sj01"
    assert post(acceptor, f"/{number}/close", {"note": "结束"})["closed_at"]

    report = acceptor.get(f"{base}/{number}/report").json()
    assert (report["total"], report["found"], report["left"]) == (2, 1, 1) and report["faults"] == {"S01": 1}
    assert [row["campaign_no"] for row in acceptor.get(base).json()] == [number]
    assert len(acceptor.get(f"{base}/{number}/units", {"only": "FAULT"}).json()) == 1


def test_a_program_begins_a_sweep(cast: Cast) -> None:
    first, second = volumes(cast, 2)
    pk = raised(cast, first)
    checker = cast.program(cast.actor(Post.CHECKER).staff_code)

    offered = checker.get(f"/api/v1/inspection/sweeps/{pk}").json()
    begun = checker.post(f"/api/v1/inspection/sweeps/{pk}", "{}", content_type="application/json")

    assert [one["urn"] for one in offered["volumes"]] == [second.volume_urn] and offered["campaign_no"] == ""
    assert begun.status_code == 201 and (begun.json()["total"], begun.json()["kind"]) == (1, "SWEEP")
    assert checker.get(f"/api/v1/inspection/sweeps/{pk}").json()["campaign_no"] == begun.json()["campaign_no"]
