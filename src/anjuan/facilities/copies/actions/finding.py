"""Entering damage that was found (登记损坏)."""

from collections.abc import Sequence

from anjuan.core.terms import Occasion, Post
from anjuan.facilities.copies import queries
from anjuan.facilities.copies.models import Incident, ObjectCopy
from anjuan.facilities.copies.queries import PlaceRow
from anjuan.facilities.copies.rules import Damage, Outcome
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.foundation.journal import actions as journal

MOST_SAID = 20  # files named in one journal line; the incidents name them all


def find_damage(*, occasion: Occasion, row: PlaceRow, urn: str, damages: Sequence[Damage]) -> None:
    """Enter damage: an incident a file, the copy no longer counts, and keeper and administrator are told (登记损坏).

    Damage that is entered already and not repaired yet leaves no second line.
    """
    known = {incident.path for incident in queries.open_of(urn, row.pk)}
    fresh = [damage for damage in damages if damage.path not in known]
    if not fresh:
        note_outcome(occasion, row, urn, Outcome.DAMAGED)
        return

    with journal.writing(occasion=occasion, act="copies.find_damage", unit=urn) as line:
        note_outcome(occasion, row, urn, Outcome.DAMAGED)
        Incident.objects.bulk_create(
            Incident(
                urn=urn,
                place_id=row.pk,
                path=damage.path,
                kind=damage.kind,
                expected_sha512=damage.expected,
                found_sha512=damage.found,
                found_at=occasion.at,
                found_by=occasion.actor.staff_code,
            )
            for damage in fresh
        )
        reference = reference_of(urn)
        for post in (Post.KEEPER, Post.SYSTEM_ADMIN):
            notices.notify(
                line=line,
                kind=NoticeKind.COPY_DAMAGED,
                unit=urn,
                reference=reference,
                agency_path=row.agency_path,
                post=post,
                subjects=[subject_of(urn, row)],
                place=row.name,
                file=fresh[0].path,
                count=len(fresh),
            )
        line.say(place=row.code, files=len(fresh))
        for number, damage in enumerate(fresh[:MOST_SAID]):
            line.say(**{f"file_{number}": f"{damage.kind} {damage.path}"})
            line.say(**{f"expected_{number}": damage.expected, f"found_{number}": damage.found})


def subject_of(urn: str, row: PlaceRow) -> str:
    """What a notice of damage waits for: this copy of this object."""
    return f"copy:{row.pk}:{urn.removeprefix('urn:uuid:')}"


def note_outcome(occasion: Occasion, row: PlaceRow, urn: str, outcome: Outcome) -> None:
    """What the last look at a copy found, where it was not good."""
    ObjectCopy.objects.update_or_create(
        urn=urn, place_id=row.pk, defaults={"outcome": outcome, "checked_at": occasion.at}
    )


def reference_of(urn: str) -> str:
    """What people call a record."""
    return queries.reference_by_urn([urn]).get(urn, urn)
