"""Repair from a good copy (修复): good bytes first, then the damaged ones are set aside as evidence, then the rows."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from anjuan.core.ocfl.layout import object_path
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.copies import queries
from anjuan.facilities.copies.actions.finding import find_damage, reference_of, subject_of
from anjuan.facilities.copies.backends import look
from anjuan.facilities.copies.backends.look import Expected, Mended, NoGoodCopy, Seen
from anjuan.facilities.copies.backends.shelf import Shelf, Unreachable
from anjuan.facilities.copies.models import Incident, ObjectCopy, Place
from anjuan.facilities.copies.queries import IncidentRow, PlaceRow
from anjuan.facilities.copies.rules import Damage, Outcome
from anjuan.facilities.notices import actions as notices
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.rules import ObjectState
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line

NOTE_NAME = "repair.json"
MOST_SAID = 20
ROUNDS = 3  # what hid behind a damaged inventory is seen once that is mended


@dataclass(frozen=True)
class RepairReceipt:
    """What a repair did: which files, from which places."""

    urn: str
    place_code: str
    files: tuple[str, ...]
    sources: tuple[str, ...]


def repair(*, occasion: Occasion, urn: str, place_code: str) -> RepairReceipt:
    """Repair a damaged copy of an object from good ones (修复副本).

    Args:
        occasion: who; the keeper or system administrator of the place's agency.
        urn: identifier of the object.
        place_code: where the damage is.

    Raises:
        A-001: the actor may look, but not repair.
        N-002: the place is not there.
        N-003: no good copy is left of a file; nothing was touched.
        N-004: the place does not take the bytes.
        N-009: nothing is known to be damaged there.
        R-009: there is no such place, or the actor may not see it.
    Concurrency: run twice, the second finds nothing wrong; a repair that was cut off is finished by the next.
    """
    row = queries.get_place_for(occasion.actor, place_code)
    permit(occasion.actor, row.agency_path, *queries.ACTORS)

    return mend_copy(occasion=occasion, row=row, urn=urn)


def mend_copy(*, occasion: Occasion, row: PlaceRow, urn: str) -> RepairReceipt:
    """What ``repair`` does, without asking who; also called by the sweep where a setting lets it."""
    state, lines = repository.object_state(urn), queries.lines_of(urn)
    line = lines.get(row.pk)
    if state is None or not queries.open_of(urn, row.pk):
        raise Refusal("N-009", place=row.name)
    version = state.head_version if row.is_primary or line is None else min(line.version or 1, state.head_version)
    expected, shelf = queries.expected_of(state, version, lines), queries.shelf_of(row)
    reference = reference_of(urn)
    try:
        seen = look.examine(shelf, expected, pace=queries.pace_of_copying())
        for _ in range(ROUNDS):
            if not seen.damages:
                break
            entered = queries.open_of(urn, row.pk)
            if {damage.path for damage in seen.damages} - {incident.path for incident in entered}:
                find_damage(occasion=occasion, row=row, urn=urn, damages=seen.damages)
                entered = queries.open_of(urn, row.pk)
            _mend(shelf, expected, seen.damages, entered, _sources(state, lines, row), occasion)
            seen = look.examine(shelf, expected, pace=queries.pace_of_copying())
    except NoGoodCopy as error:
        raise Refusal("N-003", reference=reference, file=error.path, place=row.name) from error
    except Unreachable as error:
        raise Refusal("N-002", place=row.name, site=row.site) from error
    except OSError as error:
        raise Refusal("N-004", place=row.name, why=error.strerror or type(error).__name__) from error
    if seen.damages:
        raise Refusal("N-001", reference=reference, place=row.name, files=len(seen.damages), first=seen.damages[0].path)
    mended = _gathered(shelf, urn, row)

    with journal.writing(occasion=occasion, act="copies.repair", unit=urn) as entry:
        return _close(entry, row, mended, seen)


def close_found_whole(*, occasion: Occasion, row: PlaceRow, urn: str) -> RepairReceipt:
    """Close the incidents of a copy that a later look found whole: somebody has put it right by hand (复检完好)."""
    entered = _gathered(queries.shelf_of(row), urn, row)

    with journal.writing(occasion=occasion, act="copies.find_whole", unit=urn) as line:
        return _close(line, row, entered, None)


def _sources(
    state: ObjectState, lines: Mapping[int, ObjectCopy], target: PlaceRow
) -> list[tuple[str, Shelf, Expected]]:
    """Good copies elsewhere, each with what it should be: one that is behind still keeps the older files."""
    found = []
    for row, shelf in queries.good_sources(queries.places(), lines, 1, but=target.pk):
        version = min(lines[row.pk].version, state.head_version)
        found.append((row.code, shelf, queries.expected_of(state, version, lines)))
    return found


def _mend(
    shelf: Shelf,
    expected: Expected,
    damages: Sequence[Damage],
    entered: Sequence[IncidentRow],
    sources: Sequence[tuple[str, Shelf, Expected]],
    occasion: Occasion,
) -> None:
    found = {incident.path: incident.found_sha512 for incident in entered}
    evidence = {
        damage.path: _evidence_name(expected.urn, damage.path, found.get(damage.path) or damage.found)
        for damage in damages
    }

    def announce(done: Sequence[Mended]) -> None:
        """Before anything is touched: from where each file comes, for whoever finishes what is cut off here."""
        told = {**_told(shelf, expected.urn), **{each.path: each.source for each in done}}
        note = {"urn": expected.urn, "by": occasion.actor.staff_code, "at": occasion.at.isoformat(), "sources": told}
        shelf.note(_note_name(expected.urn), json.dumps(note, ensure_ascii=False, indent=1).encode() + b"\n")

    look.mend(shelf, expected, damages, sources, evidence, announce=announce, pace=queries.pace_of_copying())


@dataclass(frozen=True)
class _Entered:
    """An open incident, what lies in the quarantine for it, and the place its file came from."""

    incident: IncidentRow
    evidence: tuple[str, str]
    source: PlaceRow | None


def _gathered(shelf: Shelf, urn: str, row: PlaceRow) -> list[_Entered]:
    """The open incidents of a copy with their evidence, read before the transaction."""
    told, places = _told(shelf, urn), queries.by_code()
    return [
        _Entered(incident, _kept(shelf, incident), places.get(told.get(incident.path, "")))
        for incident in queries.open_of(urn, row.pk)
    ]


def _close(line: Line, row: PlaceRow, entered: Sequence[_Entered], seen: Seen | None) -> RepairReceipt:
    """Write down what became of each incident of a copy that is whole again."""
    occasion, urn = line.occasion, line.unit
    for number, one in enumerate(entered):
        path, digest = one.evidence
        Incident.objects.filter(pk=one.incident.pk, repaired_at=None).update(
            evidence_path=path,
            evidence_digest=digest,
            restored_sha512=one.incident.expected_sha512,
            repaired_at=occasion.at,
            repaired_from_id=one.source.pk if one.source else None,
            repaired_by=occasion.actor.staff_code,
        )
        if number < MOST_SAID:
            line.say(
                **{
                    f"file_{number}": one.incident.path,
                    f"damaged_{number}": one.incident.found_sha512 or digest or one.incident.kind,
                    f"good_{number}": one.incident.expected_sha512,
                    f"from_{number}": one.source.code if one.source else "",
                }
            )
    if seen is not None:
        ObjectCopy.objects.filter(urn=urn, place_id=row.pk).update(
            outcome=Outcome.GOOD,
            version=seen.version,
            inventory_sha512=seen.inventory_sha512,
            size_bytes=seen.size_bytes,
            file_count=seen.file_count,
            verified_at=occasion.at,
            checked_at=occasion.at,
        )
        Place.objects.filter(pk=row.pk).update(unreachable_since=None)
    line.say(place=row.code, files=len(entered))
    notices.settle(act="copies.repair", unit=subject_of(urn, row), at=occasion.at)
    return RepairReceipt(
        urn=urn,
        place_code=row.code,
        files=tuple(one.incident.path for one in entered),
        sources=tuple(sorted({one.source.code for one in entered if one.source})),
    )


def _evidence_name(urn: str, path: str, found: str) -> str:
    """Where a damaged file is set aside; the same name again when a repair was cut off."""
    return f"{_drawer(urn)}/{path}.{found[:16] or 'missing'}"


def _drawer(urn: str) -> str:
    return object_path(urn).rpartition("/")[2]


def _note_name(urn: str) -> str:
    return f"{_drawer(urn)}/{NOTE_NAME}"


def _told(shelf: Shelf, urn: str) -> Mapping[str, str]:
    """From where an earlier repair of this copy, finished or cut off, took each file."""
    try:
        note = json.loads(b"".join(shelf.evidence(_note_name(urn))))
        return {str(path): str(code) for path, code in note["sources"].items()}
    except (FileNotFoundError, ValueError, LookupError):
        return {}


def _kept(shelf: Shelf, incident: IncidentRow) -> tuple[str, str]:
    """What lies in the quarantine for an incident, and its SHA-512; nothing where the file was missing."""
    name = _evidence_name(incident.urn, incident.path, incident.found_sha512)
    try:
        return name, _sha512(shelf.evidence(name))
    except FileNotFoundError:
        return "", ""
    except OSError:  # a disk that could not read the file cannot read it there either: it is kept all the same
        return name, ""


def _sha512(chunks: Iterator[bytes]) -> str:
    taker = hashlib.sha512()
    for chunk in chunks:
        taker.update(chunk)
    return taker.hexdigest()
