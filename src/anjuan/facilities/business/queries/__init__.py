"""Reading what the business system stated."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from anjuan.facilities.business import rules
from anjuan.facilities.business.models import CaseRecord, Completion, Fact, FieldMap

_SOME = 400  # holders asked for at once: what SQLite takes as parameters


@dataclass(frozen=True)
class CompletionRow:
    """A completed case as the archive knows it."""

    agency_code: str
    serial: str
    step_code: str
    handled_by: str
    reviewed_by: str
    declared_pages: int
    completed_at: dt.datetime
    source: str
    as_of: dt.datetime


@dataclass(frozen=True)
class FactRow:
    """One value of one month, with its source and time."""

    kind: str
    insurance_line: str
    period: str
    value_fen: int
    source: str
    source_serial: str
    as_of: dt.datetime


@dataclass(frozen=True)
class DescriptionRow:
    """A business record in our fields (业务著录), with its source and time; what it leaves empty is missing."""

    source: str
    step_code: str
    fields: Mapping[str, str]
    as_of: dt.datetime


@dataclass(frozen=True)
class FieldMapRow:
    """How a business system calls our fields."""

    source: str
    step_code: str
    names: Mapping[str, str]


def completion_of(agency_code: str, serial: str) -> CompletionRow | None:
    """The newest statement that a case was completed, if there is one."""
    return completions_of(agency_code, [serial]).get(serial)


def completions_of(agency_code: str, serials: Sequence[str]) -> Mapping[str, CompletionRow]:
    """The newest statements for several cases by serial; one query."""
    rows = Completion.objects.filter(agency_code=agency_code, serial__in=serials).order_by("as_of", "id")
    return {row.serial: _completion(row) for row in rows}


def facts_of(holder_number: str, *, kind: str = "") -> list[FactRow]:
    """The newest value of each serial of a person or unit, by month.

    Args:
        holder_number: citizen ID number or credit code; rights are judged by who asks.
        kind: only facts of this kind.
    """
    return facts_of_many([holder_number], [kind] if kind else rules.KINDS).get(holder_number, [])


def facts_of_many(holder_numbers: Collection[str], kinds: Collection[str]) -> Mapping[str, list[FactRow]]:
    """The same for many holders at once, by holder; one query for each 400 of them.

    Args:
        holder_numbers: citizen ID numbers and credit codes; rights are judged by who asks.
        kinds: only facts of these kinds.
    """
    found: dict[str, dict[tuple[str, str], FactRow]] = {}
    numbers = sorted(holder_numbers)
    for first in range(0, len(numbers), _SOME):
        rows = Fact.objects.filter(holder_number__in=numbers[first : first + _SOME], kind__in=kinds)
        for row in rows.order_by("as_of", "id"):
            found.setdefault(row.holder_number, {})[row.source, row.source_serial] = _fact(row)
    return {
        holder: sorted(rows_of.values(), key=lambda row: (row.period, row.kind, row.source_serial))
        for holder, rows_of in found.items()
    }


def description_of(agency_code: str, serial: str) -> DescriptionRow | None:
    """What the business system stated last of a case, in our fields; None where it stated nothing. Two queries."""
    return descriptions_of(agency_code, [serial]).get(serial)


def descriptions_of(agency_code: str, serials: Collection[str]) -> Mapping[str, DescriptionRow]:
    """The same for several cases of one agency, by serial. Two queries."""
    newest = {
        row.serial: row
        for row in CaseRecord.objects.filter(agency_code=agency_code, serial__in=serials).order_by("as_of", "id")
    }
    if not newest:
        return {}
    maps = {
        (source, step): names for source, step, names in FieldMap.objects.values_list("source", "step_code", "names")
    }
    return {
        serial: DescriptionRow(
            row.source,
            row.step_code,
            rules.described(row.values, maps.get((row.source, row.step_code)) or maps.get((row.source, "")) or {}),
            row.as_of,
        )
        for serial, row in newest.items()
    }


def field_maps() -> list[FieldMapRow]:
    """All field maps, by source and step."""
    rows = FieldMap.objects.order_by("source", "step_code")
    return [FieldMapRow(row.source, row.step_code, row.names) for row in rows]


def known_cases(serials: Sequence[str]) -> Mapping[tuple[str, str, dt.datetime], str]:
    """Digests of business records kept already, by agency, serial and time."""
    rows = CaseRecord.objects.filter(serial__in=serials)
    return {
        (agency, serial, as_of): digest
        for agency, serial, as_of, digest in rows.values_list("agency_code", "serial", "as_of", "digest")
    }


def counts() -> tuple[int, int]:
    """How many facts and completions are kept."""
    return Fact.objects.count(), Completion.objects.count()


def known_facts(source: str, serials: Sequence[str]) -> Mapping[tuple[str, dt.datetime], str]:
    """Digests of facts kept already, by serial and time: a delivery that comes again is told from one that differs."""
    rows = Fact.objects.filter(source=source, source_serial__in=serials)
    return {(serial, as_of): digest for serial, as_of, digest in rows.values_list("source_serial", "as_of", "digest")}


def known_completions(pairs: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str, dt.datetime], str]:
    """Digests of completions kept already, by agency, serial and time."""
    rows = Completion.objects.filter(serial__in=[serial for _, serial in pairs])
    return {
        (agency, serial, as_of): digest
        for agency, serial, as_of, digest in rows.values_list("agency_code", "serial", "as_of", "digest")
    }


def _fact(row: Fact) -> FactRow:
    return FactRow(row.kind, row.insurance_line, row.period, row.value_fen, row.source, row.source_serial, row.as_of)


def _completion(row: Completion) -> CompletionRow:
    return CompletionRow(
        row.agency_code,
        row.serial,
        row.step_code,
        row.handled_by,
        row.reviewed_by,
        row.declared_pages,
        row.completed_at,
        row.source,
        row.as_of,
    )
