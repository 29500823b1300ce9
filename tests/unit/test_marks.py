"""What follows from marks: which seal belongs to which place of a form, and what is left to a person."""

import pytest

from anjuan.core.reading.marks import (
    InkMark,
    Presence,
    SealMark,
    SealShape,
    SealSize,
    apart_mm,
    area,
    centre,
    is_at,
    overlap,
    placed,
    presence,
    shared,
)

UNIT_PLACE, AGENCY_PLACE = (0.1, 0.7, 0.2, 0.14), (0.55, 0.7, 0.2, 0.14)


def seal(x: float, y: float, *, sure: float = 0.9, millimetres: float = 40) -> SealMark:
    wide, tall = millimetres / 210, millimetres / 297
    box = (x - wide / 2, y - tall / 2, wide, tall)
    return SealMark(box, SealShape.ROUND, True, 1, 1, sure, 0.6, millimetres, millimetres)


def places() -> dict[str, tuple[tuple[float, float, float, float], SealSize]]:
    return {"EMPLOYER": (UNIT_PLACE, SealSize.OFFICE), "AGENCY": (AGENCY_PLACE, SealSize.OFFICE)}


def test_boxes_are_compared() -> None:
    first, second = (0.0, 0.0, 0.2, 0.2), (0.1, 0.1, 0.2, 0.2)

    assert area(first) == pytest.approx(0.04) and centre(second) == pytest.approx((0.2, 0.2))
    assert shared(first, second) == pytest.approx(0.25) and overlap(first, second) == pytest.approx(0.01 / 0.07)
    assert shared(first, (0.5, 0.5, 0.1, 0.1)) == 0 and overlap((0, 0, 0, 0), (0, 0, 0, 0)) == 0
    assert apart_mm(first, second, 210, 297) == pytest.approx((21**2 + 29.7**2) ** 0.5)
    assert is_at(first, (0.05, 0.05, 0.1, 0.1)) and not is_at(first, (0.3, 0.3, 0.1, 0.1))
    assert is_at(first, (0.15, 0.15, 0.1, 0.1), margin=0.06)


def test_each_seal_goes_to_its_own_place() -> None:
    unit, agency = seal(0.21, 0.76), seal(0.64, 0.78)

    assert placed([agency, unit], places()) == {"EMPLOYER": unit, "AGENCY": agency}


def test_the_units_seal_never_stands_for_the_missing_one_of_the_agency() -> None:
    near = {"EMPLOYER": ((0.3, 0.6, 0.2, 0.1), SealSize.OFFICE), "AGENCY": ((0.3, 0.7, 0.2, 0.1), SealSize.OFFICE)}
    unit = seal(0.4, 0.68)  # half in the place below

    found = placed([unit], near)

    assert found == {"EMPLOYER": unit} and presence(found.get("AGENCY")) is Presence.ABSENT


def test_a_personal_seal_is_no_seal_of_an_office_and_far_is_not_there() -> None:
    assert placed([seal(0.2, 0.77, millimetres=14)], places()) == {}
    assert placed([seal(0.5, 0.2)], places()) == {}
    assert seal(0, 0, millimetres=14).size is SealSize.PERSON


def test_a_stain_nearer_by_does_not_push_a_seal_out_of_its_place() -> None:
    stain, sound = seal(0.2, 0.77, sure=0.3), seal(0.25, 0.8)

    assert placed([stain, sound], places())["EMPLOYER"] is sound


@pytest.mark.parametrize(
    ("sure", "said"),
    [(0.9, Presence.PRESENT), (0.55, Presence.PRESENT), (0.4, Presence.UNSURE), (0.1, Presence.ABSENT)],
)
def test_what_may_be_a_seal_is_left_to_a_person(sure: float, said: Presence) -> None:
    assert presence(seal(0.2, 0.7, sure=sure)) is said


@pytest.mark.parametrize(("sure", "said"), [(0.9, Presence.PRESENT), (0.5, Presence.UNSURE), (0.2, Presence.ABSENT)])
def test_what_may_be_a_hand_is_left_to_a_person(sure: float, said: Presence) -> None:
    assert InkMark((0, 0, 1, 1), 0.1, 1.0, sure).presence is said
