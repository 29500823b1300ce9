"""A template finds its place on a page that is shifted, larger or smaller, turned, and read with gaps (套版定位)."""

import math
from collections.abc import Sequence

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from anjuan.core.reading.pages import Box
from anjuan.core.reading.registering import LEAST_SHARE, register
from tests.template_stage import FORM, HEIGHT, LETTER, PLACE, WIDTH, moved, scanned, shape

shifts = st.floats(-12, 12)
scales = st.floats(0.88, 1.12)
turns = st.floats(-3, 3)


def beside(found: Box, **move: float) -> float:
    """How far a carried box lies beside where it should, in millimetres."""
    middle = ((PLACE[0] + PLACE[2] / 2) * WIDTH, (PLACE[1] + PLACE[3] / 2) * HEIGHT)
    return math.dist(moved(middle, **move), ((found[0] + found[2] / 2) * WIDTH, (found[1] + found[3] / 2) * HEIGHT))


@settings(max_examples=150, deadline=None)
@given(shifts, shifts, scales, turns)
def test_boxes_are_carried_to_where_the_form_lies(dx: float, dy: float, scale: float, turn: float) -> None:
    move = {"dx": dx, "dy": dy, "scale": scale, "turn": turn}

    found = register(shape(), scanned(FORM, **move), HEIGHT / WIDTH)

    assert found is not None
    assert found.fit.found == len(FORM)
    assert beside(found.fit.carried(PLACE), **move) < 1.0
    assert abs(found.fit.turn - turn) < 0.3 and abs(found.fit.scale - scale) < 0.02


@settings(max_examples=150, deadline=None)
@given(shifts, shifts, scales, turns, st.sets(st.integers(0, len(FORM) - 1), max_size=4))
def test_words_that_are_missing_or_stand_elsewhere_too_do_not_lead_astray(
    dx: float, dy: float, scale: float, turn: float, lost: set[int]
) -> None:
    move = {"dx": dx, "dy": dy, "scale": scale, "turn": turn}
    kept = [spot for number, spot in enumerate(FORM) if number not in lost]
    strangers = (("姓名", 60.0, 160.0), ("工作单位", 150.0, 170.0), ("联系电话", 22.0, 180.0), ("说明", 22.0, 280.0))

    found = register(shape(), scanned([*kept, *strangers], **move), HEIGHT / WIDTH)

    assert found is not None
    assert found.fit.found == len(kept)
    assert beside(found.fit.carried(PLACE), **move) < 2.0


@settings(max_examples=80, deadline=None)
@given(st.permutations(range(len(FORM))))
def test_the_same_words_in_another_order_are_another_form(order: Sequence[int]) -> None:
    places = [FORM[number][1:] for number in order]
    near = sum(math.dist(FORM[number][1:], place) < 25 for number, place in enumerate(places))
    assume(near < LEAST_SHARE * len(FORM) - 2)
    mixed = [(words, *place) for (words, _, _), place in zip(FORM, places, strict=True)]

    found = register(shape(), scanned(mixed, dx=0, dy=0, scale=1, turn=0), HEIGHT / WIDTH)

    assert found is None or found.fit.found < len(FORM)


def test_too_few_anchors_a_mirrored_and_a_half_turned_page_do_not_fit() -> None:
    still = {"dx": 0.0, "dy": 0.0, "scale": 1.0, "turn": 0.0}
    few = [spot for spot in FORM if spot[0] in ("姓名", "性别", "工作单位")]
    mirrored = [(words, WIDTH - left - LETTER * len(words), middle) for words, left, middle in FORM]
    overturned = [(words, WIDTH - left - LETTER * len(words), HEIGHT - middle) for words, left, middle in FORM]

    assert register(shape(), scanned(few, **still), HEIGHT / WIDTH) is None
    assert register(shape(), scanned(mirrored, **still), HEIGHT / WIDTH) is None
    assert register(shape(), scanned(overturned, **still), HEIGHT / WIDTH) is None
    assert register(shape(), [], HEIGHT / WIDTH) is None


def test_a_word_that_begins_a_line_with_its_value_is_found_and_one_misread_letter_forgiven() -> None:
    spots = [
        ("姓名 王秀英", *FORM[1][1:]) if number == 1 else ("经办机构意贝（盖章）", *spot[1:]) if number == 8 else spot
        for number, spot in enumerate(FORM)
    ]

    found = register(shape(), scanned(spots, dx=3, dy=-4, scale=1.03, turn=1.5), HEIGHT / WIDTH)

    assert found is not None and found.fit.found == len(FORM)
    assert found.words[1].end == 2  # the name is no part of the anchor
