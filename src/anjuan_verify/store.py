"""Judging a preservation store (核验存储库): an OCFL storage root, or one object of it.

The rules are those of ``anjuan.core.ocfl.validate``, which shares nothing with what writes the store; the reading is
this program's own.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from anjuan.core.ocfl.validate import Entry, Kind, offer, validate_object, validate_root
from anjuan.core.refusals import Severity
from anjuan_verify.layers import layer_faults
from anjuan_verify.report import STORE_NOTE, STORE_VERDICTS, Finding, Report
from anjuan_verify.sm3 import Sm3

CHUNK_BYTES = 1 << 20
NAMED = 5
_BYTES = {"E092", "E093"}  # a file that is missing, cannot be read, or is not what was recorded


class _Folder:
    """A folder as the validator reads it. Links are not followed: what they lead to is not the store's."""

    def __init__(self, top: Path, say: Callable[[int], None]) -> None:
        self._top = top
        self._say = say
        self._read = 0

    def entries(self, folder: str) -> Iterator[Entry]:
        """What stands in a folder."""
        with os.scandir(self._top / folder) as found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    yield Entry(entry.name, Kind.FOLDER)
                elif entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_nlink == 1:
                    yield Entry(entry.name, Kind.FILE)
                else:
                    yield Entry(entry.name, Kind.OTHER)

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a file."""
        with (self._top / path).open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                self._read += len(chunk)
                self._say(self._read)
                yield chunk


def verify_store(folder: Path, *, say: Callable[[int], None] = lambda read: None) -> Report:
    """Read every byte of a store and compare (核验存储库).

    Args:
        folder: an OCFL storage root, or one object.
        say: told now and then how many bytes have been read.
    """
    report = Report(note=STORE_NOTE, verdicts=STORE_VERDICTS)
    if not folder.is_dir():
        report.add("STRUCTURE", False, f"{folder}: no such folder")
        return report
    offer("sm3", Sm3)
    tree = _Folder(folder, say)
    found = validate_root(tree) if _is_root(folder) else validate_object(tree, "")
    wrong = [finding for finding in found if finding.severity is Severity.ERROR]
    report.findings = [Finding(one.code, one.place, one.message) for one in wrong]
    for check, here in (("STRUCTURE", False), ("BYTES", True)):
        places = [f"{one.place} {one.code}" for one in wrong if (one.code in _BYTES) == here]
        report.add(check, not places, ", ".join(places[:NAMED]) + (f" … {len(places)}" if len(places) > NAMED else ""))
    layers = layer_faults(folder)
    if layers.count:
        report.findings += [Finding("LAYER", place, words) for place, words in layers.faults]
        places = [place for place, _ in layers.faults]
        report.add(
            "LAYERS", not places, ", ".join(places[:NAMED]) + (f" … {len(places)}" if len(places) > NAMED else "")
        )
    return report


def _is_root(folder: Path) -> bool:
    """What holds an object's declaration or inventory is an object; everything else is judged as a root."""
    return not (any(folder.glob("0=ocfl_object_*")) or (folder / "inventory.json").exists())
