"""How numbers stand (编号台账): run by run, what was given, voided, held, and what nobody can account for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anjuan.core import arrangement, refcode
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Arrangement, Post
from anjuan.facilities.numbering import queries as numbering
from anjuan.facilities.numbering import rules as runs
from anjuan.facilities.numbering.queries import Numbered, VoidedRow
from anjuan.foundation.accounts import queries as accounts
from anjuan.records import queries as records

NUMBERING_POSTS = (Post.FILER, Post.ARCHIVIST)


@dataclass(frozen=True)
class RunRow:
    """One run of numbers as the list shows it."""

    key: str
    agency_code: str
    agency_path: str
    category_code: str
    category_name: str
    year: int
    arrangement: Arrangement
    standing: runs.Standing
    voided: tuple[VoidedRow, ...]
    reserved: Mapping[int, str]
    volume_urns: tuple[str, ...]
    last_code: str


def runs_of(actor: Actor, year: int) -> list[RunRow]:
    """The runs of a year that the actor files in or looks after; four queries, and one where agencies share a run.

    Such a run is the fonds's: its numbers are reckoned over the volumes of all, and answered for by its agency.

    Raises:
        A-001: the actor neither files nor looks after records.
    """
    if not actor.holds(*NUMBERING_POSTS):
        raise Refusal("A-001", posts=NUMBERING_POSTS)
    found = _by_run(numbering.numbered_volumes(actor, year, *NUMBERING_POSTS))
    shared = {key: rows[0].fonds_code for key, rows in found.items() if runs.is_shared(key)}
    whole = _by_run(numbering.numbered_in(shared.values(), year)) if shared else {}
    voided, reserved = numbering.voided_in(found), numbering.reserved_in(found)
    paths = {code: accounts.agency(code).path for code in {rows[0].agency_code for rows in found.values()}}
    return [
        RunRow(
            key,
            rows[0].agency_code,
            rows[0].fonds_path if key in shared else paths[rows[0].agency_code],
            rows[0].category_code,
            rows[0].category_name,
            year,
            rows[0].arrangement,
            runs.standing(
                given=[row.volume_no for row in (whole[key] if key in shared else rows)],
                voided=[row.number for row in voided[key]],
                reserved=reserved[key],
            ),
            tuple(voided[key]),
            reserved[key],
            tuple(row.urn for row in rows),
            rows[-1].reference_code,
        )
        for key, rows in sorted(found.items())
    ]


def _by_run(rows: Iterable[Numbered]) -> dict[str, list[Numbered]]:
    found: dict[str, list[Numbered]] = {}
    tokens: dict[tuple[str, Arrangement], set[str]] = {}
    for row in rows:
        kind = (row.template, row.arrangement)
        if kind not in tokens:
            rule, _ = arrangement.templates(arrangement.kinds()[row.arrangement], row.template)
            tokens[kind] = {token.name for token in rule.tokens()}
        key = runs.run_key(
            fonds_code=row.fonds_code,
            year=row.year,
            category_code=row.category_code,
            arrangement=row.arrangement,
            agency_code=row.agency_code,
            insurance_line=row.insurance_line,
            tokens=tokens[kind],
        )
        found.setdefault(key, []).append(row)
    return found


def run_for(actor: Actor, key: str) -> RunRow:
    """One run.

    Raises:
        A-001: the actor neither files nor looks after records.
        R-009: there is none, or the actor may not see it.
    """
    year = key.split("/")[1] if key.count("/") == 5 else ""
    for row in runs_of(actor, int(year) if year.isdigit() else 0):
        if row.key == key:
            return row
    raise Refusal("R-009", what=f"号段 run {key[:60]}")


def years(actor: Actor) -> list[int]:
    """The years of which there are numbers, newest first."""
    return numbering.years_numbered(actor, *NUMBERING_POSTS)


def volume_numbered(actor: Actor, code: str) -> str:
    """The URN of the volume that bears a 档号, however it was typed, or bore it before.

    Raises:
        R-009: none does, or the actor may not see it.
    """
    folded = refcode.normalise(code)
    visible = records.volumes_visible_to(actor)
    found = visible.filter(reference_code=folded) | visible.filter(urn__in=numbering.units_formerly(folded))
    urn: str | None = found.order_by("id").values_list("urn", flat=True).first() if folded else None
    if urn is None:
        raise Refusal("R-009", what=f"档号 {code[:80]}")
    return urn
