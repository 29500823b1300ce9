"""The journal on disk, when the power is cut at any step and what was not forced to the medium is forgotten."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from anjuan.foundation.journal.backends.segments import Segments

WIDTH = 256


def entry(position: int) -> dict[str, Any]:
    return {"position": position, "values": {"title": ["00" * 16, f"养老 {position}"]}}


class PowerCut(BaseException):
    """Nothing happens after this."""


class Medium:
    """What of a folder would be there after a power cut: bytes that were forced, under names that were forced."""

    def __init__(self, home: Path, cut_at: int) -> None:
        self.home = home
        self.left = cut_at
        self.sizes: dict[int, int] = {}  # forced bytes, by inode
        self.named: set[Path] = {home}  # names that were forced into their folders

    def fsync(self, descriptor: int) -> None:
        self.left -= 1
        if self.left == 0:
            raise PowerCut
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_dir():
            self.named.update(path.iterdir())
        else:
            self.sizes[path.stat().st_ino] = path.stat().st_size

    def forget(self) -> None:
        """Let go of what was not forced."""
        for path in sorted(self.home.rglob("*"), reverse=True):
            if not path.exists():
                continue
            if path not in self.named or (path.is_file() and path.stat().st_ino not in self.sizes):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            elif path.is_file():
                os.truncate(path, min(path.stat().st_size, self.sizes[path.stat().st_ino]))


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path, int], Medium]]:
    def arm(home: Path, at: int) -> Medium:
        medium = Medium(home, at)
        monkeypatch.setattr(os, "fsync", medium.fsync)
        return medium

    yield arm


def test_what_was_put_down_is_there_after_a_power_cut_at_any_step_and_work_goes_on(
    tmp_path: Path, cut: Callable[[Path, int], Medium], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = (10, 250, 256, 300, 520)
    cuts = 0
    for at in range(1, 1000):
        home = tmp_path / str(at)
        home.mkdir()
        medium = cut(home, at)
        told = 0
        try:
            journal = Segments(home / "journal")
            for end in steps:
                with journal.lock():
                    journal.append(told, [entry(n) for n in range(told, end)])
                told = end
        except PowerCut:
            cuts += 1
            medium.forget()
        monkeypatch.undo()

        again = Segments(home / "journal")
        assert again.end() >= told  # nothing that was told is missing
        with again.lock():
            again.append(told, [entry(n) for n in range(told, steps[-1])])
        assert list(Segments(home / "journal").entries()) == [entry(n) for n in range(steps[-1])]
        if medium.left > 0:
            break
    assert cuts > 10


def test_an_erasure_is_whole_or_not_begun_after_a_power_cut(
    tmp_path: Path, cut: Callable[[Path, int], Medium], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = set()
    for at in range(1, 10):
        home = tmp_path / str(at)
        home.mkdir()
        medium = cut(home, 10**9)
        journal = Segments(home / "journal")
        with journal.lock():
            journal.append(0, [entry(n) for n in range(300)])
        medium.left = at
        try:
            journal.change(7, lambda line: line | {"values": {}})
        except PowerCut:
            medium.forget()
        monkeypatch.undo()

        found = list(Segments(home / "journal").entries())
        assert [line["position"] for line in found] == list(range(300))
        assert found[:7] + found[8:] == [entry(n) for n in (*range(7), *range(8, 300))]
        outcomes.add(bool(found[7]["values"]))
        assert Segments(home / "journal").change(7, lambda line: line | {"values": {}}) is bool(found[7]["values"])
    assert outcomes == {True, False}


def test_a_hole_is_never_written_over(tmp_path: Path) -> None:
    journal = Segments(tmp_path / "journal")
    with journal.lock():
        journal.append(0, [entry(n) for n in range(10)])
        for first in (11, WIDTH):
            with pytest.raises(ValueError, match="ends before"):
                journal.append(first, [entry(first)])

    assert journal.end() == 10


def test_the_same_lines_again_and_other_lines_in_their_place_leave_one_of_each(tmp_path: Path) -> None:
    journal = Segments(tmp_path / "journal")
    with journal.lock():
        journal.append(0, [entry(n) for n in range(300)])
        journal.append(290, [entry(n) for n in range(290, 310)])

    assert list(journal.entries()) == [entry(n) for n in range(310)]
    assert journal.entry(299) == entry(299)
    assert journal.entry(310) is None
    assert (tmp_path / "journal").stat().st_mode & 0o077 == 0
