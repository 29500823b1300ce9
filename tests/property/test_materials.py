"""Properties of the material list: groups, conditions and pages in every combination."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anjuan.foundation.schedule.rules import MaterialRow, missing_materials

CONDITIONS = ("有代办人", "外伤住院")
GROUPS = ("", "", "死亡证明")


@st.composite
def lists(draw: st.DrawFn) -> list[MaterialRow]:
    rows = [MaterialRow("MAIN", "主表", "Main", True, True, True, True, (), "第一条")]
    for place in range(draw(st.integers(0, 6))):
        rows.append(
            MaterialRow(
                f"M{place}", f"材料{place}", f"Material {place}", draw(st.booleans()), False, draw(st.booleans()),
                False, (), "第一条",
                one_of=draw(st.sampled_from(GROUPS)),
                condition=draw(st.sampled_from(("", "", *CONDITIONS))),
            )
        )  # fmt: skip
    return rows


PAGES = st.dictionaries(st.sampled_from(["MAIN", *(f"M{place}" for place in range(6))]), st.integers(0, 3))
ANSWERS = st.dictionaries(st.sampled_from(CONDITIONS), st.booleans())


@given(materials=lists(), pages=PAGES, answers=ANSWERS, more=st.sampled_from([f"M{place}" for place in range(6)]))
def test_one_more_page_never_makes_more_missing(
    materials: list[MaterialRow], pages: dict[str, int], answers: Mapping[str, bool], more: str
) -> None:
    before = set(map(repr, missing_materials(materials, pages, answers)))
    after = set(map(repr, missing_materials(materials, {**pages, more: pages.get(more, 0) + 1}, answers)))

    assert after <= before


@given(materials=lists(), answers=ANSWERS)
def test_a_page_of_everything_leaves_only_the_questions(
    materials: list[MaterialRow], answers: Mapping[str, bool]
) -> None:
    found = missing_materials(materials, {row.code: 1 for row in materials}, answers)

    asked = {row.condition for row in materials if row.condition}
    assert {obstacle.code for obstacle in found} <= {"H-014"}
    assert {obstacle.params["condition"] for obstacle in found} == asked - set(answers)


@pytest.mark.acceptance("S3-C2", "S4-C1")
@given(materials=lists(), pages=PAGES)
def test_what_does_not_apply_is_never_asked_and_what_applies_always_is(
    materials: list[MaterialRow], pages: dict[str, int]
) -> None:
    said = repr(missing_materials(materials, pages, dict.fromkeys(CONDITIONS, False)))
    for row in materials:
        if row.condition:
            assert row.name not in said

    alone = [
        row for row in materials if row.is_required and row.must_scan and not row.one_of and not pages.get(row.code)
    ]
    everything = repr(missing_materials(materials, pages, dict.fromkeys(CONDITIONS, True)))
    assert all(row.name in everything for row in alone)


@given(materials=lists(), pages=PAGES, answers=ANSWERS)
def test_one_of_a_group_is_enough(
    materials: list[MaterialRow], pages: dict[str, int], answers: Mapping[str, bool]
) -> None:
    members = [row for row in materials if row.one_of and (not row.condition or answers.get(row.condition))]
    found = missing_materials(materials, pages, answers)

    lacking = [obstacle for obstacle in found if obstacle.code == "H-013"]
    if any(pages.get(row.code) for row in members) or not any(row.is_required and row.must_scan for row in members):
        assert not lacking
    else:
        assert len(lacking) == 1
