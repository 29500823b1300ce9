"""The desk that looks at what came from outside: who may, who may not, who does not even see it; and its API."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from anjuan.core.terms import Post, State
from anjuan.desks.intake.actions import declarations as deeds
from anjuan.desks.intake.models import Declaration
from anjuan.foundation.journal import queries as journal
from anjuan.records.models import Item
from tests import builders
from tests.cast import Cast
from tests.desk import declaration_stage as stage

pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")

READ = ("", "0/1/thumb.jpg", "0/1/view.jpg")
WRITE = ("admit/", "return/")
API = "/api/v1/intake/declarations"


def confirmed(**more: str) -> dict[str, str]:
    """The desk's form, as the browser sends it."""
    typed = {name: value for name, value in stage.typed().items() if name != "ticket"}
    return typed | {"acceptance_no": "SL-9", "paper_pages": "2", "title": "登记", "route": "TARGET"} | more


def test_the_handler_sees_it_with_its_pages_and_on_his_desk(cast: Cast) -> None:
    sent = stage.lodged(cast)
    client = cast.client(Post.HANDLER)

    listed = client.get("/intake/declarations/").content.decode()
    assert f"/intake/declarations/{sent.uid}/" in listed and "等待预审" in listed
    assert f"/intake/declarations/{sent.uid}/" in client.get("/").content.decode()
    page = client.get(f"/intake/declarations/{sent.uid}/").content.decode()
    assert builders.person(1).name in page and f"/intake/declarations/{sent.uid}/1/1/view.jpg" in page
    for path in READ[1:]:
        picture = client.get(f"/intake/declarations/{sent.uid}/{path}")
        assert picture.status_code == 200 and picture["Content-Type"] == "image/jpeg"
    for path in ("0/2/view.jpg", "9/1/view.jpg"):
        assert client.get(f"/intake/declarations/{sent.uid}/{path}").status_code == 404


def test_who_looked_at_a_page_is_put_down(cast: Cast) -> None:
    sent = stage.lodged(cast)
    cast.client(Post.HANDLER).get(f"/intake/declarations/{sent.uid}/0/1/view.jpg")

    (opening,) = [row for _, row in journal.openings().after(0, 10)]
    assert (opening.unit, opening.staff_code, opening.purpose) == (f"declaration:{sent.uid}", "bh01", "intake")


def test_who_is_no_handler_may_not(cast: Cast) -> None:
    sent = stage.lodged(cast)
    for post in (Post.REVIEWER, Post.ASSISTANT, Post.SYSTEM_ADMIN):
        client = cast.client(post) if post is not Post.ASSISTANT else cast.client_of(cast.hire("fz", post, "BH"))
        assert client.get("/intake/declarations/").status_code == 403
        for path in READ:
            assert client.get(f"/intake/declarations/{sent.uid}/{path}").status_code == 403, (post, path)
        for path in WRITE:
            assert client.post(f"/intake/declarations/{sent.uid}/{path}", confirmed()).status_code == 403
    assert Declaration.objects.get().status == "RECEIVED"


def test_a_handler_of_another_office_does_not_even_see_it(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    sent = stage.lodged(cast)
    client = outsider(Post.HANDLER)

    assert sent.number not in client.get("/intake/declarations/").content.decode()
    for path in READ:
        assert client.get(f"/intake/declarations/{sent.uid}/{path}").status_code == 404, path
    for path in WRITE:
        assert client.post(f"/intake/declarations/{sent.uid}/{path}", confirmed()).status_code == 404
    program = cast.program("hx-handler")
    assert program.get(API).json() == []
    assert program.get(f"{API}/{sent.uid}").status_code == 404
    for path, body in (("admit", {"acceptance_no": "X"}), ("return", {"reasons": {"ID_CARD": "x"}})):
        answer = program.post(f"{API}/{sent.uid}/{path}", json.dumps(body), content_type="application/json")
        assert answer.status_code == 404


def test_who_is_not_logged_in_is_sent_to_the_log_in(cast: Cast) -> None:
    sent = stage.lodged(cast)
    for path in ("/intake/declarations/", *(f"/intake/declarations/{sent.uid}/{path}" for path in READ)):
        answer = Client().get(path)
        assert answer.status_code == 302 and "/account/log-in/" in answer["Location"]
    assert Client().post(f"/intake/declarations/{sent.uid}/admit/", confirmed()).status_code == 302
    assert Client().get(API).status_code == 401


@pytest.mark.acceptance("S0-W1", "S0-W11")
def test_the_handler_accepts_on_the_screen_and_lands_at_the_counter(cast: Cast) -> None:
    sent = stage.lodged(cast)

    answer = cast.client(Post.HANDLER).post(f"/intake/declarations/{sent.uid}/admit/", confirmed())

    item = Item.objects.get()
    assert answer.status_code == 302 and item.urn in answer["Location"]
    assert (item.acceptance_no, item.state, item.title) == ("SL-9", State.COLLECTING, "登记")
    again = cast.client(Post.HANDLER).post(f"/intake/declarations/{sent.uid}/admit/", confirmed(acceptance_no="SL-10"))
    assert again.status_code == 409 and "I-106" in again.content.decode()
    assert "SL-9" in cast.client(Post.HANDLER).get(f"/intake/declarations/{sent.uid}/").content.decode()


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(cast: Cast) -> None:
    builders.register(cast, "SL-9", persons=(builders.person(4),))
    sent = stage.lodged(cast)
    client = cast.client(Post.HANDLER)

    taken = client.post(f"/intake/declarations/{sent.uid}/admit/", confirmed(title="改过的题名"))
    assert taken.status_code == 409 and "I-001" in taken.content.decode() and "改过的题名" in taken.content.decode()
    empty = client.post(f"/intake/declarations/{sent.uid}/admit/", confirmed(acceptance_no=""))
    assert empty.status_code == 422
    none = client.post(f"/intake/declarations/{sent.uid}/return/", {"reason-ID_CARD": "", "note": "见说明"})
    assert none.status_code == 422 and "I-107" in none.content.decode() and "见说明" in none.content.decode()


def test_a_row_of_persons_is_added_without_accepting(cast: Cast) -> None:
    sent = stage.lodged(cast)

    page = cast.client(Post.HANDLER).post(f"/intake/declarations/{sent.uid}/admit/", confirmed(add_row="1"))

    assert page.status_code == 200 and page.content.decode().count('name="person_name"') == 4
    assert not Item.objects.exists()


def test_the_handler_returns_on_the_screen(cast: Cast) -> None:
    sent = stage.lodged(cast)
    client = cast.client(Post.HANDLER)

    assert client.post(f"/intake/declarations/{sent.uid}/return/", {"reason-ID_CARD": "看不清"}).status_code == 302

    page = client.get("/intake/declarations/").content.decode()
    assert "没有等待预审的申报" in page and "已退回申报人" in page
    assert "看不清" in client.get(f"/intake/declarations/{sent.uid}/").content.decode()


@pytest.mark.acceptance("S0-W11")
def test_a_program_of_the_office_lists_returns_and_accepts(cast: Cast) -> None:
    sent = stage.lodged(cast)
    program = cast.program(cast.actor(Post.HANDLER).staff_code)

    (one,) = program.get(API).json()
    assert (one["declaration_no"], one["status"], len(one["files"])) == (sent.number, "RECEIVED", 2)
    assert builders.person(1).id_number not in program.get(API).content.decode()
    said = json.dumps({"reasons": {"ID_CARD": "看不清"}})
    assert program.post(f"{API}/{sent.uid}/return", said, content_type="application/json").status_code == 204
    assert program.get(f"{API}/{sent.uid}").json()["returned"] == {"ID_CARD": "看不清"}
    deeds.lodge_again(occasion=stage.at_home(cast), **sent.key, uploads=stage.uploads(950, ["ID_CARD"]))
    body = json.dumps({"acceptance_no": "SL-API"})
    answer = program.post(f"{API}/{sent.uid}/admit", body, content_type="application/json")
    assert answer.status_code == 201 and answer.json()["acceptance_no"] == "SL-API"
    assert len(builders.components_of(answer.json()["urn"])) == 2


def test_the_number_of_statements_does_not_grow_with_what_waits(
    cast: Cast, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for seed in (900, 910, 920):
        stage.lodged(cast, seed)
    client = cast.client(Post.HANDLER)
    client.get("/intake/declarations/")

    with django_assert_max_num_queries(30):  # type: ignore[attr-defined]
        client.get("/intake/declarations/")
