"""The checking posts' pages and API: checklist, judge view, several faults in one return, the drawn re-check."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anjuan.core.terms import Post, State
from anjuan.desks.inspection import queries
from anjuan.facilities.corrections import queries as corrections
from anjuan.foundation.accounts import actions as accounts
from anjuan.records import queries as records
from tests import builders
from tests.cast import Cast

ANSWERS = {f"answer_{check.code}": "PASS" for check in queries.checklist() if not check.auto}


def page(urn: str, verb: str) -> str:
    return reverse(f"inspection:{verb}", kwargs={"urn": urn})


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


# Self-check -------------------------------------------------------------------------------------------------------


def test_the_checklist_comes_with_the_machines_answers_and_clauses(cast: Cast) -> None:
    walk = builders.sealed(cast)

    shown = text_of(cast.client(Post.CHECKER).get(page(walk.volume_urn, "self_check")))

    for check in queries.checklist():
        assert check.zh in shown and check.clause in shown
        assert (f'name="answer_{check.code}"' in shown) is not check.auto
    assert shown.count("机器核对：合格") == sum(check.auto for check in queries.checklist())
    assert 'data-number="001"' in shown and 'data-number="002"' in shown


def test_signing_moves_on_and_a_missing_answer_keeps_the_others(cast: Cast) -> None:
    walk = builders.sealed(cast)
    checker = cast.client(Post.CHECKER)
    some = {name: value for name, value in ANSWERS.items() if name != "answer_SEALS"}

    refused = checker.post(page(walk.volume_urn, "sign"), some)
    assert refused.status_code == 422 and "Q-001" in text_of(refused)
    assert len(re.findall(r'value="PASS"[^>]* checked', text_of(refused))) == len(some)
    assert builders.states(walk.volume_urn) == {State.FILED}

    failed = checker.post(page(walk.volume_urn, "sign"), {**ANSWERS, "answer_SEALS": "FAIL"})
    assert failed.status_code == 422 and "Q-002" in text_of(failed)

    signed = checker.post(page(walk.volume_urn, "sign"), ANSWERS)
    assert signed.status_code == 302 and signed["Location"].endswith("self-check/?done=signed")
    assert builders.states(walk.volume_urn) == {State.SELF_CHECKED}


def test_the_machine_blocks_a_signature_it_cannot_agree_with(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from anjuan.records.models import Item

    walk = builders.sealed(cast)
    Item.objects.filter(urn=walk.item_urn).update(paper_pages=9)
    checker = cast.client(Post.CHECKER)

    shown = text_of(checker.get(page(walk.volume_urn, "self_check")))
    answer = checker.post(page(walk.volume_urn, "sign"), {**ANSWERS, "answer_PAGES": "PASS"})

    assert "机器核对：不合格" in shown and "disabled" in shown and "Q-002" in shown
    assert answer.status_code == 422 and builders.states(walk.volume_urn) == {State.FILED}


def test_several_faults_go_back_in_one_return(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-001", "SL-002", persons=(builders.person(1),))
    checker = cast.client(Post.CHECKER)
    address = page(walk.volume_urn, "return_self_check")
    one = {
        "fault": "S01",
        "page": "003",
        "note": "缺章",
        "box_x": "0.1",
        "box_y": "0.2",
        "box_w": "0.3",
        "box_h": "0.1",
    }

    piece = checker.post(address, {**one, "deed": "keep"}, headers={"HX-Request": "true"})
    kept = html.unescape(re.findall(r'name="kept" value="([^"]*)"', piece.content.decode())[0])
    whole = checker.post(address, {"deed": "keep", "kept": kept, "fault": "I06", "page": "001", "note": ""})
    assert whole.status_code == 200 and whole.content.decode().count('name="kept"') == 2
    assert builders.states(walk.volume_urn) == {State.FILED}
    answer = checker.post(address, {"deed": "return", "kept": kept, "fault": "V12", "page": "", "note": "题名太短"})

    assert answer.status_code == 302 and "done=returned" in answer["Location"]
    assert builders.states(walk.volume_urn) == {State.RETURNED}
    first, second = corrections.of_units([walk.volume_urn])
    component = builders.components_of(walk.item_urns[1])[0].pk
    assert (first.fault.code, first.component_pk, first.page_no, first.box) == (
        "S01",
        component,
        1,
        (0.1, 0.2, 0.3, 0.1),
    )
    assert (second.fault.code, second.item_urn, second.component_pk) == ("V12", walk.item_urns[0], None)


def test_a_fault_is_taken_off_the_list_and_a_return_needs_one(cast: Cast) -> None:
    walk = builders.sealed(cast)
    checker = cast.client(Post.CHECKER)
    address = page(walk.volume_urn, "return_self_check")
    kept = f'["S01", "{walk.item_urn}", null, null, null, ""]'

    dropped = checker.post(address, {"kept": kept, "drop": "0"}, headers={"HX-Request": "true"})
    assert 'name="kept"' not in dropped.content.decode()

    refused = checker.post(address, {"deed": "return", "kept": "no list at all", "fault": "", "note": "留着"})
    assert refused.status_code == 422 and "W-004" in text_of(refused) and "留着" in text_of(refused)


# Pre-acceptance ---------------------------------------------------------------------------------------------------


def test_acceptance_waits_for_every_page_and_says_which(cast: Cast) -> None:
    walk = builders.at_state(cast, State.APPLIED)
    acceptor = cast.client(Post.ACCEPTOR)
    address = page(walk.volume_urn, "pre_acceptance")

    before = text_of(acceptor.get(address))
    refused = acceptor.post(page(walk.volume_urn, "accept"))
    assert "已看 0 / 2 页" in before and "disabled" in before and "?page=001" in before
    assert refused.status_code == 422 and "L-004" in text_of(refused)

    builders.look_through(cast, Post.ACCEPTOR, *walk.item_urns)
    piece = text_of(acceptor.get(address, {"page": "002"}, headers={"HX-Request": "true"}))
    assert "已看 2 / 2 页" in piece and 'data-unseen=""' in piece and "disabled" not in piece

    accepted = acceptor.post(page(walk.volume_urn, "accept"))
    assert accepted.status_code == 302 and builders.states(walk.volume_urn) == {State.PRE_ACCEPTED}


def test_the_catalogue_is_that_of_the_open_pages_item_in_full(cast: Cast) -> None:
    first, second = builders.person(1), builders.person(2)
    a = builders.reviewed(cast, "SL-001", persons=(first,))
    b = builders.reviewed(cast, "SL-002", persons=(second,))
    walk = builders.Walked((a, b), builders.filed(cast, a, b))
    for state in (State.FILED, State.SELF_CHECKED, State.APPLIED):
        builders.step_to(cast, state, walk)
    acceptor = cast.client(Post.ACCEPTOR)

    one = text_of(acceptor.get(page(walk.volume_urn, "pre_acceptance"), {"page": "002"}))
    two = text_of(acceptor.get(page(walk.volume_urn, "pre_acceptance"), {"page": "003"}))

    assert first.id_number in one and second.id_number not in one
    assert second.id_number in two and first.id_number not in two
    assert "页数台账" in one and "自查签字" in one


def test_what_was_found_before_stands_beside_the_page(cast: Cast) -> None:
    from anjuan.desks.filing import actions as filing
    from anjuan.desks.inspection import actions
    from anjuan.facilities.corrections import actions as mending

    walk = builders.sealed(cast)
    component = builders.components_of(walk.item_urn)[1].pk
    found = builders.fault(walk.item_urn, "S01", component_pk=component, page_no=1, box=(0.1, 0.1, 0.2, 0.2))
    actions.return_volume(occasion=cast.occasion(Post.CHECKER), volume_urn=walk.volume_urn, faults=[found])
    (row,) = corrections.of_units([walk.volume_urn])
    mending.answer_fault(occasion=cast.occasion(Post.FILER), pk=row.pk, answer="已补盖")
    filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)

    shown = text_of(cast.client(Post.CHECKER).get(page(walk.volume_urn, "self_check")))

    assert "答复：已补盖" in shown and 'data-page="002"' in shown and '"words": "S01"' in shown


def test_a_volume_that_moved_on_can_only_be_looked_at(cast: Cast) -> None:
    walk = builders.at_state(cast, State.PRE_ACCEPTED)

    shown = text_of(cast.client(Post.ACCEPTOR).get(page(walk.volume_urn, "pre_acceptance")))

    assert "只能看" in shown and 'id="return"' not in shown and "/accept/" not in shown


# Re-check ---------------------------------------------------------------------------------------------------------


def test_a_lot_is_drawn_looked_through_and_passed(cast: Cast) -> None:
    walk = builders.at_state(cast, State.RECEIVED)
    rechecker = cast.client(Post.RECHECKER)
    category = records.volumes_by_urn([walk.volume_urn])[walk.volume_urn].category_code
    lot = {"agency": "BH", "acceptor": cast.actor(Post.ACCEPTOR).staff_code, "category": category}

    waiting = text_of(rechecker.get("/inspection/recheck/"))
    assert cast.actor(Post.ACCEPTOR).name in waiting
    for wrong in ("9", "31", "abc", ""):
        refused = rechecker.post("/inspection/recheck/draw/", {**lot, "percent": wrong})
        assert refused.status_code == 422 and "Q-003" in text_of(refused) and f'value="{wrong}"' in text_of(refused)
    drawn = rechecker.post("/inspection/recheck/draw/", {**lot, "percent": "20"})
    address = drawn["Location"].split("?")[0]
    (row,) = queries.draws(cast.actor(Post.RECHECKER))
    again = rechecker.post("/inspection/recheck/draw/", {**lot, "percent": "20"})
    assert again.status_code == 409 and "Q-004" in text_of(again)

    shown = text_of(rechecker.get(address))
    assert row.seed in shown.replace("<wbr>", "") and f"#{row.checkpoint_size}" in shown and "为什么看这些" in shown
    assert "样本已看 0 / 2 页" in shown
    assert rechecker.post(address + "pass/").status_code == 422

    builders.look_through(cast, Post.RECHECKER, *walk.item_urns)
    passed = rechecker.post(address + "pass/")
    assert passed.status_code == 302 and builders.states(walk.volume_urn) == {State.HELD}


# Rights and size --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "verb", "post", "colleague"),
    [
        (State.FILED, "self_check", Post.CHECKER, Post.FILER),
        (State.FILED, "sign", Post.CHECKER, Post.FILER),
        (State.FILED, "return_self_check", Post.CHECKER, Post.FILER),
        (State.APPLIED, "pre_acceptance", Post.ACCEPTOR, Post.KEEPER),
        (State.APPLIED, "accept", Post.ACCEPTOR, Post.KEEPER),
        (State.APPLIED, "return_pre_acceptance", Post.ACCEPTOR, Post.KEEPER),
    ],
)
def test_who_may_judge_a_volume(
    cast: Cast, outsider: Callable[[Post], Client], state: State, verb: str, post: Post, colleague: Post
) -> None:
    walk = builders.at_state(cast, state)
    builders.look_through(cast, Post.ACCEPTOR, *walk.item_urns)
    address = page(walk.volume_urn, verb)
    data = {**ANSWERS, "deed": "return", "fault": "S01", "page": "001"}

    def ask(client: Client) -> int:
        looks = verb in ("self_check", "pre_acceptance")
        return (client.get(address) if looks else client.post(address, data)).status_code

    assert ask(cast.client(colleague)) == 403
    assert ask(outsider(post)) == 404
    assert ask(cast.client(Post.SECURITY_OFFICER)) == 404
    assert ask(Client()) == 302
    assert builders.states(walk.volume_urn) == {state}
    assert ask(cast.client(post)) in (200, 302)


@pytest.mark.parametrize(
    ("name", "post"),
    [("self_checks", Post.CHECKER), ("pre_acceptances", Post.ACCEPTOR), ("rechecks", Post.RECHECKER)],
)
def test_who_may_open_a_queue(cast: Cast, name: str, post: Post) -> None:
    address = reverse(f"inspection:{name}")

    assert cast.client(post).get(address).status_code == 200
    assert cast.client(Post.HANDLER).get(address).status_code == 403
    assert cast.client(Post.SYSTEM_ADMIN).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_a_stranger_to_the_draw_is_turned_away(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    from anjuan.desks.inspection import actions

    builders.at_state(cast, State.RECEIVED)
    acceptor = cast.actor(Post.ACCEPTOR).staff_code
    row = actions.draw_recheck(occasion=cast.occasion(Post.RECHECKER), agency_code="BH", acceptor_code=acceptor)
    address = reverse("inspection:recheck", kwargs={"draw_no": row.draw_no})

    assert cast.client(Post.RECHECKER).get(address).status_code == 200
    assert cast.client(Post.KEEPER).get(address).status_code == 403
    assert outsider(Post.RECHECKER).get(address).status_code in (403, 404)
    assert cast.client(Post.RECHECKER).get("/inspection/recheck/FH-NO-1/").status_code == 404


def test_queues_stay_small_whatever_waits(
    cast: Cast, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = builders.at_state(cast, State.APPLIED)
    row = records.get_volume_for(cast.actor(Post.ACCEPTOR), walk.volume_urn)
    many = [type(row)(**{**vars(row), "urn": f"urn:uuid:{n:036}"}) for n in range(1000)]
    monkeypatch.setattr(queries, "to_pre_accept", lambda actor: many)
    acceptor = cast.client(Post.ACCEPTOR)

    with django_assert_max_num_queries(20):
        answer = acceptor.get("/inspection/pre-acceptance/")

    assert len(re.findall(r"urn:uuid", answer.content.decode())) <= 122
    assert len(answer.content) <= 100 * 1024


def test_lots_are_counted_without_a_query_a_volume(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for number in (1, 2, 3):
        builders.at_state(cast, State.RECEIVED, f"SL-{number:03}", persons=(builders.person(number),))
    rechecker = cast.client(Post.RECHECKER)

    with django_assert_max_num_queries(25):
        answer = rechecker.get("/inspection/recheck/")

    assert "3 卷待办" in text_of(answer)


# API --------------------------------------------------------------------------------------------------------------


def test_the_api_checks_accepts_draws_and_passes(cast: Cast) -> None:
    walk = builders.sealed(cast)

    def client(post: Post) -> Client:
        token = accounts.issue_token(occasion=cast.occasion(post), terminal="test").text
        return Client(headers={"Authorization": f"Bearer {token}"})

    urn = walk.volume_urn
    checker = client(Post.CHECKER)
    sheet = checker.get(f"/api/v1/inspection/volumes/{urn}").json()
    assert [line["answer"] for line in sheet["checklist"] if line["auto"]] == ["PASS"] * 3
    answers = {line["code"]: "PASS" for line in sheet["checklist"]}
    signed = checker.post(
        f"/api/v1/inspection/volumes/{urn}/self-check", {"answers": answers}, content_type="application/json"
    )
    assert signed.json()["target"] == State.SELF_CHECKED
    builders.step_to(cast, State.APPLIED, walk)
    acceptor = client(Post.ACCEPTOR)
    assert acceptor.post(f"/api/v1/inspection/volumes/{urn}/pre-accept").json()["code"] == "L-004"
    builders.look_through(cast, Post.ACCEPTOR, *walk.item_urns)
    assert acceptor.post(f"/api/v1/inspection/volumes/{urn}/pre-accept").json()["target"] == State.PRE_ACCEPTED
    for state in (State.WITNESSED, State.IN_TRANSIT, State.RECEIVED):
        builders.step_to(cast, state, walk)
    rechecker = client(Post.RECHECKER)
    (lot,) = rechecker.get("/api/v1/inspection/lots").json()
    lot.pop("volumes")
    drawn = rechecker.post("/api/v1/inspection/draws", {**lot, "percent": 10}, content_type="application/json")
    assert drawn.status_code == 201 and drawn.json()["drawn"] == [urn]
    builders.look_through(cast, Post.RECHECKER, *walk.item_urns)
    passed = rechecker.post(f"/api/v1/inspection/draws/{drawn.json()['draw_no']}/pass")
    assert [one["target"] for one in passed.json()] == [State.HELD]


def test_the_api_returns_a_volume_with_its_faults(cast: Cast) -> None:
    walk = builders.sealed(cast)
    token = accounts.issue_token(occasion=cast.occasion(Post.CHECKER), terminal="test").text
    checker = Client(headers={"Authorization": f"Bearer {token}"})

    answer = checker.post(
        f"/api/v1/inspection/volumes/{walk.volume_urn}/return",
        {"faults": [{"code": "S01", "item_urn": walk.item_urn, "note": "缺章"}]},
        content_type="application/json",
    )

    assert answer.json()["target"] == State.RETURNED
    assert Client().get("/api/v1/inspection/self-checks").status_code == 401
