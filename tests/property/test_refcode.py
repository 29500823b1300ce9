"""Properties of 档号: what is composed is read back, and orders as numbers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anjuan.core import refcode

RULES = [
    refcode.template(text)
    for text in (
        refcode.DEFAULT_TEMPLATE,
        "{fonds}{category}{year}·{agency}-{volume:4}-{item:3}-{page:3}",
        "{fonds}-{line}·{term}·{category}·{year}-{volume:6}",
        "{fonds}·{year}·{category}·{agency}·{item:5}·{page:2}",
    )
]
AGENCIES = st.text("0123456789ABCXYZ滨海中心", min_size=1, max_size=12)


@st.composite
def coded(draw: st.DrawFn, rule: refcode.Template) -> tuple[str, dict[str, str | int]]:
    """A level of a rule, and a value for each token up to it."""
    level = draw(st.sampled_from([token.name for token in rule.tokens() if token.width]))
    values: dict[str, str | int] = {}
    for part in rule.upto(level):
        if not isinstance(part, refcode.Token):
            continue
        if part.width:
            values[part.name] = draw(st.integers(1, 10**part.width - 1))
        else:
            values[part.name] = draw(
                {
                    "fonds": st.from_regex(r"[A-Z][0-9]{3}", fullmatch=True),
                    "category": st.from_regex(r"[0-9]{2}", fullmatch=True),
                    "year": st.integers(1900, 2199).map(str),
                    "agency": AGENCIES,
                    "line": st.text("ABCDEF", min_size=1, max_size=6),
                    "term": st.one_of(st.just("Y"), st.integers(1, 999).map("D{}".format)),
                }[part.name]
            )
    return level, values


@pytest.mark.acceptance("STD-5")
@given(rule=st.sampled_from(RULES), data=st.data())
def test_what_is_composed_is_read_back_with_the_same_values(rule: refcode.Template, data: st.DataObject) -> None:
    level, values = data.draw(coded(rule))

    text = refcode.compose(rule, level, values)
    read = refcode.parse(rule, text)

    assert dict(read.values) == values
    assert read.text == text == refcode.normalise(text)


@pytest.mark.acceptance("STD-5")
@given(rule=st.sampled_from(RULES), data=st.data())
def test_two_different_sets_of_values_never_give_one_code(rule: refcode.Template, data: st.DataObject) -> None:
    one, other = data.draw(coded(rule)), data.draw(coded(rule))

    same = refcode.compose(rule, *one) == refcode.compose(rule, *other)

    assert same is (one == other)


@pytest.mark.acceptance("STD-5")
@given(numbers=st.lists(st.tuples(st.integers(1, 9999), st.integers(1, 999)), min_size=2, max_size=8))
def test_codes_of_one_agency_and_year_order_as_their_numbers(numbers: list[tuple[int, int]]) -> None:
    rule = RULES[0]
    written = {
        pair: refcode.compose(
            rule,
            "item",
            {"fonds": "J001", "category": "03", "year": "2024", "agency": "BH", "volume": pair[0], "item": pair[1]},
        )
        for pair in numbers
    }

    ordered = sorted(written, key=lambda pair: refcode.parse(rule, written[pair]).order())

    assert ordered == sorted(written)


@given(text=st.text(max_size=40))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = refcode.normalise(text)

    assert refcode.normalise(once) == once


@given(numbers=st.lists(st.integers(1, 30)))
def test_a_run_without_gaps_or_doubles_is_exactly_one_two_three(numbers: list[int]) -> None:
    missing, doubled = refcode.gaps(numbers)

    assert (not missing and not doubled) is (sorted(numbers) == list(range(1, len(numbers) + 1)))
