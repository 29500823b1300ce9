"""Looking at copies and making them. A look that finds nothing wrong is a line of the ledger; damage is a deed."""

import contextlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.facilities.copies import queries
from anjuan.facilities.copies.actions.finding import find_damage, note_outcome, reference_of
from anjuan.facilities.copies.actions.mending import close_found_whole, mend_copy
from anjuan.facilities.copies.backends import look
from anjuan.facilities.copies.backends.look import Expected, Seen, SourceDamaged
from anjuan.facilities.copies.backends.shelf import Shelf, Unreachable
from anjuan.facilities.copies.models import ObjectCopy, Place
from anjuan.facilities.copies.queries import PlaceRow
from anjuan.facilities.copies.rules import Outcome
from anjuan.facilities.repository import queries as repository

READERS = 2  # threads of one sweep: hashing leaves the interpreter to others
AHEAD = 4  # copies read ahead of the one that is written down


@dataclass(frozen=True)
class _Unit:
    """A copy that is to be looked at; without ``expected`` nobody asks for its bytes any more."""

    row: PlaceRow
    urn: str
    line: ObjectCopy | None
    expected: Expected | None


def check(*, occasion: Occasion, urn: str, place_pk: int) -> None:
    """Read a copy whole and write down what was found (检查副本). An object the rows know no more is no failure.

    Raises:
        N-001: damage, or damage that is known already; only good counts as success.
        N-002: the place is not there.
    """
    (unit,) = _units([(place_pk, urn)])
    _settle(occasion, unit, _look(unit))


def check_many(
    *, moment: Callable[[], Occasion], units: Sequence[tuple[int, str]]
) -> Generator[Refusal | None, None, None]:
    """Look at copies one after another, as ``check`` does with each, reading ahead in a few threads (批量检查).

    Args:
        moment: the occasion of now.
        units: place and object of each.

    Yields:
        Each one's refusal, or None when it was good.
    Concurrency: the threads read bytes and nothing else. Looks that changed nothing but their time are written down
        together when the caller stops asking: what a kill takes with it is looked at again.
    """
    began, unchanged = moment(), list[int]()
    found = _units(units)
    with ThreadPoolExecutor(READERS) as readers:
        coming = [readers.submit(_look, unit) for unit in found[:AHEAD]]
        try:
            for number, unit in enumerate(found):
                if number + AHEAD < len(found):
                    coming.append(readers.submit(_look, found[number + AHEAD]))
                seen = coming[number].result()
                if _is_as_it_was(unit.line, seen):
                    unchanged.append(unit.line.pk)  # type: ignore[union-attr]
                    yield None
                    continue
                try:
                    _settle(moment(), unit, seen)
                except Refusal as refusal:
                    yield refusal
                else:
                    yield None
        finally:
            for later in coming:
                later.cancel()
            # Their time is that of the first of them: never later than the look.
            ObjectCopy.objects.filter(pk__in=unchanged, outcome=Outcome.GOOD).update(
                verified_at=began.at, checked_at=began.at
            )


def _units(units: Sequence[tuple[int, str]]) -> list[_Unit]:
    """What is needed to look at copies, in a few statements however many they are."""
    urns = list(dict.fromkeys(urn for _, urn in units))
    rows = {row.pk: row for row in queries.places()}
    states, lines = queries.states_of(urns), queries.lines_of_each(urns)
    found = []
    for place_pk, urn in units:
        row, state, line = rows[place_pk], states.get(urn), lines[urn].get(place_pk)
        expected = None
        if state is not None and row.is_attached and (row.is_primary or line is not None):
            head = state.head_version
            expected = queries.expected_of(
                state, head if row.is_primary or line is None else min(line.version, head), lines[urn]
            )
        found.append(_Unit(row, urn, line, expected))
    return found


def _look(unit: _Unit) -> Seen | Unreachable | None:
    """The reading alone: no row is asked or written."""
    if unit.expected is None:
        return None
    shelf, pace = queries.shelf_of(unit.row), queries.pace_of_sweeping()
    try:
        seen = look.examine(shelf, unit.expected, pace=pace)
        if seen.damages and unit.row.is_primary:
            # A writer may stand between two of his steps: he has finished, or died, when the store has answered.
            with contextlib.suppress(Refusal, OSError):
                repository.inventory_of(unit.urn)
            seen = look.examine(shelf, unit.expected, pace=pace)
    except Unreachable as error:
        return error
    return seen


def _is_as_it_was(line: ObjectCopy | None, seen: Seen | Unreachable | None) -> bool:
    if line is None or not isinstance(seen, Seen) or seen.damages or line.outcome != Outcome.GOOD:
        return False
    now = (seen.version, seen.inventory_sha512, seen.size_bytes, seen.file_count)
    return now == (line.version, line.inventory_sha512, line.size_bytes, line.file_count)


def _settle(occasion: Occasion, unit: _Unit, seen: Seen | Unreachable | None) -> None:
    """Write down what a look found."""
    if unit.expected is None or seen is None:
        line = ObjectCopy.objects.filter(urn=unit.urn, place_id=unit.row.pk)
        line.update(checked_at=occasion.at)
        if unit.row.is_primary:  # it has left the store; at other places its bytes may still lie, and the line stays
            line.delete()
        return
    if isinstance(seen, Unreachable):
        raise _unreachable(occasion, unit.row, unit.urn) from seen
    _judged(occasion=occasion, row=unit.row, expected=unit.expected, seen=seen, was=unit.line)


def _judged(*, occasion: Occasion, row: PlaceRow, expected: Expected, seen: Seen, was: ObjectCopy | None) -> None:
    """Write down what a look found; with the setting for it, damage is mended at once.

    Raises:
        N-001: damage that still stands.
    """
    if not seen.damages:
        _good(occasion=occasion, row=row, urn=expected.urn, seen=seen)
        is_known = was is not None and was.outcome != Outcome.GOOD
        if is_known and queries.open_of(expected.urn, row.pk):
            close_found_whole(occasion=occasion, row=row, urn=expected.urn)
        return
    find_damage(occasion=occasion, row=row, urn=expected.urn, damages=seen.damages)
    if settings.ANJUAN_REPAIR_AUTO:
        mend_copy(occasion=occasion, row=row, urn=expected.urn)
        return
    raise Refusal(
        "N-001",
        reference=reference_of(expected.urn),
        place=row.name,
        files=len(seen.damages),
        first=seen.damages[0].path,
    )


def _good(*, occasion: Occasion, row: PlaceRow, urn: str, seen: Seen) -> None:
    """The ledger's line of a copy whose every byte was read and found right."""
    said = {
        "version": seen.version,
        "inventory_sha512": seen.inventory_sha512,
        "size_bytes": seen.size_bytes,
        "file_count": seen.file_count,
        "outcome": Outcome.GOOD,
        "verified_at": occasion.at,
        "checked_at": occasion.at,
    }
    if not ObjectCopy.objects.filter(urn=urn, place_id=row.pk).update(**said):
        ObjectCopy.objects.update_or_create(urn=urn, place_id=row.pk, defaults=said)
    if row.unreachable_since is not None:
        Place.objects.filter(pk=row.pk).update(unreachable_since=None)


def _unreachable(occasion: Occasion, row: PlaceRow, urn: str) -> Refusal:
    """A place that is not there: nothing is known of its copies, so none of them is called good or damaged."""
    note_outcome(occasion, row, urn, Outcome.UNREACHABLE)
    Place.objects.filter(pk=row.pk, unreachable_since=None).update(unreachable_since=occasion.at)
    return Refusal("N-002", place=row.name, site=row.site)


def replicate(*, occasion: Occasion, urn: str, place_pk: int) -> None:
    """Make a copy of an object at a place, or bring the one there up to date, from a verified source (复制).

    Raises:
        N-001: what lay at the place before is damaged.
        N-002: the place is not there.
        N-004: the place does not take the bytes, such as a full disk.
        N-008: no source is good.
    Concurrency: two who copy the same object lay down the same bytes; the ledger's line is written once more.
    """
    rows, state, lines = queries.places(), repository.object_state(urn), queries.lines_of(urn)
    row = next(found for found in rows if found.pk == place_pk)
    if state is None or not state.is_sealed or row.is_primary or not row.is_attached:
        return
    expected, shelf = queries.expected_of(state, None, lines), queries.shelf_of(row)
    for source_row, source in _sources(rows, lines, state.head_version, row):
        try:
            with _told(row):
                if not shelf.stands() and not queries.holds_any(row.pk):
                    shelf.prepare()
                seen, is_whole = look.carry(
                    source, shelf, expected, pace=queries.pace_of_copying(), source_pace=queries.pace_of_copying()
                )
        except SourceDamaged as damage:
            find_damage(occasion=occasion, row=source_row, urn=urn, damages=damage.damages)
            continue
        except Unreachable as error:
            if shelf.stands():
                _unreachable(occasion, source_row, urn)
                continue
            raise _unreachable(occasion, row, urn) from error
        if is_whole and source_row.is_primary:  # every byte of it was read on the way
            _good(occasion=occasion, row=source_row, urn=urn, seen=seen)
        _judged(occasion=occasion, row=row, expected=expected, seen=seen, was=lines.get(row.pk))
        return
    raise Refusal("N-008", reference=reference_of(urn), place=row.name)


@contextlib.contextmanager
def _told(row: PlaceRow) -> Iterator[None]:
    """What the system refuses while bytes are laid down, as a refusal that names the place."""
    try:
        yield
    except Unreachable:
        raise
    except OSError as error:
        raise Refusal("N-004", place=row.name, why=error.strerror or type(error).__name__) from error


def _sources(
    rows: Sequence[PlaceRow], lines: Mapping[int, ObjectCopy], version: int, target: PlaceRow
) -> list[tuple[PlaceRow, Shelf]]:
    """Where to copy from: the primary unless it is known to be damaged, then others that were good last time."""
    found = queries.good_sources(rows, lines, version, but=target.pk)
    first = next((row for row in rows if row.is_primary), None)
    if first is not None and all(row.pk != first.pk for row, _ in found):
        line = lines.get(first.pk)
        if line is None or line.outcome not in (Outcome.DAMAGED, Outcome.UNREACHABLE):
            found.insert(0, (first, queries.shelf_of(first)))
    return found
