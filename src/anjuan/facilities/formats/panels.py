"""The flags of a file as the desks show them: badges with words beside the page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language

from anjuan.facilities.formats.queries import FindingRow


@dataclass(frozen=True)
class Flag:
    """One flag in the reader's language."""

    code: str
    name: str
    message: str


def flags_of(findings: Iterable[FindingRow]) -> tuple[Flag, ...]:
    """The flags of one file in the reader's language."""
    language = get_language() or "zh"
    return tuple(Flag(row.code, row.name(language), row.message(language)) for row in findings)
