"""What came from the business system and does not fit: conflicts, completed cases that wait, retyping (业务对接)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Count, Max, Q, QuerySet

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Duty, Post, Route, State
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import FieldOrigin, FilingTry, SentConflict
from anjuan.desks.intake.rules import describing
from anjuan.facilities.business import queries as business
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import queries as journal
from anjuan.records import queries as records
from anjuan.records.models import Component, Item

RETRY_AFTER = dt.timedelta(hours=24)
MOST_SHOWN = 100
TYPED_ACTS, TAKEN_ACTS = ("intake.register",), ("intake.take_in", "intake.take_rows")
SENT_IN_ACTS = ("intake.admit",)  # described by who sent the case in from outside


@dataclass(frozen=True)
class SentFile:
    """A file of a conflicting sending, and whether the record holds the same bytes."""

    place: int
    material: str
    name: str
    sha256: str
    size_bytes: int
    is_known: bool


@dataclass(frozen=True)
class ConflictRow:
    """A case that was sent again as another one."""

    uid: str
    acceptance_no: str
    urn: str
    sender_code: str
    sent_at: dt.datetime
    settled_by: str
    settled_at: dt.datetime | None
    note: str
    facts: Mapping[str, str]
    ours: Mapping[str, str]
    files: tuple[SentFile, ...]

    @property
    def differs(self) -> tuple[str, ...]:
        """Facts that are not as in the record."""
        return tuple(
            name
            for name, sent in self.facts.items()
            if sent != self.ours.get(name, "") and (sent or name != "title")  # an empty title is the step's name
        )


@dataclass(frozen=True)
class ToFile:
    """A completed single-set case that has not filed itself, and who took it in: in the name of one it would."""

    urn: str
    acceptance_no: str
    agency_path: str
    staff_codes: tuple[str, ...]
    seen: str


@dataclass(frozen=True)
class UnfiledRow:
    """Why a completed case did not file itself."""

    urn: str
    acceptance_no: str
    title: str
    refusal: Refusal
    tried_at: dt.datetime


def urn_of(agency_code: str, number: str) -> str:
    """The record under an acceptance number; empty when there is none. Rights not judged."""
    found = Item.objects.filter(agency__code=agency_code, acceptance_no=number).values_list("urn", flat=True)
    return found.first() or ""


def item_of(urn: str) -> int:
    """Key of an item; rights not judged.

    Raises:
        R-009: there is none.
    """
    found = Item.objects.filter(urn=urn).values_list("pk", flat=True).first()
    if found is None:
        raise Refusal("R-009", what=urn)
    return int(found)


def conflicts(actor: Actor, *, settled: bool = False) -> list[ConflictRow]:
    """Conflicts of the agencies where the actor is a handler, newest first."""
    rows = _visible_to(actor).filter(settled_at__isnull=not settled).order_by("-id")[:MOST_SHOWN]
    return _conflicts(list(rows))


def get_conflict_for(actor: Actor, uid: str) -> ConflictRow:
    """One conflict.

    Raises:
        R-009: there is none, or it is not of an agency where the actor is a handler.
    """
    rows = list(_visible_to(actor).filter(uid=uid))
    if not rows:
        raise Refusal("R-009", what=uid[:20])
    return _conflicts(rows)[0]


def sent_file(row: ConflictRow, place: int) -> Path:
    """Where a file of a conflict lies.

    Raises:
        R-009: it has no such file.
    """
    path = spool.folder("conflicts", row.uid) / f"{place:05}"
    if not 1 <= place <= len(row.files) or not path.exists():
        raise Refusal("R-009", what=f"{row.acceptance_no} {place}")
    return path


def to_file(*, at: dt.datetime, limit: int = 20) -> list[ToFile]:
    """Completed single-set cases that stand at the counter and have not been tried as they are now."""
    found: list[ToFile] = []
    last = 0
    while len(found) < limit:
        items = list(
            Item.objects.filter(route=Route.SINGLE_SET, state=State.COLLECTING, pk__gt=last)
            .order_by("pk")
            .values_list("pk", "urn", "agency__code", "acceptance_no", "paper_pages", "agency__path")[:500]
        )
        if not items:
            break
        last = items[-1][0]
        found += _completed(items, at)
    return found[:limit]


def unfiled(actor: Actor) -> list[UnfiledRow]:
    """Completed cases that did not file themselves, with the reason, longest waiting first."""
    mine = {item.urn: item for item in records.items_at(actor, State.COLLECTING, Post.HANDLER)}
    rows = FilingTry.objects.filter(item__urn__in=mine).select_related("item").order_by("id")[:MOST_SHOWN]
    return [
        UnfiledRow(row.item.urn, row.item.acceptance_no, row.item.title, Refusal(row.code, **row.params), row.tried_at)
        for row in rows
    ]


def described(actor: Actor, agency_code: str, serial: str, step_code: str) -> dict[str, str]:
    """What the business system holds of a case, as the fields of the registration take it (取自业务记录).

    Raises:
        A-001: the actor is not a handler of that agency.
        I-076: nothing was stated of that number and step.
        R-009: there is no such agency.
    """
    agency = accounts.agency(agency_code)
    accounts.permit(actor, agency.path, Post.HANDLER)
    stated = business.description_of(agency_code, serial.strip())
    if stated is None or stated.step_code != step_code:
        raise Refusal("I-076", serial=serial[:40], agency=agency.name)
    return describing.for_form(stated.fields)


def origins_by_field(agency_codes: Sequence[str], *, since: dt.datetime) -> dict[str, dict[describing.Origin, int]]:
    """How many fields of registrations at the counter were taken over, changed and typed, by field; one query."""
    rows = FieldOrigin.objects.filter(agency_code__in=agency_codes, at__gte=since)
    found: dict[str, dict[describing.Origin, int]] = {}
    for field, origin, count in rows.values_list("field", "origin").annotate(count=Count("pk")).order_by("field"):
        found.setdefault(field, dict.fromkeys(describing.Origin, 0))[describing.Origin(origin)] = count
    return found


def retyping(agency_codes: Sequence[str], *, since: dt.datetime) -> tuple[int, int]:
    """Cases typed at the counter, and cases described by a system, a sheet or from outside, since a day."""
    taken = journal.count_members(TAKEN_ACTS, agency_codes, since) + journal.count_acts(
        SENT_IN_ACTS, agency_codes, since
    )
    return journal.count_acts(TYPED_ACTS, agency_codes, since), taken


def _completed(items: Sequence[tuple[int, str, str, str, int, str]], at: dt.datetime) -> list[ToFile]:
    by_agency: dict[str, list[str]] = {}
    for _, _, agency_code, number, _, _ in items:
        by_agency.setdefault(agency_code, []).append(number)
    completed = {code: business.completions_of(code, numbers) for code, numbers in by_agency.items()}
    known = [item for item in items if item[3] in completed[item[2]]]
    pks = [item[0] for item in known]
    newest = dict(
        Component.objects.filter(item_id__in=pks, superseded_at=None)
        .values_list("item_id")
        .annotate(newest=Max("pk"))
        .order_by("item_id")
    )
    tried = {row.item_id: row for row in FilingTry.objects.filter(item_id__in=pks)}
    duties = records.duties_of_each([item[1] for item in known])
    found = []
    for pk, urn, agency_code, number, pages, path in known:
        seen = f"{completed[agency_code][number].as_of.isoformat()} {newest.get(pk, 0)} {pages}"
        before = tried.get(pk)
        if before is not None and before.seen == seen and at - before.tried_at < RETRY_AFTER:
            continue
        handlers = sorted(duties.get(urn, {}).get(Duty.HANDLED, ()))
        found.append(ToFile(urn, number, path, tuple(handlers), seen))
    return found


def _visible_to(actor: Actor) -> QuerySet[SentConflict]:
    condition = Q(pk__in=[])
    for held in actor.appointments:
        if held.post is Post.HANDLER:
            condition |= Q(agency_path__startswith=held.agency_path)
    return SentConflict.objects.filter(condition)


def _conflicts(rows: Sequence[SentConflict]) -> list[ConflictRow]:
    urns = [row.urn for row in rows]
    items = {item.urn: item for item in Item.objects.filter(urn__in=urns)}
    subjects = records.subjects_of(urns)
    parts = records.components_of(urns)
    found = []
    for row in rows:
        item = items[row.urn]
        known = {part.sha256 for part in parts[row.urn]}
        people = [one for one in subjects[row.urn] if one.id_number]
        firm = next((one for one in subjects[row.urn] if not one.id_number), None)
        found.append(
            ConflictRow(
                uid=row.uid,
                acceptance_no=row.acceptance_no,
                urn=row.urn,
                sender_code=row.sender_code,
                sent_at=row.sent_at,
                settled_by=row.settled_by,
                settled_at=row.settled_at,
                note=row.note,
                facts=row.facts,
                ours={
                    "step": item.step_code,
                    "title": item.title,
                    "formed_date": item.formed_date.isoformat(),
                    "paper_pages": str(item.paper_pages),
                    "route": item.route,
                    "persons": "; ".join(f"{one.name} {one.id_number}" for one in people),
                    "employer": f"{firm.name} {firm.credit_code}".strip() if firm else "",
                },
                files=tuple(
                    SentFile(at, material, name, sha256, size, sha256 in known)
                    for at, (material, name, sha256, size) in enumerate(row.files, 1)
                ),
            )
        )
    return found
