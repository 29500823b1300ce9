"""The page strip: files in order, pages inserted and turned; the scanned bytes never change."""

import json

import pytest
from PIL import Image

from anjuan.core.terms import Post
from anjuan.desks.filing import actions as filing
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake.actions import strip
from anjuan.desks.review import actions as review
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.repository import queries as repository
from anjuan.records import actions as record_actions
from anjuan.records import queries as records
from anjuan.records.actions import components
from anjuan.records.models import Component
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast


def keys(urn: str) -> list[int]:
    return [row.pk for row in records.components_of([urn])[urn]]


def three(cast: Cast) -> str:
    """An item with three files."""
    return builders.captured(cast, materials=("MAIN_FORM", "ID_CARD", "ID_CARD"))


@pytest.mark.acceptance("S3-W11", "S4-W1")
def test_files_are_put_in_another_order_as_one_act(cast: Cast) -> None:
    urn = three(cast)
    first, second, third = keys(urn)

    with one_line("intake.order_pages"):
        strip.order_pages(occasion=cast.occasion(Post.HANDLER), urn=urn, component_pks=[third, first, second])

    assert keys(urn) == [third, first, second]
    assert [row.ordinal for row in records.components_of([urn])[urn]] == [1, 2, 3]


def test_an_order_that_is_not_of_exactly_these_files_changes_nothing(cast: Cast) -> None:
    urn = three(cast)
    first, second, third = keys(urn)

    for wrong in ([first, second], [first, second, second], [first, second, third, third + 1000]):
        with refused("L-001"):
            strip.order_pages(occasion=cast.occasion(Post.HANDLER), urn=urn, component_pks=wrong)
    with refused("L-001"):
        components.order_components(item_urn=urn, component_pks=[first])

    assert keys(urn) == [first, second, third]


def test_the_order_they_have_already_is_no_act(cast: Cast) -> None:
    urn = three(cast)
    before = keys(urn)
    strip.order_pages(occasion=cast.occasion(Post.HANDLER), urn=urn, component_pks=before)
    assert keys(urn) == before


def test_pages_are_inserted_before_another(cast: Cast) -> None:
    urn = three(cast)
    first, second, third = keys(urn)

    intake.capture(
        occasion=cast.occasion(Post.HANDLER),
        urn=urn,
        uploads=[builders.upload("ID_CARD"), builders.upload("ID_CARD")],
        before=second,
    )

    now = keys(urn)
    assert (now[0], now[3:]) == (first, [second, third])
    assert set(now[1:3]).isdisjoint({first, second, third})


def test_before_a_file_that_is_gone_nothing_is_inserted(cast: Cast) -> None:
    urn = three(cast)
    gone = keys(urn)[1]
    intake.withdraw_page(occasion=cast.occasion(Post.HANDLER), component_pk=gone)
    before = keys(urn)
    with refused("L-001"):
        intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[builders.upload("ID_CARD")], before=gone)
    assert keys(urn) == before


@pytest.mark.acceptance("S3-W11")
def test_a_turned_page_shows_turned_and_its_bytes_stay(cast: Cast) -> None:
    urn = three(cast)
    row = records.components_of([urn])[urn][1]
    head = repository.head(urn)

    with one_line("intake.turn_page"):
        turned = strip.turn_page(occasion=cast.occasion(Post.HANDLER), component_pk=row.pk, page_no=1, degrees=90)

    now = records.components_of([urn])[urn][1]
    assert (now.pk, now.sha512, now.turns, now.ordinal) == (turned, row.sha512, {1: 90}, row.ordinal)
    assert repository.head(urn) == head
    upright = formats.open_page(urn, row.sha512, 1)
    lying = formats.open_page(urn, row.sha512, 1, 90)
    assert (lying.width_px, lying.height_px) == (upright.height_px, upright.width_px)
    with Image.open(upright.view) as one, Image.open(lying.view) as other:
        corner = one.convert("L").resize((8, 8)).getpixel((0, 7))
        assert other.convert("L").resize((8, 8)).getpixel((0, 0)) == pytest.approx(corner, abs=12)


def test_four_quarters_are_none(cast: Cast) -> None:
    urn = three(cast)
    key = keys(urn)[0]
    for degrees in (90, 180, 90):
        key = strip.turn_page(occasion=cast.occasion(Post.HANDLER), component_pk=key, page_no=1, degrees=degrees)
    assert records.components_of([urn])[urn][0].turns == {}


def test_who_saw_the_page_lying_must_look_again(cast: Cast) -> None:
    urn = three(cast)
    occasion = cast.occasion(Post.HANDLER)
    row = records.components_of([urn])[urn][0]
    record_actions.look(actor=occasion.actor, component_pk=row.pk, page_no=1, at=occasion.at)
    strip.turn_page(occasion=cast.occasion(Post.HANDLER), component_pk=row.pk, page_no=1, degrees=180)
    assert not records.looked_at(occasion.actor, [(keys(urn)[0], 1)])


@pytest.mark.parametrize(("page_no", "degrees", "code"), [(1, 45, "I-090"), (1, 0, "I-090"), (2, 90, "M-009")])
def test_a_page_is_not_turned_by_anything(cast: Cast, page_no: int, degrees: int, code: str) -> None:
    urn = three(cast)
    with refused(code):
        strip.turn_page(
            occasion=cast.occasion(Post.HANDLER), component_pk=keys(urn)[0], page_no=page_no, degrees=degrees
        )


def test_a_page_that_somebody_replaced_is_not_turned(cast: Cast) -> None:
    urn = three(cast)
    key = keys(urn)[0]
    strip.turn_page(occasion=cast.occasion(Post.HANDLER), component_pk=key, page_no=1, degrees=90)
    with refused("L-001"):
        components.turn_page(pk=key, page_no=1, degrees=180, at=cast.clock.at)
    assert Component.objects.filter(item__urn=urn, superseded_at=None).count() == 3


def test_after_submission_the_strip_lies_still(cast: Cast) -> None:
    urn = builders.submitted(cast)
    with refused("I-010"):
        strip.order_pages(occasion=cast.occasion(Post.HANDLER), urn=urn, component_pks=list(reversed(keys(urn))))
    with refused("I-010"):
        strip.turn_page(occasion=cast.occasion(Post.HANDLER), component_pk=keys(urn)[0], page_no=1, degrees=90)


def test_a_stranger_turns_and_orders_nothing(cast: Cast) -> None:
    urn = three(cast)
    with refused("A-001"):
        strip.order_pages(occasion=cast.occasion(Post.REVIEWER), urn=urn, component_pks=list(reversed(keys(urn))))
    with refused("A-001"):
        strip.turn_page(occasion=cast.occasion(Post.REVIEWER), component_pk=keys(urn)[0], page_no=1, degrees=90)


def test_the_sealed_record_says_how_a_page_is_turned(cast: Cast) -> None:
    urn = builders.captured(cast)
    strip.turn_page(occasion=cast.occasion(Post.HANDLER), component_pk=keys(urn)[0], page_no=1, degrees=270)
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    review.pass_item(occasion=builders.look_through(cast, Post.REVIEWER, urn), urn=urn)
    filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=builders.filed(cast, urn))
    record = json.loads(repository.read_document(urn, "record.json"))
    assert [file.get("turned") for file in record["files"]] == [{"1": 270}, None]
