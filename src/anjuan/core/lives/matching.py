"""Whether two mentions are one person (同一人判断): SAME, DOUBTFUL or OTHER, with the reasons.

Conservative on purpose. SAME is said of one whole valid number (an old one of 15 digits is widened) under one name, or
under names that a confirmed change links. Two different valid numbers are never SAME: whether they are one person's is
for a person to decide. A name alone says nothing.
"""

import datetime as dt
import enum
from dataclasses import dataclass

from anjuan.core import identifiers
from anjuan.core.asking.folding import whole
from anjuan.core.refusals import Refusal

_OLD, _FULL = 15, 18


class Likeness(enum.StrEnum):
    """Whether two mentions are one (判断)."""

    SAME = "SAME"
    DOUBTFUL = "DOUBTFUL"
    OTHER = "OTHER"


class Sign(enum.StrEnum):
    """What speaks for or against it (依据)."""

    SAME_NUMBER = "SAME_NUMBER"
    WIDENED_NUMBER = "WIDENED_NUMBER"
    NEAR_NUMBER = "NEAR_NUMBER"
    OTHER_NUMBER = "OTHER_NUMBER"
    WRONG_NUMBER = "WRONG_NUMBER"
    NO_NUMBER = "NO_NUMBER"
    SAME_NAME = "SAME_NAME"
    KNOWN_NAME = "KNOWN_NAME"
    OTHER_NAME = "OTHER_NAME"
    SAME_BIRTH = "SAME_BIRTH"
    NEAR_BIRTH = "NEAR_BIRTH"
    OTHER_BIRTH = "OTHER_BIRTH"
    OTHER_SEX = "OTHER_SEX"
    SAME_REGION = "SAME_REGION"
    SAME_UNIT = "SAME_UNIT"
    SAME_CODE = "SAME_CODE"
    NO_CODE = "NO_CODE"
    OTHER_CODE = "OTHER_CODE"


@dataclass(frozen=True)
class Judgement:
    """The answer, and what it rests on, the strongest first."""

    likeness: Likeness
    signs: tuple[Sign, ...]


@dataclass(frozen=True)
class Mention:
    """A person as one source names him.

    Attributes:
        name: as written.
        number: citizen number as written: 18 characters, 15 of old, wrong or empty.
        known_names: other names that a confirmed change gives him.
        units: employers he is named with.
        birth: as stated beside the number, or None.
        sex: 男 or 女 as stated, or empty.
    """

    name: str
    number: str = ""
    known_names: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    birth: dt.date | None = None
    sex: str = ""


class _Kind(enum.Enum):
    NONE = 0
    WHOLE = 1
    OLD = 2
    WRONG = 3


@dataclass(frozen=True)
class _Read:
    kind: _Kind
    written: str
    full: str  # 18 characters where the number is whole or old, else as written
    birth: dt.date | None
    sex: str

    @property
    def is_sound(self) -> bool:
        return self.kind in (_Kind.WHOLE, _Kind.OLD)


def judge(one: Mention, other: Mention) -> Judgement:
    """Whether two mentions are one person. Symmetric: the order of the two never matters."""
    a, b = _read(one), _read(other)
    named, is_named = _named(one, other)
    if a.is_sound and b.is_sound and a.full == b.full:
        sign = Sign.SAME_NUMBER if a.kind is b.kind else Sign.WIDENED_NUMBER
        if against := _against(one, other, a, b):
            return Judgement(Likeness.DOUBTFUL, (sign, named, *against))
        return Judgement(Likeness.SAME if is_named else Likeness.DOUBTFUL, (sign, named))
    about = _about_number(a, b)
    if not is_named:
        return Judgement(Likeness.OTHER, (about, named))
    further = _further(one, other, a, b)
    is_doubtful = about is Sign.NEAR_NUMBER or (about is Sign.WRONG_NUMBER and a.written == b.written)
    if {Sign.SAME_BIRTH} <= further and further & {Sign.SAME_UNIT, Sign.SAME_REGION}:
        is_doubtful = True
    if {Sign.NEAR_BIRTH, Sign.SAME_UNIT, Sign.SAME_REGION} <= further:
        is_doubtful = True
    signs = (about, named, *(sign for sign in Sign if sign in further))
    return Judgement(Likeness.DOUBTFUL if is_doubtful else Likeness.OTHER, signs)


def is_near(one: str, other: str) -> bool:
    """Whether one slip of the pen makes one number of the other: a digit wrong, lost or added, or two exchanged.

    Of two whole numbers the check character is left out: whoever mistypes an old number of 15 gets another one.
    """
    if one == other:
        return True
    if len(one) == len(other) == _FULL:
        return _one_slip(one[:-1], other[:-1])
    return _one_slip(one, other)


def _one_slip(one: str, other: str) -> bool:
    if one == other:
        return True
    if len(one) == len(other):
        wrong = [place for place, (x, y) in enumerate(zip(one, other, strict=True)) if x != y]
        if len(wrong) == 1:
            return True
        first = wrong[0]
        return wrong == [first, first + 1] and (one[first], one[first + 1]) == (other[first + 1], other[first])
    short, long = sorted((one, other), key=len)
    return len(long) - len(short) == 1 and any(long[:place] + long[place + 1 :] == short for place in range(len(long)))


def _read(mention: Mention) -> _Read:
    written = identifiers.fold(mention.number)
    if not written:
        return _Read(_Kind.NONE, "", "", mention.birth, mention.sex)
    try:
        full = identifiers.citizen_id(written)
    except Refusal:
        return _Read(_Kind.WRONG, written, written, mention.birth, mention.sex)
    kind = _Kind.OLD if len(written) == _OLD else _Kind.WHOLE
    return _Read(kind, written, full, identifiers.birth_date(full), sex_of(full))


def sex_of(number: str) -> str:
    """The sex in a valid number of 18 characters: 男 where the 17th digit is odd (GB 11643)."""
    return "男" if int(number[16]) % 2 else "女"


def _named(one: Mention, other: Mention) -> tuple[Sign, bool]:
    if whole(one.name) == whole(other.name):
        return Sign.SAME_NAME, True
    names = {whole(name) for name in (one.name, *one.known_names)}
    if names & {whole(name) for name in (other.name, *other.known_names)}:
        return Sign.KNOWN_NAME, True
    return Sign.OTHER_NAME, False


def _against(one: Mention, other: Mention, a: _Read, b: _Read) -> tuple[Sign, ...]:
    """What is stated beside a number and contradicts it: a number that two people share shows so."""
    found = []
    stated = [mention.birth for mention in (one, other) if mention.birth]
    if any(birth != a.birth for birth in stated):
        found.append(Sign.OTHER_BIRTH)
    if any(mention.sex and mention.sex != a.sex for mention in (one, other)):
        found.append(Sign.OTHER_SEX)
    return tuple(found)


def _about_number(a: _Read, b: _Read) -> Sign:
    if _Kind.NONE in (a.kind, b.kind):
        return Sign.NO_NUMBER
    if _Kind.WRONG in (a.kind, b.kind):
        if a.written == b.written:
            return Sign.WRONG_NUMBER
        pairs = ((a.written, b.written), (a.full, b.full), (a.written, b.full), (a.full, b.written))
        return Sign.NEAR_NUMBER if any(is_near(x, y) for x, y in pairs) else Sign.WRONG_NUMBER
    return Sign.NEAR_NUMBER if is_near(a.full, b.full) else Sign.OTHER_NUMBER


def _further(one: Mention, other: Mention, a: _Read, b: _Read) -> frozenset[Sign]:
    found: set[Sign] = set()
    if a.birth and b.birth:
        if a.birth == b.birth:
            found.add(Sign.SAME_BIRTH)
        elif _one_part(a.birth, b.birth):
            found.add(Sign.NEAR_BIRTH)
        else:
            found.add(Sign.OTHER_BIRTH)
    if a.sex and b.sex and a.sex != b.sex:
        found.add(Sign.OTHER_SEX)
    if a.is_sound and b.is_sound and a.full[:6] == b.full[:6]:
        found.add(Sign.SAME_REGION)
    if {whole(unit) for unit in one.units} & {whole(unit) for unit in other.units}:
        found.add(Sign.SAME_UNIT)
    return frozenset(found)


def _one_part(one: dt.date, other: dt.date) -> bool:
    return ((one.year != other.year) + (one.month != other.month) + (one.day != other.day)) == 1


@dataclass(frozen=True)
class UnitMention:
    """A unit as one source names it; ``code`` a credit code of 18 characters, an organisation code of 9, or empty."""

    name: str
    code: str = ""
    known_names: frozenset[str] = frozenset()


def judge_units(one: UnitMention, other: UnitMention) -> Judgement:
    """Whether two mentions are one unit. The organisation code (组织机构代码) is the 9th to 17th sign of a credit code.

    Standard: GB 32100-2015, 4 (the organisation code stands within the credit code).
    """
    names = {whole(name) for name in (one.name, *one.known_names)}
    if whole(one.name) == whole(other.name):
        named = Sign.SAME_NAME
    elif names & {whole(name) for name in (other.name, *other.known_names)}:
        named = Sign.KNOWN_NAME
    else:
        named = Sign.OTHER_NAME
    a, b = identifiers.fold(one.code), identifiers.fold(other.code)
    is_named = named is not Sign.OTHER_NAME
    if not a or not b:
        return Judgement(Likeness.DOUBTFUL if is_named else Likeness.OTHER, (Sign.NO_CODE, named))
    if _organisation(a) == _organisation(b):
        is_one = is_named and (a == b or len(a) != len(b))
        return Judgement(Likeness.SAME if is_one else Likeness.DOUBTFUL, (Sign.SAME_CODE, named))
    # One name under two codes: renamed, re-registered or namesakes. Codes are given once, so no judgement is made.
    return Judgement(Likeness.DOUBTFUL if is_named else Likeness.OTHER, (Sign.OTHER_CODE, named))


def _organisation(code: str) -> str:
    return code[8:17] if len(code) == _FULL else code
