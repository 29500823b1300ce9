"""What the business system states of items and of those whom they concern, for detectors (反证业务)."""

import datetime as dt
from collections.abc import Mapping, Sequence, Set

from anjuan.core.detection.facts import StatedFacts, StatedValue
from anjuan.core.reading.said import PageSaid
from anjuan.core.terms import InsuranceLine
from anjuan.facilities.business import queries as business
from anjuan.facilities.business.rules import KINDS
from anjuan.records.rows import ComponentRow, ItemRow, SubjectRow

_ALL = InsuranceLine.ALL
_COMPARED = frozenset(("AMOUNT", "MONTHS"))


def stated_of(
    items: Sequence[ItemRow],
    subjects: Mapping[str, Sequence[SubjectRow]],
    components: Mapping[str, Sequence[ComponentRow]],
    said: Mapping[tuple[str, int], PageSaid],
    drawn: Set[str],
) -> Mapping[str, StatedFacts]:
    """What is stated of items, by URN; items of which nothing is stated are missing.

    The business records of the cases take two queries an agency. Months and amounts of a person can be many: they are
    asked for only where a page of the item says an amount or a span, or a template may draw one (``drawn``: digests of
    such files), one query more for each 400 persons.
    """
    described = _described(items)
    telling = [item for item in items if _tells(components[item.urn], said, drawn)]
    holders = {number for item in telling for row in subjects[item.urn] if (number := row.id_number or row.credit_code)}
    values = business.facts_of_many(holders, KINDS) if holders else {}
    found = {urn: StatedFacts(described=fields) for urn, fields in described.items()}
    for item in telling:
        own = {row.id_number or row.credit_code for row in subjects[item.urn]}
        stated = tuple(
            StatedValue(holder, row.kind, dt.date.fromisoformat(f"{row.period}-01"), row.value_fen)
            for holder in sorted(own)
            for row in values.get(holder, ())
            if _ALL in (row.insurance_line, item.insurance_line) or row.insurance_line == item.insurance_line
        )
        if stated:
            found[item.urn] = StatedFacts(described.get(item.urn, {}), stated)
    return found


def _described(items: Sequence[ItemRow]) -> dict[str, Mapping[str, str]]:
    serials: dict[str, dict[str, str]] = {}
    for item in items:
        serials.setdefault(item.agency_code, {})[item.acceptance_no] = item.urn
    return {
        urns[serial]: row.fields
        for agency, urns in serials.items()
        for serial, row in business.descriptions_of(agency, list(urns)).items()
    }


def _tells(files: Sequence[ComponentRow], said: Mapping[tuple[str, int], PageSaid], drawn: Set[str]) -> bool:
    """Whether a page of these says an amount or a span, or may by its template."""
    return any(row.sha512 in drawn for row in files) or any(
        field.name in _COMPARED and field.value
        for row in files
        for number in range(1, row.page_count + 1)
        if (page := said.get((row.sha512, number))) is not None
        for field in page.fields
    )
