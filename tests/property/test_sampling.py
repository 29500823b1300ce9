"""Properties of a draw: deterministic, blind to order, never twice the same unit."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anjuan.core import sampling

LOTS = st.sets(st.text("abcdef0123456789", min_size=1, max_size=8), min_size=1, max_size=60)
SEEDS = st.text(min_size=0, max_size=10).map(lambda text: sampling.seed_of(text))


@pytest.mark.acceptance("S3-N3")
@given(lot=LOTS, seed=SEEDS, size=st.integers(0, 70), shuffler=st.randoms(use_true_random=False))
def test_whoever_holds_seed_and_list_gets_the_same_draw(
    lot: set[str], seed: str, size: int, shuffler: random.Random
) -> None:
    listed = sorted(lot)
    shuffled = list(listed)
    shuffler.shuffle(shuffled)

    drawn = sampling.draw(listed, size, seed)

    assert drawn == sampling.draw(shuffled, size, seed)
    assert len(drawn) == len(set(drawn)) == min(size, len(lot))
    assert set(drawn) <= lot


@given(lot=LOTS, seed=SEEDS, size=st.integers(0, 59))
def test_a_larger_draw_only_adds_to_a_smaller_one(lot: set[str], seed: str, size: int) -> None:
    assert sampling.draw(sorted(lot), size + 1, seed)[:size] == sampling.draw(sorted(lot), size, seed)


@pytest.mark.acceptance("S3-N3")
@given(lot=st.integers(0, 5000), percent=st.integers(1, 100), least=st.integers(0, 10))
def test_a_sample_is_never_smaller_than_its_percentage_nor_larger_than_the_lot(
    lot: int, percent: int, least: int
) -> None:
    size = sampling.sample_size(lot, percent, least)

    assert size <= lot
    assert size * 100 >= lot * percent or size == lot
    assert size >= min(lot, least)
    assert size <= max(least, math.ceil(lot * percent / 100))
