"""Damage that was found, named, and what became of it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.facilities.copies.models import Incident
from anjuan.facilities.copies.queries.archived import reference_by_urn
from anjuan.facilities.copies.queries.places import READERS, PlaceRow, permit_reader, places
from anjuan.facilities.copies.rules import DamageKind

LISTED = 200


@dataclass(frozen=True)
class IncidentRow:
    """One incident as pages see it."""

    pk: int
    urn: str
    reference: str
    place: PlaceRow
    path: str
    kind: DamageKind
    expected_sha512: str
    found_sha512: str
    found_at: dt.datetime
    found_by: str
    evidence_path: str
    evidence_digest: str
    restored_sha512: str
    repaired_at: dt.datetime | None
    repaired_from: str
    repaired_by: str

    @property
    def is_open(self) -> bool:
        """Whether it still waits for repair."""
        return self.repaired_at is None


def _rows(found: QuerySet[Incident]) -> list[IncidentRow]:
    incidents = list(found.select_related("repaired_from"))
    names = reference_by_urn({row.urn for row in incidents})
    known = {row.pk: row for row in places()}
    return [
        IncidentRow(
            pk=row.pk,
            urn=row.urn,
            reference=names.get(row.urn, row.urn),
            place=known[row.place_id],
            path=row.path,
            kind=DamageKind(row.kind),
            expected_sha512=row.expected_sha512,
            found_sha512=row.found_sha512,
            found_at=row.found_at,
            found_by=row.found_by,
            evidence_path=row.evidence_path,
            evidence_digest=row.evidence_digest,
            restored_sha512=row.restored_sha512,
            repaired_at=row.repaired_at,
            repaired_from=row.repaired_from.code if row.repaired_from else "",
            repaired_by=row.repaired_by,
        )
        for row in incidents
    ]


def _visible_to(actor: Actor) -> QuerySet[Incident]:
    mine = Q(pk__in=[])
    for held in actor.appointments:
        if held.post in READERS:
            mine |= Q(place__agency__path__startswith=held.agency_path)
    return Incident.objects.filter(mine)


def incidents_for(actor: Actor, *, is_open: bool, limit: int = LISTED) -> list[IncidentRow]:
    """The incidents the actor may see: open ones oldest first, closed ones newest first.

    Raises:
        A-001: none of his posts has to do with them.
    """
    permit_reader(actor)
    rows = _visible_to(actor).filter(repaired_at__isnull=is_open)
    return _rows(rows.order_by(*(("found_at", "pk") if is_open else ("-repaired_at", "-pk")))[:limit])


def get_incident_for(actor: Actor, pk: int) -> IncidentRow:
    """One incident.

    Raises:
        R-009: there is none, or the actor may not see it.
    """
    found = _rows(_visible_to(actor).filter(pk=pk))
    if not found or not actor.holds(*READERS):
        raise Refusal("R-009", what=f"#{pk}")
    return found[0]


def open_of(urn: str, place_pk: int) -> list[IncidentRow]:
    """The open incidents of one copy."""
    return _rows(Incident.objects.filter(urn=urn, place_id=place_pk, repaired_at=None).order_by("pk"))


def open_groups(actor: Actor, *, limit: int = LISTED) -> list[list[IncidentRow]]:
    """Open incidents by copy: what one press of a button repairs."""
    groups: dict[tuple[str, int], list[IncidentRow]] = {}
    for row in incidents_for(actor, is_open=True, limit=limit):
        groups.setdefault((row.urn, row.place.pk), []).append(row)
    return list(groups.values())


def count_open(actor: Actor) -> int:
    """How many incidents wait for repair."""
    return _visible_to(actor).filter(repaired_at=None).count() if actor.holds(*READERS) else 0


def open_urns(urns: Sequence[str]) -> frozenset[str]:
    """Which of these objects are damaged somewhere."""
    return frozenset(Incident.objects.filter(urn__in=urns, repaired_at=None).values_list("urn", flat=True))
