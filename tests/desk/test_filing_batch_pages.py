"""Filing's pages for many at once, numbers, papers and dossiers sent on; and the same through the API."""

import json
import re
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from anjuan.core.terms import Arrangement, Closing, Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.filing import queries, tasks
from anjuan.desks.inspection import actions as inspection
from anjuan.facilities.corrections import actions as correction_actions
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.jobs import tasks as job_tasks
from anjuan.facilities.printing.rules import VOLUME_FORMS
from anjuan.facilities.stacks import queries as stacks
from anjuan.records import models
from anjuan.records import queries as records
from tests import builders
from tests.builders import fault, filed, person, reviewed
from tests.cast import Cast

POOL = "/filing/"
RUN = "J001/2024/01/BY_VOLUME/BH/*"


def work_off() -> None:
    while waiting := DBTaskResult.objects.filter(status="READY").order_by("enqueued_at").first():
        waiting.delete()
        job_tasks.run_chunk.call(*waiting.args_kwargs["args"])


def page(urn: str, name: str = "volume", **more: object) -> str:
    return reverse(f"filing:{name}", kwargs={"urn": urn, **more})


def order_of(urn: str) -> list[str]:
    return [item.urn for item in records.items_of(urn)]


def pool(cast: Cast, count: int) -> list[str]:
    models.Fonds.objects.update(volume_page_limit=4)
    return [reviewed(cast, f"SL-{n:03}", persons=(person(n),)) for n in range(1, count + 1)]


@pytest.mark.acceptance("S3-W13")
def test_all_proposals_are_shown_and_opened_with_one_button(cast: Cast) -> None:
    urns = pool(cast, 5)
    filer = cast.client(Post.FILER)

    shown = filer.get(POOL).content.decode()
    answer = filer.post(reverse("filing:accept"), {"all": "1"})

    assert "按 3 条建议全部立卷" in shown
    assert answer.status_code == 302 and "done=accepted" in answer["Location"]
    opened = queries.open_volumes(cast.actor(Post.FILER))
    assert sorted(order_of(volume.urn) for volume in opened) == sorted([urns[:2], urns[2:4], urns[4:]])
    assert "批量封卷" in filer.get(POOL).content.decode()


def test_ticked_proposals_are_opened_and_the_others_stay(cast: Cast) -> None:
    urns = pool(cast, 3)
    filer = cast.client(Post.FILER)

    assert filer.post(reverse("filing:accept"), {}).status_code == 422
    filer.post(reverse("filing:accept"), {"proposal": [urns[2]]})

    assert [order_of(volume.urn) for volume in queries.open_volumes(cast.actor(Post.FILER))] == [[urns[2]]]
    assert builders.states(*urns[:2]) == {State.REVIEWED}


def test_unticked_items_go_to_another_proposal_or_a_volume_of_their_own(cast: Cast) -> None:
    a, b, c = pool(cast, 3)
    filer = cast.client(Post.FILER)

    filer.post(reverse("filing:move"), {"proposal": a, "item": [a], "beside": c})
    assert [row.proposal.urns for row in queries.proposals(cast.actor(Post.FILER))] == [(a,), (c, b)]
    filer.post(reverse("filing:move"), {"proposal": c, "item": [c], "beside": ""})
    assert [row.proposal.urns for row in queries.proposals(cast.actor(Post.FILER))] == [(a,), (b,), (c,)]
    assert filer.post(reverse("filing:move"), {"proposal": a, "item": [a]}).status_code == 422


def test_many_volumes_are_sealed_from_the_page_and_their_papers_printed_for_good(cast: Cast, settings: Any) -> None:
    pool(cast, 4)
    filer = cast.client(Post.FILER)
    filer.post(reverse("filing:accept"), {"all": "1"})
    volumes = [volume.urn for volume in queries.open_volumes(cast.actor(Post.FILER))]

    answer = filer.post(reverse("filing:seal_many"), {"volume": volumes})
    assert answer.status_code == 302 and answer["Location"].startswith("/jobs/")
    work_off()
    assert builders.states(*volumes) == {State.FILED}

    shown = filer.get(reverse("filing:numbers")).content.decode()
    assert "1 至 2 号：已用 2" in shown and "无断号" in shown
    filer.post(reverse("filing:print_many"), {"run": RUN, "form": ["cover", "note"]})
    (run,) = queries.prints_of(cast.actor(Post.FILER))
    assert "打印中" in filer.get(reverse("filing:numbers")).content.decode()
    early = filer.get(reverse("filing:print_run", kwargs={"uid": run.uid}))
    assert early.status_code == 409 and "F-026" in early.content.decode()
    work_off()
    paper: Any = filer.get(reverse("filing:print_run", kwargs={"uid": run.uid}))
    assert b"".join(paper.streaming_content).startswith(b"%PDF")
    assert cast.client(Post.CHECKER).get(reverse("filing:print_run", kwargs={"uid": run.uid})).status_code == 404
    assert filer.post(reverse("filing:print_many"), {"run": RUN}).status_code == 422
    assert tasks.clear_prints() == 0
    settings.ANJUAN_SPOOL_DAYS = -1
    assert tasks.clear_prints() == 1 and not queries.print_folder(run.uid).exists()
    assert "已清理" in filer.get(reverse("filing:numbers")).content.decode()
    assert filer.get(reverse("filing:print_run", kwargs={"uid": run.uid})).status_code == 409


@pytest.mark.acceptance("STD-4", "S4-F1")
def test_every_paper_of_a_volume_and_of_a_box_opens_as_a_pdf(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-1")
    models.Category.objects.filter(code="01").update(arrangement=Arrangement.BY_ITEM)
    box = filed(cast, reviewed(cast, "SL-2", persons=(person(2),)))
    filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=box)
    filer = cast.client(Post.FILER)

    for form in VOLUME_FORMS:
        of_box = filer.get(page(box, "print", form=form.value))
        assert of_box.status_code == 200 and of_box.content.startswith(b"%PDF"), form
        plain = filer.get(page(walk.volume_urn, "print", form=form.value))
        assert plain.status_code == (422 if form in queries.BY_ITEM_ONLY else 200), form
    assert filer.get(page(box, "print", form="spine") + "?mm=50").status_code == 200
    assert filer.get(page(box, "labels") + "?items=1").content.startswith(b"%PDF")
    listed = reverse("filing:volume_list", kwargs={"year": 2024, "category": "01"})
    assert filer.get(listed).content.startswith(b"%PDF")
    assert cast.client(Post.HANDLER).get(listed).status_code == 403


def test_papers_are_previewed_as_pictures_before_the_seal(cast: Cast) -> None:
    urn = filed(cast, reviewed(cast, "SL-1"))
    filer = cast.client(Post.FILER)

    assert page(urn, "preview", form="contents") in filer.get(page(urn)).content.decode()
    for form in ("cover", "contents", "note", "spine"):
        picture = filer.get(page(urn, "preview", form=form))
        assert picture["Content-Type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    assert filer.get(page(urn, "preview", form="cover") + "?page=9").status_code == 404
    assert filer.get(page(urn, "preview", form="nothing")).status_code == 404


def test_a_change_of_the_order_is_undone_on_the_page(cast: Cast) -> None:
    a, b = (reviewed(cast, f"SL-{n}", persons=(person(n),)) for n in (1, 2))
    urn = filed(cast, a, b)
    filer = cast.client(Post.FILER)
    piece = filer.post(page(urn, "arrange"), {"item": [a, b], "move": f"up:{b}"}, headers={"HX-Request": "true"})
    assert order_of(urn) == [b, a] and "撤销最近一次调序" in piece.content.decode()

    answer = filer.post(page(urn, "undo"))

    assert answer.status_code == 302 and order_of(urn) == [a, b]
    assert "撤销最近一次调序" not in filer.get(page(urn)).content.decode()
    assert filer.post(page(urn, "undo")).status_code == 409


def test_a_missing_item_is_inserted_from_its_fault_and_the_first_issue_stays(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-1")
    inspection.return_volume(
        occasion=cast.occasion(Post.CHECKER), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn, "V03")]
    )
    missing = reviewed(cast, "SL-2", persons=(person(2),))
    (row,) = corrections.of_units([walk.volume_urn])
    filer = cast.client(Post.FILER)

    assert "把缺件补入卷末" in filer.get(page(walk.volume_urn)).content.decode()
    filer.post(page(walk.volume_urn, "insert"), {"item_urn": missing, "correction": row.pk})
    correction_actions.answer_fault(occasion=cast.occasion(Post.FILER), pk=row.pk, answer="已补")
    filer.post(page(walk.volume_urn, "resubmit"))

    assert order_of(walk.volume_urn) == [walk.item_urn, missing]
    shown = filer.get(page(walk.volume_urn)).content.decode()
    assert "第 1 版" in shown and "第 2 版" in shown and "补入" in shown
    assert filer.get(page(walk.volume_urn, "issue", issue_no=1)).content.startswith(b"%PDF")
    assert filer.get(page(walk.volume_urn, "issue", issue_no=3)).status_code == 404


def test_a_received_volume_takes_a_note_and_a_supplementary_volume(cast: Cast) -> None:
    walk = builders.at_state(cast, State.RECEIVED, "SL-1")
    late = reviewed(cast, "SL-2", persons=(person(2),))
    filer = cast.client(Post.FILER)

    assert "补充卷" in filer.get(page(walk.volume_urn)).content.decode()
    filer.post(page(walk.volume_urn, "annotate"), {"kind": "MISSING", "text": "第3页右下角缺损"})
    answer = filer.post(page(walk.volume_urn, "supplement"), {"item": [late]})
    refused = filer.post(page(walk.volume_urn, "annotate"), {"kind": "MISSING", "text": ""})

    assert answer.status_code == 302
    assert "第3页右下角缺损" in filer.get(page(walk.volume_urn)).content.decode()
    (opened,) = queries.open_volumes(cast.actor(Post.FILER))
    assert order_of(opened.urn) == [late]
    assert refused.status_code == 422


def closed_dossier(cast: Cast) -> str:
    models.Category.objects.update(arrangement=Arrangement.PERSON_DOSSIER)
    urn = filed(cast, reviewed(cast, "SL-1"))
    more = reviewed(cast, "SL-2")
    cast.client(Post.FILER).post(page(urn, "take_in"), {"item": [more]})
    assert len(order_of(urn)) == 2
    filing.seal(
        occasion=cast.occasion(Post.FILER), volume_urn=urn, closing=Closing.TRANSFER_OUT, closed_date=cast.today()
    )
    return records.get_volume_for(cast.actor(Post.FILER), urn).reference_code


@pytest.mark.acceptance("S0-W17")
def test_a_dossier_is_sent_on_from_the_page_notice_and_receipt_and_all(cast: Cast) -> None:
    code = closed_dossier(cast)
    filer = cast.client(Post.FILER)
    said = {"code": code, "to_name": "邻市中心（演示）", "reason": "跨省转移", "to_address": "演示路 1 号"}

    wrong = filer.post(reverse("filing:prepare"), {**said, "reason": ""})
    assert wrong.status_code == 422 and code in wrong.content.decode()
    assert filer.post(reverse("filing:prepare"), said).status_code == 302
    ((row, _),) = queries.forwardings(cast.actor(Post.FILER))
    notice = {"notice_no": row.notice_no}
    assert filer.get(reverse("filing:notice", kwargs=notice)).content.startswith(b"%PDF")
    assert filer.post(reverse("filing:send", kwargs=notice), {"means": "机要"}).status_code == 302
    assert "转递中" in filer.get(reverse("filing:forwardings")).content.decode()
    receipt = reverse("filing:receipt", kwargs=notice)
    assert filer.post(receipt, {"receiver_name": "王某", "receipt_date": "2024-13-40"}).status_code == 422
    assert filer.post(receipt, {"receiver_name": "王某", "receipt_date": cast.today().isoformat()}).status_code == 302
    assert "回执已到" in filer.get(reverse("filing:forwardings")).content.decode()
    assert "撤回事由" not in filer.get(reverse("filing:forwardings")).content.decode()
    late = filer.post(reverse("filing:cancel", kwargs=notice), {"reason": "误开"})
    assert late.status_code == 409 and "F-070" in late.content.decode()


@pytest.mark.acceptance("S0-W17")
def test_a_forwarding_is_called_back_on_the_page_and_through_the_api(
    cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    code, filer = closed_dossier(cast), cast.client(Post.FILER)
    said = {"code": code, "to_name": "邻市中心（演示）", "reason": "跨省转移"}
    filer.post(reverse("filing:prepare"), said)
    ((row, _),) = queries.forwardings(cast.actor(Post.FILER))
    address = reverse("filing:cancel", kwargs={"notice_no": row.notice_no})
    assert address in filer.get(reverse("filing:forwardings")).content.decode()

    assert Client().post(address, {"reason": "误开"}).status_code == 302
    assert cast.client(Post.HANDLER).post(address, {"reason": "误开"}).status_code in (403, 404)
    assert outsider(Post.FILER).post(address, {"reason": "误开"}).status_code == 404
    assert cast.client(Post.SUPERVISOR).post(address, {"reason": "误开"}).status_code == 403
    assert filer.post(address, {"reason": ""}).status_code == 422
    answer = filer.post(address, {"reason": "单位名称写错"})

    assert answer.status_code == 302
    shown = filer.get(answer["Location"]).content.decode()
    assert "单位名称写错" in shown and "已撤回，号作废" in shown and row.notice_no in shown and address not in shown
    filer.post(reverse("filing:prepare"), said)
    second = queries.forwardings(cast.actor(Post.FILER))[0][0].notice_no
    program = cast.program("bh03")
    there = f"/api/v1/filing/forwardings/{second}/cancel"
    assert program.post(there, json.dumps({"reason": "再改"}), content_type="application/json").status_code == 204
    found = program.get("/api/v1/filing/forwardings").json()
    assert {one["notice_no"]: (one["stage"], one["cancel_reason"]) for one in found} == {
        row.notice_no: ("CANCELLED", "单位名称写错"),
        second: ("CANCELLED", "再改"),
    }


def test_numbers_are_voided_and_volumes_numbered_anew_on_the_page(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-1")
    models.Volume.objects.filter(urn=walk.volume_urn).update(volume_no=3)
    filer, archivist = cast.client(Post.FILER), cast.client(Post.ARCHIVIST)

    assert "1–2" in filer.get(reverse("filing:numbers")).content.decode()
    filer.post(reverse("filing:void"), {"run": RUN, "number": "2", "reason": "旧系统废号"})
    assert "旧系统废号" in filer.get(reverse("filing:numbers") + "?year=2024").content.decode()
    assert filer.post(reverse("filing:void"), {"run": "?", "number": "x", "reason": ""}).status_code == 404
    assert "改编档号" not in filer.get(reverse("filing:numbers")).content.decode()
    assert "改编档号" in archivist.get(reverse("filing:numbers")).content.decode()
    unknown = archivist.post(reverse("filing:renumber"), {"code": "J001-0", "reason": "改"})
    assert unknown.status_code == 404
    answer = archivist.post(reverse("filing:renumber"), {"code": walk.reference, "reason": "编错"})
    assert answer.status_code == 302
    again = records.get_volume_for(cast.actor(Post.FILER), walk.volume_urn)
    assert again.reference_code != walk.reference
    shown = filer.get(reverse("search:volume", kwargs={"urn": walk.volume_urn})).content.decode().replace("<wbr>", "")
    assert walk.reference in shown and again.reference_code in shown


@pytest.mark.parametrize("name", ["numbers", "forwardings"])
def test_who_may_open_the_lists(cast: Cast, outsider: Callable[[Post], Client], name: str) -> None:
    address = reverse(f"filing:{name}")

    assert cast.client(Post.FILER).get(address).status_code == 200
    assert outsider(Post.FILER).get(address).status_code == 200  # his own, which are none
    assert cast.client(Post.HANDLER).get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_the_filers_rail_has_one_door_and_the_rest_are_tabs_behind_it(cast: Cast) -> None:
    doors = {name: reverse(f"filing:{name}") for name in ("pool", "numbers", "forwardings")}

    for name, address in doors.items():
        shown = cast.client(Post.FILER).get(address).content.decode()
        rail, _, ways = shown.partition('<nav class="ways"')
        ways = ways.partition("</nav>")[0]
        assert [f'href="{other}"' in rail for other in doors.values()] == [True, False, False]
        assert all(f'href="{other}"' in ways for other in doors.values())
        assert re.findall(r'href="([^"]+)" aria-current="page"', ways) == [doors[name]]
    archivist = cast.client(Post.ARCHIVIST).get(doors["numbers"]).content.decode()
    ways = archivist.partition('<nav class="ways"')[2].partition("</nav>")[0]
    assert f'href="{doors["forwardings"]}"' in archivist.partition('<nav class="ways"')[0], "a door of her own"
    assert f'href="{doors["pool"]}"' not in archivist and f'href="{doors["forwardings"]}"' in ways
    assert '<nav class="ways"' not in cast.client(Post.KEEPER).get(doors["forwardings"]).content.decode()


def test_another_agencys_filer_does_none_of_it(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    walk = builders.sealed(cast, "SL-1")
    stranger = outsider(Post.FILER)

    for name, said in (
        ("undo", {}),
        ("insert", {"item_urn": walk.item_urn, "correction": "1"}),
        ("annotate", {"kind": "REMARK", "text": "x"}),
        ("supplement", {"item": [walk.item_urn]}),
        ("take_in", {"item": [walk.item_urn]}),
    ):
        assert stranger.post(page(walk.volume_urn, name), said).status_code == 404, name
    for name, more in (("labels", {}), ("issue", {"issue_no": 1}), ("preview", {"form": "cover"})):
        assert stranger.get(page(walk.volume_urn, name, **more)).status_code == 404, name
    assert stranger.post(reverse("filing:seal_many"), {"volume": [walk.volume_urn]}).status_code == 404


@pytest.mark.acceptance("S3-W13", "S0-W17", "S4-N3")
def test_the_api_does_what_the_pages_do(cast: Cast) -> None:
    a, b, c = pool(cast, 3)
    filer, archivist = cast.program("bh03"), cast.program("bh05")

    def post(client: Client, path: str, said: object) -> Any:
        answer = client.post(f"/api/v1/filing{path}", json.dumps(said), content_type="application/json")
        assert answer.status_code < 300, (path, answer.content)
        return answer.json() if answer.content else None

    post(filer, "/proposals/move", {"item_urns": [b], "beside_urn": c})
    opened = post(filer, "/proposals/accept", {"chosen": [{"item_urns": [a]}, {"item_urns": [c, b]}]})
    second = opened[1]["urn"]
    filer.put(
        f"/api/v1/filing/volumes/{second}/order", json.dumps({"item_urns": [b, c]}), content_type="application/json"
    )
    post(filer, f"/volumes/{second}/undo", {})
    assert order_of(second) == [c, b]
    assert post(filer, "/seal", {"volume_urns": [one["urn"] for one in opened]})["job"]
    work_off()
    assert post(filer, "/print", {"volume_urns": [second], "forms": ["cover"]})["run"]
    (run,) = filer.get("/api/v1/filing/numbers/2024").json()
    assert (run["given"], run["missing"], run["voided"]) == (2, [], {})
    anew = post(archivist, f"/volumes/{second}/renumber", {"reason": "编错"})
    assert anew["reference_code"].endswith("-0003")
    (run,) = filer.get("/api/v1/filing/numbers/2024").json()
    assert list(run["voided"]) == ["2"]
    assert [one["issue_no"] for one in filer.get(f"/api/v1/filing/volumes/{second}/issues").json()] == [2, 1]
    post(filer, f"/volumes/{second}/note", {"kind": "REMARK", "text": "说明"})
    answer = filer.post(
        "/api/v1/filing/numbers/void",
        json.dumps({"run": run["key"], "number": 1, "reason": "x"}),
        content_type="application/json",
    )
    assert answer.status_code == 409 and answer.json()["code"] == "F-015"


def test_the_api_inserts_supplements_takes_loose_material_and_sends_dossiers_on(cast: Cast) -> None:
    filer = cast.program("bh03")

    def post(path: str, said: object) -> Any:
        answer = filer.post(f"/api/v1/filing{path}", json.dumps(said), content_type="application/json")
        assert answer.status_code < 300, (path, answer.content)
        return answer.json() if answer.content else None

    walk = builders.sealed(cast, "SL-1")
    inspection.return_volume(
        occasion=cast.occasion(Post.CHECKER), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn, "V03")]
    )
    missing, late = (reviewed(cast, f"SL-{n}", persons=(person(n),)) for n in (2, 3))
    (row,) = corrections.of_units([walk.volume_urn])
    code = post(f"/volumes/{walk.volume_urn}/insert", {"item_urn": missing, "correction": row.pk})["reference_code"]
    assert code == f"{walk.reference}-002"
    models.Volume.objects.filter(urn=walk.volume_urn).update(state=State.HELD)
    assert post(f"/volumes/{walk.volume_urn}/supplement", {"item_urns": [late]})["items"] == 1

    models.Category.objects.update(arrangement=Arrangement.PERSON_DOSSIER)
    urn = filed(cast, reviewed(cast, "SL-8", persons=(person(8),)))
    more = reviewed(cast, "SL-9", persons=(person(8),))
    assert post(f"/volumes/{urn}/loose", {"item_urns": [more]}) == {"items": 1}
    filing.seal(
        occasion=cast.occasion(Post.FILER), volume_urn=urn, closing=Closing.TRANSFER_OUT, closed_date=cast.today()
    )
    notice = post(f"/volumes/{urn}/forwarding", {"to_name": "邻市", "reason": "转移"})["notice_no"]
    post(f"/forwardings/{notice}/send", {"means": "机要"})
    post(f"/forwardings/{notice}/receipt", {"receiver_name": "王某", "receipt_date": cast.today().isoformat()})
    assert [one["stage"] for one in filer.get("/api/v1/filing/forwardings").json()] == ["RECEIPTED"]


@pytest.mark.acceptance("S3-F11")
def test_the_signed_self_check_is_printed_and_before_it_there_is_none(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-1")
    address = reverse("inspection:self_check_sheet", kwargs={"urn": walk.volume_urn})
    filer = cast.client(Post.FILER)

    assert filer.get(address).status_code == 404
    builders.step_to(cast, State.SELF_CHECKED, walk)
    paper = filer.get(address)

    words = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(paper.content))
    assert "合格" in words and cast.actor(Post.CHECKER).name in words and walk.reference in words.replace("\u200b", "")
    assert address in filer.get(page(walk.volume_urn)).content.decode()
    assert cast.client(Post.SYSTEM_ADMIN).get(address).status_code == 404


@pytest.mark.acceptance("STD-19")
def test_the_keeper_prints_the_barcodes_of_his_shelf_cells(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    (room,) = stacks.rooms_for(cast.actor(Post.KEEPER))
    address = reverse("filing:cell_labels", kwargs={"room": room.code})

    paper = cast.client(Post.KEEPER).get(address)

    document = pypdfium2.PdfDocument(paper.content)
    assert len(document) == -(-len(room.cells) // 24)
    words = "".join("".join(one.get_textpage().get_text_range().split()) for one in document).replace("\u200b", "")
    assert room.cells[0].code in words and room.cells[-1].code in words
    assert address in cast.client(Post.KEEPER).get(reverse("stacks:rooms")).content.decode()
    assert cast.client(Post.FILER).get(address).status_code == 403
    assert outsider(Post.KEEPER).get(address).status_code == 404
