"""The vocabulary in two languages (中英对照): how a term of `anjuan.core.terms` is spoken.

One source for screens, refusals, the command line and generated reference pages: ``catalogue/words.toml``.
"""

import enum
import functools
import importlib.resources
import tomllib
from collections.abc import Mapping


@functools.cache
def _words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    page = importlib.resources.files("anjuan.core").joinpath("catalogue/words.toml")
    return tomllib.loads(page.read_text(encoding="utf-8"))


def word(term: enum.Enum, language: str = "zh") -> str:
    """A term as it is spoken.

    Args:
        term: a member of one of the vocabulary's enums.
        language: ``zh…`` or anything else for English.

    Raises:
        KeyError: the word list lacks the term; a test holds the list complete.
    """
    return _words()[type(term).__name__][term.name]["zh" if language.startswith("zh") else "en"]


def spoken(value: object, language: str = "zh") -> object:
    """A refusal's parameter as it is spoken: terms as words, several of them joined."""
    if isinstance(value, enum.Enum):
        return word(value, language)
    if isinstance(value, tuple | list | frozenset | set):
        parts = sorted(value, key=str) if isinstance(value, frozenset | set) else value
        joined = ("、" if language.startswith("zh") else ", ").join(str(spoken(part, language)) for part in parts)
        return joined or "—"
    return value


def act_word(act: str, language: str = "zh") -> str:
    """A journal act as it is spoken; an act of a later version of the program stays as it is written."""
    spoken_act = _words()["Act"].get(act)
    return spoken_act["zh" if language.startswith("zh") else "en"] if spoken_act else act


def known_acts() -> frozenset[str]:
    """All acts that have words; a test compares them with the acts that are written."""
    return frozenset(_words()["Act"])
