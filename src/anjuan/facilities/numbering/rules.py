"""Where numbers run, and which are missing (号段、断号)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from anjuan.core.terms import Arrangement


def run_key(
    *,
    fonds_code: str,
    year: int,
    category_code: str,
    arrangement: Arrangement,
    agency_code: str,
    insurance_line: str,
    tokens: Collection[str],
) -> str:
    """The name of a run (号段): what the template asks for before the number; an asterisk where it asks for nothing."""
    return "/".join(
        (
            fonds_code,
            str(year),
            category_code,
            arrangement,
            agency_code if "agency" in tokens else "*",
            insurance_line if "line" in tokens else "*",
        )
    )


def is_shared(key: str) -> bool:
    """Whether all agencies of the fonds take their numbers from this run: its template asks for none."""
    return key.split("/")[4] == "*"


@dataclass(frozen=True)
class Standing:
    """How the numbers of one run stand (号段台账).

    Attributes:
        given: numbers that a sealed volume bears.
        voided: numbers that were voided, for a reason on record; never given again.
        reserved: numbers held for a volume that is about to be sealed.
        missing: numbers that are none of these: nobody can say where they went.
    """

    highest: int
    given: tuple[int, ...]
    voided: tuple[int, ...]
    reserved: tuple[int, ...]
    missing: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every number is accounted for (无断号)."""
        return not self.missing


def standing(*, given: Iterable[int], voided: Iterable[int], reserved: Iterable[int]) -> Standing:
    """Account for every number from 1 to the highest of a run (断号检查)."""
    sealed, void = set(given), set(voided)
    held = set(reserved) - sealed - void
    highest = max(sealed | void | held, default=0)
    missing = set(range(1, highest + 1)) - sealed - void - held
    return Standing(highest, tuple(sorted(sealed)), tuple(sorted(void)), tuple(sorted(held)), tuple(sorted(missing)))


def spans(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers in a row as first and last (连号): how a list of them is said."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
