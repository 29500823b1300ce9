"""Who may be given a certificate, and what it says (出证)."""

import enum
from collections.abc import Sequence

from anjuan.core import identifiers
from anjuan.core.refusals import Refusal
from anjuan.core.terms import State

# No vowels and nothing that looks like something else: a check code is read aloud over the telephone.
_CODE_SIGNS = "23456789BCDFGHJKLMNPQRSTVWXYZ"
CODE_LENGTH = 12


class Relation(enum.StrEnum):
    """In what capacity the reader asks (查档身份)."""

    SELF = "SELF"  # 本人
    PROXY = "PROXY"  # 受托人: written authorisation
    EMPLOYER = "EMPLOYER"  # 参保单位经办人: unit certificate
    AUTHORITY = "AUTHORITY"  # 国家机关: letter with legal basis


def check_code(octets: bytes) -> str:
    """A check code from fresh bytes: twelve signs in groups of four (about 58 bits)."""
    number = int.from_bytes(octets, "big")
    signs = []
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(_CODE_SIGNS))
        signs.append(_CODE_SIGNS[place])
    return "-".join("".join(signs[start : start + 4]) for start in range(0, CODE_LENGTH, 4))


def read_check_code(typed: str) -> str:
    """A check code as it was typed: case, blanks and hyphens do not count."""
    signs = identifiers.fold(typed)
    return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))[:16]


def entitled(*, relation: Relation, reader_id: str, subject_numbers: Sequence[str], basis: str) -> None:
    """Whether the reader may be given what the record says of this subject.

    Raises:
        C-001: the reader says he is the person, but his number is another.
        C-002: an authorisation, unit certificate or legal basis is needed and not named.

    Standard: 社会保险个人权益记录管理办法 (query by the person, a proxy, an employer, a body with legal basis) [M].
    """
    if relation is Relation.SELF:
        if reader_id not in subject_numbers:
            raise Refusal("C-001")
    elif not basis.strip():
        raise Refusal("C-002", relation=relation.value)


def may_attest(items: Sequence[tuple[str, State]]) -> None:
    """Whether these records can be attested: only what the archive holds is evidence.

    Args:
        items: reference and state of each.

    Raises:
        C-003: a record is not held yet.
        C-004: none is named.
    """
    if not items:
        raise Refusal("C-004")
    for reference, state in items:
        if state is not State.HELD:
            raise Refusal("C-003", reference=reference, state=state)
