"""The acceptor's and re-checker's pages for paper: spot check, acceptance, re-check, and what goes back at each."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from anjuan.core.terms import Post, State
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries
from anjuan.records import queries as records
from tests import builders
from tests.builders import Walked, on_paper
from tests.cast import Cast


@pytest.fixture(autouse=True)
def kept_long_enough(settings: Settings) -> None:
    """Pages stand on the real clock: what they show may not lie in the future."""
    settings.ANJUAN_LEGACY_KEEP_DAYS = 0


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode()).replace("<wbr>", "")


def main_of(answer: Any) -> str:
    return text_of(answer).split("<main")[1].split("</main>")[0]


def page(walk: Walked, verb: str = "paper") -> str:
    return reverse(f"inspection:{verb}", kwargs={"urn": walk.volume_urn})


def counted(walk: Walked, pages: int = 2) -> dict[str, str]:
    return {f"count_{urn}": str(pages) for urn in walk.item_urns} | {"main_forms": "1", "seals": "1"}


def drawn_for_recheck(cast: Cast, *, by_count: bool = True) -> queries.DrawRow:
    return inspection.draw_recheck(
        occasion=cast.occasion(Post.RECHECKER),
        agency_code="BH",
        acceptor_code=cast.actor(Post.ACCEPTOR).staff_code,
        on_paper=by_count,
    )


def drawn_on_pages(acceptor: Client, walk: Walked) -> str:
    """Freeze and draw the spot check by two buttons; the address of the draw."""
    category = records.volumes_by_urn([walk.volume_urn])[walk.volume_urn].category_code
    acceptor.post("/inspection/spot/freeze/", {"agency": "BH", "category": category})
    frozen = main_of(acceptor.get("/inspection/spot/"))
    drawn = acceptor.post(re.findall(r'action="(/inspection/spot/CC-[^"]+/draw/)"', frozen)[0])
    return str(drawn["Location"].split("?")[0])


def test_the_spot_check_is_drawn_counted_and_passed_on_the_pages(cast: Cast) -> None:
    walk = on_paper(cast, State.APPLIED)
    acceptor = cast.client(Post.ACCEPTOR)

    queue = main_of(acceptor.get("/inspection/spot/"))
    bad = acceptor.post("/inspection/spot/freeze/", {"agency": "BH", "category": "none"})
    draw = drawn_on_pages(acceptor, walk)
    before = main_of(acceptor.get(draw))
    early = acceptor.post(f"{draw}pass/")
    checked = acceptor.post(page(walk, "check_paper"), counted(walk))
    after = main_of(acceptor.get(draw))
    passed = acceptor.post(f"{draw}pass/")

    assert 'name="percent"' not in queue and "抽 1 卷，共 1 卷" in queue and "正常检验，从第一批起" in queue
    assert bad.status_code == 409 and "Q-004" in text_of(bad)
    assert "待清点" in before and page(walk) in before and "L-004" in before
    assert early.status_code == 422 and "L-004" in text_of(early)
    assert checked["Location"].startswith(draw) and "已清点，相符" in after and "L-004" not in after
    assert passed.status_code == 302 and builders.states(walk.volume_urn) == {State.PRE_ACCEPTED}


def test_received_paper_is_counted_and_accepted_on_one_page(cast: Cast) -> None:
    walk = on_paper(cast, State.RECEIVED, "SL-1", paper_pages=37)
    acceptor = cast.client(Post.ACCEPTOR)

    queue = main_of(acceptor.get("/inspection/acceptance/"))
    shown = main_of(acceptor.get(page(walk)))
    early = acceptor.post(page(walk, "accept_paper"))
    wrong = acceptor.post(page(walk, "check_paper"), counted(walk, 36))
    right = acceptor.post(page(walk, "check_paper"), counted(walk, 37))
    after = main_of(acceptor.get(page(walk)))
    accepted = acceptor.post(page(walk, "accept_paper"))

    assert page(walk) in queue
    assert ">37<" not in shown and "37 页" not in shown
    assert early.status_code == 422 and "L-004" in text_of(early)
    assert wrong.status_code == 422 and "Q-006" in text_of(wrong) and 'value="36"' in text_of(wrong)
    assert right.status_code == 302 and "验收通过" in after and page(walk, "accept_paper") in after
    assert accepted.status_code == 302 and builders.states(walk.volume_urn) == {State.ACCEPTED}


def test_a_tick_that_is_missing_is_said_and_the_count_stays(cast: Cast) -> None:
    walk = on_paper(cast, State.RECEIVED)
    typed = {key: value for key, value in counted(walk).items() if key != "seals"}

    answer = cast.client(Post.ACCEPTOR).post(page(walk, "check_paper"), typed)

    assert answer.status_code == 422 and "Q-007" in text_of(answer)
    assert 'name="main_forms" value="1" checked' in text_of(answer) and 'value="2"' in text_of(answer)


def test_the_recheck_of_paper_uses_the_same_page(cast: Cast) -> None:
    walk = on_paper(cast, State.ACCEPTED)
    row = drawn_for_recheck(cast)
    rechecker = cast.client(Post.RECHECKER)
    draw = reverse("inspection:recheck", kwargs={"draw_no": row.draw_no})

    shown = main_of(rechecker.get(draw))
    rechecker.post(page(walk, "check_paper"), counted(walk))
    passed = rechecker.post(reverse("inspection:pass", kwargs={"draw_no": row.draw_no}))

    assert page(walk) in shown and "待清点" in shown
    assert passed.status_code == 302 and builders.states(walk.volume_urn) == {State.RECHECKED}


@pytest.mark.parametrize(
    ("state", "post", "target"),
    [
        (State.APPLIED, Post.ACCEPTOR, State.RETURNED),
        (State.RECEIVED, Post.ACCEPTOR, State.MENDING),
        (State.ACCEPTED, Post.RECHECKER, State.MENDING),
    ],
)
def test_paper_goes_back_with_its_faults_at_every_gate(cast: Cast, state: State, post: Post, target: State) -> None:
    walk = on_paper(cast, state, "SL-1", "SL-2")
    one, two = walk.item_urns
    client = cast.client(post)

    empty = client.post(page(walk, "return_paper"), {f"count_{one}": "2"})
    answer = client.post(
        page(walk, "return_paper"), {f"fault_{one}": "S01", f"note_{one}": "缺章", f"fault_{two}": "V03"}
    )

    assert empty.status_code == 422 and "W-004" in text_of(empty)
    assert answer.status_code == 302 and builders.states(walk.volume_urn) == {target}


def test_a_volume_fails_the_recheck_by_its_images_too(cast: Cast) -> None:
    walks = [builders.at_state(cast, State.RECEIVED, f"SL-{n}", persons=(builders.person(n),)) for n in (1, 2)]
    row = drawn_for_recheck(cast, by_count=False)
    rechecker = cast.client(Post.RECHECKER)
    draw = reverse("inspection:recheck", kwargs={"draw_no": row.draw_no})
    order = [row.drawn[0], *(urn for urn in row.lot if urn != row.drawn[0])]
    back = [reverse("inspection:return_recheck", kwargs={"draw_no": row.draw_no, "urn": urn}) for urn in order]
    elsewhere = reverse("inspection:return_recheck", kwargs={"draw_no": row.draw_no, "urn": "urn:uuid:none"})

    shown = main_of(rechecker.get(draw))
    empty = rechecker.post(back[0], {"deed": "return"})
    kept = rechecker.post(back[0], {"deed": "keep", "fault": "S01", "note": "缺章"})
    first = rechecker.post(back[0], {"deed": "return", "fault": "S01", "page": "001", "note": "缺章"})
    second = rechecker.post(back[1], {"deed": "return", "fault": "S01"})

    assert back[0] in shown and rechecker.post(elsewhere, {"fault": "S01"}).status_code == 404
    assert empty.status_code == 422 and "W-004" in text_of(empty)
    assert kept.status_code == 200 and "缺章" in text_of(kept)
    assert first["Location"].startswith(draw) and second["Location"].startswith("/inspection/recheck/?")
    assert builders.states(*(walk.volume_urn for walk in walks)) == {State.MENDING}


def test_a_single_set_is_pre_accepted_without_looking_at_each_page(cast: Cast) -> None:
    walk = builders.single_set(cast, State.APPLIED)
    acceptor = cast.client(Post.ACCEPTOR)
    address = reverse("inspection:pre_acceptance", kwargs={"urn": walk.volume_urn})

    shown = main_of(acceptor.get(address))
    accepted = acceptor.post(reverse("inspection:accept", kwargs={"urn": walk.volume_urn}))

    assert "L-004" not in shown
    assert accepted.status_code == 302 and builders.states(walk.volume_urn) == {State.PRE_ACCEPTED}


def test_paper_that_is_not_counted_now_says_so(cast: Cast) -> None:
    walk = on_paper(cast, State.PRE_ACCEPTED)
    applied = on_paper(cast, State.APPLIED, "SL-2", persons=(builders.person(2),))
    acceptor = cast.client(Post.ACCEPTOR)

    assert acceptor.get(page(walk)).status_code == 409
    moved = acceptor.get(reverse("inspection:pre_acceptance", kwargs={"urn": applied.volume_urn}))
    assert moved["Location"] == page(applied)


def test_each_paper_view_asks_who_is_there(cast: Cast, outsider: Any) -> None:
    walk = on_paper(cast, State.APPLIED)
    acceptor = cast.client(Post.ACCEPTOR)
    draw = drawn_on_pages(acceptor, walk)
    lists = ("/inspection/spot/", "/inspection/acceptance/")
    deeds = [page(walk, verb) for verb in ("check_paper", "accept_paper", "return_paper")] + [f"{draw}pass/"]

    other, stranger, nobody = cast.client(Post.KEEPER), outsider(Post.ACCEPTOR), Client()

    assert [acceptor.get(url).status_code for url in (*lists, page(walk), draw)] == [200] * 4
    assert [other.get(url).status_code for url in (*lists, page(walk), draw)] == [403] * 4
    assert [other.post(url).status_code for url in deeds] == [403] * 4
    assert cast.client(Post.SYSTEM_ADMIN).get(lists[0]).status_code == 404
    assert [stranger.get(page(walk)).status_code, *(stranger.post(url).status_code for url in deeds[:3])] == [404] * 4
    assert stranger.get(draw).status_code in (403, 404)
    assert {nobody.get(url).status_code for url in (*lists, page(walk), draw)} == {302}
    assert {nobody.post(url).status_code for url in deeds} == {302}


def test_the_api_counts_accepts_and_passes_paper(cast: Cast) -> None:
    walk = on_paper(cast, State.APPLIED)
    acceptor = cast.program(cast.actor(Post.ACCEPTOR).staff_code)
    root = "/api/v1/inspection"
    paper = {"counted": dict.fromkeys(walk.item_urns, 2), "has_main_forms": True, "has_seals": True}

    def post(url: str, body: dict[str, Any]) -> Any:
        return acceptor.post(f"{root}/{url}", body, content_type="application/json")

    category = records.volumes_by_urn([walk.volume_urn])[walk.volume_urn].category_code
    lot = post("spots", {"agency_code": "BH", "category_code": category}).json()
    assert [row["draw_no"] for row in acceptor.get(f"{root}/spots/frozen").json()] == [lot["draw_no"]]
    draw = post(f"spots/{lot['draw_no']}/draw", {}).json()
    assert acceptor.get(f"{root}/spots/frozen").json() == []
    assert [row["draw_no"] for row in acceptor.get(f"{root}/spots").json()] == [draw["draw_no"]]
    assert post(f"volumes/{walk.volume_urn}/paper", paper | {"has_seals": False}).json()["code"] == "Q-007"
    assert post(f"volumes/{walk.volume_urn}/paper", paper).status_code == 204
    assert post(f"spots/{draw['draw_no']}/pass", {}).json()[0]["target"] == "PRE_ACCEPTED"
    for state in (State.IN_TRANSIT, State.RECEIVED):
        builders.paper_step_to(cast, state, walk)
    assert [row["urn"] for row in acceptor.get(f"{root}/acceptances").json()] == [walk.volume_urn]
    assert post(f"volumes/{walk.volume_urn}/paper", paper).status_code == 204
    assert post(f"volumes/{walk.volume_urn}/accept", {}).json()["target"] == "ACCEPTED"
