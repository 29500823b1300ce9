"""How a No is said."""

import pytest

from anjuan.core import refusals
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Duty, Verb
from anjuan.core.words import word


def test_a_refusal_says_its_reason_and_the_next_step_in_the_readers_language() -> None:
    refusal = Refusal("L-005", reference="SL-1", verb=Verb.PASS_ITEM, duty=Duty.HANDLED)

    assert word(Duty.HANDLED, "zh") in refusal.message("zh-hans")
    assert word(Duty.HANDLED, "en") in refusal.message("en")
    assert refusal.remedy("zh")
    assert refusal.remedy("en")
    assert str(refusal).startswith("L-005 You already took the part")


def test_a_missing_parameter_shows_as_an_ellipsis_and_breaks_nothing() -> None:
    assert "…" in Refusal("L-001").message("en")


def test_braces_in_a_parameter_are_only_text() -> None:
    assert "{x}{0!r}" in Refusal("R-009", what="{x}{0!r}").message("en")


def test_an_obstacle_raised_is_the_same_reason() -> None:
    refusal = Obstacle("I-009", {"faults": 2}).as_refusal()

    assert (refusal.code, dict(refusal.params)) == ("I-009", {"faults": 2})
    assert refusal.clause == refusals.catalogue()["I-009"].clause


def test_a_code_that_is_not_in_the_catalogue_is_a_fault_not_a_refusal() -> None:
    with pytest.raises(KeyError):
        Refusal("Z-999").message()
