"""Whatever two mentions say: the answer is the same either way round, and two valid numbers are never one person's."""

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anjuan.core import identifiers
from anjuan.core.lives.matching import Likeness, Mention, judge
from anjuan.core.lives.months import gaps, month_of, stretches

# The table of scripts is read at the first name.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
BIRTHS = st.dates(dt.date(1900, 1, 1), dt.date(1999, 12, 31))
NAMES = st.sampled_from(["林晓", "林曉", "林笑", "艾力·买买提", "艾力买买提", "𠮷野", "王伟"])
UNITS = st.frozensets(st.sampled_from(["甲厂", "乙厂"]))


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A valid number, an old one, a slip of one, or none."""
    first17 = f"99900{draw(st.integers(1, 3))}{draw(BIRTHS):%Y%m%d}{draw(st.integers(1, 30)):03}"
    full = first17 + identifiers.id_check_digit(first17)
    place, digit = draw(st.integers(0, 17)), draw(st.sampled_from("0123456789"))
    return draw(st.sampled_from([full, full[:6] + full[8:17], full[:place] + digit + full[place + 1 :], full[:-1], ""]))


@st.composite
def mentions(draw: st.DrawFn) -> Mention:
    """A mention with whatever is known."""
    return Mention(
        draw(NAMES),
        draw(numbers()),
        known_names=draw(st.frozensets(NAMES, max_size=2)),
        units=draw(UNITS),
        birth=draw(st.none() | BIRTHS),
        sex=draw(st.sampled_from(["", "男", "女"])),
    )


@unhurried
@given(mentions(), mentions())
def test_the_answer_is_the_same_either_way_round(one: Mention, other: Mention) -> None:
    assert judge(one, other).likeness is judge(other, one).likeness
    assert set(judge(one, other).signs) == set(judge(other, one).signs)


@unhurried
@given(mentions(), mentions())
def test_same_is_said_of_one_whole_number_alone(one: Mention, other: Mention) -> None:
    if judge(one, other).likeness is Likeness.SAME:
        assert identifiers.is_valid_id(one.number) and identifiers.is_valid_id(other.number)
        assert identifiers.full(one.number) == identifiers.full(other.number)


@unhurried
@given(mentions())
def test_an_old_number_and_its_widened_form_are_one(mention: Mention) -> None:
    if identifiers.is_valid_id(mention.number) and not mention.birth and not mention.sex:
        full = identifiers.full(mention.number)
        old = full[:6] + full[8:17]
        if full[6:8] == "19":
            assert judge(Mention(mention.name, full), Mention(mention.name, old)).likeness is Likeness.SAME


@given(st.sets(st.integers(1990 * 12, 1996 * 12)))
def test_paid_months_and_gaps_fill_the_time_between_and_never_overlap(months: set[int]) -> None:
    paid = [month_of(number) for number in months]

    covered = sum(each.count for each in stretches(paid)) + sum(each.count for each in gaps(paid))

    assert sum(each.count for each in stretches(paid)) == len(months)
    assert covered == (max(months) - min(months) + 1 if months else 0)
