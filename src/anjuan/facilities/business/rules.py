"""What a fact of the business system must be to be kept (业务数据要求)."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from anjuan.core import canonical, identifiers
from anjuan.core.refusals import Refusal
from anjuan.core.terms import InsuranceLine

MOST_AT_ONCE = 1000
KINDS = ("CONTRIBUTION", "BENEFIT", "PAYMENT")
_PERIOD = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True)
class StatedFact:
    """A value as the business system states it.

    Attributes:
        source_serial: its number there.
        kind: CONTRIBUTION, BENEFIT or PAYMENT.
        holder_number: citizen ID number of a person, or credit code of a unit.
        insurance_line: the line it belongs to.
        period: month, ``yyyy-mm``.
        value_fen: amount in fen (分).
        as_of: aware time at which the system stated it.
    """

    source_serial: str
    kind: str
    holder_number: str
    insurance_line: str
    period: str
    value_fen: int
    as_of: dt.datetime

    def digest(self, source: str) -> str:
        """What the journal commits to."""
        return canonical.digest(
            [
                source,
                self.source_serial,
                self.kind,
                self.holder_number,
                self.insurance_line,
                self.period,
                self.value_fen,
                _instant(self.as_of),
            ]
        )


@dataclass(frozen=True)
class StatedCompletion:
    """A completed case as the business system states it (办结).

    Attributes:
        agency_code: whose case.
        serial: the case's number, under which the archive registers it.
        step_code: business step.
        handled_by: who handled it there.
        reviewed_by: who reviewed it there; never the same person.
        declared_pages: pages the system holds.
        completed_at: aware time of completion.
        as_of: aware time at which the system stated it.
    """

    agency_code: str
    serial: str
    step_code: str
    handled_by: str
    reviewed_by: str
    declared_pages: int
    completed_at: dt.datetime
    as_of: dt.datetime

    def digest(self, source: str) -> str:
        """What the journal commits to."""
        return canonical.digest(
            [
                source,
                self.agency_code,
                self.serial,
                self.step_code,
                self.handled_by,
                self.reviewed_by,
                self.declared_pages,
                _instant(self.completed_at),
                _instant(self.as_of),
            ]
        )


# What the counter takes from a business record. A system that calls them so needs no map.
DESCRIBED = ("title", "formed_date", "paper_pages", "person_name", "person_id", "employer_name", "credit_code")
_MOST_FIELDS = 60
_MOST_SIGNS = 200


@dataclass(frozen=True)
class StatedCase:
    """A case as the business system holds it (业务记录).

    Attributes:
        agency_code: whose case.
        serial: the case's number, under which the archive registers it.
        step_code: business step.
        values: what it holds, by its own names of the fields.
        as_of: aware time at which the system stated it.
    """

    agency_code: str
    serial: str
    step_code: str
    values: Mapping[str, str]
    as_of: dt.datetime

    def digest(self, source: str) -> str:
        """What the journal commits to."""
        return canonical.digest(
            [source, self.agency_code, self.serial, self.step_code, sorted(self.values.items()), _instant(self.as_of)]
        )


def check_cases(stated: tuple[StatedCase, ...], *, now: dt.datetime) -> None:
    """Whether a delivery of business records can be kept.

    Raises:
        D-001, D-002: as for `check_facts`.
    """
    _check_count(len(stated))
    for place, case in enumerate(stated, 1):
        reason = ""
        if not case.serial.strip() or len(case.serial) > 40:
            reason = "serial"
        elif not case.step_code.strip() or len(case.step_code) > 40:
            reason = "step_code"
        elif not 1 <= len(case.values) <= _MOST_FIELDS:
            reason = f"values {len(case.values)}"
        elif any(
            len(name) > 60 or len(text) > _MOST_SIGNS or "\x00" in name + text for name, text in case.values.items()
        ):
            reason = "values"
        elif case.as_of > now:
            reason = f"as_of {_instant(case.as_of)}"
        if reason:
            raise Refusal("D-002", place=place, reason=reason)


def check_map(names: Mapping[str, str]) -> None:
    """Whether a field map can be kept: only our fields, each under another name.

    Raises:
        D-070: a field is not known here, has no name, or two share one.
    """
    seen: set[str] = set()
    for field, name in names.items():
        if field not in DESCRIBED or not name.strip() or len(name) > 60 or name in seen:
            raise Refusal("D-070", field=field[:40], fields="、".join(DESCRIBED))
        seen.add(name)


def described(values: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """A business record in our fields; what it leaves empty is missing.

    Args:
        values: the record, by the system's names.
        names: the field map; a field without one is looked for under its own name.
    """
    found = {field: values.get(names.get(field, field), "").strip() for field in DESCRIBED}
    return {field: text for field, text in found.items() if text}


def check_facts(stated: tuple[StatedFact, ...], *, now: dt.datetime) -> None:
    """Whether a delivery of facts can be kept; one bad row refuses the delivery, so that nothing is half taken.

    Raises:
        D-001: none, or more than 1,000.
        D-002: a row cannot be kept; its place and reason are named.
    """
    _check_count(len(stated))
    for place, fact in enumerate(stated, 1):
        reason = ""
        if not fact.source_serial.strip() or len(fact.source_serial) > 60:
            reason = "source_serial"
        elif fact.kind not in KINDS:
            reason = f"kind {fact.kind[:20]}"
        elif not _PERIOD.fullmatch(fact.period):
            reason = f"period {fact.period[:10]}"
        elif fact.insurance_line not in set(InsuranceLine):
            reason = f"insurance_line {fact.insurance_line[:20]}"
        elif not _is_holder(fact.holder_number):
            reason = f"holder_number *{fact.holder_number[-4:]}"
        elif not -(10**15) < fact.value_fen < 10**15:
            reason = "value_fen"
        elif fact.as_of > now:
            reason = f"as_of {_instant(fact.as_of)}"
        if reason:
            raise Refusal("D-002", place=place, reason=reason)


def check_completions(stated: tuple[StatedCompletion, ...], *, now: dt.datetime) -> None:
    """Whether a delivery of completions can be kept.

    Raises:
        D-001, D-002: as for `check_facts`.
    """
    _check_count(len(stated))
    for place, case in enumerate(stated, 1):
        reason = ""
        if not case.serial.strip() or len(case.serial) > 40:
            reason = "serial"
        elif not case.handled_by.strip() or not case.reviewed_by.strip():
            reason = "handled_by, reviewed_by —"
        elif case.handled_by == case.reviewed_by:
            reason = "handled_by = reviewed_by"
        elif not 1 <= case.declared_pages <= 2000:
            reason = f"declared_pages {case.declared_pages}"
        elif not case.completed_at <= case.as_of <= now:
            reason = "completed_at ≤ as_of ≤ now"
        if reason:
            raise Refusal("D-002", place=place, reason=reason)


def _check_count(count: int) -> None:
    if not 1 <= count <= MOST_AT_ONCE:
        raise Refusal("D-001", count=count, most=MOST_AT_ONCE)


def _is_holder(number: str) -> bool:
    for read in (identifiers.citizen_id, identifiers.credit_code):
        try:
            if read(number) == number:
                return True
        except Refusal:
            continue
    return False


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds")
