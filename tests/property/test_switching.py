"""Switching rules, held against a model that was written from the rules' text and keeps no state between lots."""

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anjuan.core import sampling
from anjuan.core.sampling import risk
from anjuan.core.sampling.plans import Severity
from anjuan.core.sampling.switching import Judged, Resumed, Standing, Why, standing

N, T, R, S = Severity.NORMAL, Severity.TIGHTENED, Severity.REDUCED, Severity.STOPPED


def modelled(answers: list[bool | None], *, may_reduce: bool) -> list[Severity]:
    """The severity of each next lot; none among the answers is an order to resume. Looks back over whole lists."""
    severities = [N]
    begun = 0  # where the present severity began
    for place, answer in enumerate(answers):
        now, span = severities[-1], [one for one in answers[begun : place + 1] if one is not None]
        following = now
        if now is S:
            following = T if answer is None else S
        elif answer is None:
            pass
        elif now is N:
            if sum(not one for one in span[-5:]) >= 2:
                following = T
            elif may_reduce:
                unbroken = len(list(itertools.takewhile(bool, reversed(span))))
                following = R if unbroken * 2 >= 30 else N
        elif now is T:
            if sum(not one for one in span) >= 5:
                following = S
            elif len(span) >= 5 and all(span[-5:]):
                following = N
        elif now is R and not answer:
            following = N
        if following is not now:
            begun = place + 1
        severities.append(following)
    return severities


def followed(answers: list[bool | None], *, may_reduce: bool) -> list[Standing]:
    """What the program says after each event; each lot is inspected with the severity that held for it."""
    events: list[Judged | Resumed] = []
    found = [Standing()]
    number = 0
    for answer in answers:
        if answer is None:
            events.append(Resumed(number))
        else:
            number += 1
            events.append(Judged(number, found[-1].severity, answer, 2 if answer else None))
        found.append(standing(events, may_reduce=may_reduce))
    return found


ANSWERS = st.lists(st.sampled_from([True, True, True, False, False, None]), max_size=60)


@pytest.mark.acceptance("STD-12", "S3-N5")
@given(answers=st.one_of(ANSWERS, st.lists(st.sampled_from([True] * 12 + [False]), max_size=80)), reduce=st.booleans())
def test_the_severity_is_what_the_rules_say(answers: list[bool | None], reduce: bool) -> None:
    told = [one.severity for one in followed(answers, may_reduce=reduce)]

    assert told == modelled(answers, may_reduce=reduce)
    assert reduce or R not in told


@given(answers=ANSWERS)
def test_a_change_names_the_lot_it_begins_with(answers: list[bool | None]) -> None:
    found = followed(answers, may_reduce=False)

    number = 0
    for before, after, answer in zip(found, found[1:], answers, strict=False):
        number += answer is not None
        assert after.since == (number + 1 if after.severity is not before.severity else before.since)


@pytest.mark.acceptance("STD-12")
def test_two_of_five_tighten_five_in_a_row_relax_and_five_in_all_stop() -> None:
    tight = standing([Judged(n, N, n not in (9, 13)) for n in range(1, 14)])
    normal = standing([Judged(1, N, False), Judged(2, N, False), *(Judged(n, T, True) for n in range(3, 8))])
    stopped = [Judged(1, N, False), Judged(2, N, False), *(Judged(n, T, n % 3 == 0) for n in range(3, 10))]

    assert (tight.severity, tight.since, tight.why, tight.looked_at, tight.rejected) == (T, 14, Why.REJECTED, 5, 2)
    assert (normal.severity, normal.since, normal.why) == (N, 8, Why.ACCEPTED)
    assert standing(stopped).severity is T
    over = standing([*stopped, Judged(10, T, False)])
    assert (over.severity, over.why, over.rejected) == (S, Why.STOPPED, 5)
    assert standing([*stopped, Judged(10, T, False), Judged(11, T, True)]).severity is S
    assert standing([*stopped, Judged(10, T, False), Resumed(10)]).severity is T


def test_far_apart_refusals_do_not_tighten_and_a_lot_drawn_before_a_change_does_not_count() -> None:
    apart = [Judged(n, N, n % 5 != 0) for n in range(1, 40)]
    late = [Judged(1, N, False), Judged(2, N, False), *(Judged(n, N, False) for n in range(3, 9))]

    assert standing(apart).severity is N
    assert standing(late).severity is T


def test_reduced_inspection_is_off_unless_it_is_opened() -> None:
    lots = [Judged(n, N, True, 3) for n in range(1, 12)]

    assert standing(lots).severity is N
    assert standing(lots, may_reduce=True).severity is R
    assert standing([*lots[:10], Judged(11, R, False)], may_reduce=True).why is Why.LOST


PASTS = st.integers(0, 500).flatmap(lambda n: st.builds(risk.Past, st.just(n), st.integers(0, n)))
RATES = st.fractions(0, 1)


@pytest.mark.acceptance("S3-N5")
@given(own=PASTS, house=PASTS, prior=st.integers(1, 200), first=RATES)
def test_a_rate_lies_between_its_own_and_the_houses(
    own: risk.Past, house: risk.Past, prior: int, first: Fraction
) -> None:
    everywhere = risk.shrunken(risk.Past(), house, prior=prior, first=first)

    rate = risk.shrunken(own, house, prior=prior, first=first)

    mine = Fraction(own.found, own.inspected) if own.inspected else everywhere
    assert min(mine, everywhere) <= rate <= max(mine, everywhere)
    more = risk.Past(own.inspected + 1, own.found + 1)
    assert risk.shrunken(more, house, prior=prior, first=first) >= rate


@pytest.mark.acceptance("S3-N5", "S3-P5")
@given(lot=st.integers(1, 5000), rate=RATES, factor=st.fractions(0, 5), times=st.integers(2, 5))
def test_the_sample_grows_in_proportion_to_the_rate(lot: int, rate: Fraction, factor: Fraction, times: int) -> None:
    size = risk.risk_size(lot, rate, factor)

    assert size == min(lot, math.ceil(lot * factor * rate))
    assert risk.risk_size(lot, rate * times, factor) <= min(lot, size * times)
    assert risk.risk_size(lot, rate * times, factor) >= size


@pytest.mark.acceptance("S3-N5", "S3-N2")
@given(rate=RATES, factor=st.fractions(0, 5))
def test_the_recheck_ratio_is_proportional_to_the_rate_between_its_ends(rate: Fraction, factor: Fraction) -> None:
    asked = risk.risk_percent(rate, factor, least=10, most=30)

    assert 10 <= asked <= 30
    exact = 100 * factor * rate
    if exact <= 10:
        assert asked == 10
    elif exact >= 30:
        assert asked == 30
    else:
        assert exact <= asked < exact + 1  # the whole percent above it, nothing else


@pytest.mark.acceptance("S3-N5")
@given(percent=st.integers(10, 15), factor=st.integers(1, 3))
def test_twice_the_rate_is_twice_the_ratio(percent: int, factor: int) -> None:
    rate = Fraction(percent, 100 * factor)

    assert risk.risk_percent(rate, Fraction(factor), least=10, most=30) == percent
    assert risk.risk_percent(2 * rate, Fraction(factor), least=10, most=30) == 2 * percent


@pytest.mark.acceptance("S3-N5")
@given(own=PASTS, house=PASTS, prior=st.integers(1, 200), first=RATES, factor=st.fractions(0, 5))
def test_one_more_problem_never_lowers_the_ratio(
    own: risk.Past, house: risk.Past, prior: int, first: Fraction, factor: Fraction
) -> None:
    def asked(past: risk.Past) -> int:
        return risk.ratio(past, house, factor=factor, prior=prior, first=first, least=10, most=30).asked

    assert asked(risk.Past(own.inspected + 1, own.found + 1)) >= asked(own)


@pytest.mark.parametrize(
    ("found", "inspected", "low", "high"), [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (5, 100, 0.0215, 0.1118)]
)
def test_the_interval_of_a_rate_is_wilsons(found: int, inspected: int, low: float, high: float) -> None:
    assert risk.wilson(found, inspected) == pytest.approx((low, high), abs=1e-4)
    assert risk.wilson(0, 0) == (0.0, 1.0)


@pytest.mark.acceptance("S3-N3")
@given(
    strata=st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 40), min_size=1),
    size=st.integers(0, 90),
)
def test_each_stratum_gives_its_share_and_the_shares_add_up(strata: dict[str, int], size: int) -> None:
    units = {f"{name}-{place}": name for name, count in strata.items() for place in range(count)}
    total = len(units)

    drawn = sampling.draw_stratified(units, size, sampling.seed_of("root"))

    assert len(drawn) == len(set(drawn)) == min(size, total)
    for name, count in strata.items():
        exact = Fraction(count * min(size, total), total)
        assert math.floor(exact) <= sum(units[unit] == name for unit in drawn) <= math.ceil(exact)
    assert drawn == sampling.draw_stratified(dict(reversed(units.items())), size, sampling.seed_of("root"))
