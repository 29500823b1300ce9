"""Whatever is typed, nothing breaks: the question is empty, or the grammar reads it, and what is hard stays."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from anjuan.core.asking import grammar, sentences
from anjuan.core.asking.questions import Key, Keyed, Number, leaves
from anjuan.core.asking.sentences import HARD, Known
from tests.builders import number

TODAY = dt.date(2026, 11, 23)
BANK = sentences.bank()
SIGNS = ["(", ")", '"', "“", "”", "*", "**", "..", ":", "姓名:", "-", "|", "OR", "AND", "NOT", "²", "①", "\x00", "●●●"]
BITS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(sorted((*BANK.groups, *BANK.left_out, *BANK.joining))),
    st.sampled_from(
        ["王伟", "2019年", "2018-", "年13月", "以后", "到2020", "SL2024-0001", "110105194912310021", *SIGNS]
    ),
)
SENTENCES = st.lists(BITS, max_size=14).map("".join)
KNOWN = Known(frozenset({"王伟"}), frozenset({"退休待遇核定"}))


@given(SENTENCES)
def test_arbitrary_text_never_raises_and_what_comes_of_it_is_read(sentence: str) -> None:
    read = sentences.understood(sentence, KNOWN, today=TODAY)

    assert bool(read.question) == bool(read.parts)
    for kept, gone in sentences.softer(read.parts) if read.parts else ():
        assert kept
        grammar.read(sentences.question_of(kept))
        assert [part for part in read.parts if part.kind in HARD] == [part for part in kept if part.kind in HARD]
        assert sorted(map(str, (*kept, *gone))) == sorted(map(str, read.parts))
    sentences.hidden(sentence)
    sentences.candidates(sentence)


@given(
    st.lists(st.sampled_from([*sorted(BANK.left_out), "退休", "核定表", "2019年"]), max_size=6),
    st.integers(1, 400),
    st.booleans(),
)
def test_a_name_a_number_and_a_code_are_never_lost(words: list[str], serial: int, is_first: bool) -> None:
    whose = number(serial)
    middle = f"王伟，{whose}，SL2024-{serial:04}，"
    sentence = middle + "".join(words) if is_first else "".join(words) + "，" + middle

    read = sentences.understood(sentence, KNOWN, today=TODAY)
    found = list(leaves(grammar.read(read.question).question))

    assert any(isinstance(leaf, Keyed) and leaf.key is Key.NAME and leaf.value == "王伟" for leaf in found)
    assert any(isinstance(leaf, Number) and leaf.number == whose for leaf in found)
    assert any(isinstance(leaf, Keyed) and leaf.key is Key.CODE for leaf in found)
