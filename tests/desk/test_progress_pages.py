"""Why is it not moving? One sentence and one button on every record; and the times of the steps."""

from collections.abc import Callable

import pytest
from django.test import Client

from anjuan.core.terms import Post, State
from anjuan.desks.review import actions as review
from anjuan.facilities.notices.models import Notice
from anjuan.facilities.progress import actions, queries
from anjuan.facilities.progress.rules import Cause
from anjuan.facilities.stacks import actions as stacks
from anjuan.facilities.stacks import queries as stack_queries
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.journal.models import Entry
from tests import builders
from tests.builders import refused
from tests.cast import Cast


def test_whose_turn_it_is_goes_to_the_deed_and_another_reminds_him(cast: Cast) -> None:
    urn = builders.submitted(cast, "SL-1")

    mine = cast.client(Post.REVIEWER).get(f"/progress/{urn}/").content.decode()
    other = cast.client(Post.HANDLER).get(f"/progress/{urn}/").content.decode()

    assert f"/review/{urn}/" in mine and "remind" not in mine
    assert "陈静" in other and f"/progress/{urn}/remind/" in other


def test_the_record_page_carries_the_sentence(cast: Cast) -> None:
    urn = builders.submitted(cast, "SL-1")

    page = cast.client(Post.HANDLER).get(f"/item/{urn}/").content.decode()
    fragment = cast.client(Post.HANDLER).get(f"/progress/{urn}/", headers={"HX-Request": "true"}).content.decode()

    assert f'hx-get="/progress/{urn}/"' in page
    assert "<html" not in fragment and 'id="standing"' in fragment


def test_a_reminder_tells_the_post_once_a_day_and_is_done_when_the_record_moves(cast: Cast) -> None:
    urn = builders.submitted(cast, "SL-1")
    handler = cast.client(Post.HANDLER)

    assert "已经催办" in handler.post(f"/progress/{urn}/remind/").content.decode()
    again = handler.post(f"/progress/{urn}/remind/")

    assert again.status_code == 409 and "O-002" in again.content.decode()
    (told,) = Notice.objects.filter(kind="REMINDED")
    assert (told.post, told.unit) == (Post.REVIEWER, urn)
    assert Entry.objects.filter(act="progress.remind").count() == 1
    assert cast.client(Post.REVIEWER).get(f"/progress/{urn}/open/").status_code == 302


def test_nobody_is_reminded_of_what_nobody_can_do(cast: Cast) -> None:
    walk = builders.at_state(cast, State.HELD)
    keeper = cast.actor(Post.KEEPER)
    assert queries.standing(cast.actor(Post.HANDLER), walk.volume_urn).why.cause is Cause.SHELF
    cell = stack_queries.suggest_cell(keeper, 5)
    assert cell is not None
    stacks.shelve(occasion=cast.occasion(Post.KEEPER), volume_urn=walk.volume_urn, cell_code=cell.code)

    with refused("O-001"):
        actions.remind(occasion=cast.occasion(Post.HANDLER), urn=walk.volume_urn)


def test_a_fault_leads_those_who_mend_to_its_page(cast: Cast) -> None:
    urn = builders.submitted(cast, "SL-1")
    review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=[builders.fault(urn)])

    page = cast.client(Post.HANDLER).get(f"/progress/{urn}/").content.decode()

    assert "/corrections/" in page and "1 个问题" in page


def test_an_outsider_does_not_see_why_nor_remind(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    urn = builders.submitted(cast, "SL-1")
    stranger = outsider(Post.HANDLER)

    assert stranger.get(f"/progress/{urn}/").status_code == 404
    assert stranger.get(f"/progress/{urn}/open/").status_code == 404
    assert stranger.post(f"/progress/{urn}/remind/").status_code == 404
    assert cast.client(Post.SYSTEM_ADMIN).get(f"/progress/{urn}/").status_code == 404
    assert Client().get(f"/progress/{urn}/").status_code == 302


@pytest.mark.acceptance("S0-P10")
def test_those_who_lead_see_how_long_each_step_takes_and_others_do_not(cast: Cast) -> None:
    builders.reviewed(cast, "SL-1")

    leader, clerk = cast.client(Post.SUPERVISOR), cast.client(Post.HANDLER)
    page = leader.get("/progress/steps/")

    assert page.status_code == 200
    assert "审核通过" in page.content.decode() and "提交审核" in page.content.decode()
    assert clerk.get("/progress/steps/").status_code == 403
    assert Client().get("/progress/steps/").status_code == 302


def test_the_times_are_those_of_records_one_may_see(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    builders.reviewed(cast, "SL-1")

    page = outsider(Post.SUPERVISOR).get("/progress/steps/").content.decode()

    assert "审核通过" not in page


def test_a_program_asks_and_reminds_too(cast: Cast) -> None:
    urn = builders.submitted(cast, "SL-1")
    handler = {"Authorization": f"Bearer {_token(cast, Post.HANDLER)}"}
    leader = {"Authorization": f"Bearer {_token(cast, Post.SUPERVISOR)}"}

    why = Client().get(f"/api/v1/progress/{urn}", headers=handler).json()

    assert (why["cause"], why["verb"], why["posts"], why["is_mine"]) == ("POST", "pass_item", ["REVIEWER"], False)
    assert Client().post(f"/api/v1/progress/{urn}/remind", headers=handler).status_code == 204
    assert Client().post(f"/api/v1/progress/{urn}/remind", headers=handler).status_code == 409
    assert {step["verb"] for step in Client().get("/api/v1/progress/steps", headers=leader).json()} == {"submit"}


def _token(cast: Cast, post: Post) -> str:
    return accounts.issue_token(occasion=cast.occasion(post), terminal="test").text
