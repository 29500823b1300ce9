"""Watched folders: taken when nobody writes there any more, once; what fails is moved aside with its reason."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from anjuan.core.terms import Post
from anjuan.desks.intake import tasks, watching
from anjuan.desks.intake.queries import piles
from anjuan.facilities.repository import queries as stored
from tests.builders import one_line
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off
from tests.desk.pile_stage import separator, sheet, two_cases


def left(name: str, octets: bytes, *, person: str = "bh01", agency: str = "BH", ago: int = 60) -> Path:
    """A file as a scanner leaves it."""
    path = Path(settings.ANJUAN_HOME) / "watch" / agency / person / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(octets)
    for place in (path, path.parent):
        os.utime(place, (time.time() - ago,) * 2)
    return path


@pytest.mark.acceptance("S0-W11")
def test_what_a_scanner_leaves_becomes_a_pile_of_its_owner_once_nobody_writes_there(cast: Cast) -> None:
    two_cases(cast)
    files = [left("p2.jpg", sheet(seed=3)), left("p10.jpg", sheet(seed=5)), left("p1.jpg", separator("SL-1"), ago=1)]
    assert tasks.watch() == 0 and all(path.exists() for path in files)

    left("p1.jpg", separator("SL-1"))
    with one_line("intake.lay_pile"):
        assert tasks.watch() == 1
    work_off()

    assert not any(path.exists() for path in files)
    (row,) = piles.piles_for(cast.actor(Post.HANDLER))
    found = piles.proposal(row)
    assert row.owner_code == "bh01"
    assert [leaf.original_name for leaf in found.leaves] == ["p1.jpg", "p2.jpg", "p10.jpg"]
    assert [one.code for one in found.obstacles] == ["I-041"]  # its paper is counted by a person
    assert tasks.watch() == 0


def test_what_cannot_be_taken_is_moved_aside_with_its_reason_and_the_rest_goes_on(cast: Cast) -> None:
    left("a.jpg", sheet(seed=3), person="nobody")
    left("a.jpg", sheet(seed=3), agency="XX")
    left("good.jpg", sheet(seed=5))

    assert tasks.watch() == 1

    for agency, person, code in (("BH", "nobody", "A-004"), ("XX", "bh01", "R-009")):
        (one,) = watching.failed(agency, person)
        assert one.files == 1 and one.reason.startswith(code)
    assert not watching.failed("BH", "bh01")
    assert tasks.watch() == 0


def test_the_same_bytes_are_not_taken_twice(cast: Cast) -> None:
    left("a.jpg", sheet(seed=3))
    assert tasks.watch() == 1

    left("b.jpg", sheet(seed=3))
    assert tasks.watch() == 0

    (one,) = watching.failed("BH", "bh01")
    assert one.reason.startswith("I-072")
    assert "I-072" in cast.client(Post.HANDLER).get("/intake/piles/").content.decode()


def test_a_name_in_an_old_code_page_is_taken_and_keeps_nothing_away(cast: Cast) -> None:
    left(os.fsdecode("扫描1.jpg".encode("gb18030")), sheet(seed=3))

    assert tasks.watch() == 1

    (row,) = piles.piles_for(cast.actor(Post.HANDLER))
    assert next(leaf.original_name for leaf in piles.proposal(row).leaves).endswith("1.jpg")
    assert tasks.watch() == 0


def test_what_the_program_stumbles_at_is_moved_aside_and_fills_no_disk(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.hire("bh00", Post.HANDLER, "BH")
    left("bad.jpg", sheet(seed=3), person="bh00")
    left("good.jpg", sheet(seed=5))
    digest = stored.digest_stream

    def stumbling(path: Path) -> Any:
        if path.read_bytes() == sheet(seed=3):
            raise OSError("no such block")
        return digest(path)

    monkeypatch.setattr(stored, "digest_stream", stumbling)

    assert tasks.watch() == 1

    (one,) = watching.failed("BH", "bh00")
    assert one.files == 1 and one.reason.startswith("Y-006")
    assert len(list((Path(settings.ANJUAN_HOME) / "incoming" / "piles").iterdir())) == 1
    assert tasks.watch() == 0


def test_a_file_that_was_taken_back_meanwhile_is_passed_over(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    path = left("a.jpg", sheet(seed=3))
    (heap,) = list(watching.settled(cast.clock.at))
    path.unlink()
    monkeypatch.setattr(watching, "settled", lambda at: iter([heap]))

    assert tasks.watch() == 0
    assert not watching.failed("BH", "bh01")


def test_a_file_that_vanishes_while_the_folder_is_looked_at_stops_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.hire("bh00", Post.HANDLER, "BH")
    left("gone.jpg", sheet(seed=3), person="bh00").unlink()
    left("good.jpg", sheet(seed=5))
    folder = Path(settings.ANJUAN_HOME) / "watch" / "BH" / "bh00"
    listed = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda self: iter([self / "gone.jpg"]) if self == folder else listed(self))
    is_file = Path.is_file
    monkeypatch.setattr(Path, "is_file", lambda self: self.name == "gone.jpg" or is_file(self))

    assert tasks.watch() == 1
