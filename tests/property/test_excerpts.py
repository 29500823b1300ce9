"""An excerpt cuts nothing that means something else when it is cut."""

import re

from hypothesis import given
from hypothesis import strategies as st

from anjuan.core.asking.excerpts import GAP, NUMERALS, excerpt
from anjuan.core.asking.folding import BREAK, WORD, encoded, phrase

ROW = re.compile(f"(?:{WORD}[^{WORD}]+{WORD}|[{NUMERALS}])+")
BITS = [
    "退休",
    "待遇",
    "核定",
    "甲",
    "乙丙丁",
    "3,456.78",
    "12",
    "2019-03-15",
    "一万三千",
    "SL2024",
    "，",
    "。",
    " ",
    "3万",
    "\n",
]
TEXTS = st.lists(st.sampled_from(BITS), min_size=1, max_size=60).map("".join)


def rows(text: str) -> set[str]:
    """Numbers of a text, written and spoken, a row being one."""
    return set(ROW.findall(encoded(text).replace(BREAK, "")))


@given(
    TEXTS, st.integers(0, 20), st.lists(st.sampled_from(["退休", "待遇核定", "12", "甲", "3,456.78", "万"]), max_size=3)
)
def test_every_number_of_an_excerpt_is_a_whole_number_of_the_text(text: str, around: int, words: list[str]) -> None:
    kept = encoded(text)
    asked = [found for word in words if (found := phrase(word)) is not None]

    pieces = excerpt(kept, asked, around=around)

    told = "".join(piece for piece, _ in pieces)
    whole = rows(text)
    for stretch in told.split(GAP):
        assert rows(stretch) <= whole, stretch
    assert bool(pieces) == any(found.text in kept or found.text in kept.replace(BREAK, "") for found in asked)


def test_stretches_that_touch_are_one_and_what_is_left_out_is_shown() -> None:
    kept = encoded(f"甲{'乙' * 30}退休{'丙' * 4}待遇{'丁' * 30}核定")
    asked = [found for word in ("退休", "待遇", "核定", "没有") if (found := phrase(word)) is not None]

    assert excerpt(kept, asked, around=3) == (
        (GAP, False),
        ("乙乙乙", False),
        ("退休", True),
        ("丙丙丙丙", False),
        ("待遇", True),
        ("丁丁丁", False),
        (GAP, False),
        ("丁丁丁", False),
        ("核定", True),
    )


def test_a_mark_between_two_numbers_joins_them_to_no_third() -> None:
    asked = phrase("2019")
    assert asked is not None

    assert "".join(text for text, _ in excerpt(encoded("共 12，2019 34 元"), [asked], around=20)) == "共 12 2019 34 元"
