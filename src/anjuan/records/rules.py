"""What a record must be to be one (著录要求)."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anjuan.core import identifiers, refcode
from anjuan.core.refcode import Template
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, Custody, State

# Where a description may be changed without a fault raised: nothing is sealed, and no reviewer sits over it now.
DESCRIBABLE = (State.COLLECTING, State.REVIEWED, State.FILING)
_FORBIDDEN_CATEGORIES = {"Cc", "Cs", "Co", "Cn"}


@dataclass(frozen=True)
class Person:
    """An insured person as named on a form."""

    name: str
    id_number: str


@dataclass(frozen=True)
class Employer:
    """An employer as named on a form; the code may be missing on old forms."""

    name: str
    credit_code: str = ""


def text(field: str, value: str, *, limit: int) -> str:
    """A described text: trimmed, in NFC, without control or private-use characters, within its length (D06, D08).

    Rare characters (beyond the BMP too) are kept as they are: nothing is transliterated.

    Raises:
        R-010: empty, too long, or with a character that cannot be kept.
    """
    tidy = unicodedata.normalize("NFC", value).strip()
    if not tidy:
        raise Refusal("R-010", field=field, reason="空白 / empty")
    if len(tidy) > limit:
        raise Refusal("R-010", field=field, reason=f"{len(tidy)} > {limit}")
    for sign in tidy:
        if unicodedata.category(sign) in _FORBIDDEN_CATEGORIES:
            raise Refusal("R-010", field=field, reason=f"U+{ord(sign):04X}")
    return tidy


def check_not_forwarded(custody: Custody, *, reference: str) -> None:
    """Whether this house still answers for a record (保管权): one that was sent on is seen here, and left alone.

    Raises:
        R-080: another office answers for it.
    """
    if custody is Custody.FORWARDED:
        raise Refusal("R-080", reference=reference)


def persons(named: tuple[Person, ...]) -> tuple[Person, ...]:
    """The persons of one record: numbers valid, nobody twice (D02, D09).

    Raises:
        R-001, R-002, R-003: a number is wrong.
        R-007: a number stands twice.
        R-010: a name cannot be kept.
    """
    seen: set[str] = set()
    checked = []
    for person in named:
        number = identifiers.citizen_id(person.id_number)
        if number in seen:
            raise Refusal("R-007", tail=number[-4:])
        seen.add(number)
        checked.append(Person(text("姓名 name", person.name, limit=120), number))
    return tuple(checked)


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are one name: a dot inside may be any dot, width and blanks do not count."""
    return _name_key(one) == _name_key(other)


def _name_key(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).upper()
    return "".join(sign for sign in folded if not sign.isspace() and sign not in "·•∙⋅・‧．.")


def employer(named: Employer) -> Employer:
    """The employer of one record: its name kept as written, its code valid if given (D04).

    Raises:
        R-004, R-005: the code is wrong.
        R-010: the name cannot be kept.
    """
    code = identifiers.credit_code(named.credit_code) if named.credit_code.strip() else ""
    return Employer(text("单位 employer", named.name, limit=120), code)


@dataclass(frozen=True)
class Numbered:
    """A volume that has its 档号: the code as it was given, the rule of its kind, and the values of its slots."""

    code: str
    kind: Arrangement
    values: Mapping[str, str | int]


def check_numbering(new: Mapping[Arrangement, Template], numbered: Iterable[Numbered]) -> None:
    """Whether a fonds may go over to another numbering template, given every number that stands (档号规则变更).

    Codes already given never change. But each must stay the only one of its number: written by the new template no two
    volumes may come out alike, none as another's standing code, and a standing code may not be read as another volume.

    Args:
        new: the new template of volumes by arrangement kind.
        numbered: every volume of the fonds that has a number.

    Raises:
        F-041: two volumes would have one number.
        F-042: a number that stands does not fit into the width of the new template.
        F-043: a code that stands would be read as another volume's.

    Standard: DA/T 13-2022, 4 (unique, stable).
    """
    known = list(numbered)
    standing = {one.code for one in known}
    written: dict[str, str] = {}
    for one in known:
        rule = new[one.kind]
        try:
            code = refcode.compose(rule, "volume", one.values)
        except Refusal as refusal:
            raise Refusal("F-042", code=one.code, template=rule.text, reason=refusal.message("zh")) from None
        if code in written or (code in standing and code != one.code):
            raise Refusal("F-041", first=written.get(code, code), second=one.code, code=code)
        written[code] = one.code
        try:
            found = refcode.parse(rule, one.code).values
        except Refusal:
            continue  # it follows the earlier template only, and is found by its text
        if any(str(found[name]) != str(one.values[name]) for name in found if name in one.values):
            raise Refusal("F-043", code=one.code, template=rule.text)
