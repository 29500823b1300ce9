"""How text is folded and cut (折叠与切分), alike for what is kept and for what is asked.

A text becomes atoms: every ideograph alone, Latin words and digits whole. Blanks and line ends fall away; any other
sign *breaks*: what stands before it and after it is not adjacent. A dot inside a name
(艾力·买买提) may be any dot or none.
"""

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from opencc import OpenCC

from anjuan.core.asking import numbers

# Signs of the encoded text. None of them can come from a text: they are blanks to Python, and blanks fall away.
WORD, BREAK, FIELD, NUMBER = "\x1f", "\x1e", "\x1c", "\x1d"
DOTS = frozenset("·•‧・∙⋅●⸱.")  # those of full and half width are folded to these
MOST_TOKEN = 40  # characters of a word that are kept as one token; the text has the rest
SHORT = 40  # signs of a text that is likely to come again
MOST_TOKEN_BYTES = 400_000  # of one unit: an engine's limit is 1 MB; a page of a book has 5 KB
# Signs of a text that has no more tokens than that: a sign is in two of them at most, and has four bytes at most.
SURELY_KEPT_WHOLE = MOST_TOKEN_BYTES // 16
_IDEOGRAPHS_TO_COME = range(0x20000, 0x40000)  # planes of ideographs, some newer than the tables of the language
_ALONE = frozenset(("Lo", "Co", "Lm", "Nl"))


@dataclass(frozen=True)
class Atom:
    """The smallest part of a text.

    Attributes:
        text: folded.
        is_word: a Latin word or digits; else one ideograph.
        breaks: whether a sign stands between it and the atom before it.
        start: where it begins in the text as it was given, in characters.
        end: where it ends there.
    """

    text: str
    is_word: bool
    breaks: bool
    start: int
    end: int


@dataclass(frozen=True)
class Needle:
    """A token that a unit must have to be a candidate; ``is_start`` if it must only begin so."""

    token: str
    is_start: bool = False


@dataclass(frozen=True)
class Phrase:
    """What is looked for in one field or on one page.

    Attributes:
        needles: tokens every unit that holds it has.
        text: a part that the encoded text of every such unit has.
        is_loose: breaks are left out of the text first: the question itself has a sign in it.
        is_certain: a unit with the needle holds it; its text need not be looked at.
    """

    needles: tuple[Needle, ...]
    text: str
    is_loose: bool
    is_certain: bool


def atoms(text: str) -> list[Atom]:
    """The atoms of a text. A number of a person is one atom, `NUMBER`, whatever its digits."""
    signs, spots = _folded(text)
    found: list[Atom] = []
    hidden = {number.start: number.end for number in numbers.found_in(signs)}
    breaks = dotted = False
    at, size = 0, len(signs)
    while at < size:
        sign = signs[at]
        if at in hidden:
            end, is_word, kept = hidden[at], False, NUMBER
        elif _is_alone(sign):
            end, is_word, kept = at + 1, False, sign
        elif sign.isalnum():
            end = at + 1
            while end < size and end not in hidden and signs[end].isalnum() and not _is_alone(signs[end]):
                end += 1
            is_word, kept = True, signs[at:end]
        else:
            dotted = dotted or sign in DOTS
            breaks = breaks or not (sign.isspace() or sign in DOTS)
            at += 1
            continue
        is_inside_a_name = bool(found) and not found[-1].is_word and not is_word
        found.append(
            Atom(kept, is_word, bool(found) and (breaks or (dotted and not is_inside_a_name)), spots[at], spots[end])
        )
        breaks = dotted = False
        at = end
    return found


def encoded(text: str) -> str:
    """A text as the index keeps it: words between `WORD` signs, ideographs in a row, `BREAK` where a sign stood.

    What `atoms` would give, in runs instead of sign by sign: most of the making of an index is this.
    """
    return _encoded_again(text) if len(text) <= SHORT else _encoded_in_runs(text)


@lru_cache(maxsize=32_768)
def _encoded_again(text: str) -> str:
    """Steps, names and units come again and again; titles and pages do not."""
    return _encoded_in_runs(text)


def _encoded_in_runs(text: str) -> str:
    signs = text.translate(_FOLDED)
    kinds = signs.translate(_KINDS)
    for number in numbers.found_in(signs):
        hidden = _NUMBER + _HIDDEN * (number.end - number.start - 1)
        kinds = f"{kinds[: number.start]}{hidden}{kinds[number.end :]}"
    found: list[str] = []
    before = between = ""
    for run in _RUNS.finditer(kinds):
        kind = run.lastgroup
        if kind == "between":
            between = run.group()
            continue
        if found and (_SIGN in between or (_DOT in between and (before == "word" or kind == "word"))):
            found.append(BREAK)
        if kind == "word":
            found.append(f"{WORD}{signs[run.start() : run.end()]}{WORD}")
        else:
            found.append(NUMBER if kind == "hidden" else signs[run.start() : run.end()])
        before, between = kind or "", ""
    return "".join(found)


def joined(texts: Sequence[str]) -> str:
    """Several texts of one kind, encoded: nothing is adjacent across `FIELD`."""
    return FIELD.join(kept for kept in (encoded(text) for text in texts) if kept)


def tokens(kept: str) -> tuple[str, ...]:
    """What the index keeps of an encoded text: adjacent ideographs in pairs, words whole; each once, sorted.

    The last ideograph of a row stands alone as well, so that every single one begins some token.
    """
    if len(kept) <= SHORT:
        return _tokens_again(kept)
    if len(kept) < SURELY_KEPT_WHOLE:
        return tuple(sorted(_tokens_in_runs(kept)))
    found: set[str] = set()
    size = 0
    for token in _tokens(kept):
        if token not in found:
            size += len(token.encode())
            if size > MOST_TOKEN_BYTES:
                break
            found.add(token)
    return tuple(sorted(found))


@lru_cache(maxsize=32_768)
def _tokens_again(kept: str) -> tuple[str, ...]:
    return tuple(sorted(_tokens_in_runs(kept)))


def _tokens_in_runs(kept: str) -> set[str]:
    """What `_tokens` gives, run by run."""
    found: set[str] = set()
    for place, part in enumerate(kept.split(WORD)):
        if place % 2:
            found.add(part[:MOST_TOKEN])
            continue
        for run in _ENDS.split(part):
            if run:
                found.update(map("".join, itertools.pairwise(run)))
                found.add(run[-1])
    return found


def phrase(asked: str, *, is_start: bool = False) -> Phrase | None:
    """What is looked for when this is asked; None if nothing in it can be looked for.

    Args:
        asked: a term or what stood between quotes.
        is_start: its last word may go on (``*``); of ideographs every row goes on anyhow.
    """
    parts = atoms(asked)
    if not parts:
        return None
    goes_on = is_start and parts[-1].is_word
    is_loose = any(part.breaks for part in parts)
    text = _encoded(parts).replace(BREAK, "")
    if goes_on:
        text = text.removesuffix(WORD)
    needles: list[Needle] = []
    for place, part in enumerate(parts):
        if part.text == NUMBER:
            continue
        if part.is_word:
            is_open = goes_on and place == len(parts) - 1
            needles.append(Needle(part.text[:MOST_TOKEN], is_open and len(part.text) <= MOST_TOKEN))
        elif not is_loose and place + 1 < len(parts) and _is_ideograph(parts[place + 1]):
            needles.append(Needle(part.text + parts[place + 1].text))
        elif is_loose or place == 0 or not _is_ideograph(parts[place - 1]):
            needles.append(Needle(part.text, is_start=True))
    is_pair = len(parts) == 2 and all(_is_ideograph(part) for part in parts) and not is_loose
    is_certain = is_pair or (len(parts) == 1 and len(parts[0].text) <= MOST_TOKEN)
    return Phrase(tuple(dict.fromkeys(needles)), text, is_loose, is_certain) if needles else None


def holds(kept: str, looked_for: Phrase) -> bool:
    """Whether an encoded text holds a phrase (判定)."""
    return looked_for.text in (kept.replace(BREAK, "") if looked_for.is_loose else kept)


def whole(name: str) -> str:
    """A name as it is compared whole: folded, without dots, blanks and signs."""
    return _whole_again(name) if len(name) <= SHORT else _whole(name)


@lru_cache(maxsize=32_768)
def _whole_again(name: str) -> str:
    return _whole(name)


def _whole(name: str) -> str:
    return "".join(atom.text for atom in atoms(name) if atom.text != NUMBER)


def spans(text: str, looked_for: Phrase) -> list[tuple[int, int]]:
    """Where a text holds a phrase: starts and ends, in characters of the text as it was given; none overlaps."""
    parts = atoms(text)
    pieces: list[str] = []
    begins: dict[int, int] = {}
    ends: dict[int, int] = {}
    size = 0
    for place, part in enumerate(parts):
        if part.breaks and not looked_for.is_loose:
            pieces.append(BREAK)
            size += 1
        begins[size] = place
        piece = f"{WORD}{part.text}{WORD}" if part.is_word else part.text
        ends.update(dict.fromkeys(range(size + 1, size + len(piece) + 1), place))
        pieces.append(piece)
        size += len(piece)
    kept, found, at = "".join(pieces), [], 0
    while (at := kept.find(looked_for.text, at)) >= 0:
        until = at + len(looked_for.text)
        if at in begins:
            found.append((parts[begins[at]].start, parts[ends[until]].end))
        at = until
    return found


def shown(kept: str) -> str:
    """An encoded text as people can read it: folded, signs and line ends as blanks, numbers of persons as dots."""
    plain = kept.replace(WORD, " ").replace(BREAK, " ").replace(FIELD, " ").replace(NUMBER, "●●●")
    return " ".join(plain.split())


def plain(text: str) -> str:
    """A text with every sign folded, and nothing cut: how a typed number is read."""
    return text.translate(_FOLDED)


def _folded(text: str) -> tuple[str, list[int]]:
    signs: list[str] = []
    spots: list[int] = []
    for place, sign in enumerate(text):
        for each in _fold(sign):
            signs.append(each)
            spots.append(place)
    # An end lies before the next sign: what was dropped between them belongs to the sign before.
    return "".join(signs), [*spots, len(text)]


@lru_cache(maxsize=65_536)
def _fold(sign: str) -> str:
    """One sign, folded: width, case, accents, traditional script; what has no width falls away."""
    bare = "".join(
        each for each in unicodedata.normalize("NFKD", sign) if unicodedata.category(each) not in ("Mn", "Me", "Cf")
    )
    folded = unicodedata.normalize("NFKC", bare).casefold()
    if sign.isascii():
        return folded
    return "".join(_simplified().convert(each) for each in folded)


@cache
def _simplified() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=65_536)
def _is_alone(sign: str) -> bool:
    kind = unicodedata.category(sign)
    return kind in _ALONE or (kind == "Cn" and ord(sign) in _IDEOGRAPHS_TO_COME)


def _kind(sign: str) -> str:
    if _is_alone(sign):
        return _ALONE_SIGN
    if sign.isalnum():
        return _LETTER
    return _DOT if sign in DOTS else _BLANK if sign.isspace() else _SIGN


class _Signs(dict[int, str]):
    """What becomes of signs, for `str.translate`; each is looked at once. There are no more than Unicode has."""

    def __init__(self, made: Callable[[str], str]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, sign: int) -> str:
        self[sign] = found = self._made(chr(sign))
        return found


_ALONE_SIGN, _LETTER, _DOT, _BLANK, _SIGN, _NUMBER, _HIDDEN = "iw. !Nn"
_FOLDED, _KINDS = _Signs(_fold), _Signs(_kind)
_RUNS = re.compile(r"(?P<alone>i+)|(?P<word>w+)|(?P<between>[. !]+)|(?P<hidden>Nn*)")
_ENDS = re.compile(f"[{BREAK}{FIELD}{NUMBER}]")


def _is_ideograph(part: Atom) -> bool:
    return not part.is_word and part.text != NUMBER


def _encoded(parts: Sequence[Atom]) -> str:
    return "".join(
        (BREAK if part.breaks else "") + (f"{WORD}{part.text}{WORD}" if part.is_word else part.text) for part in parts
    )


def _tokens(kept: str) -> Iterator[str]:
    at, size = 0, len(kept)
    while at < size:
        sign = kept[at]
        if sign == WORD:
            end = kept.index(WORD, at + 1)
            yield kept[at + 1 : end][:MOST_TOKEN]
            at = end + 1
            continue
        at += 1
        if sign in (BREAK, FIELD, NUMBER):
            continue
        follower = kept[at] if at < size else ""
        yield sign if follower in ("", WORD, BREAK, FIELD, NUMBER) else sign + follower
