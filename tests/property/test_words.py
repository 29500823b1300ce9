"""Looking a text up within another with some letters wrong: the quick way counts what the plain way counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anjuan.core.reading.words import edits_within, holds

LETTERS = st.text("甲乙丙1 ", max_size=70)


@given(text=LETTERS, wanted=LETTERS.filter(bool))
def test_the_quick_way_counts_what_the_plain_way_counts(text: str, wanted: str) -> None:
    edits = edits_within(text, wanted)

    if text:
        assert holds(text, wanted) == pytest.approx(1 - edits / len(wanted))
    else:
        assert edits == len(wanted)
