"""What one term means (检索词): a number, part of a number, or words."""

import re

from anjuan.core.asking import numbers
from anjuan.core.asking.folding import phrase, plain
from anjuan.core.asking.questions import Masked, Number, Place, Question, Words, every, some
from anjuan.core.refusals import Refusal

_HIDDEN = re.compile(r"([0-9]*)\*{2,}([0-9]*[0-9x]?)")
_DIGITS = re.compile(r"[0-9]{6,17}")
_OLD_FORM = 15


def term(asked: str, *, is_quoted: bool = False, place: Place = Place.ANYWHERE) -> Question | None:
    """What a term means that stands in no field; None if nothing in it can be looked for.

    Raises:
        X-006: a star stands inside a word.
        X-007: too few digits of a number are known, or others than the first and the last four.
    """
    if is_quoted:
        return words(asked, place=place)
    if hidden := _HIDDEN.fullmatch(plain(asked)):
        return masked(asked, hidden[1], hidden[2].upper())
    is_start = asked.endswith("*")
    bare = asked.removesuffix("*")
    if "*" in bare:
        raise Refusal("X-006", word=asked[:40])
    found = words(bare, is_start=is_start, place=place)
    digits = plain(bare)
    if found is None or place is not Place.ANYWHERE or not _DIGITS.fullmatch(digits):
        return found
    if isinstance(found, Number) and is_start:
        return Masked(asked, digits)  # so many digits are kept as digests alone, and only persons' by their beginning
    if len(digits) == _OLD_FORM:
        return found
    return some([found, Masked(asked, digits)])  # a word or a number of these digits, or how a person's begins


def words(asked: str, *, is_start: bool = False, place: Place = Place.ANYWHERE) -> Question | None:
    """Words, and the whole numbers of persons among them apart: these are kept as digests."""
    folded = plain(asked)
    found = [number.number for number in numbers.found_in(folded)]
    parts: list[Question] = [Number(asked, number) for number in found]
    looked_for = phrase(asked, is_start=is_start)
    if looked_for is not None:
        parts.append(Words(asked, looked_for, place))
    return every(parts) if parts else None


def masked(asked: str, head: str, tail: str) -> Masked:
    """A number of which some digits are hidden.

    Raises:
        X-007: too few digits are known, or others than the first and the last four.
    """
    is_head = not head or numbers.SHORTEST_START <= len(head) <= numbers.LONGEST_START
    if not is_head or len(tail) not in (0, numbers.TAIL) or not (head or tail):
        raise Refusal("X-007", typed=asked[:40])
    return Masked(asked, head, tail)
