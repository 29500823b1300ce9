"""Practice people and units: numbers that nobody has, with right check digits."""

from anjuan.core import identifiers
from anjuan.records.rules import Person


def number(serial: int, *, birth: str = "19640229") -> str:
    """A citizen ID number that no real person has, with its right check digit."""
    first17 = f"{identifiers.PRACTICE_REGION}{birth}{serial:03}"
    return first17 + identifiers.id_check_digit(first17)


def person(serial: int, name: str = "") -> Person:
    """A practice person."""
    return Person(name or name_of(serial), number(serial))


def name_of(serial: int) -> str:
    """What that person is called: a number in Chinese signs, for a digit in a name is a fault."""
    return f"参保人{serial:03}".translate(str.maketrans("0123456789", "〇一二三四五六七八九"))


def credit_code(serial: int) -> str:
    """A unified social credit code with its right check character."""
    first17 = f"91999001MA0000{serial:03}"
    return first17 + identifiers.credit_check_character(first17)
