"""保管期限 arithmetic: when the clock starts, when it ends, and what may never be done by hand.

Standard: Order No. 3 (2009) article 9: fixed terms are minimum terms and run from 1 January of the year after the
record was formed; article 11: a term may be lengthened at appraisal. A row marked 待核实 is not confirmed: it blocks
like a permanent one and is shown for what it is.
"""

import datetime as dt
import enum
import re
from dataclasses import dataclass

from anjuan.core.refusals import Refusal
from anjuan.core.words import word


class TermKind(enum.StrEnum):
    """Kinds of retention term."""

    PERMANENT = "PERMANENT"  # 永久
    YEARS = "YEARS"  # 定期
    UNCONFIRMED = "UNCONFIRMED"  # 待核实
    ACCOUNTING = "ACCOUNTING"  # 按会计档案管理办法: the row itself fixes no number


@dataclass(frozen=True)
class Term:
    """A retention term (保管期限).

    Attributes:
        kind: which kind.
        years: number of years; only for YEARS.
    """

    kind: TermKind
    years: int | None = None

    def __post_init__(self) -> None:
        if (self.kind is TermKind.YEARS) != (self.years is not None) or (self.years is not None and self.years < 1):
            raise ValueError("a fixed term has a positive number of years, any other has none")

    @property
    def is_settled(self) -> bool:
        """Whether an end can be reckoned from it at all (a permanent one has settled never to end)."""
        return self.kind in (TermKind.PERMANENT, TermKind.YEARS)

    def words(self, language: str = "zh") -> str:
        """The term as it is spoken and printed: 30年, 永久, 待核实."""
        if self.kind is TermKind.YEARS:
            return f"{self.years}年" if language.startswith("zh") else f"{self.years} years"
        return word(self.kind, language)

    def __str__(self) -> str:
        return f"Y{self.years}" if self.kind is TermKind.YEARS else self.kind.value


PERMANENT = Term(TermKind.PERMANENT)
UNCONFIRMED = Term(TermKind.UNCONFIRMED)


def parse(text: str) -> Term:
    """Read a term as the schedule spells it: 永久, 30年, 待核实, 按会计档案管理办法, or the stored form.

    Raises:
        H-001: not a term.
    """
    spelled = text.strip()
    stored = re.fullmatch(r"Y?([1-9]\d{0,2})年?", spelled)
    if stored:
        return Term(TermKind.YEARS, int(stored.group(1)))
    words = {"永久": PERMANENT, "待核实": UNCONFIRMED, "按会计档案管理办法": Term(TermKind.ACCOUNTING)}
    if spelled in words:
        return words[spelled]
    if spelled in {kind.value for kind in TermKind if kind is not TermKind.YEARS}:
        return Term(TermKind(spelled))
    raise Refusal("H-001", text=text[:40])


def clock_starts(formed: dt.date) -> dt.date:
    """The day the term begins to run: 1 January of the next year (Order No. 3, article 9)."""
    return dt.date(formed.year + 1, 1, 1)


def ends(formed: dt.date, term: Term) -> dt.date | None:
    """The first day on which the record is due for appraisal; none for terms that do not end or are not settled.

    Args:
        formed: the day the record was formed, in the agency's zone.
        term: its retention term.
    """
    if term.kind is not TermKind.YEARS or term.years is None:
        return None
    start = clock_starts(formed)
    return start.replace(year=start.year + term.years)


def is_due(formed: dt.date, term: Term, today: dt.date) -> bool:
    """Whether the term has run out and the record waits for appraisal (到期待鉴定); never a leave to destroy."""
    end = ends(formed, term)
    return end is not None and today >= end


def change_by_hand(current: Term, proposed: Term) -> Term:
    """A term set anew by a person: it may be lengthened, never shortened (只可延长，不得缩短).

    Raises:
        H-002: the proposed term is shorter than the present one.
        H-003: one of the two is not settled; only a new version of the schedule settles it.
    """
    if not (current.is_settled and proposed.is_settled):
        raise Refusal("H-003", current=str(current), proposed=str(proposed))
    if _length(proposed) < _length(current):
        raise Refusal("H-002", current=str(current), proposed=str(proposed))
    return proposed


def longest(terms: list[Term]) -> Term:
    """The term a volume must carry for the terms of its items: the longest, an unsettled one before all."""
    unsettled = [term for term in terms if not term.is_settled]
    return unsettled[0] if unsettled else max(terms, key=_length)


def _length(term: Term) -> float:
    return float("inf") if term.kind is TermKind.PERMANENT else float(term.years or 0)
