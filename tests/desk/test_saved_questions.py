"""Questions that somebody keeps for himself: opened again, counted anew, and nobody else's."""

from typing import Any

import pytest

from anjuan.config import followers
from anjuan.core.terms import Post
from anjuan.facilities.search import actions, rules
from anjuan.facilities.search.models import SavedQuestion
from anjuan.facilities.search.queries import kept
from anjuan.foundation.journal.models import Entry
from tests import builders
from tests.builders import refused
from tests.cast import Cast


def caught_up() -> None:
    while followers.run_once():
        pass
    while actions.tend(seconds=5):
        pass


@pytest.fixture
def five(cast: Cast) -> list[str]:
    """Five items of five persons."""
    urns = [builders.register(cast, f"SL-{n}", persons=(builders.person(n),)) for n in range(1, 6)]
    caught_up()
    return urns


def test_a_question_is_kept_opened_renamed_deleted_and_brought_back(cast: Cast, five: list[str]) -> None:
    client = cast.client(Post.HANDLER)

    client.post("/find/saved/keep/", {"name": "我的五件", "q": "SL*", "order": "OLDEST"})
    [row] = SavedQuestion.objects.all()
    opened = client.post(f"/find/saved/{row.uid}/open/")
    client.post(f"/find/saved/{row.uid}/rename/", {"name": "五件"})
    shown = client.get("/find/saved/").content.decode()
    dropped = client.post(f"/find/saved/{row.uid}/drop/", follow=True).content.decode()
    client.post(f"/find/saved/{row.uid}/restore/")

    assert opened.headers["Location"] == "/find/?q=SL%2A&order=OLDEST"
    assert "五件" in shown and "我的五件" not in shown
    assert f"/find/saved/{row.uid}/restore/" in dropped
    assert [one.name for one in kept.saved_of(cast.actor(Post.HANDLER))] == ["五件"]


def test_what_was_registered_since_one_looked_is_counted_as_new(cast: Cast, five: list[str]) -> None:
    uid = actions.save_question(occasion=cast.occasion(Post.HANDLER), name="全部", asked="SL*")
    before = kept.saved_of(cast.actor(Post.HANDLER))[0].newer
    builders.register(cast, "SL-6", persons=(builders.person(6),))
    builders.register(cast, "SX-7", persons=(builders.person(7),))
    caught_up()

    since = kept.saved_of(cast.actor(Post.HANDLER))[0].newer
    actions.open_question(occasion=cast.occasion(Post.HANDLER), uid=uid)

    assert (before, since, kept.saved_of(cast.actor(Post.HANDLER))[0].newer) == (0, 1, 0)


def test_a_saved_question_is_nobody_elses_r_009(cast: Cast, five: list[str]) -> None:
    uid = actions.save_question(occasion=cast.occasion(Post.HANDLER), name="我的", asked="SL*")
    other = cast.client(Post.FILER)

    answers = [
        other.post(f"/find/saved/{uid}/{verb}/", {"name": "x"}).status_code for verb in ("open", "rename", "drop")
    ]

    assert answers == [404, 404, 404]
    assert uid not in other.get("/find/saved/").content.decode()
    with refused("R-009"):
        actions.restore_question(occasion=cast.occasion(Post.FILER), uid=uid)
    with refused("R-009"):
        actions.rename_question(occasion=cast.occasion(Post.FILER), uid=uid, name="x")
    with refused("R-009"):
        actions.drop_question(occasion=cast.occasion(Post.FILER), uid=uid)
    assert cast.client(Post.PROCESSOR).get("/find/saved/").status_code == 403


def test_names_are_unique_questions_readable_and_their_number_bounded(
    cast: Cast, five: list[str], settings: Any
) -> None:
    settings.ANJUAN_SAVED_QUESTIONS = 2
    actions.save_question(occasion=cast.occasion(Post.HANDLER), name="一", asked="SL*")

    with refused("X-012"):
        actions.save_question(occasion=cast.occasion(Post.HANDLER), name="一", asked="王伟")
    with refused("X-006"):
        actions.save_question(occasion=cast.occasion(Post.HANDLER), name="二", asked="S*L")
    with refused("R-010"):
        actions.save_question(occasion=cast.occasion(Post.HANDLER), name=" ", asked="王伟")
    second = actions.save_question(occasion=cast.occasion(Post.HANDLER), name="二", asked="王伟")
    with refused("X-012"):
        actions.rename_question(occasion=cast.occasion(Post.HANDLER), uid=second, name="一")
    with refused("X-011"):
        actions.save_question(occasion=cast.occasion(Post.HANDLER), name="三", asked="王伟")
    actions.drop_question(occasion=cast.occasion(Post.HANDLER), uid=second)
    actions.save_question(occasion=cast.occasion(Post.HANDLER), name="三", asked="王伟")

    settings.ANJUAN_SAVED_QUESTIONS = 9
    refusal = cast.client(Post.HANDLER).post("/find/saved/keep/", {"name": "三", "q": "王伟"})
    assert refusal.status_code == 422
    assert "X-012" in refusal.content.decode()


def test_a_number_in_a_saved_question_stands_in_no_journal_and_is_masked_on_the_page(
    cast: Cast, five: list[str]
) -> None:
    number = builders.number(1)
    entries = Entry.objects.count()

    actions.save_question(occasion=cast.occasion(Post.HANDLER), name="某人", asked=f"{number} 退休")

    assert Entry.objects.count() == entries
    shown = cast.client(Post.HANDLER).get("/find/saved/").content.decode()
    assert number not in shown
    assert f"{number[:6]}********{number[-4:]} 退休" in shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("110105194912310021", "110105********0021"),
        ("110105 19491231 0021 退休", "110105********0021 退休"),
        ("１１０１０５１９４９１２３１００２１", "110105********0021"),
        ("姓名:王伟 id:11010519491231002x", "姓名:王伟 id:110105********002x"),
        ("13800138000", "138******00"),
        ("年度:2019..2021 SL*", "年度:2019..2021 SL*"),
    ],
)
def test_longer_rows_of_digits_are_masked_however_they_are_typed(typed: str, shown: str) -> None:
    assert rules.masked(typed) == shown
