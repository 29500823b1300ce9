"""The counter page beyond capture: drafts, the strip's order and turns, materials taken over, the API beside."""

from typing import Any

import pytest

from anjuan.core.terms import Post
from anjuan.facilities.drafts import actions as drafts
from anjuan.facilities.drafts import queries as kept
from anjuan.facilities.drafts.models import FormDraft
from tests import builders
from tests.builders import components_of
from tests.cast import Cast
from tests.desk.test_intake_pages import REGISTER, typed

pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


# Drafts -----------------------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S0-P1")
def test_what_was_begun_is_there_again_after_the_browser_closed(cast: Cast) -> None:
    cast.client(Post.HANDLER).post(f"{REGISTER}draft/", {**typed(), "formed_date": "2025-02-"})

    later = cast.client(Post.HANDLER)
    page = later.get(REGISTER).content.decode()
    assert 'value="SL-77"' in page and 'value="2025-02-"' in page and typed()["person_id"][0] in page
    assert "草稿" in page
    assert REGISTER in later.get("/intake/").content.decode()


def test_registering_ends_the_draft(cast: Cast) -> None:
    client = cast.client(Post.HANDLER)
    client.post(f"{REGISTER}draft/", typed())
    client.post(REGISTER, typed())
    assert not FormDraft.objects.exists()


def test_a_draft_is_thrown_away_by_hand_and_by_emptying_the_form(cast: Cast) -> None:
    client = cast.client(Post.HANDLER)
    client.post(f"{REGISTER}draft/", typed())
    assert client.post(f"{REGISTER}draft/", {"discard": "1"}).status_code == 302
    assert not FormDraft.objects.exists()
    client.post(f"{REGISTER}draft/", typed())
    client.post(f"{REGISTER}draft/", {"agency": "BH", "route": "TARGET", "acceptance_no": " "})
    assert not FormDraft.objects.exists()


def test_nobody_sees_anothers_draft(cast: Cast) -> None:
    cast.client(Post.HANDLER).post(f"{REGISTER}draft/", typed())
    cast.hire("bh77", Post.HANDLER, "BH")
    assert "SL-77" not in cast.client_of("bh77").get(REGISTER).content.decode()
    assert cast.client(Post.REVIEWER).post(f"{REGISTER}draft/", typed()).status_code == 403
    assert kept.draft_of(cast.actor(Post.REVIEWER), "intake:PERSON_REGISTRATION") is None


def test_an_overlong_draft_is_not_kept_and_a_foreign_field_neither(cast: Cast) -> None:
    occasion = cast.occasion(Post.HANDLER)
    assert not drafts.keep(occasion=occasion, form_code="f", fields={"title": ["长" * (drafts.MOST_SIGNS + 1)]})
    cast.client(Post.HANDLER).post(f"{REGISTER}draft/", {**typed(), "evil": "x", "csrfmiddlewaretoken": "t"})
    assert set(FormDraft.objects.get().fields) <= {
        "agency", "acceptance_no", "formed_date", "paper_pages", "title", "person_name", "person_id", "employer_name",
        "credit_code", "route",
    }  # fmt: skip
    drafts.discard(occasion=occasion, form_code="intake:PERSON_REGISTRATION")
    assert not kept.drafts_of(occasion.actor, "intake:")


# The strip --------------------------------------------------------------------------------------------------------


def test_a_file_is_moved_turned_and_ordered_by_forms_alone(cast: Cast) -> None:
    urn = builders.captured(cast)
    client = cast.client(Post.HANDLER)
    first, second = (row.pk for row in components_of(urn))

    client.post(f"/intake/{urn}/order/", {"component": str(first), "move": "later", "page": "1"})
    assert [row.pk for row in components_of(urn)] == [second, first]
    client.post(f"/intake/{urn}/order/", {"component": str(first), "move": "later"})  # it is last already
    assert [row.pk for row in components_of(urn)] == [second, first]
    assert client.post(f"/intake/{urn}/order/", {"component": "9" * 5000}).status_code == 409
    sent = client.post(
        f"/intake/{urn}/order/", {"component": [str(first), str(second)]}, headers={"accept": "application/json"}
    )
    assert sent.json() == {"ok": True}
    assert [row.pk for row in components_of(urn)] == [first, second]

    turned = client.post(f"/intake/page/{first}/turn/", {"page_no": "1", "degrees": "90", "page": "1"})
    assert turned.status_code == 302 and components_of(urn)[0].turns == {1: 90}
    assert client.post(f"/intake/page/{second}/turn/", {"page_no": "1", "degrees": "x"}).status_code == 422


def test_strangers_move_nothing_and_do_not_learn_that_it_is_there(cast: Cast, outsider: Any) -> None:
    urn = builders.captured(cast)
    first, second = (row.pk for row in components_of(urn))
    stranger = outsider(Post.HANDLER)
    assert stranger.post(f"/intake/{urn}/order/", {"component": [str(second), str(first)]}).status_code == 404
    assert stranger.post(f"/intake/page/{first}/turn/", {"page_no": "1", "degrees": "90"}).status_code == 404
    assert stranger.post(f"/intake/{urn}/reuse/{first}/").status_code == 404
    assert stranger.post(f"/intake/{urn}/phone/").status_code == 404
    assert [row.pk for row in components_of(urn)] == [first, second]


# Materials taken over ---------------------------------------------------------------------------------------------


@pytest.mark.acceptance("STD-17")
def test_what_was_captured_before_is_offered_and_taken_over(cast: Cast) -> None:
    earlier = builders.captured(cast, "SL-001")
    later = builders.register(cast, "SL-002")
    client = cast.client(Post.HANDLER)
    card = next(row.pk for row in components_of(earlier) if row.material_code == "ID_CARD")

    page = client.get(f"/intake/{later}/").content.decode()
    assert "以前采集过" in page and f"/intake/{later}/reuse/{card}/" in page

    client.post(f"/intake/{later}/reuse/{card}/")
    page = client.get(f"/intake/{later}/").content.decode()
    assert "复用自 SL-001" in page
    again = client.post(f"/intake/{later}/reuse/{card}/")
    assert again.status_code == 409 and "I-012" in again.content.decode()


# The API ----------------------------------------------------------------------------------------------------------


def test_a_program_orders_turns_and_takes_over(cast: Cast) -> None:
    earlier = builders.captured(cast, "SL-001")
    later = builders.register(cast, "SL-002")
    program = cast.program(cast.actor(Post.HANDLER).staff_code)
    first, second = (row.pk for row in components_of(earlier))

    ordered = program.post(
        f"/api/v1/intake/items/{earlier}/page-order", {"components": [second, first]}, "application/json"
    )
    turned = program.post(f"/api/v1/intake/components/{first}/turn", {"page_no": 1, "degrees": 180}, "application/json")
    offers = program.get(f"/api/v1/intake/items/{later}/offers").json()
    taken = program.post(f"/api/v1/intake/items/{later}/offers/{offers[0]['component_pk']}")

    assert (ordered.status_code, turned.status_code, taken.status_code) == (204, 200, 201)
    assert [row.pk for row in components_of(earlier)] == [second, turned.json()["component"]]
    assert taken.json()["pages"] == 1
