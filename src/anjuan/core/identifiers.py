"""Numbers that name people and units: 公民身份号码 (GB 11643) and 统一社会信用代码 (GB 32100)."""

import datetime as dt
import unicodedata

from anjuan.core.refusals import Refusal

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

PRACTICE_REGION = "999001"  # no real person has it: practice people carry it


def fold(text: str) -> str:
    """Full width to half width, upper case, no blanks or hyphens: how a typed number is compared."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in folded if not sign.isspace() and sign not in "-–—")


def id_check_digit(first17: str) -> str:
    """The 18th character of a citizen ID number (GB 11643-1999, 3.1)."""
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, _ID_WEIGHTS, strict=True)) % 11]


def citizen_id(text: str) -> str:
    """Read a citizen ID number; a 15-digit one is widened to 18 (the 1900s).

    Raises:
        R-001: not 15 or 18 characters of the right kind.
        R-002: the birth date in it does not exist.
        R-003: the check digit is wrong.
    """
    number = full(text)
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()) or number[17] not in "0123456789X":
        raise Refusal("R-001", length=len(number))
    try:
        dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise Refusal("R-002", birth=number[6:14]) from None
    if id_check_digit(number[:17]) != number[17]:
        raise Refusal("R-003", tail=number[-4:], expected=id_check_digit(number[:17]))
    return number


def full(number: str) -> str:
    """A citizen number in 18 characters, also of an old one of 15 (born 1900 to 1999); folded only where it is none."""
    folded = fold(number)
    if len(folded) == 15 and folded.isascii() and folded.isdigit():
        widened = folded[:6] + "19" + folded[6:]
        return widened + id_check_digit(widened)
    return folded


def birth_date(number: str) -> dt.date:
    """The birth date in a valid 18-character citizen ID number."""
    return dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def credit_check_character(first17: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015, 5.2)."""
    total = sum(_CREDIT_ALPHABET.index(sign) * weight for sign, weight in zip(first17, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def credit_code(text: str) -> str:
    """Read a unified social credit code.

    Raises:
        R-004: not 18 characters of its alphabet.
        R-005: the check character is wrong.
    """
    code = fold(text)
    if len(code) != 18 or any(sign not in _CREDIT_ALPHABET for sign in code):
        raise Refusal("R-004", length=len(code))
    if credit_check_character(code[:17]) != code[17]:
        raise Refusal("R-005", tail=code[-4:], expected=credit_check_character(code[:17]))
    return code


def mask_id(number: str) -> str:
    """An ID number as shown by default: region and last four digits."""
    return number[:6] + "*" * max(0, len(number) - 10) + number[-4:] if len(number) > 10 else "*" * len(number)


def mask_name(name: str) -> str:
    """A name as shown by default: the first character only."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def is_valid_id(text: str) -> bool:
    """Whether a text is a citizen ID number with a right check digit."""
    try:
        citizen_id(text)
    except Refusal:
        return False
    return True
