"""The screens of the other two routes: registering, counting paper, filing a completed case."""

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from anjuan.core.terms import Post, State
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

    assert "I-013" in before and "办结归档" in before and "提交审核" not in before
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
