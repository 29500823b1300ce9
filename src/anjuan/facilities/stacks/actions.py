"""Furnishing rooms and putting volumes on shelves."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post, Route, State
from anjuan.facilities.stacks import queries, rules
from anjuan.facilities.stacks.models import Cell, Placement, Room
from anjuan.foundation.accounts.models import Agency
from anjuan.foundation.accounts.queries import agency as agency_row
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import queries as records


@dataclass(frozen=True)
class Shelved:
    """Where a volume was put."""

    volume_urn: str
    cell_code: str
    free_mm: int


def furnish_room(
    *, occasion: Occasion, code: str, name: str, agency_code: str, racks: int, bays: int, shelves: int, width_mm: int
) -> int:
    """Enter a store room with its racks (建库房). Both sides of each rack; returns the number of cells.

    Args:
        occasion: who; a keeper of that agency, or the installation.
        code: room code, part of every cell's barcode.
        name: how people call it.
        agency_code: whose room.
        racks: number of racks.
        bays: bays a side.
        shelves: shelves a bay.
        width_mm: clear width of one cell in millimetres.

    Raises:
        A-001: the actor is no keeper of that agency.
        R-009: there is no such agency.
        S-070, S-071: see `rules.check_room`.
    """
    path = agency_row(agency_code).path
    if occasion.actor.staff_code != "SYSTEM":
        permit(occasion.actor, path, Post.KEEPER)
    name = " ".join(name.split())
    rules.check_room(
        code,
        name,
        is_taken=queries.has_room(code),
        racks=racks,
        bays=bays,
        shelves=shelves,
        width_mm=width_mm,
    )
    agency = Agency.objects.get(code=agency_code)

    with journal.writing(occasion=occasion, act="stacks.furnish_room", unit=f"room:{code}") as line:
        try:
            with transaction.atomic():
                room = Room.objects.create(code=code, name=name, agency=agency)
        except IntegrityError:  # another keeper gave the code to a room a moment ago
            raise Refusal("S-070", code=code) from None
        cells = Cell.objects.bulk_create(
            Cell(
                room=room,
                rack_no=rack,
                side=side,
                bay_no=bay,
                shelf_no=shelf,
                code=f"{code}-{rack:02}{side}-{bay:02}-{shelf}",
                width_mm=width_mm,
            )
            for rack in range(1, racks + 1)
            for side in "AB"
            for bay in range(1, bays + 1)
            for shelf in range(1, shelves + 1)
        )
        line.say(code=code, name=name, cells=len(cells), width_mm=width_mm)
    return len(cells)


def shelve(*, occasion: Occasion, volume_urn: str, cell_code: str) -> Shelved:
    """Put a volume into a shelf cell (上架): scan the volume, scan the cell.

    Raises:
        A-001: the actor is not a keeper over that volume.
        S-001: the volume is not held by the archive yet.
        S-002: there is no such cell, or it is in a room that he does not keep.
        S-003: the cell is full.
        S-004: the volume lies on a shelf already.
        S-005: it is a single set, without paper.

    Concurrency: the cell's row is locked before it is measured; of two keepers with one volume the second is S-004.
    """
    volume = records.get_volume_for(occasion.actor, volume_urn)
    permit(occasion.actor, volume.agency_path, Post.KEEPER)
    if volume.state is not State.HELD:
        raise Refusal("S-001", reference=volume.reference, state=volume.state)
    if volume.route is Route.SINGLE_SET:
        raise Refusal("S-005", reference=volume.reference)
    needed = rules.thickness_mm(volume.page_count)

    with journal.writing(occasion=occasion, act="stacks.shelve", unit=volume_urn) as line:
        # Locked before it is measured: two keepers may put volumes into the same cell at once.
        shelf = (
            Cell.objects.select_for_update(of=("self",))
            .select_related("room__agency")
            .filter(code=queries.spelled(cell_code))
            .first()
        )
        if shelf is None or not occasion.actor.covers(shelf.room.agency.path, Post.KEEPER):
            raise Refusal("S-002", cell=cell_code[:30])
        cell = queries.cell(shelf.code)
        rules.fits(cell=cell.code, width_mm=cell.width_mm, used_mm=cell.used_mm, needed_mm=needed)
        try:
            with transaction.atomic():
                Placement.objects.create(
                    volume_id=volume.pk,
                    cell=shelf,
                    thickness_mm=needed,
                    placed_by=occasion.actor.staff_code,
                    placed_at=occasion.at,
                )
        except IntegrityError:  # it has a place, or another keeper gave it one a moment ago
            raise Refusal("S-004", reference=volume.reference) from None
        line.say(cell=cell.code, thickness_mm=needed)
    return Shelved(volume_urn, cell.code, cell.free_mm - needed)
