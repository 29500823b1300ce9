"""Numbers of persons in texts and questions (号码): found, brought to one form, and cut into what the index keeps.

They never stand in the index: only digests of what is made here, under a key of the home.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from anjuan.core import identifiers

LONGEST_START = 17
SHORTEST_START = 4
TAIL = 4
_SHORTEST = 15

# On folded text. First what is no number of a person: a credit code keeps its letters (GB 32100: two signs, six digits
# of the district, ten signs). Then digits in a row, in groups as they are printed, one by one, or cut by a line's end.
_NUMBERS = re.compile(
    r"(?P<credit>(?<![0-9a-z])(?=[0-9a-z]{0,16}[a-z]|[0-9a-z]{17}[a-wyz])[0-9a-z]{2}[0-9]{6}[0-9a-z]{10}(?![0-9a-z]))"
    r"|(?P<row>(?<![0-9])(?:[0-9]{17}x|[0-9]{15,}))"
    r"|(?P<groups>(?<![0-9])(?:[0-9]{6}[\s-][0-9]{6,8}[\s-][0-9]{3}[0-9x]?"
    r"|[0-9]{6}[\s-][0-9]{4}[\s-][0-9]{4}[\s-][0-9]{3}[0-9x]"
    r"|(?:[0-9][\s-]){14,17}[0-9x])(?![0-9]))"
    r"|(?P<cut>(?<![0-9])[0-9]{1,17}[ \t]*\r?\n[ \t]*[0-9]{0,16}[0-9x](?![0-9a-z]))"
)
# What every number has; most texts have none, and this is soon seen.
_DIGITS = re.compile(r"(?:[0-9][\s-]*){14}[0-9x]|[0-9][ \t]*\r?\n[ \t]*[0-9x]")


@dataclass(frozen=True)
class Found:
    """A number in a folded text: where it stands, and its signs without blanks, in upper case."""

    start: int
    end: int
    number: str


def found_in(folded: str) -> Iterator[Found]:
    """Numbers of fifteen digits or more in a folded text (身份证号、社会保障号、银行账号)."""
    if len(folded) < _SHORTEST or _DIGITS.search(folded) is None:
        return
    at = 0
    while match := _NUMBERS.search(folded, at):
        number = "".join(sign for sign in match.group() if sign.isalnum()).upper()
        if match.lastgroup == "credit" or (match.lastgroup == "cut" and not _is_of_a_person(number)):
            # A number may begin behind a first line that was none.
            at = match.end() if match.lastgroup == "credit" else _after_first_line(match)
            continue
        yield Found(match.start(), match.end(), number)
        at = match.end()


def is_citizen_shape(number: str) -> bool:
    """Whether a number has 15 digits, or 18 of which the last may be X."""
    return bool(re.fullmatch(r"[0-9]{15}|[0-9]{17}[0-9X]", number))


def widened(number: str) -> str:
    """A number of 15 digits with the century 19 and its check digit; any other as it is (GB 11643-1999)."""
    if not re.fullmatch(r"[0-9]{15}", number):
        return number
    first = number[:6] + "19" + number[6:]
    return first + identifiers.id_check_digit(first)


def kept_of(number: str) -> tuple[str, ...]:
    """What the index keeps digests of: the whole, the old form of 15 digits, every beginning, the last four digits.

    Beginnings and last digits are those of the 18-digit form; the digest of each is taken with its kind before it.
    """
    long = widened(number)
    found = [f"W{long}"]
    if re.fullmatch(r"[0-9]{17}[0-9X]", long):
        if long[6:8] == "19":
            found.append(f"O{long[:6]}{long[8:17]}")
        found += [start(long[:size]) for size in range(SHORTEST_START, LONGEST_START + 1)]
        found.append(tail(long[-TAIL:]))
    return tuple(found)


def whole(number: str) -> str:
    """What is asked for a whole number; one of 15 digits finds both forms, and one of 18 as well."""
    return f"O{number}" if re.fullmatch(r"[0-9]{15}", number) and _has_date(widened(number)) else f"W{widened(number)}"


def start(digits: str) -> str:
    """What is asked for the first digits of a number."""
    return f"H{digits}"


def tail(digits: str) -> str:
    """What is asked for its last four digits."""
    return f"T{digits}"


def _is_of_a_person(number: str) -> bool:
    return is_citizen_shape(number) and _has_date(widened(number))


def _has_date(number: str) -> bool:
    try:
        born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return 1800 <= born.year <= 2099


def _after_first_line(match: re.Match[str]) -> int:
    return match.start() + max(match.group().find("\n"), 1)
