"""The transfer desk's pages and API: board, application, batch, witness, blind count, printed papers."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anjuan.core import sampling
from anjuan.core.terms import Custody, Post, State
from anjuan.desks.transfer import actions, queries
from anjuan.facilities.corrections import queries as corrections
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.ledger import queries as ledger
from anjuan.records import queries as records
from tests import builders
from tests.cast import Cast


def page(batch_no: str, verb: str = "batch", **more: str) -> str:
    return reverse(f"transfer:{verb}", kwargs={"batch_no": batch_no, **more})


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode()).replace("<wbr>", "")


def several(cast: Cast, count: int, state: State) -> list[builders.Walked]:
    """Volumes that were self-checked, then brought on together as one batch."""
    walks = [
        builders.at_state(cast, State.SELF_CHECKED, f"SL-{n:03}", persons=(builders.person(n),))
        for n in range(1, count + 1)
    ]
    receipt = actions.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn for walk in walks])
    for walk in walks:
        walk.batch_no = receipt.batch_no
    if state is not State.APPLIED:
        for walk in walks:
            builders.step_to(cast, State.PRE_ACCEPTED, walk)
    for later in (State.WITNESSED, State.IN_TRANSIT):
        if builders.WAY.index(state) >= builders.WAY.index(later):
            builders.step_to(cast, later, walks[0])
    return walks


def test_an_application_is_made_for_what_is_ticked(cast: Cast) -> None:
    one, two = (
        builders.at_state(cast, State.SELF_CHECKED, f"SL-{n:03}", persons=(builders.person(n),)) for n in (1, 2)
    )
    archivist = cast.client(Post.ARCHIVIST)

    shown = text_of(archivist.get("/transfer/apply/"))
    assert shown.count('name="volume"') == 2 and shown.count(" checked") == 2
    empty = archivist.post("/transfer/apply/", {})
    assert empty.status_code == 422 and "T-001" in text_of(empty) and " checked" not in text_of(empty)
    answer = archivist.post("/transfer/apply/", {"volume": [two.volume_urn]})

    assert answer.status_code == 302 and "done=applied" in answer["Location"]
    assert builders.states(two.volume_urn) == {State.APPLIED}
    assert builders.states(one.volume_urn) == {State.SELF_CHECKED}


def test_the_board_shows_batches_by_stage(cast: Cast) -> None:
    walk = builders.at_state(cast, State.APPLIED)

    shown = text_of(cast.client(Post.ARCHIVIST).get("/transfer/"))
    receiver = text_of(cast.client(Post.RECEIVER).get("/transfer/"))

    lane = shown.split('id="lane-APPLIED"')[1].split("</section>")[0]
    assert walk.batch_no in lane and "预验收 0 / 1" in lane
    assert "提出移交申请" not in receiver and walk.batch_no in receiver


def test_a_batch_says_what_it_waits_for_and_draws_once(cast: Cast) -> None:
    (walk,) = several(cast, 1, State.APPLIED)
    supervisor = cast.client(Post.SUPERVISOR)

    waiting = text_of(supervisor.get(page(walk.batch_no)))
    assert "T-002" in waiting and "disabled" in waiting
    assert supervisor.post(page(walk.batch_no, "draw")).status_code == 409
    builders.step_to(cast, State.PRE_ACCEPTED, walk)
    drawn = supervisor.post(page(walk.batch_no, "draw"))
    again = supervisor.post(page(walk.batch_no, "draw"))

    batch = queries.sheet(cast.actor(Post.SUPERVISOR), walk.batch_no).batch
    shown = text_of(supervisor.get(page(walk.batch_no)))
    assert drawn.status_code == 302 and again.status_code == 409
    assert batch.seed in shown and f"#{batch.checkpoint_size}" in shown and "任何人都可以复算" in shown


def test_the_seed_on_the_page_gives_the_same_draw_to_anyone(cast: Cast) -> None:
    walks = several(cast, 4, State.PRE_ACCEPTED)
    cast.client(Post.SUPERVISOR).post(page(walks[0].batch_no, "draw"))

    shown = text_of(cast.client(Post.RECEIVER).get(page(walks[0].batch_no)))
    (seed,) = set(re.findall(r"\b[0-9a-f]{64}\b", shown))
    nonces = list(dict.fromkeys(re.findall(r"\b[0-9a-f]{32}\b", shown)))
    (size,) = re.findall(r"#(\d+)</dd>", shown)
    root = ledger.first_checkpoint_past(int(size) - 1).root
    urns = sorted(walk.volume_urn for walk in walks)
    drawn = sampling.draw(urns, 3, seed)

    assert len(nonces) == 5  # the agency's, and the acceptor's of each of four
    assert seed == sampling.seed_of(root, walks[0].batch_no, *nonces, *urns)
    sheet = queries.sheet(cast.actor(Post.SUPERVISOR), walks[0].batch_no)
    assert {row.volume.urn for row in sheet.drawn} == set(drawn)


def test_the_witness_looks_in_three_ways_and_keeps_his_ticks(cast: Cast) -> None:
    walks = several(cast, 2, State.PRE_ACCEPTED)
    batch_no, urns = walks[0].batch_no, [walk.volume_urn for walk in walks]
    supervisor = cast.client(Post.SUPERVISOR)
    supervisor.post(page(batch_no, "draw"))
    all_three = {f"look_{urn}": ["paper", "images", "contents"] for urn in urns}
    pages = {f"pages_{urn}": "2" for urn in urns}

    refused = supervisor.post(page(batch_no, "witness"), {**all_three, f"look_{urns[1]}": ["paper", "contents"]})
    assert refused.status_code == 422 and "T-003" in text_of(refused)
    assert text_of(refused).count(" checked") == 5
    uncounted = supervisor.post(page(batch_no, "witness"), {**all_three, **pages, f"pages_{urns[0]}": ""})
    other = supervisor.post(page(batch_no, "witness"), {**all_three, **pages, f"pages_{urns[0]}": "3"})
    assert uncounted.status_code == 422 and "T-040" in text_of(uncounted)
    assert other.status_code == 409 and "T-041" in text_of(other) and 'value="3"' in text_of(other)
    signed = supervisor.post(page(batch_no, "witness"), {**all_three, **pages})

    assert signed.status_code == 302 and builders.states(*urns) == {State.WITNESSED}
    record = supervisor.get(page(batch_no, "witness_record"))
    assert record.content.startswith(b"%PDF") and record["Content-Disposition"].startswith("inline")


def test_the_witness_record_says_what_was_looked_at(cast: Cast) -> None:
    (walk,) = several(cast, 1, State.WITNESSED)

    facts = queries.witness_facts(queries.sheet(cast.actor(Post.RECEIVER), walk.batch_no))

    assert facts["sample_total"] == "1" and facts["ratio"] == "100%"
    assert facts["witnessed_by"] == cast.actor(Post.SUPERVISOR).name
    assert facts["rows"] == [
        {
            "no": "1",
            "reference_code": records.get_volume_for(cast.actor(Post.FILER), walk.volume_urn).reference_code,
            "title": records.get_volume_for(cast.actor(Post.FILER), walk.volume_urn).title,
            "paper": "相符",
            "images": "相符",
            "catalogue": "相符",
            "result": "合格",
        }
    ]


def test_a_batch_nobody_witnessed_has_no_record(cast: Cast) -> None:
    (walk,) = several(cast, 1, State.PRE_ACCEPTED)

    answer = cast.client(Post.ARCHIVIST).get(page(walk.batch_no, "witness_record"))

    assert answer.status_code == 409 and "T-007" in text_of(answer)


def test_one_volume_is_sent_back_and_the_others_stay(cast: Cast) -> None:
    walks = several(cast, 2, State.PRE_ACCEPTED)
    batch_no, bad, good = walks[0].batch_no, walks[0], walks[1]
    supervisor = cast.client(Post.SUPERVISOR)
    supervisor.post(page(batch_no, "draw"))
    address = page(batch_no, "refuse", urn=bad.volume_urn)

    refused = supervisor.post(address, {"fault": "", "item": bad.item_urn, "note": "缺第三页"})
    assert refused.status_code == 422 and "W-004" in text_of(refused) and "缺第三页" in text_of(refused)
    answer = supervisor.post(address, {"fault": "V05", "item": bad.item_urn, "note": "缺第三页"})

    assert answer.status_code == 302
    assert builders.states(bad.volume_urn) == {State.RETURNED}
    assert builders.states(good.volume_urn) == {State.PRE_ACCEPTED}
    (row,) = corrections.of_units([bad.volume_urn])
    assert (row.fault.code, row.note) == ("V05", "缺第三页")
    shown = text_of(supervisor.get(page(batch_no)))
    assert "已退出本批" in shown and "监交时退回一卷" in shown


def test_handing_over_notes_the_vehicle_and_prints_the_register(cast: Cast) -> None:
    (walk,) = several(cast, 1, State.WITNESSED)
    archivist = cast.client(Post.ARCHIVIST)

    archivist.post(page(walk.batch_no, "dispatch"), {"vehicle": "演A·00001 张师傅"})

    shown = text_of(archivist.get(page(walk.batch_no)))
    register = archivist.get(page(walk.batch_no, "register"))
    facts = queries.register_facts(queries.sheet(cast.actor(Post.ARCHIVIST), walk.batch_no))
    assert builders.states(walk.volume_urn) == {State.IN_TRANSIT}
    assert "演A·00001 张师傅" in shown
    assert register.content.startswith(b"%PDF")
    assert (facts["volume_total"], facts["item_total"], facts["page_total"]) == ("1", "1", "2")
    assert facts["to_agency"] == "演示市社会保险档案馆"
    assert facts["sent_by"] == cast.actor(Post.ARCHIVIST).name and facts["received_by"] == ""


def test_the_count_is_blind_and_differences_show_without_losing_what_was_typed(cast: Cast) -> None:
    walks = several(cast, 2, State.IN_TRANSIT)
    batch_no, urns = walks[0].batch_no, [walk.volume_urn for walk in walks]
    receiver = cast.client(Post.RECEIVER)

    blind = text_of(receiver.get(page(batch_no)))
    assert blind.count('inputmode="numeric" pattern="[0-9]{1,6}" autocomplete="off" value=""') == 2
    assert "2 页" not in blind and "4 页" not in blind and "register.pdf" not in blind

    counts = {f"count_{urns[0]}": "2", f"count_{urns[1]}": "7"}
    refused = receiver.post(page(batch_no, "receive"), counts)
    seen = text_of(refused)
    assert refused.status_code == 409 and "T-005" in seen
    assert 'value="7"' in seen and 'value="2"' in seen and "清册 2 页" in seen and "一致" in seen
    assert builders.states(*urns) == {State.IN_TRANSIT}

    extra = receiver.post(page(batch_no, "receive"), {**counts, f"count_{urns[1]}": "2", "extra": "J001-不在清册"})
    assert extra.status_code == 409 and "T-004" in text_of(extra) and "J001-不在清册" in text_of(extra)
    missing = receiver.post(page(batch_no, "receive"), {f"count_{urns[0]}": "2", f"count_{urns[1]}": "两页"})
    assert missing.status_code == 409 and "T-004" in text_of(missing) and "两页" in text_of(missing)

    right = receiver.post(page(batch_no, "receive"), {**counts, f"count_{urns[1]}": "2"}, follow=True)
    assert builders.states(*urns) == {State.RECEIVED}
    assert f"JS-{batch_no}" in text_of(right)
    assert {records.get_volume_for(cast.actor(Post.RECEIVER), urn).custody for urn in urns} == {Custody.ARCHIVE}


def test_others_see_the_numbers_that_the_counting_person_does_not(cast: Cast) -> None:
    (walk,) = several(cast, 1, State.IN_TRANSIT)

    shown = text_of(cast.client(Post.ARCHIVIST).get(page(walk.batch_no)))

    assert "2 页" in shown and "确认清点" not in shown and "等待" in shown


@pytest.mark.parametrize(
    ("state", "verb", "post", "button"),
    [
        (State.PRE_ACCEPTED, "draw", Post.SUPERVISOR, "抽样"),
        (State.WITNESSED, "dispatch", Post.ARCHIVIST, "交出"),
        (State.IN_TRANSIT, "receive", Post.RECEIVER, "确认清点并接收"),
    ],
)
def test_who_may_do_what_to_a_batch(
    cast: Cast, outsider: Callable[[Post], Client], state: State, verb: str, post: Post, button: str
) -> None:
    (walk,) = several(cast, 1, state)
    address, data = page(walk.batch_no, verb), {f"count_{walk.volume_urn}": "2"}

    def primary(client: Client) -> bool:
        found = re.search(
            r'<div class="do">.*?</div>\s*<div class="why">', text_of(client.get(page(walk.batch_no))), re.S
        )
        return found is not None and "btn-primary" in found.group() and button in found.group()

    assert cast.client(Post.RECHECKER).post(address, data).status_code == 403
    assert not primary(cast.client(Post.RECHECKER)) and primary(cast.client(post))
    assert cast.client(Post.HANDLER).post(address, data).status_code == 404
    assert outsider(Post.ARCHIVIST).post(address, data).status_code == 404
    assert cast.client(Post.AUDITOR).post(address, data).status_code == 404
    assert Client().post(address, data).status_code == 302
    assert builders.states(walk.volume_urn) == {state}
    assert cast.client(post).post(address, data).status_code == 302


def test_who_may_witness_and_send_back(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    (walk,) = several(cast, 1, State.PRE_ACCEPTED)
    actions.draw_sample(occasion=cast.occasion(Post.SUPERVISOR), batch_no=walk.batch_no)
    signing, sending = page(walk.batch_no, "witness"), page(walk.batch_no, "refuse", urn=walk.volume_urn)
    looks = {f"look_{walk.volume_urn}": ["paper", "images", "contents"], f"pages_{walk.volume_urn}": "2"}

    for client, status in ((cast.client(Post.ARCHIVIST), 403), (outsider(Post.SUPERVISOR), 404)):
        assert client.post(signing, looks).status_code == status
        assert client.get(sending).status_code == status
        assert client.post(sending, {"fault": "V05"}).status_code == status
    assert cast.client(Post.SUPERVISOR).get(sending).status_code == 200
    assert cast.client(Post.SUPERVISOR).post(signing, looks).status_code == 302


def test_who_may_open_the_desk(cast: Cast) -> None:
    for post, board, apply in (
        (Post.ARCHIVIST, 200, 200),
        (Post.RECEIVER, 200, 403),
        (Post.HANDLER, 403, 403),
        (Post.SYSTEM_ADMIN, 404, 404),
    ):
        client = cast.client(post)
        assert (client.get("/transfer/").status_code, client.get("/transfer/apply/").status_code) == (board, apply)
    assert Client().get("/transfer/").status_code == 302


def test_board_and_application_stay_small(
    cast: Cast, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = builders.at_state(cast, State.SELF_CHECKED)
    row = records.get_volume_for(cast.actor(Post.ARCHIVIST), walk.volume_urn)
    many = [type(row)(**{**vars(row), "urn": f"urn:uuid:{n:036}", "pk": n}) for n in range(1000)]
    monkeypatch.setattr(queries, "may_apply", lambda actor: many)
    archivist = cast.client(Post.ARCHIVIST)

    with django_assert_max_num_queries(20):
        board = archivist.get("/transfer/")
    with django_assert_max_num_queries(20):
        apply = archivist.get("/transfer/apply/")

    assert board.status_code == 200
    assert 0 < apply.content.decode().count('name="volume"') <= 120
    assert len(apply.content) <= 100 * 1024


def test_the_board_asks_as_often_for_many_batches_as_for_one(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for number in (1, 2, 3, 4):
        builders.at_state(cast, State.APPLIED, f"SL-{number:03}", persons=(builders.person(number),))
    archivist = cast.client(Post.ARCHIVIST)

    with django_assert_max_num_queries(23):  # the trips that fetch them are one
        shown = text_of(archivist.get("/transfer/"))

    assert shown.count("/transfer/BH-") == 4


def test_the_api_walks_a_batch(cast: Cast) -> None:
    walk = builders.at_state(cast, State.SELF_CHECKED)
    clients: dict[Post, Client] = {}

    def ask(post: Post, path: str, body: object) -> Any:
        if post not in clients:
            token = accounts.issue_token(occasion=cast.occasion(post), terminal="test").text
            clients[post] = Client(headers={"Authorization": f"Bearer {token}"})
        return clients[post].post(f"/api/v1/transfer{path}", body, content_type="application/json")

    applied = ask(Post.ARCHIVIST, "/batches", {"volume_urns": [walk.volume_urn]})
    walk.batch_no = applied.json()["batch_no"]
    builders.step_to(cast, State.PRE_ACCEPTED, walk)
    here = f"/batches/{walk.batch_no}"
    drawn = ask(Post.SUPERVISOR, f"{here}/draw", {}).json()
    (reference,) = drawn["drawn"]
    unseen = ask(Post.SUPERVISOR, f"{here}/witness", {"looks": {}})
    seen = ask(Post.SUPERVISOR, f"{here}/witness", {"looks": builders.looks([reference]), "counted": {reference: 2}})
    sent = ask(Post.ARCHIVIST, f"{here}/dispatch", {"vehicle": "演A·00001"})
    wrong = ask(Post.RECEIVER, f"{here}/receive", {"counted": [{"reference": reference, "pages": 3}]})
    right = ask(Post.RECEIVER, f"{here}/receive", {"counted": [{"reference": reference, "pages": 2}]})

    assert applied.status_code == 201 and len(drawn["seed"]) == 64
    assert (unseen.status_code, unseen.json()["code"]) == (422, "T-003")
    assert [one["target"] for one in seen.json()] == [State.WITNESSED]
    assert [one["target"] for one in sent.json()] == [State.IN_TRANSIT]
    assert (wrong.status_code, wrong.json()["code"]) == (409, "T-005")
    assert right.json()["accession_no"] == f"JS-{walk.batch_no}"
    sheet = clients[Post.RECEIVER].get(f"/api/v1/transfer{here}").json()
    assert sheet["batch"]["stage"] == "RECEIVED" and sheet["members"][0]["counted_pages"] == 2
    assert Client().get("/api/v1/transfer/batches").status_code == 401


def test_the_api_sends_one_volume_back(cast: Cast) -> None:
    (walk,) = several(cast, 1, State.PRE_ACCEPTED)
    token = accounts.issue_token(occasion=cast.occasion(Post.SUPERVISOR), terminal="test").text
    client = Client(headers={"Authorization": f"Bearer {token}"})

    answer = client.post(
        f"/api/v1/transfer/batches/{walk.batch_no}/volumes/{walk.volume_urn}/return",
        {"faults": [{"code": "V05", "item_urn": walk.item_urn}]},
        content_type="application/json",
    )

    assert answer.json()["target"] == State.RETURNED
