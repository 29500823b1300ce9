"""Sampling: how many, and which."""

import hashlib

import pytest

from anjuan.core import sampling


@pytest.mark.acceptance("S3-N3")
@pytest.mark.parametrize(
    ("lot", "size"),
    [(0, 0), (1, 1), (2, 2), (3, 3), (20, 3), (60, 3), (61, 4), (80, 4), (100, 5), (101, 6), (1000, 50)],
)
def test_the_witness_draws_five_percent_rounded_up_and_at_least_three(lot: int, size: int) -> None:
    assert sampling.sample_size(lot, sampling.WITNESS_PERCENT, sampling.WITNESS_AT_LEAST) == size


@pytest.mark.parametrize(
    ("lot", "percent", "size"),
    [(1, 10, 1), (9, 10, 1), (10, 10, 1), (11, 10, 2), (100, 30, 30), (101, 30, 31), (3, 30, 1)],
)
def test_the_recheck_draws_its_percentage_rounded_up(lot: int, percent: int, size: int) -> None:
    assert sampling.sample_size(lot, percent, sampling.RECHECK_AT_LEAST) == size


def test_the_draw_is_what_a_stranger_recomputes_with_a_hash_and_a_sort() -> None:
    units = [f"urn:{place}" for place in range(20)]

    drawn = sampling.draw(units, 5, "ab" * 32)

    ranked = sorted(units, key=lambda unit: hashlib.sha256(f"{'ab' * 32}\n{unit}".encode()).hexdigest())
    assert list(drawn) == ranked[:5]


def test_another_seed_gives_another_draw() -> None:
    units = [f"urn:{place}" for place in range(100)]

    draws = {sampling.draw(units, 5, sampling.seed_of("root", str(place))) for place in range(20)}

    assert len(draws) == 20


def test_no_unit_stands_in_a_lot_twice() -> None:
    with pytest.raises(ValueError, match="distinct"):
        sampling.draw(["a", "b", "a"], 1, "00")


def test_a_seed_cannot_be_made_the_same_by_moving_the_border_between_parts() -> None:
    assert sampling.seed_of("ab", "c") != sampling.seed_of("a", "bc")
    assert sampling.seed_of("ab") != sampling.seed_of("ab", "")
