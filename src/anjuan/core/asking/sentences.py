"""From a sentence to a question in the house's own grammar (把一句话变成检索式). Pure.

No model reads the sentence. What is known by its form (numbers, codes, times), by the records (names), by the rules
(steps, categories) and by a small term bank is taken; question words and particles are left out; the rest stays as
words. Whoever asked sees all of it, and can ask otherwise.
"""

import datetime as dt
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from anjuan.core.asking import numbers
from anjuan.core.asking.folding import DOTS, encoded, plain, shown
from anjuan.core.asking.grammar import MOST_TERMS, MOST_TYPED, read
from anjuan.core.asking.times import times
from anjuan.core.refusals import Refusal

MOST_SENTENCE = 120  # characters
SHORTEST_NAME, LONGEST_NAME = 2, 20
MOST_ASKED = 6  # questions that are put for one sentence, softer each time
_ALONE = ("and", "or", "not")  # in lower case they are words to the grammar, and noted: no sentence means them


class Kind(StrEnum):
    """What a part of a sentence is (句子成分), the hardest first."""

    NUMBER = "NUMBER"
    CODE = "CODE"
    NAME = "NAME"
    TIME = "TIME"
    TERM = "TERM"
    WORD = "WORD"


HARD = frozenset({Kind.NUMBER, Kind.CODE, Kind.NAME})  # an answer without them would answer another question
_ORDER = tuple(Kind)


@dataclass(frozen=True)
class Known:
    """What is known beside the sentence: facts that whoever asks may know.

    Attributes:
        names: of persons and units on record, folded.
        terms: names of business steps and categories, folded.
    """

    names: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Part:
    """One thing a sentence asks for (检索要素).

    Attributes:
        kind: what it is.
        said: as it stands in the sentence, folded.
        ways: as the grammar has it; any of them will do.
        added: those of the ways that the term bank added.
    """

    kind: Kind
    said: str
    ways: tuple[str, ...]
    added: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """This part in the grammar."""
        return self.ways[0] if len(self.ways) == 1 else f"({' OR '.join(self.ways)})"


@dataclass(frozen=True)
class Sentence:
    """A sentence that was read.

    Attributes:
        typed: as it was typed, blanks trimmed.
        parts: what it asks for, in its own order.
        left_out: question words, particles and single characters that ask for nothing.
        beyond: what was left out because the question would have become too long.
    """

    typed: str
    parts: tuple[Part, ...] = ()
    left_out: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()

    @property
    def question(self) -> str:
        """The whole question in the grammar; empty if nothing is asked for."""
        return question_of(self.parts)


def question_of(parts: Sequence[Part]) -> str:
    """These parts together, in the grammar of docs/reference/search.md."""
    return " ".join(part.asked for part in parts)


def candidates(typed: str) -> frozenset[str]:
    """What in a sentence might be a name, as it was typed and folded: for whoever knows the names on record."""
    found: set[str] = set()
    for text in {_tidy(typed), plain(_tidy(typed))}:
        for run in _NAMED.findall(text):
            for size in range(SHORTEST_NAME, min(LONGEST_NAME, len(run)) + 1):
                found.update(run[at : at + size] for at in range(len(run) - size + 1))
    return frozenset(found)


def understood(typed: str, known: Known, *, today: dt.date) -> Sentence:
    """Read a sentence (理解一句话). Its question is empty, or one that the grammar reads.

    Args:
        typed: as it was typed; what goes beyond `MOST_SENTENCE` characters is not looked at.
        known: names and terms that whoever asks may know.
        today: calendar date that 今年 and 去年 are reckoned from.
    """
    text = plain(_tidy(typed)[:MOST_SENTENCE])
    pieces = _unlabelled(_pieces(text, known, today))
    parts = _together(pieces)
    left = [piece.said for piece in pieces if piece.part is None and not piece.is_blank and not piece.joins]
    good: list[Part] = []
    for part in parts:
        if _is_read(part.asked):
            good.append(part)
        else:
            left.append(part.said)
    kept, beyond = _fitting(good)
    return Sentence(_tidy(typed), tuple(kept), tuple(dict.fromkeys(left)), tuple(beyond))


def softer(parts: Sequence[Part]) -> Iterator[tuple[tuple[Part, ...], tuple[Part, ...]]]:
    """The same question with less and less in it: what is asked, and what was given up for it.

    One part is given up at a time: words from the last to the first, then terms, then times; numbers, codes and names
    never. Where that would be more than `MOST_ASKED` questions the last one gives up all that may be given up. Where
    nothing is hard, the first part of the hardest kind stays.
    """
    order = sorted(range(len(parts)), key=lambda place: (_ORDER.index(parts[place].kind), place))
    going = [place for place in reversed(order) if parts[place].kind not in HARD]
    if len(going) == len(parts):
        going = going[:-1]
    counts = list(range(len(going) + 1))
    if len(counts) > MOST_ASKED:
        counts = [*counts[: MOST_ASKED - 1], len(going)]
    for count in counts:
        gone = set(going[:count])
        yield (
            tuple(part for place, part in enumerate(parts) if place not in gone),
            tuple(parts[place] for place in going[:count]),
        )


def hidden(typed: str) -> str:
    """A text without numbers of persons, whole or in part: as it may be told to others; folded."""
    text = plain(_tidy(typed))
    found: list[str] = []
    at = 0
    for start, end, _ in sorted(_numbers(text), key=lambda each: each[:2]):
        if start >= at:
            found += [text[at:start], "●●●"]
        at = max(at, end)
    return " ".join(" ".join([*found, text[at:]]).split())


@dataclass(frozen=True)
class _Piece:
    """A stretch of the sentence: a part of the question, or what is left out of it."""

    said: str
    part: Part | None = None
    joins: bool = False
    is_blank: bool = False


@dataclass(frozen=True)
class Bank:
    """The term bank and the words that are left out; folded.

    Attributes:
        groups: for each word, the others of its groups.
        left_out: question words, particles, and what every record is.
        joining: conjunctions.
        labels: what says which number follows.
        longest: characters of the longest of all these.
    """

    groups: Mapping[str, tuple[str, ...]]
    left_out: frozenset[str]
    joining: frozenset[str]
    labels: frozenset[str]
    longest: int = field(default=0)


@functools.cache
def bank() -> Bank:
    """The term bank that is shipped (近义词表、疑问词、虚词). Constant data of the package, read once."""
    folder = importlib.resources.files("anjuan.core.asking")
    terms = tomllib.loads(folder.joinpath("terms.toml").read_text(encoding="utf-8"))
    words = tomllib.loads(folder.joinpath("sentences.toml").read_text(encoding="utf-8"))
    groups: dict[str, tuple[str, ...]] = {plain(word): () for word in terms["alone"]}
    for group in terms["groups"]:
        folded = [plain(word) for word in group]
        for word in folded:
            groups[word] = tuple(dict.fromkeys((*groups.get(word, ()), *(each for each in folded if each != word))))
    left_out = frozenset(plain(word) for kind in ("asking", "binding", "general") for word in words[kind])
    joining = frozenset(plain(word) for word in words["joining"])
    labels = frozenset(plain(word) for word in words["labels"])
    for label in labels:
        groups.setdefault(label, ())
    return Bank(groups, left_out, joining, labels, max(map(len, (*groups, *left_out, *joining))))


_DOT = "".join(sorted(DOTS - {"."}))
_NAMED = re.compile(rf"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff{_DOT}()（）]+")
# What is known by its form, on folded text. Signs that part nothing stand for themselves.
_QUOTED = re.compile(r"[\"“”„‟「」『』〝〞]([^\"“”„‟「」『』〝〞]{1,40})[\"“”„‟「」『』〝〞]")
_HIDDEN_NUMBER = re.compile(r"(?<![0-9a-z*])[0-9]{0,17}\*{2,}[0-9]{0,4}[0-9x]?(?![0-9a-z*])")
_TAIL = re.compile(r"(?:尾号|末四位|后四位|最后四位)(?:是|为|:)?([0-9]{3}[0-9x])(?![0-9a-z])")
_CREDIT = re.compile(r"(?<![0-9a-z])(?=[0-9]*[a-z])[0-9a-z]{2}[0-9]{6}[0-9a-z]{10}(?![0-9a-z])")
_CODE = re.compile(rf"(?<![0-9a-z])[0-9a-z]+(?:[-{_DOT}][0-9a-z]+)+(?![0-9a-z])")
_WORD = re.compile(r"[0-9a-z]+")


def _tidy(typed: str) -> str:
    return " ".join("".join(" " if sign == "\0" else sign for sign in typed).split())


def _formed(text: str, today: dt.date) -> dict[int, tuple[int, Part]]:
    """What is known by its form: where it begins, where it ends, and what it is. What stands first wins."""
    found = [*_numbers(text)]
    found += [(t.start, t.end, _part(Kind.TIME, t.said, t.asked)) for t in times(text, today=today)]
    found += [(m.start(), m.end(), _part(Kind.WORD, m[1], f'"{m[1]}"')) for m in _QUOTED.finditer(text)]
    found += [(m.start(), m.end(), _code(m[0])) for m in _CODE.finditer(text) if not m[0].replace("-", "").isalpha()]
    taken: dict[int, tuple[int, Part]] = {}
    until = 0
    # An earlier one wins over what begins inside it, a longer one over a shorter one, and then what is named first.
    for start, end, part in sorted(found, key=lambda each: (each[0], -each[1])):
        if start >= until:
            taken[start] = (end, part)
            until = end
    return taken


def _numbers(text: str) -> list[tuple[int, int, Part]]:
    """Numbers of persons and units, whole and in part."""
    found: list[tuple[int, int, Part]] = []
    for number in numbers.found_in(text):
        said = text[number.start : number.end]
        found.append((number.start, number.end, _part(Kind.NUMBER, said, f"身份证:{number.number}")))
    found += [(m.start(), m.end(), _part(Kind.NUMBER, m[0], f"信用代码:{m[0]}")) for m in _CREDIT.finditer(text)]
    found += [(m.start(), m.end(), _part(Kind.NUMBER, m[0], f"身份证:{m[0]}")) for m in _HIDDEN_NUMBER.finditer(text)]
    found += [(m.start(), m.end(), _part(Kind.NUMBER, m[1], f"身份证:**{m[1]}")) for m in _TAIL.finditer(text)]
    return found


def _part(kind: Kind, said: str, asked: str) -> Part:
    return Part(kind, said, (asked,))


def _code(said: str) -> Part:
    """A code is looked for as a code, and as it stands: on a page a foreign number looks the same."""
    return Part(Kind.CODE, said, (f"档号:{said}", f'"{said}"'))


def _pieces(text: str, known: Known, today: dt.date) -> list[_Piece]:
    formed = _formed(text, today)
    words = bank()
    longest = max([words.longest, *map(len, known.names), *map(len, known.terms)])
    pieces: list[_Piece] = []
    rest = ""
    at = 0
    while at < len(text):
        end, piece = at + 1, None
        if at in formed:
            end, part = formed[at]
            piece = _Piece(text[at:end], part)
        elif (size := _longest(text, at, formed, known, words, longest)) > 0:
            end = at + size
            piece = _meant(text[at:end], known, words)
        elif match := _WORD.match(text, at):
            end = min([match.end(), *(place for place in formed if at < place < match.end())])
            piece = _rest(text[at:end])
        elif not text[at].isalnum():
            piece = _Piece(text[at], joins=text[at] in "、", is_blank=True)
        if piece is None:
            rest += text[at:end]
        else:
            if rest:
                pieces.append(_rest(rest))
                rest = ""
            pieces.append(piece)
        at = end
    return [*pieces, _rest(rest)] if rest else pieces


def _unlabelled(pieces: Sequence[_Piece]) -> list[_Piece]:
    """What only says which number follows is left out; 身份证 alone is asked for."""
    found: list[_Piece] = []
    follows: Kind | None = None
    for piece in reversed(pieces):
        if piece.said in bank().labels and follows in (Kind.NUMBER, Kind.CODE):
            piece = _Piece(piece.said)
        if not piece.is_blank:
            follows = piece.part.kind if piece.part else follows if piece.said in bank().left_out else None
        found.append(piece)
    return found[::-1]


def _longest(text: str, at: int, formed: Collection[int], known: Known, words: Bank, longest: int) -> int:
    """How long the longest known word is that begins here; it goes over nothing that is known by its form."""
    most = min([len(text) - at, longest, *(place - at for place in formed if place > at)])
    for size in range(most, 0, -1):
        piece = text[at : at + size]
        if piece in known.names or piece in known.terms or piece in words.groups:
            return size
        if piece in words.left_out or piece in words.joining:
            return size
    return 0


def _meant(said: str, known: Known, words: Bank) -> _Piece:
    if said in known.names:
        return _Piece(said, _part(Kind.NAME, said, f"姓名:{_spelled(said)}"))
    if said in words.groups or said in known.terms:
        others = words.groups.get(said, ())
        # What holds another word is found with it: asking for both would find nothing more.
        added = tuple(each for each in others if not any(one in each for one in (said, *others) if one != each))
        return _Piece(said, Part(Kind.TERM, said, (_spelled(said), *added), added))
    return _Piece(said, joins=said in words.joining)


def _rest(said: str) -> _Piece:
    if len(said) < 2 or said in _ALONE:
        return _Piece(said)
    return _Piece(said, _part(Kind.WORD, said, _spelled(said)))


def _spelled(said: str) -> str:
    """A word as the grammar reads it as one: with signs in it, between quotes."""
    bare = said.replace('"', "")
    return bare if all(sign.isalnum() or sign in DOTS for sign in bare) else f'"{bare}"'


def _together(pieces: Sequence[_Piece]) -> list[Part]:
    """Parts in their order, each once; what a conjunction joins is one part with several ways, and so are times."""
    parts: list[Part] = []
    is_joined = False
    before: Part | None = None
    for piece in pieces:
        if piece.part is None:
            is_joined = (is_joined and piece.is_blank) or (piece.joins and before is not None)
            before = before if is_joined or (piece.is_blank and piece.said == " ") else None
            continue
        part = piece.part
        if is_joined and before is not None and before.kind is part.kind and parts and parts[-1] is before:
            parts[-1] = part = _either(before, part)
        elif part.asked not in [each.asked for each in parts]:
            parts.append(part)
        before, is_joined = part, False
    return _times_by_turns(parts)


def _either(one: Part, other: Part) -> Part:
    ways = tuple(dict.fromkeys((*one.ways, *other.ways)))
    said = one.said if other.said in one.said else f"{one.said}、{other.said}"
    return replace(one, said=said, ways=ways, added=tuple(dict.fromkeys((*one.added, *other.added))))


def _times_by_turns(parts: Sequence[Part]) -> list[Part]:
    """An item has one date: of several times any will do, but for a beginning and an end that are both open."""
    points = [part for part in parts if part.kind is Kind.TIME and not _is_open(part)]
    if len(points) < 2:
        return list(parts)
    whole = functools.reduce(_either, points)
    return [whole if part is points[0] else part for part in parts if part is points[0] or part not in points]


def _is_open(part: Part) -> bool:
    return any(way.endswith("..") or ":.." in way for way in part.ways)


def _fitting(parts: Sequence[Part]) -> tuple[list[Part], list[str]]:
    """As many parts as one question may have, the hardest first; and what did not fit."""
    kept: dict[int, Part] = {}
    beyond: list[str] = []
    length = terms = 0
    for place in sorted(range(len(parts)), key=lambda each: (_ORDER.index(parts[each].kind), each)):
        part = parts[place]
        while True:
            is_long = length + len(part.asked) + 1 > MOST_TYPED or terms + len(part.ways) > MOST_TERMS
            if not is_long or len(part.ways) == 1:
                break
            part = replace(part, ways=part.ways[:-1], added=tuple(way for way in part.added if way != part.ways[-1]))
        if is_long:
            beyond.append(part.said)
            continue
        kept[place] = part
        length, terms = length + len(part.asked) + 1, terms + len(part.ways)
    return [kept[place] for place in sorted(kept)], beyond


def _is_read(asked: str) -> bool:
    """Whether the grammar reads it, and something in it can be looked for."""
    if not shown(encoded(asked)).strip():
        return False
    try:
        return not any(note.code == "LEFT_OUT" for note in read(asked).notes)
    except Refusal:
        return False
