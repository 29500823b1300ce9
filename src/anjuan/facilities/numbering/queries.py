"""Seeing numbers: what is held, what was voided, and under which codes a record stood before."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Max, QuerySet

from anjuan.core.terms import Actor, Arrangement, Post
from anjuan.facilities.numbering.models import Claim, FormerCode, VoidedNumber
from anjuan.foundation.accounts.queries import scopes
from anjuan.foundation.prepared import Given, GivenList, prepared
from anjuan.records.models import Volume


@dataclass(frozen=True)
class VoidedRow:
    """A voided number as pages see it."""

    run_key: str
    number: int
    code: str
    reason: str
    voided_by: str
    voided_at: dt.datetime


@dataclass(frozen=True)
class FormerRow:
    """A former 档号 as pages see it."""

    unit: str
    code: str
    replaced_by: str
    reason: str
    recorded_by: str
    recorded_at: dt.datetime


@dataclass(frozen=True)
class Numbered:
    """A volume with its number, as a run of numbers knows it."""

    urn: str
    fonds_code: str
    category_code: str
    category_name: str
    year: int
    arrangement: Arrangement
    agency_code: str
    insurance_line: str
    volume_no: int
    reference_code: str
    template: str
    fonds_path: str


def numbered_volumes(actor: Actor, year: int, *posts: Post) -> list[Numbered]:
    """Every numbered volume of a year that one of these posts of the actor covers, in the order of numbers."""
    return _numbered(Volume.objects.filter(scopes(actor, *posts), year=year))


def numbered_in(fonds_codes: Iterable[str], year: int) -> list[Numbered]:
    """Every numbered volume of a year in these fonds, rights not judged: who may see one is not who bears a number."""
    return _numbered(Volume.objects.filter(fonds__code__in=set(fonds_codes), year=year))


def _numbered(rows: QuerySet[Volume]) -> list[Numbered]:
    rows = rows.filter(volume_no__isnull=False).select_related("fonds__agency", "category", "agency")
    return [
        Numbered(
            row.urn,
            row.fonds.code,
            row.category.code,
            row.category.name,
            row.year,
            Arrangement(row.arrangement),
            row.agency.code,
            row.insurance_line,
            row.volume_no or 0,
            row.reference_code or "",
            row.fonds.numbering_template,
            row.fonds.agency.path,
        )
        for row in rows.order_by("fonds__code", "category__code", "arrangement", "volume_no", "id")
    ]


def years_numbered(actor: Actor, *posts: Post) -> list[int]:
    """The years of which there are numbered volumes, newest first."""
    rows = Volume.objects.filter(scopes(actor, *posts), volume_no__isnull=False)
    return list(rows.order_by("-year").values_list("year", flat=True).distinct())


def voided_in(run_keys: Iterable[str]) -> Mapping[str, list[VoidedRow]]:
    """Voided numbers by run, lowest first; one query."""
    found: dict[str, list[VoidedRow]] = {key: [] for key in run_keys}
    for row in VoidedNumber.objects.filter(run_key__in=list(found)).order_by("run_key", "number"):
        found[row.run_key].append(
            VoidedRow(row.run_key, row.number, row.code, row.reason, row.voided_by, row.voided_at)
        )
    return found


def reserved_in(run_keys: Iterable[str]) -> Mapping[str, dict[int, str]]:
    """Numbers held for volumes not sealed yet, by run: number and the volume's URN; one query."""
    found: dict[str, dict[int, str]] = {key: {} for key in run_keys}
    rows = Claim.objects.filter(run__key__in=list(found)).order_by("run_id", "number")
    for key, number, unit in rows.values_list("run__key", "number", "unit"):
        found[key][number] = unit
    return found


def highest_voided(run_key: str) -> int:
    """The highest number voided in a run; 0 where none is."""
    highest: int | None = VoidedNumber.objects.filter(run_key=run_key).aggregate(highest=Max("number"))["highest"]
    return highest or 0


def former_codes_of(units: Sequence[str]) -> Mapping[str, list[FormerRow]]:
    """Under which codes records stood before, oldest first, by URN; one query."""
    found: dict[str, list[FormerRow]] = {unit: [] for unit in units}
    for row in _formers(units=units):
        found[row.unit].append(
            FormerRow(row.unit, row.code, row.replaced_by, row.reason, row.recorded_by, row.recorded_at)
        )
    return found


@prepared(units=GivenList.texts)
def _formers(*, units: Given) -> QuerySet[FormerCode]:
    return FormerCode.objects.filter(unit__in=units).order_by("recorded_at", "id")


def units_formerly(code: str) -> list[str]:
    """Which records once stood under this code (旧号查新号)."""
    return _formerly(code=code)


@prepared(code=Given.text)
def _formerly(*, code: Given) -> QuerySet[FormerCode, str]:
    return FormerCode.objects.filter(code=code).order_by("id").values_list("unit", flat=True)


def former_codes_after(head: str) -> list[str]:
    """Every former code that begins like this: their numbers are spent."""
    return list(FormerCode.objects.filter(code__startswith=head).order_by("id").values_list("code", flat=True))
