"""Labelled forms tell the truth: what is said to stand somewhere stands there, and a fault is what its name says."""

import datetime as dt
import re

import numpy as np
import pytest
from bench import form_facts, labelled_forms
from bench.labelled import SEALED, Leaf

from anjuan.core.identifiers import credit_code, is_valid_id

Box = tuple[float, float, float, float]


def cut(leaf: Leaf, box: Box) -> np.ndarray:
    height, width = leaf.pixels.shape[:2]
    x, y, wide, tall = box
    return leaf.pixels[round(y * height) : round((y + tall) * height), round(x * width) : round((x + wide) * width)]


def ink(leaf: Leaf, box: Box) -> float:
    """The share of a box that is clearly darker than the paper."""
    grey = cut(leaf, box).min(axis=2)
    return float((grey < np.median(leaf.pixels.min(axis=2)) - 25).mean())


@pytest.mark.parametrize("seed", [3, 4, SEALED + 5])
def test_the_same_seed_gives_the_same_form(seed: int) -> None:
    first, again = labelled_forms.form(seed), labelled_forms.form(seed)

    assert np.array_equal(first[0].pixels, again[0].pixels) and first[1] == again[1]


@pytest.mark.parametrize("seed", range(6))
def test_what_is_said_to_be_printed_is_printed_there(seed: int) -> None:
    leaf, truth = labelled_forms.form(seed, worn="")

    assert set(truth.fields) == set(form_facts.asked(truth.step))
    for words, box in [*truth.fields.values(), *truth.lines]:
        if words.strip("　 ，。、：") and min(box) >= 0:
            assert ink(leaf, box) > 0.02, words


@pytest.mark.parametrize("seed", range(4))
def test_numbers_have_right_check_digits_and_the_catalogue_agrees(seed: int) -> None:
    _, truth = labelled_forms.form(seed)

    if "id_number" in truth.fields:
        assert (
            is_valid_id(truth.fields["id_number"][0]) and truth.catalogue["id_number"] == truth.fields["id_number"][0]
        )
    if "credit_code" in truth.fields:
        assert credit_code(truth.fields["credit_code"][0])


@pytest.mark.parametrize(("fault", "party"), [("S01", "AGENCY"), ("S03", "EMPLOYER")])
def test_a_missing_seal_is_missing_and_the_sound_form_has_it(fault: str, party: str) -> None:
    sound, with_seal = labelled_forms.form(7, worn="")
    poor, without = labelled_forms.form(7, fault, worn="")

    missing = next(one for one in without.seals if one.party == party)
    assert missing.box is None and missing.is_required
    assert all(one.box is not None for one in with_seal.seals if one.is_required)
    pressed = [one for one in with_seal.seals if one.party == party]
    for one in pressed:
        assert one.box and red(sound, one.box) > 0.03
    assert red(poor, missing.expected) < 0.01


def red(leaf: Leaf, box: Box) -> float:
    part = cut(leaf, box).astype(int)
    paper = np.median(leaf.pixels.reshape(-1, 3), axis=0)
    lost = paper - part
    return float((lost[..., 1] - lost[..., 0] > 25).mean())


def test_without_a_hand_the_place_is_empty() -> None:
    for fault, party in (("S02", "HANDLER"), ("S07", "REVIEWER")):
        _, truth = labelled_forms.form(9, fault)

        place = next(one for one in truth.signatures if one.party == party)
        assert place.box is None and place.words == ""
        assert not any(one.party == party for one in truth.seals)


def test_days_are_missing_or_out_of_order_where_that_is_the_fault() -> None:
    _, missing = labelled_forms.form(11, "S08")
    _, wrong = labelled_forms.form(11, "S09")

    def day(told: str) -> dt.date:
        return dt.date(*(int(number) for number in re.findall(r"\d+", told)))

    assert missing.dates["AGENCY"][0] == ""
    assert day(wrong.dates["AGENCY"][0]) < day(wrong.dates["EMPLOYER"][0])


def test_the_catalogue_differs_in_one_field_or_is_of_another_person() -> None:
    _, sound = labelled_forms.form(12)
    _, one_field = labelled_forms.form(12, "D01")
    _, other = labelled_forms.form(12, "D10")

    assert len([entry for entry in sound.catalogue if sound.catalogue[entry] != one_field.catalogue[entry]]) == 1
    assert {entry for entry in sound.catalogue if sound.catalogue[entry] != other.catalogue[entry]} in (
        {"name", "id_number"},
        {"employer", "credit_code"},
    )


def test_a_wrong_number_and_a_grey_or_half_seal_are_told() -> None:
    _, number = labelled_forms.form(13, "V06")
    grey_leaf, grey = labelled_forms.form(13, "V21", worn="")
    _, poor = labelled_forms.form(13, "S05")

    assert number.stamped_no != number.expected_no
    assert all(not one.is_red and one.box and red(grey_leaf, one.box) < 0.01 for one in grey.seals)
    agency = next(one for one in poor.seals if one.party == "AGENCY")
    assert agency.kept < 0.7 or agency.strength < 0.25
