"""Labelled items and trap pages: pages are numbered on, a fault is what its name says, a trap has no truth to find."""

import numpy as np
import pytest
from bench import labelled_items


def test_the_pages_of_an_item_are_numbered_on_and_of_one_person() -> None:
    made = labelled_items.item(5)

    numbers = [truth.stamped_no for _, truth in made]
    assert [truth.page_mark for _, truth in made] == [(1, 3), (2, 3), (3, 3)]
    assert numbers == [truth.expected_no for _, truth in made]
    assert numbers == list(range(numbers[0] or 0, (numbers[0] or 0) + 3))
    assert all(truth.catalogue == made[0][1].catalogue for _, truth in made)
    for _, truth in made[1:]:
        assert truth.seals == [] and truth.signatures == []
        assert truth.fields["employer"][0] == made[0][1].fields["employer"][0]


def test_a_missing_page_a_wrong_number_and_another_persons_page_are_told() -> None:
    missing = [truth.page_mark for _, truth in labelled_items.item(6, "V05")]
    numbered = [truth.stamped_no != truth.expected_no for _, truth in labelled_items.item(6, "V06")]
    other = labelled_items.item(6, "D10")

    assert len(missing) == 2 and missing[0] == (1, 3)
    assert numbered.count(True) == 1 and not numbered[0]
    names = {truth.fields["employer"][0] for _, truth in other}
    assert len(names) == 2 and len({str(truth.catalogue) for _, truth in other}) == 1


@pytest.mark.parametrize("name", labelled_items.PAGE_TRAPS)
def test_a_trap_is_a_page_without_anything_to_find(name: str) -> None:
    leaf, truth = labelled_items.trap_page(name, 3)

    assert leaf.pixels.dtype == np.uint8 and min(leaf.pixels.shape[:2]) > 1500
    assert (truth.trap, truth.seals, truth.signatures, truth.fields) == (name, [], [], {})
