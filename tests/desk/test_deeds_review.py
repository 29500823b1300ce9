"""The reviewer's deeds: every page seen, then pass; or return with faults, mend, and look again."""

import pytest

from anjuan.core.terms import Post, State
from anjuan.desks.intake import actions as intake
from anjuan.desks.review import actions as review
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.facilities.corrections.models import Correction
from anjuan.records import actions as records
from tests import builders
from tests.builders import fault, look_through, one_line, refused
from tests.cast import Cast


def returned(cast: Cast, *codes: str) -> tuple[str, list[int]]:
    """An item that came back from review with faults. Returns its URN and the corrections."""
    urn = builders.submitted(cast)
    faults = [fault(urn, code) for code in codes or ("S01",)]
    review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=faults)
    return urn, [row.pk for row in correction_queries.of_units([urn])]


@pytest.mark.acceptance("S3-W12", "S0-C2")
def test_an_item_whose_every_page_was_seen_passes(cast: Cast) -> None:
    urn = builders.submitted(cast)
    occasion = look_through(cast, Post.REVIEWER, urn)

    with one_line("review.pass_item"):
        review.pass_item(occasion=occasion, urn=urn)

    assert builders.states(urn) == {State.REVIEWED}


@pytest.mark.acceptance("S3-W12")
def test_an_unseen_page_stands_in_the_way(cast: Cast) -> None:
    urn = builders.submitted(cast)
    occasion = cast.occasion(Post.REVIEWER)
    first, *_ = builders.pages_of(urn)

    with refused("L-004"):
        review.pass_item(occasion=occasion, urn=urn)
    records.look(actor=occasion.actor, component_pk=first[0], page_no=first[1], at=occasion.at)
    with refused("L-004"):
        review.pass_item(occasion=occasion, urn=urn)


def test_what_somebody_else_saw_does_not_count(cast: Cast) -> None:
    urn = builders.submitted(cast)
    cast.hire("bh22", Post.REVIEWER, "BH")
    look_through(cast, Post.REVIEWER, urn)

    with refused("L-004"):
        review.pass_item(occasion=cast.occasion_of("bh22"), urn=urn)


def test_who_handled_a_case_does_not_review_it_though_he_holds_both_posts(cast: Cast) -> None:
    urn = builders.submitted(cast)
    cast.promote("bh01", Post.REVIEWER, "BH")
    occasion = look_through(cast, "bh01", urn)

    with refused("L-005"):
        review.pass_item(occasion=occasion, urn=urn)
    with refused("L-005"):
        review.return_item(occasion=occasion, urn=urn, faults=[fault(urn)])


def test_who_reviewed_a_case_does_not_submit_it_again(cast: Cast) -> None:
    urn, pks = returned(cast)
    cast.promote("bh02", Post.HANDLER, "BH")
    corrections.answer_fault(occasion=cast.occasion(Post.HANDLER), pk=pks[0], answer="已补盖")

    with refused("L-005"):
        intake.submit(occasion=cast.occasion_of("bh02"), urn=urn)


@pytest.mark.parametrize("post", [Post.HANDLER, Post.FILER, Post.ACCEPTOR, Post.READING_DESK])
def test_another_post_does_not_review(cast: Cast, post: Post) -> None:
    urn = builders.submitted(cast)

    with refused("L-003"):
        review.pass_item(occasion=look_through(cast, post, urn), urn=urn)


def test_an_administrator_does_not_even_find_the_item(cast: Cast) -> None:
    urn = builders.submitted(cast)

    with refused("R-009"):
        review.pass_item(occasion=cast.occasion(Post.SYSTEM_ADMIN), urn=urn)


def test_passing_twice_is_l_001(cast: Cast) -> None:
    urn = builders.reviewed(cast)

    with refused("L-001"):
        review.pass_item(occasion=cast.occasion(Post.REVIEWER), urn=urn)


def test_an_item_still_on_the_counter_is_not_reviewed(cast: Cast) -> None:
    urn = builders.captured(cast)

    with refused("L-002"):
        review.pass_item(occasion=look_through(cast, Post.REVIEWER, urn), urn=urn)


@pytest.mark.acceptance("S3-C3", "S3-W12")
def test_a_missing_seal_is_raised_answered_rescanned_seen_again_and_closed(cast: Cast) -> None:
    urn = builders.submitted(cast)
    page = builders.components_of(urn)[0]
    reviewer, handler = Post.REVIEWER, Post.HANDLER
    where = fault(urn, "S01", component_pk=page.pk, page_no=1, box=(0.1, 0.2, 0.3, 0.1), note="右下角")

    with one_line("review.return_item"):
        review.return_item(occasion=cast.occasion(reviewer), urn=urn, faults=[where])
    (raised,) = correction_queries.open_for(cast.actor(handler))
    assert (raised.fault.code, raised.component_pk, raised.page_no, raised.note) == ("S01", page.pk, 1, "右下角")
    with refused("L-004"):
        intake.submit(occasion=cast.occasion(handler), urn=urn)
    with one_line("intake.replace_page"):
        intake.replace_page(occasion=cast.occasion(handler), component_pk=page.pk, upload=builders.upload())
    with one_line("corrections.answer_fault"):
        corrections.answer_fault(occasion=cast.occasion(handler), pk=raised.pk, answer="已补盖经办专用章并重扫")
    intake.submit(occasion=cast.occasion(handler), urn=urn)
    look_through(cast, reviewer, urn)
    with one_line("review.pass_item"):
        review.pass_item(occasion=cast.occasion(reviewer), urn=urn)

    closed = Correction.objects.get(pk=raised.pk)
    assert (closed.status, closed.raised_by, closed.answered_by, closed.closed_by) == ("CLOSED", "bh02", "bh01", "bh02")


def test_a_rescanned_page_must_be_seen_anew(cast: Cast) -> None:
    urn = builders.submitted(cast)
    look_through(cast, Post.REVIEWER, urn)
    review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=[fault(urn, "I06")])
    (row, *_) = builders.components_of(urn)
    intake.replace_page(occasion=cast.occasion(Post.HANDLER), component_pk=row.pk, upload=builders.upload())
    (raised,) = correction_queries.of_units([urn])
    corrections.answer_fault(occasion=cast.occasion(Post.HANDLER), pk=raised.pk, answer="已重扫")
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)

    with refused("L-004"):
        review.pass_item(occasion=cast.occasion(Post.REVIEWER), urn=urn)


def test_a_return_that_points_at_nothing_or_elsewhere_is_refused(cast: Cast) -> None:
    urn = builders.submitted(cast)
    other = builders.submitted(cast, "SL-002")
    page = builders.components_of(other)[0]

    for code, faults in {
        "W-001": [fault(urn, "V99")],
        "W-002": [fault(urn, box=(0.9, 0.9, 0.5, 0.5))],
        "W-003": [fault(urn, note="长" * 301)],
        "W-004": [],
        "W-006": [fault(urn), fault(other)],
    }.items():
        with refused(code):
            review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=faults)
    with refused("W-006"):
        review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=[fault(urn, component_pk=page.pk)])
