"""Faults: raised and closed inside a desk's deed, answered by the maker."""

import datetime as dt

import pytest

from anjuan.core.terms import Post, State
from anjuan.desks.review import actions as review
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries
from anjuan.facilities.corrections.models import Correction
from anjuan.foundation.journal import actions as journal
from tests import builders
from tests.builders import fault, one_line, refused
from tests.cast import Cast


def raised(cast: Cast) -> int:
    """One open fault. Returns its number."""
    urn = builders.submitted(cast)
    review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=[fault(urn)])
    return queries.of_units([urn])[0].pk


@pytest.mark.parametrize("answer", ["", "   ", "长" * 301])
def test_an_answer_says_something_and_not_too_much(cast: Cast, answer: str) -> None:
    pk = raised(cast)

    with refused("W-005"):
        corrections.answer_fault(occasion=cast.occasion(Post.HANDLER), pk=pk, answer=answer)


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\ue000", "\ud800"], ids=["nul", "bell", "private use", "half"])
def test_what_cannot_be_kept_stands_in_no_note_and_no_answer(cast: Cast, sign: str) -> None:
    pk = raised(cast)
    with refused("R-010"):
        corrections.answer_fault(occasion=cast.occasion(Post.HANDLER), pk=pk, answer=f"已{sign}补")

    urn = builders.submitted(cast, "SL-2")
    with refused("R-010"):
        review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=[fault(urn, note=f"缺{sign}章")])


def test_an_answer_or_a_note_typed_in_several_lines_is_kept_in_one(cast: Cast) -> None:
    urn = builders.submitted(cast)
    review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=[fault(urn, note=" 缺章 \r\n第 2 页\n")])
    (row,) = queries.of_units([urn])
    assert row.note == "缺章 第 2 页"

    corrections.answer_fault(occasion=cast.occasion(Post.HANDLER), pk=row.pk, answer="已补章\n\n并重扫")

    assert Correction.objects.get(pk=row.pk).answer == "已补章 并重扫"


def test_a_fault_points_at_a_page_that_is(cast: Cast) -> None:
    urn = builders.submitted(cast)
    component = builders.components_of(urn)[0].pk

    with refused("W-007"):
        review.return_item(
            occasion=cast.occasion(Post.REVIEWER),
            urn=urn,
            faults=[fault(urn, component_pk=component, page_no=2)],
        )


def test_a_fault_is_answered_once(cast: Cast) -> None:
    pk = raised(cast)
    with one_line("corrections.answer_fault"):
        corrections.answer_fault(occasion=cast.occasion(Post.HANDLER), pk=pk, answer=" 已补 ")

    with refused("L-001"):
        corrections.answer_fault(occasion=cast.occasion(Post.HANDLER), pk=pk, answer="又补")

    assert Correction.objects.get(pk=pk).answer == "已补"


@pytest.mark.parametrize("post", [Post.REVIEWER, Post.CHECKER, Post.ACCEPTOR, Post.SYSTEM_ADMIN])
def test_who_does_not_mend_does_not_answer(cast: Cast, post: Post) -> None:
    pk = raised(cast)

    with refused("R-009"):
        corrections.answer_fault(occasion=cast.occasion(post), pk=pk, answer="已补")


def test_another_centre_neither_sees_nor_answers(cast: Cast) -> None:
    pk = raised(cast)
    elsewhere = cast.hire("hx01", Post.HANDLER, cast.found_elsewhere())

    with refused("R-009"):
        corrections.answer_fault(occasion=cast.occasion_of(elsewhere), pk=pk, answer="已补")

    assert queries.open_for(cast.occasion_of(elsewhere).actor) == []
    assert queries.count_open_for(cast.actor(Post.HANDLER)) == 1


@pytest.mark.acceptance("S3-P3")
def test_a_fault_falls_due_five_days_on_by_the_agencys_calendar(cast: Cast) -> None:
    cast.clock.at = dt.datetime(2030, 6, 30, 16, 30, tzinfo=dt.UTC)  # half past midnight of 1 July in Shanghai

    pk = raised(cast)

    assert Correction.objects.get(pk=pk).due_date == dt.date(2030, 7, 6)


@pytest.mark.acceptance("S3-P3")
def test_only_what_was_answered_is_closed(cast: Cast) -> None:
    urn = builders.submitted(cast)
    with journal.writing(occasion=cast.occasion(Post.REVIEWER), act="review.return_item", unit=urn) as line:
        corrections.raise_faults(
            line=line,
            unit=urn,
            reference="SL-001",
            agency_path="/SJ/BH/",
            state=State.IN_REVIEW,
            places={urn: {}},
            faults=[fault(urn, "S01"), fault(urn, "S08")],
        )
    first, second = queries.of_units([urn])
    corrections.answer_fault(occasion=cast.occasion(Post.HANDLER), pk=first.pk, answer="已补")

    with journal.writing(occasion=cast.occasion(Post.REVIEWER), act="review.pass_item", unit=urn) as line:
        closed = corrections.close_faults(line=line, urns=[urn])

    assert closed == 1
    assert [row.pk for row in queries.of_units([urn])] == [second.pk]
    assert queries.count_open([urn]) == 1
    assert len(queries.of_units([urn], with_closed=True)) == 2
