"""The filing desk's pages and API: pool, volume, order, seal, returned volumes, printed papers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anjuan.core.terms import Post, State
from anjuan.desks.filing import forms, queries
from anjuan.desks.inspection import actions as inspection
from anjuan.facilities.corrections import queries as corrections
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import actions as accounts
from anjuan.records import queries as records
from anjuan.records.rows import ItemRow
from tests import builders
from tests.cast import Cast

POOL = "/filing/"


def page(urn: str, verb: str = "volume", **more: str) -> str:
    return reverse(f"filing:{verb}", kwargs={"urn": urn, **more})


def order_of(urn: str) -> list[str]:
    return [item.urn for item in records.items_of(urn)]


def test_pool_proposes_and_opens_a_volume_with_the_title_typed(cast: Cast) -> None:
    items = [builders.reviewed(cast, f"SL-{n:03}", persons=(builders.person(n),)) for n in (1, 2, 3)]
    filer = cast.client(Post.FILER)

    shown = filer.get(POOL).content.decode()
    answer = filer.post(
        "/filing/open/", {"proposal": items[0], "title": "二〇二四年三月登记材料", "item": [items[2], items[0]]}
    )

    assert all(f"SL-{n:03}" in shown for n in (1, 2, 3))
    assert answer.status_code == 302 and "done=opened" in answer["Location"]
    (volume,) = queries.open_volumes(cast.actor(Post.FILER))
    assert volume.title == "二〇二四年三月登记材料"
    assert order_of(volume.urn) == [items[2], items[0]]
    assert builders.states(items[1]) == {State.REVIEWED}


def test_a_refused_opening_keeps_what_was_typed(cast: Cast) -> None:
    first = builders.reviewed(cast, "SL-001")
    second = builders.reviewed(cast, "SL-002", persons=(builders.person(2),))

    answer = cast.client(Post.FILER).post("/filing/open/", {"proposal": first, "title": "字" * 201, "item": [second]})

    text = answer.content.decode()
    assert answer.status_code == 422 and "R-010" in text
    assert "字" * 201 in text
    assert f'value="{second}" checked' in text and f'value="{first}" checked' not in text
    assert builders.states(first, second) == {State.REVIEWED}


def test_rows_move_up_and_down_without_script_and_by_fragment(cast: Cast) -> None:
    a, b, c = (builders.reviewed(cast, f"SL-{n:03}", persons=(builders.person(n),)) for n in (1, 2, 3))
    urn = builders.filed(cast, a, b, c)
    filer = cast.client(Post.FILER)

    plain = filer.post(page(urn, "arrange"), {"item": [a, b, c], "move": f"up:{c}"})
    assert plain.status_code == 302 and order_of(urn) == [a, c, b]

    piece = filer.post(page(urn, "arrange"), {"item": [a, c, b], "move": f"down:{a}"}, headers={"HX-Request": "true"})
    assert order_of(urn) == [c, a, b]
    assert piece.content.decode().lstrip().startswith('<div id="items">')


def test_an_order_of_a_page_that_is_no_longer_true_is_refused(cast: Cast) -> None:
    a, b = (builders.reviewed(cast, f"SL-{n:03}", persons=(builders.person(n),)) for n in (1, 2))
    urn = builders.filed(cast, a, b)

    answer = cast.client(Post.FILER).post(page(urn, "arrange"), {"item": [a], "move": f"up:{a}"})

    assert answer.status_code == 409 and "F-009" in answer.content.decode()


def test_take_out_and_add_again(cast: Cast) -> None:
    a, b = (builders.reviewed(cast, f"SL-{n:03}", persons=(builders.person(n),)) for n in (1, 2))
    urn = builders.filed(cast, a, b)
    filer = cast.client(Post.FILER)

    filer.post(page(urn, "release"), {"item_urn": a})
    assert order_of(urn) == [b] and builders.states(a) == {State.REVIEWED}
    assert "SL-001" in filer.get(page(urn)).content.decode()

    filer.post(page(urn, "add"), {"item_urn": a})
    assert order_of(urn) == [b, a]


def test_an_empty_volume_says_why_it_cannot_be_sealed(cast: Cast) -> None:
    a = builders.reviewed(cast, "SL-001")
    urn = builders.filed(cast, a)
    filer = cast.client(Post.FILER)
    filer.post(page(urn, "release"), {"item_urn": a})

    shown = filer.get(page(urn)).content.decode()
    answer = filer.post(page(urn, "seal"))

    assert "F-007" in shown and "disabled" in shown
    assert answer.status_code == 422 and "F-007" in answer.content.decode()


def test_sealing_shows_the_number_and_prints_the_papers(cast: Cast) -> None:
    urn = builders.filed(cast, builders.reviewed(cast, "SL-001"))
    filer = cast.client(Post.FILER)

    answer = filer.post(page(urn, "seal"), follow=True)

    volume = records.get_volume_for(cast.actor(Post.FILER), urn)
    assert volume.state is State.FILED and volume.reference_code
    assert volume.reference_code in answer.content.decode().replace("<wbr>", "")
    for form in ("cover", "contents", "note"):
        paper = filer.get(page(urn, "print", form=form))
        assert paper.status_code == 200 and paper["Content-Type"] == "application/pdf"
        assert paper["Content-Disposition"].startswith("inline") and paper.content.startswith(b"%PDF")
    assert filer.get(page(urn, "print", form="nothing")).status_code == 404


def test_the_note_names_the_checker_only_after_the_signed_self_check(cast: Cast) -> None:
    walk = builders.sealed(cast)
    before = queries.printed_facts(cast.actor(Post.FILER), walk.volume_urn, FormName.NOTE)

    builders.step_to(cast, State.SELF_CHECKED, walk)
    after = queries.printed_facts(cast.actor(Post.FILER), walk.volume_urn, FormName.NOTE)

    assert before["filed_by"] == cast.actor(Post.FILER).name and before["checked_by"] == ""
    assert after["checked_by"] == cast.actor(Post.CHECKER).name and after["checked_date"]


def test_a_volume_not_sealed_has_no_papers_yet(cast: Cast) -> None:
    urn = builders.filed(cast, builders.reviewed(cast, "SL-001"))

    answer = cast.client(Post.FILER).get(page(urn, "print", form="cover"))

    assert answer.status_code == 422 and "P-002" in answer.content.decode()


def test_a_returned_volume_is_answered_and_sent_on(cast: Cast) -> None:
    walk = builders.sealed(cast)
    component = builders.components_of(walk.item_urn)[1].pk
    inspection.return_volume(
        occasion=cast.occasion(Post.CHECKER),
        volume_urn=walk.volume_urn,
        faults=[builders.fault(walk.item_urn, "S01", component_pk=component, page_no=1, note="缺章在右下")],
    )
    (fault,) = corrections.of_units([walk.volume_urn])
    filer = cast.client(Post.FILER)

    shown = filer.get(page(walk.volume_urn)).content.decode()
    assert "缺章在右下" in shown and "卷内第 2 页" in shown and "I-009" in shown
    assert reverse("intake:item", kwargs={"urn": walk.item_urn}) in shown
    assert filer.post(page(walk.volume_urn, "resubmit")).status_code == 422

    refused = filer.post(f"/filing/faults/{fault.pk}/answer/", {"volume": walk.volume_urn, "answer": " "})
    assert refused.status_code == 422 and "W-005" in refused.content.decode()
    filer.post(f"/filing/faults/{fault.pk}/answer/", {"volume": walk.volume_urn, "answer": "已补盖并重扫"})
    filer.post(page(walk.volume_urn, "resubmit"))

    assert builders.states(walk.volume_urn) == {State.FILED}
    note = queries.printed_facts(cast.actor(Post.FILER), walk.volume_urn, FormName.NOTE)
    assert "已补盖并重扫" in str(note["altered"])


@pytest.mark.parametrize("verb", ["volume", "arrange", "add", "release", "seal", "resubmit"])
def test_who_may_open_a_volume(cast: Cast, outsider: Callable[[Post], Client], verb: str) -> None:
    urn = builders.filed(cast, builders.reviewed(cast, "SL-001"))
    address = page(urn, verb)

    def ask(client: Client) -> int:
        data = {"item_urn": order_of(urn)[0], "item": order_of(urn)}
        return (client.get(address) if verb == "volume" else client.post(address, data)).status_code

    assert ask(cast.client(Post.HANDLER)) == 403
    assert ask(outsider(Post.FILER)) == 404
    assert ask(cast.client(Post.SYSTEM_ADMIN)) == 404
    anonymous = Client().get(address) if verb == "volume" else Client().post(address)
    assert anonymous.status_code == 302 and anonymous["Location"].startswith(reverse("accounts:log_in"))
    assert ask(cast.client(Post.FILER)) in (200, 302, 409)


def test_who_may_open_the_pool(cast: Cast) -> None:
    assert cast.client(Post.FILER).get(POOL).status_code == 200
    assert cast.client(Post.HANDLER).get(POOL).status_code == 403
    assert cast.client(Post.AUDITOR).get(POOL).status_code == 404
    assert Client().get(POOL).status_code == 302


def test_the_pool_stays_small_whatever_waits(
    cast: Cast, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    builders.reviewed(cast, "SL-001")
    (row,) = queries.pool(cast.actor(Post.FILER))
    many = [
        ItemRow(**{**vars(row), "urn": f"urn:uuid:{n:036}", "title": "城镇职工养老保险参保登记表及附件材料"})
        for n in range(1000)
    ]
    monkeypatch.setattr(queries.volumes, "pool", lambda actor: many)
    filer = cast.client(Post.FILER)

    with django_assert_max_num_queries(32):
        answer = filer.get(POOL)

    text = answer.content.decode()
    assert 0 < text.count('name="item"') <= 200
    assert len(answer.content) <= 100 * 1024
    assert "还有" in text


def test_the_api_files_and_seals(cast: Cast) -> None:
    items = [builders.reviewed(cast, f"SL-{n:03}", persons=(builders.person(n),)) for n in (1, 2)]
    token = accounts.issue_token(occasion=cast.occasion(Post.FILER), terminal="test").text
    client = Client(headers={"Authorization": f"Bearer {token}"})

    (proposal,) = client.get("/api/v1/filing/proposals").json()
    opened = client.post(
        "/api/v1/filing/volumes",
        {"item_urns": [item["urn"] for item in proposal["items"]], "title": proposal["title"]},
        content_type="application/json",
    )
    urn = opened.json()["urn"]
    ordered = client.put(
        f"/api/v1/filing/volumes/{urn}/order", {"item_urns": items[::-1]}, content_type="application/json"
    )
    sheet = client.get(f"/api/v1/filing/volumes/{urn}").json()
    sealed = client.post(f"/api/v1/filing/volumes/{urn}/seal")
    again = client.post(f"/api/v1/filing/volumes/{urn}/seal")

    assert opened.status_code == 201 and ordered.status_code == 204
    assert [(place["first_page"], place["last_page"]) for place in sheet["places"]] == [(1, 2), (3, 4)]
    assert sealed.status_code == 200 and set(sealed.json()["items"]) == set(items)
    assert again.status_code == 409 and again.json()["code"] == "L-001"
    assert Client().get("/api/v1/filing/proposals").status_code == 401


def test_moves_at_the_ends_stay_at_the_ends() -> None:
    from django.http import QueryDict

    for move, wanted in (("up:a", "ab"), ("down:b", "ab"), ("top:b", "ba"), ("sideways:a", "ab"), ("up:x", "ab")):
        assert "".join(forms.read_order(QueryDict(f"item=a&item=b&move={move}"))) == wanted
