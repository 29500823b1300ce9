"""Putting volumes on shelves: scan the volume, scan the cell."""

from typing import Any

import pytest
from django.db.models import QuerySet

from anjuan.core.terms import Post, State
from anjuan.facilities.stacks import actions as stacks
from anjuan.facilities.stacks import queries
from anjuan.facilities.stacks.models import Cell
from anjuan.facilities.stacks.rules import thickness_mm
from tests import builders
from tests.builders import at_state, one_line, refused
from tests.cast import Cast


def shelve(cast: Cast, walk: builders.Walked, cell: str, post: Post = Post.KEEPER) -> stacks.Shelved:
    return stacks.shelve(occasion=cast.occasion(post), volume_urn=walk.volume_urn, cell_code=cell)


@pytest.mark.acceptance("S0-W7", "S3-W19", "STD-19")
def test_a_held_volume_is_put_into_the_cell_whose_barcode_was_scanned(cast: Cast) -> None:
    walk = at_state(cast, State.HELD)
    keeper = cast.actor(Post.KEEPER)
    assert [row.urn for row in queries.to_shelve(keeper)] == [walk.volume_urn]

    with one_line("stacks.shelve"):
        receipt = shelve(cast, walk, " k1-02b-03-4 ")

    place = queries.places_of([walk.volume_urn])[walk.volume_urn]
    assert receipt.cell_code == place.cell_code == "K1-02B-03-4"
    assert (place.rack_no, place.side, place.bay_no, place.shelf_no) == (2, "B", 3, 4)
    assert receipt.free_mm == 900 - thickness_mm(2)
    assert queries.count_to_shelve(keeper) == 0


def test_a_volume_is_shelved_once_by_a_keeper_in_a_cell_that_is(cast: Cast) -> None:
    walk = at_state(cast, State.HELD)

    with refused("S-002"):
        shelve(cast, walk, "K9-01A-01-1")
    with refused("A-001"):
        shelve(cast, walk, "K1-01A-01-1", Post.READING_DESK)
    shelve(cast, walk, "K1-01A-01-1")
    with refused("S-004"):
        shelve(cast, walk, "K1-01A-01-2")


def test_the_cell_is_locked_before_it_is_measured(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = at_state(cast, State.HELD)
    order = []
    lock, measure = QuerySet.select_for_update, queries.cell

    def noted_lock(rows: QuerySet[Any], *args: Any, **more: Any) -> QuerySet[Any]:
        if rows.model is Cell:
            order.append("locked")
        return lock(rows, *args, **more)

    def noted_measure(code: str) -> queries.CellRow:
        order.append("measured")
        return measure(code)

    monkeypatch.setattr(QuerySet, "select_for_update", noted_lock)
    monkeypatch.setattr(queries, "cell", noted_measure)
    shelve(cast, walk, "K1-01A-01-1")

    assert order == ["locked", "measured"]


def test_of_two_keepers_with_one_volume_the_second_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = at_state(cast, State.HELD)
    shelve(cast, walk, "K1-01A-01-1")
    monkeypatch.setattr(QuerySet, "exists", lambda rows: False)  # he looked a moment before the other was done

    with refused("S-004"):
        shelve(cast, walk, "K1-01A-01-2")


def test_what_has_not_passed_the_recheck_is_not_shelved(cast: Cast) -> None:
    walk = at_state(cast, State.RECEIVED)

    with refused("S-001"):
        shelve(cast, walk, "K1-01A-01-1")


def test_a_full_cell_takes_nothing_and_the_next_with_room_is_proposed(cast: Cast) -> None:
    first, second = at_state(cast, State.HELD, "SL-1"), at_state(cast, State.HELD, "SL-2")
    needed = thickness_mm(2)
    Cell.objects.filter(code="K1-01A-01-1").update(width_mm=needed * 2 - 1)
    shelve(cast, first, "K1-01A-01-1")

    with refused("S-003"):
        shelve(cast, second, "K1-01A-01-1")
    proposed = queries.suggest_cell(cast.actor(Post.KEEPER), needed)

    assert proposed is not None and proposed.code == "K1-01A-01-2"
    shelve(cast, second, proposed.code)


def test_a_room_is_furnished_by_its_keeper_with_a_barcode_for_every_cell(cast: Cast) -> None:
    def furnish(post: Post) -> int:
        return stacks.furnish_room(
            occasion=cast.occasion(post),
            code="K2",
            name="2 库",
            agency_code="SJ",
            racks=2,
            bays=3,
            shelves=4,
            width_mm=800,
        )

    with refused("A-001"):
        furnish(Post.ARCHIVIST)
    with one_line("stacks.furnish_room"):
        assert furnish(Post.KEEPER) == 2 * 2 * 3 * 4

    codes = set(Cell.objects.filter(room__code="K2").values_list("code", flat=True))
    assert len(codes) == 48
    assert {"K2-01A-01-1", "K2-02B-03-4"} <= codes
