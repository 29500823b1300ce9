"""Taking a material over from an earlier record: asked for once, kept whole in each."""

import datetime as dt
from typing import Any

import pytest

from anjuan.core.terms import Post
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake import queries
from anjuan.desks.intake.actions import reuse
from anjuan.desks.intake.models import Reuse
from anjuan.desks.intake.queries import counter
from anjuan.facilities.repository import queries as repository
from anjuan.records.queries import materials
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast


def card_of(urn: str) -> int:
    return next(row.pk for row in builders.components_of(urn) if row.material_code == "ID_CARD")


def offered(cast: Cast, urn: str) -> list[counter.Offer]:
    occasion = cast.occasion(Post.HANDLER)
    return counter.offers(occasion.actor, queries.opened(occasion.actor, urn), at=occasion.at)


@pytest.mark.acceptance("STD-17", "S0-P9")
def test_a_card_that_was_captured_before_is_taken_over_with_its_version(cast: Cast) -> None:
    earlier = builders.captured(cast, "SL-001")
    later = builders.register(cast, "SL-002")
    (offer,) = offered(cast, later)  # a main form is made anew for each case
    assert (offer.component_pk, offer.reference, offer.is_valid) == (card_of(earlier), "SL-001", True)

    with one_line("intake.reuse_material"):
        receipt = reuse.reuse_material(occasion=cast.occasion(Post.HANDLER), urn=later, component_pk=offer.component_pk)

    (mine,) = builders.components_of(later)
    (theirs,) = [row for row in builders.components_of(earlier) if row.material_code == "ID_CARD"]
    assert (receipt.pages, mine.sha512, mine.material_code) == (1, theirs.sha512, "ID_CARD")
    assert repository.read_verified(later, mine.sha512) == repository.read_verified(earlier, theirs.sha512)
    kept = Reuse.objects.get(component_id=mine.pk)
    assert (kept.source_urn, kept.source_version) == (earlier, repository.head(earlier))
    assert counter.reused([mine.pk]) == {mine.pk: "SL-001"}
    assert not [one for one in offered(cast, later) if one.material_code == "ID_CARD"]


def test_a_later_version_of_the_source_is_told_apart(cast: Cast) -> None:
    earlier = builders.captured(cast, "SL-001")
    better = intake.replace_page(
        occasion=cast.occasion(Post.HANDLER), component_pk=card_of(earlier), upload=builders.upload("ID_CARD")
    )
    later = builders.register(cast, "SL-002")
    reuse.reuse_material(occasion=cast.occasion(Post.HANDLER), urn=later, component_pk=card_of(earlier))
    assert Reuse.objects.get().source_version == better.version


def test_what_is_too_old_is_shown_and_refused(cast: Cast, settings: Any) -> None:
    earlier = builders.captured(cast, "SL-001")
    cast.clock.at += dt.timedelta(days=settings.ANJUAN_REUSE_DAYS + 1)
    later = builders.register(cast, "SL-002")
    assert [one.is_valid for one in offered(cast, later)] == [False]
    with refused("I-092"):
        reuse.reuse_material(occasion=cast.occasion(Post.HANDLER), urn=later, component_pk=card_of(earlier))


def test_nothing_is_taken_from_a_record_of_somebody_else(cast: Cast) -> None:
    earlier = builders.captured(cast, "SL-001", persons=(builders.person(1),))
    later = builders.register(cast, "SL-002", persons=(builders.person(2),))
    assert not offered(cast, later)
    with refused("I-093"):
        reuse.reuse_material(occasion=cast.occasion(Post.HANDLER), urn=later, component_pk=card_of(earlier))


def test_nothing_is_taken_from_a_record_that_one_may_not_see(cast: Cast) -> None:
    earlier = builders.captured(cast, "SL-001")
    cast.found_elsewhere()
    cast.hire("hx-1", Post.HANDLER, "HX")
    stranger = cast.occasion_of("hx-1")
    mine = intake.register(
        occasion=stranger,
        agency_code="HX",
        registration=builders.registration("HX-1", persons=(builders.person(1),)),
    ).urn
    assert not counter.offers(stranger.actor, queries.opened(stranger.actor, mine), at=stranger.at)
    with refused("R-009"):
        reuse.reuse_material(occasion=cast.occasion_of("hx-1"), urn=mine, component_pk=card_of(earlier))


def test_the_same_bytes_are_not_taken_twice(cast: Cast) -> None:
    earlier = builders.captured(cast, "SL-001")
    later = builders.register(cast, "SL-002")
    reuse.reuse_material(occasion=cast.occasion(Post.HANDLER), urn=later, component_pk=card_of(earlier))
    with refused("I-012"):
        reuse.reuse_material(occasion=cast.occasion(Post.HANDLER), urn=later, component_pk=card_of(earlier))


def test_after_submission_nothing_is_taken_over(cast: Cast) -> None:
    earlier = builders.captured(cast, "SL-001")
    later = builders.submitted(cast, "SL-002")
    with refused("I-010"):
        reuse.reuse_material(occasion=cast.occasion(Post.HANDLER), urn=later, component_pk=card_of(earlier))


def test_offers_are_few_and_asked_in_few_questions(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for place in range(5):
        builders.captured(cast, f"SL-{place:03}")
    later = builders.register(cast, "SL-999")
    occasion = cast.occasion(Post.HANDLER)
    collected = queries.opened(occasion.actor, later)
    with django_assert_max_num_queries(2):
        found = counter.offers(occasion.actor, collected, at=occasion.at)
    assert sorted(one.material_code for one in found) == ["ID_CARD"] * 3
    assert materials.captured_at(found[0].component_pk) == found[0].captured_at
