"""What words are (检索词): how text is folded and cut for the index, and when a text holds what was asked.

The index only gives candidates; ``holds`` decides. So both engines agree by construction (decision 23).
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_TOKEN_BYTES = 400_000  # of one unit: an engine's limit is 1 MB; a page of a book has 5 KB
MOST_WORD = 64  # characters; what is longer is no word
MOST_TERMS = 8

_BREAK = "\ufffc"
# Numbers of persons never stand in the index: 15 digits or more in a row, as they are printed in groups, or one by one.
_NUMBERS = re.compile(
    r"\d{15,}[Xx]?"
    r"|\d{6}[\s-]\d{6,8}[\s-]\d{3}[\dXx]?"
    r"|\d{6}[\s-]\d{4}[\s-]\d{4}[\s-]\d{3}[\dXx]"
    r"|(?:\d[\s-]){14,17}[\dXx]"
)

Term = tuple[str, ...]


@dataclass(frozen=True)
class Needle:
    """A token that a unit must have to be a candidate; ``is_start`` if it must only begin so."""

    token: str
    is_start: bool = False


def atoms(text: str) -> Iterator[str]:
    """The smallest parts of a text: each ideograph alone, Latin words and digits whole; signs and blanks fall away."""
    word = ""
    for sign in unicodedata.normalize("NFKC", text).casefold():
        is_single = unicodedata.category(sign) in ("Lo", "Co")  # rare characters may stand in the private area
        if sign.isalnum() and not is_single:
            word += sign
            continue
        if word:
            yield word[:MOST_WORD]
            word = ""
        if is_single or sign == _BREAK:
            yield sign
    if word:
        yield word[:MOST_WORD]


def tokens(texts: Iterable[str]) -> tuple[str, ...]:
    """What the index keeps of texts: ideographs in pairs, words whole, no numbers of persons; each once, sorted.

    The last of a row of ideographs stands alone as well, so that every single one begins some token.
    """
    found: set[str] = set()
    size = 0
    for text in texts:
        folded = _NUMBERS.sub(_BREAK, unicodedata.normalize("NFKC", text))
        for run in _runs(atoms(folded)):
            for token in (*(first + second for first, second in itertools.pairwise(run)), run[-1]):
                size += len(token.encode())
                if size > MOST_TOKEN_BYTES:
                    return tuple(sorted(found))
                found.add(token)
    return tuple(sorted(found))


def terms(typed: str) -> tuple[Term, ...]:
    """What was asked: words between blanks, all of which a record must hold; each a phrase on one page."""
    found = [tuple(atoms(part)) for part in typed.split()]
    return tuple(term for term in dict.fromkeys(found) if term)[:MOST_TERMS]


def needles(term: Term) -> tuple[Needle, ...]:
    """The tokens that every unit holding a term has; none if the term is but a number that is not kept."""
    found: list[Needle] = []
    for run in _runs(atoms(_NUMBERS.sub(_BREAK, "-".join(term)))):
        if len(run) == 1:
            found.append(Needle(run[0], is_start=_is_ideograph(run[0])))
        found += [Needle(first + second) for first, second in itertools.pairwise(run)]
    return tuple(dict.fromkeys(found))


def holds(texts: Iterable[str], term: Term) -> bool:
    """Whether one of these texts has the parts of a term in a row (判定)."""
    wanted = "\x1f".join(("", *term, ""))
    return any(wanted in "\x1f".join(("", *atoms(text), "")) for text in texts)


def _runs(parts: Iterable[str]) -> Iterator[list[str]]:
    """Ideographs that stand in a row, together; every word by itself."""
    run: list[str] = []
    for part in parts:
        if _is_ideograph(part):
            run.append(part)
            continue
        if run:
            yield run
            run = []
        if part != _BREAK:
            yield [part]
    if run:
        yield run


def _is_ideograph(part: str) -> bool:
    return unicodedata.category(part[0]) in ("Lo", "Co")
