"""The folders that scanners write into (监视文件夹): one for each person below his agency; files only, no row.

A file is taken when nothing in its folder has changed for a while, so that what is still being written is let alone.
What cannot be taken is moved into ``_failed`` beside it, with the reason in words.
"""

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from anjuan.core.refusals import Refusal

SETTLED_AFTER = dt.timedelta(seconds=10)
FAILED = "_failed"
_REASON = "原因.txt"
MOST_SHOWN = 50


@dataclass(frozen=True)
class Heap:
    """What lies in the folder of one person, in the order of the scanner."""

    agency_code: str
    staff_code: str
    files: tuple[Path, ...]


@dataclass(frozen=True)
class FailedHeap:
    """Files that could not be taken, and why."""

    name: str
    files: int
    reason: str


def root() -> Path:
    """The folder of all watched folders."""
    return Path(settings.ANJUAN_WATCH or Path(settings.ANJUAN_HOME) / "watch")


def settled(at: dt.datetime) -> Iterator[Heap]:
    """Heaps of files that nobody writes at any more."""
    before = (at - SETTLED_AFTER).timestamp()
    for agency in _folders(root()):
        for person in _folders(agency):
            try:
                files = [one for one in person.iterdir() if one.is_file() and not one.name.startswith((".", "_"))]
                is_settled = all(one.stat().st_mtime < before for one in (*files, person))
            except FileNotFoundError:
                continue  # somebody took it back this moment
            if files and is_settled:
                ordered = sorted(files, key=lambda one: _in_order(one.name))
                yield Heap(agency.name, person.name, tuple(ordered))


def clear(heap: Heap) -> None:
    """Take away what is durably stored elsewhere."""
    for path in heap.files:
        path.unlink(missing_ok=True)


def move_aside(heap: Heap, refusal: Refusal, at: dt.datetime) -> None:
    """Move what could not be taken into a folder of its own, with the reason."""
    target = heap.files[0].parent / FAILED / f"{at:%Y%m%d-%H%M%S}"
    target.mkdir(parents=True, exist_ok=True)
    for path in heap.files:
        shutil.move(path, target / path.name)
    said = f"{refusal.code} {refusal.message('zh')}\n{refusal.remedy('zh')}\n"
    (target / _REASON).write_text(said, encoding="utf-8")


def failed(agency_code: str, staff_code: str) -> list[FailedHeap]:
    """What lies aside for one person, newest first."""
    place = root() / agency_code / staff_code / FAILED
    found = []
    for folder in sorted(_folders(place), reverse=True)[:MOST_SHOWN]:
        reason = folder / _REASON
        said = reason.read_text(encoding="utf-8").partition("\n")[0] if reason.exists() else ""
        found.append(FailedHeap(folder.name, sum(one.name != _REASON for one in folder.iterdir()), said))
    return found


def _folders(place: Path) -> list[Path]:
    if not place.is_dir():
        return []
    return sorted(one for one in place.iterdir() if one.is_dir() and not one.name.startswith((".", "_")))


def _in_order(name: str) -> tuple[tuple[int, str], ...]:
    digits = "".join(sign if sign.isascii() and sign.isdigit() else " " for sign in name).split()
    return (*((int(one[:18]), "") for one in digits), (0, name))
