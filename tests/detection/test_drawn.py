"""Detectors on a page with a form template and on the same page without: what a box says counts (S01–S08, D01, D06)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.running import judge, outcomes
from anjuan.core.reading.laying import is_this_form, lay, lay_over, possible_anchors
from anjuan.core.reading.marks import Box, InkMark, SealMark
from anjuan.core.reading.said import PageSaid
from anjuan.core.reading.templates import BoxKind, FormBox, Laid
from tests.detection.builders import MAIN, PERSON
from tests.detection.reading import name_seal, said, seal, told
from tests.template_stage import (
    BOXES,
    DAY_BOX,
    HEIGHT,
    ID_BOX,
    NAME_BOX,
    NO_INK,
    PLACE,
    SIGN_BOX,
    STILL,
    WIDTH,
    Spot,
    filled,
    scanned,
    shape,
)

WRITTEN = InkMark((0, 0, 0, 0), 0.1, 1.0, 0.9)
NOT_WANTED = replace(MAIN, required_seals=())


def laid_by(
    spots: Sequence[Spot], *, boxes: Sequence[FormBox] = BOXES, inks: InkMark | None = NO_INK, **move: float
) -> Laid:
    found = lay(
        replace(shape(), boxes=tuple(boxes)),
        name="参保登记表",
        edition=1,
        lines=scanned(spots, **(STILL | move)),
        aspect=HEIGHT / WIDTH,
        inks=lambda asked: [inks] * len(asked),
    )
    assert found is not None
    return found


def page(
    laid: Laid, *seals: SealMark, person: str = PERSON.name, number: str = PERSON.id_number, **changed: object
) -> PageSaid:
    """A page with that template, whose labels alone would say little."""
    plain = said(seals=seals, signs=(), days=(), parties=(), fields=(), citizens=(), **changed)
    return lay_over(replace(plain, text=f"{person}\n{number}"), laid)


def codes(facts: VolumeFacts, *wanted: str) -> dict[str, Outcome]:
    return {one.code: one.outcome for one in judge(facts, codes=wanted)}


GOOD = filled(name=PERSON.name, number=PERSON.id_number)


def in_box(place: Box, **changed: object) -> SealMark:
    return seal(place, **changed)


def test_what_is_required_and_empty_is_missing_with_its_box() -> None:
    laid = laid_by(filled(name="", number=PERSON.id_number, day=""))

    found = judge(told(page(laid)), codes=("S01", "S02", "S08", "D06"))

    assert {one.code: one.outcome for one in found} == dict.fromkeys(("S01", "S02", "S08", "D06"), Outcome.FAIL)
    places = {one.code: one.boxes[0] for one in found}
    assert places["S01"] == pytest.approx(PLACE, abs=0.01)
    assert places["S02"] == pytest.approx(SIGN_BOX, abs=0.01)
    assert places["S08"] == pytest.approx(DAY_BOX, abs=0.01)
    assert places["D06"] == pytest.approx(NAME_BOX, abs=0.01)
    assert "姓名" in next(one.zh for one in found if one.code == "D06")


def test_a_filled_form_passes_and_passes_are_told() -> None:
    laid = laid_by([*GOOD, ("周敏", 40.0, 258.0)])
    facts = told(page(laid, in_box(PLACE)))

    assert codes(facts, "S01", "S02", "S07", "S08", "D01", "D06") == {}
    passed = outcomes(facts, ("S01", "S02", "S08", "D01", "D06"))
    assert next(iter(passed.values())) == dict.fromkeys(("S01", "S02", "S08", "D01", "D06"), Outcome.PASS)


def test_the_same_page_without_a_template_is_judged_by_its_labels_as_before() -> None:
    plain = said(seals=(), signs=(), days=(), parties=(), fields=(), citizens=())
    asked = told(plain, materials=(NOT_WANTED,))

    assert codes(asked, "S01", "S02", "S08") == {}  # neither the list nor a label asks for anything
    drawn = told(page(laid_by(filled(day=""))), materials=(NOT_WANTED,))
    assert set(codes(drawn, "S01", "S02", "S08")) == {"S01", "S02", "S08"}


def test_a_box_that_is_not_required_is_asked_for_nothing() -> None:
    boxes = [replace(one, is_required=False) for one in BOXES]
    laid = laid_by(filled(name="", day=""), boxes=boxes)

    assert codes(told(page(laid), materials=(NOT_WANTED,)), "S01", "S07", "S08", "D06") == {}


def test_seals_go_to_their_own_boxes_and_one_beside_its_box_is_left_to_a_person() -> None:
    unit: Box = (0.05, 0.72, 0.3, 0.15)
    boxes = (*BOXES[:1], FormBox(BoxKind.SEAL, "UNIT", "单位公章", unit, True))
    laid = laid_by(GOOD, boxes=boxes)

    assert codes(told(page(laid, in_box(unit))), "S01", "S03") == {"S01": Outcome.FAIL}
    assert codes(told(page(laid, in_box(PLACE))), "S01", "S03") == {"S03": Outcome.FAIL}
    assert codes(told(page(laid, in_box(PLACE), in_box(unit))), "S01", "S03") == {}
    elsewhere = in_box((0.3, 0.3, 0.2, 0.1), words="北河区社会保险经办专用章")
    assert codes(told(page(laid, elsewhere, in_box(unit))), "S01") == {"S01": Outcome.UNSURE}


def test_a_name_seal_or_ink_stands_for_a_hand_and_nobody_elses_seal_does() -> None:
    other: Box = (0.5, 0.8, 0.2, 0.04)
    boxes = (BOXES[1], FormBox(BoxKind.SIGN, "REVIEWER", "复核人", other, True))
    empty = laid_by(GOOD, boxes=boxes)

    assert codes(told(page(empty)), "S02", "S07") == {"S02": Outcome.FAIL, "S07": Outcome.FAIL}
    assert codes(told(page(empty, name_seal(SIGN_BOX))), "S02", "S07") == {"S07": Outcome.FAIL}
    assert codes(told(page(laid_by(GOOD, boxes=boxes, inks=WRITTEN))), "S02", "S07") == {}
    assert set(codes(told(page(laid_by(GOOD, boxes=boxes, inks=None))), "S02", "S07").values()) == {Outcome.UNSURE}


def test_a_day_by_hand_that_nobody_can_read_is_not_called_missing() -> None:
    assert codes(told(page(laid_by(filled(day="年  月  日")))), "S08") == {"S08": Outcome.FAIL}
    assert codes(told(page(laid_by(filled(day=""), inks=WRITTEN))), "S08") == {"S08": Outcome.UNSURE}


def test_of_seals_those_in_boxes_are_looked_at_for_their_ink() -> None:
    laid = laid_by(GOOD)
    poor = in_box(PLACE, coverage=0.4)
    stamp = seal((0.6, 0.1, 0.3, 0.1), coverage=0.4, words="收件专用章")

    assert codes(told(page(laid, poor)), "S05") == {"S05": Outcome.FAIL}
    assert codes(told(page(laid, in_box(PLACE), stamp)), "S05") == {}
    assert codes(told(said(seals=(seal(), stamp))), "S05") == {"S05": Outcome.FAIL}  # without a template it is judged


def test_a_value_is_what_stands_in_its_box_wherever_else_the_name_stands() -> None:
    laid = laid_by(filled(name="李国强", number=PERSON.id_number))
    there = page(laid, person=PERSON.name)  # the catalogue's name stands on the page, but not in the box

    (finding,) = judge(told(there), codes=("D01",))

    assert finding.outcome is Outcome.FAIL
    assert "李国强" in finding.zh and PERSON.name in finding.zh
    assert finding.boxes[0][0] == pytest.approx(40 / WIDTH, abs=0.01)
    plain = said(text=f"李国强\n{PERSON.name}\n{PERSON.id_number}")
    assert codes(told(plain), "D01") == {}  # by labels a name anywhere on the page is enough


def test_another_number_in_its_box_is_found_masked() -> None:
    other = "110101197001010037"
    (finding,) = judge(told(page(laid_by(filled(name=PERSON.name, number=other)))), codes=("D01",))

    assert other not in finding.zh and finding.zh.count("*") >= 8


def test_a_template_on_another_material_asks_there_too() -> None:
    main, card = said(), page(laid_by(filled(day="")))
    facts = told(main, card)
    item = facts.items[0]
    files = (item.files[0], replace(item.files[1], material_code="ID_CARD"))

    found = judge(replace(facts, items=(replace(item, files=files),)), codes=("S01", "S08"))

    assert {one.code for one in found} == {"S01", "S08"}
    assert {one.component_pk for one in found} == {files[1].pk}


def test_words_that_tell_the_form_must_stand_on_the_page() -> None:
    text = "".join(words for words, _, _ in GOOD)
    told_apart = replace(shape(), telling=("参保人员登记表",))

    assert is_this_form(told_apart, text) and not is_this_form(replace(shape(), telling=("表2019-3",)), text)
    assert (
        lay(
            replace(shape(), telling=("表2019-3",)),
            name="",
            edition=1,
            lines=scanned(GOOD, **STILL),
            aspect=HEIGHT / WIDTH,
            inks=lambda asked: [None] * len(asked),
        )
        is None
    )


def test_a_turned_scan_is_read_in_the_same_boxes() -> None:
    laid = laid_by(GOOD, dx=5.0, dy=-4.0, scale=1.04, turn=2.0)

    values = {one.form.name: one.words for one in laid.of(BoxKind.FIELD)}

    assert values == {"PERSON": PERSON.name, "ID_NUMBER": PERSON.id_number}
    assert laid.of(BoxKind.DAY)[0].day == dt.date(2024, 3, 5)


def test_anchors_are_offered_without_the_values_beside_them() -> None:
    spots = [("姓名 王秀英", 22.0, 50.0), ("经办机构意见（盖章）", 110.0, 210.0), ("★", 5.0, 5.0)]

    offered = [one.words for one in possible_anchors(scanned(spots, **STILL))]

    assert "姓名" in offered and not any("王秀英" in words for words in offered)
    assert len([words for words in offered if "经办机构意见" in words]) == 1
    assert ID_BOX[0] > 0
