"""The vocabulary is spoken in two languages, completely."""

import ast
import enum
import inspect
import tomllib
from pathlib import Path

import pytest

import anjuan
from anjuan.bridges.exchange.rules import ReplyOutcome
from anjuan.core import arrangement, lifecycle, retention, terms, words
from anjuan.core.terms import Post, State
from anjuan.facilities.signing.rules import KeyKind

ROOT = Path(anjuan.__file__).parent
ENUMS: list[type[enum.Enum]] = [
    *(found for _, found in inspect.getmembers(terms, inspect.isclass) if issubclass(found, enum.Enum)),
    arrangement.Facet,
    lifecycle.Evidence,
    retention.TermKind,
    KeyKind,
    ReplyOutcome,
]
TERMS = [term for found in ENUMS if found.__module__.startswith("anjuan") for term in found]


def acts_written() -> set[str]:
    """Every act that some deed passes to ``journal.writing``."""
    found = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "writing":
                for keyword in node.keywords:
                    if keyword.arg == "act":
                        assert isinstance(keyword.value, ast.Constant), f"{path}: an act is written as a literal"
                        found.add(str(keyword.value.value))
    return found


@pytest.mark.parametrize("term", TERMS, ids=str)
def test_every_term_has_its_word_in_both_languages(term: enum.Enum) -> None:
    assert words.word(term, "zh-hans").strip()
    assert words.word(term, "en").strip()
    assert words.word(term, "en").isascii()


def test_no_word_is_left_over_for_a_term_that_is_gone() -> None:
    listed = tomllib.loads((ROOT / "core/catalogue/words.toml").read_text(encoding="utf-8"))
    listed.pop("Act")

    known = {(type(term).__name__, term.name) for term in TERMS}

    assert {(kind, name) for kind, names in listed.items() for name in names} == known


def test_every_act_that_is_written_has_its_word_and_no_word_is_for_nothing() -> None:
    assert words.known_acts() == acts_written()


def test_two_acts_or_states_are_never_spoken_the_same_way() -> None:
    for language in ("zh", "en"):
        spoken = [words.word(state, language) for state in State]
        assert len(set(spoken)) == len(spoken)
        said = [words.act_word(act, language) for act in words.known_acts()]
        assert len(set(said)) == len(said)


def test_several_terms_are_joined_as_the_language_joins_them() -> None:
    posts = frozenset({Post.KEEPER, Post.HANDLER})

    assert words.spoken(posts, "zh") == f"{words.word(Post.HANDLER)}、{words.word(Post.KEEPER)}"
    assert words.spoken((), "en") == "—"
    assert words.spoken(7) == 7


def test_an_act_of_a_later_version_stays_as_it_is_written() -> None:
    assert words.act_word("future.deed") == "future.deed"
