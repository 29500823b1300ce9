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


class Mark(enum.StrEnum):
    """How the reader found the service (满意度)."""

    GOOD = "GOOD"  # 满意
    FAIR = "FAIR"  # 一般
    BAD = "BAD"  # 不满意


class Complaint(enum.StrEnum):
    """What was not good (不满意原因)."""

    WAITED = "WAITED"  # 等待太久
    MANNER = "MANNER"  # 服务态度
    NOT_FOUND = "NOT_FOUND"  # 没查到或不全
    UNCLEAR = "UNCLEAR"  # 说明不清楚
    ERRANDS = "ERRANDS"  # 跑了多次
    OTHER = "OTHER"  # 其他


def read_rating(mark: str, reasons: Sequence[str]) -> tuple[Mark, tuple[Complaint, ...]]:
    """A rating as it was chosen: a bad one names its reason.

    Raises:
        C-020: it is none of the three, or a reason is none of the list.
        C-021: a bad one without a reason.

    Standard: S0-P4.
    """
    if mark not in set(Mark) or not set(reasons) <= set(Complaint):
        raise Refusal("C-020")
    given = tuple(Complaint(reason) for reason in dict.fromkeys(reasons))
    if Mark(mark) is Mark.BAD and not given:
        raise Refusal("C-021")
    return Mark(mark), () if Mark(mark) is Mark.GOOD else given
