"""The workshop's pages and API: the board of six stations, the work order, the image check."""

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from anjuan.core.terms import Post, State
from anjuan.desks.workshop import queries
from tests import builders
from tests.builders import Walked, on_paper, scan, sign_station
from tests.cast import Cast


@pytest.fixture(autouse=True)
def kept_long_enough(settings: Settings) -> None:
    """Pages stand on the real clock: what they show may not lie in the future."""
    settings.ANJUAN_LEGACY_KEEP_DAYS = 0


def page(walk: Walked, verb: str = "order", **more: str) -> str:
    return reverse(f"workshop:{verb}", kwargs={"urn": walk.volume_urn, **more})


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode()).replace("<wbr>", "")


def signed(cast: Cast, *stations: str) -> Walked:
    walk = on_paper(cast, State.IN_WORKSHOP)
    scan(cast, *walk.item_urns)
    for station in stations:
        sign_station(cast, walk, station)
    return walk


def test_the_board_shows_what_waits_and_each_volume_at_its_station(cast: Cast) -> None:
    waiting = on_paper(cast, State.RECHECKED, "SL-1")
    walk = on_paper(cast, State.IN_WORKSHOP, "SL-2", persons=(builders.person(2),))
    scan(cast, *walk.item_urns)
    sign_station(cast, walk, "SCAN")

    operator = cast.client(Post.PROCESSOR)
    shown, desk = text_of(operator.get("/workshop/")), text_of(operator.get("/"))

    lane = shown.split('class="bench"')[1].split("</ul>")[0]
    assert walk.reference in lane and waiting.reference not in lane and waiting.reference in shown
    order = [lane.index(word) for word in ("扫描", "质检", "挂接", "塑封", "装盒", "盖章")]
    assert order == sorted(order) and lane.count('class="past"') == 1
    assert walk.reference in desk and waiting.reference in desk and "下一道：质检" in desk


def test_the_order_page_has_one_button_and_says_what_is_missing_where(cast: Cast) -> None:
    walk = on_paper(cast, State.RECHECKED)
    operator = cast.client(Post.PROCESSOR)

    assert text_of(operator.get(page(walk))).split("<main")[1].split("</main>")[0].count("btn-primary") == 1
    taken = operator.post(page(walk, "take_in"))
    unscanned = text_of(operator.get(page(walk)))

    assert taken.status_code == 302 and builders.states(walk.volume_urn) == {State.IN_WORKSHOP}
    item = reverse("intake:item", kwargs={"urn": walk.item_urn})
    assert "U-004" in unscanned and unscanned.count(item) >= 2 and "disabled" in unscanned
    assert operator.post(page(walk, "complete", station="SCAN")).status_code == 422


def test_the_operator_scans_on_the_page_of_the_item_and_comes_back(cast: Cast) -> None:
    walk = on_paper(cast, State.IN_WORKSHOP)
    operator = cast.client(Post.PROCESSOR)
    address = reverse("intake:item", kwargs={"urn": walk.item_urn})

    shown = text_of(operator.get(address))
    recount = operator.post(reverse("intake:correct_page_count", kwargs={"urn": walk.item_urn}), {"paper_pages": 1})

    assert page(walk) in shown and 'id="upload-form"' in shown and 'id="paper-pages"' not in shown
    assert recount.status_code == 409 and "I-018" in text_of(recount)


def test_a_volume_is_led_from_the_bench_to_the_shelf_on_the_pages(cast: Cast) -> None:
    walk = signed(cast)
    operator, second = cast.client(Post.PROCESSOR), cast.client_of(builders.second_operator(cast))

    assert operator.post(page(walk, "complete", station="SCAN"), {"note": "2 号机"}).status_code == 302
    assert "2 号机" not in text_of(operator.get(page(walk, "images")))
    mine = text_of(operator.get(page(walk, "images")))
    assert "U-007" in mine
    blocked = second.post(page(walk, "complete", station="QC"))
    assert blocked.status_code == 422 and "U-006" in text_of(blocked)
    for component, number in builders.pages_of(walk.item_urn):
        second.get(reverse("formats:view", kwargs={"component": component, "page": number}))
    assert "已看 2 / 2 页" in text_of(second.get(page(walk, "images")))
    for station in ("QC", "ATTACH", "LAMINATE", "BOX", "STAMP"):
        assert second.post(page(walk, "complete", station=station)).status_code == 302, station
    assert text_of(second.get(page(walk))).count('class="past"') == 6
    finished = second.post(page(walk, "finish"))

    assert finished.status_code == 302 and finished["Location"].startswith("/workshop/?done")
    assert builders.states(walk.volume_urn) == {State.HELD}
    assert second.get(page(walk)).status_code == 404


def test_a_bad_image_goes_back_with_its_reason_and_the_page_remembers(cast: Cast) -> None:
    walk = signed(cast, "SCAN")
    second = cast.client_of(builders.second_operator(cast))

    empty = second.post(page(walk, "send_back"), {"reason": ""})
    back = second.post(page(walk, "send_back"), {"reason": "第 2 页歪斜"})

    assert empty.status_code == 422 and "R-010" in text_of(empty)
    assert back.status_code == 302 and "第 2 页歪斜" in text_of(second.get(page(walk)))


def test_wrong_paper_leaves_the_workshop_with_its_fault(cast: Cast) -> None:
    walk = signed(cast)
    operator = cast.client(Post.PROCESSOR)

    empty = operator.post(page(walk, "return"), {"fault": "", "note": "缺页"})
    returned = operator.post(page(walk, "return"), {"fault": "S01", "item": walk.item_urn, "note": "缺经办章"})

    assert empty.status_code == 422 and "W-004" in text_of(empty) and "缺页" in text_of(empty)
    assert returned.status_code == 302 and builders.states(walk.volume_urn) == {State.MENDING}


VIEWS = ("order", "images")
DEEDS = ("take_in", "send_back", "return", "finish")


def _asked(client: Client, walk: Walked) -> list[int]:
    stations = page(walk, "complete", station="SCAN")
    return [
        *(client.get(page(walk, verb)).status_code for verb in VIEWS),
        *(client.post(page(walk, verb)).status_code for verb in DEEDS),
        client.post(stations).status_code,
    ]


def test_each_view_asks_who_is_there(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    walk = signed(cast)
    stranger = outsider(Post.PROCESSOR)
    other_post = cast.client(Post.KEEPER)

    assert cast.client(Post.PROCESSOR).get("/workshop/").status_code == 200
    assert other_post.get("/workshop/").status_code == 403
    assert cast.client(Post.SYSTEM_ADMIN).get("/workshop/").status_code == 404
    assert Client().get("/workshop/")["Location"].startswith("/account/log-in/")
    assert set(_asked(other_post, walk)) == {403}
    assert set(_asked(stranger, walk)) == {404}
    assert set(_asked(Client(), walk)) == {302}
    assert [cast.client(Post.PROCESSOR).get(page(walk, verb)).status_code for verb in VIEWS] == [200, 200]


@pytest.mark.acceptance("S3-R9")
def test_an_operator_finds_only_what_lies_in_the_workshop(cast: Cast) -> None:
    walk = signed(cast)
    sealed = on_paper(cast, State.FILED, "SL-2", persons=(builders.person(2),))
    operator = cast.client(Post.PROCESSOR)

    assert operator.get("/find/", {"q": walk.reference}).status_code == 403
    assert operator.get(reverse("intake:item", kwargs={"urn": sealed.item_urn})).status_code == 404
    assert operator.get(reverse("intake:item", kwargs={"urn": walk.item_urn})).status_code == 200
    assert operator.get("/intake/").status_code == 403
    # Nor is a box drawn that would only answer No.
    assert 'role="search"' not in operator.get(reverse("workshop:board")).content.decode()
    assert 'role="search"' in cast.client(Post.RECHECKER).get(reverse("web:desk")).content.decode()


def test_the_api_does_what_the_pages_do(cast: Cast) -> None:
    walk = on_paper(cast, State.RECHECKED)
    operator = cast.program(cast.actor(Post.PROCESSOR).staff_code)
    second = cast.program(builders.second_operator(cast))
    base = f"/api/v1/workshop/volumes/{walk.volume_urn}"

    assert [row["urn"] for row in operator.get("/api/v1/workshop/volumes").json()] == [walk.volume_urn]
    assert operator.post(f"{base}/take-in").json()["target"] == "IN_WORKSHOP"
    sheet = operator.get(base).json()
    assert sheet["next_station"] == "SCAN" and sheet["missing"][0]["code"] == "U-004"
    scan(cast, *walk.item_urns)
    assert operator.post(f"{base}/stations/SCAN", {"note": "甲"}, content_type="application/json").status_code == 204
    back = second.post(f"{base}/send-back", {"reason": "歪斜"}, content_type="application/json")
    assert back.json() == {"stations": ["SCAN"]}
    assert operator.post(f"{base}/stations/SCAN", content_type="application/json").status_code == 204
    builders.look_through(cast, builders.second_operator(cast), *walk.item_urns)
    for station in queries.stations()[1:]:
        signed_station = second.post(f"{base}/stations/{station.code}", {}, content_type="application/json")
        assert signed_station.status_code == 204
    assert operator.post(f"{base}/finish").json()["target"] == "HELD"

    other = on_paper(cast, State.IN_WORKSHOP, "SL-9", persons=(builders.person(9),))
    returned = operator.post(
        f"/api/v1/workshop/volumes/{other.volume_urn}/return",
        {"faults": [{"code": "S01", "item_urn": other.item_urn}]},
        content_type="application/json",
    )
    assert returned.json()["target"] == "MENDING"
    assert cast.program(cast.actor(Post.KEEPER).staff_code).get("/api/v1/workshop/volumes").status_code == 403
