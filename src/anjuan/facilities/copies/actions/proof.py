"""Log and journal at every place too (存证随副本走): a copy of the store alone cannot bring a lost database back.

What has changed since the last time is laid down beside the store of each attached place, read again, and noted in a
list there. Nothing here is a deed: it repeats what the journal has said already. Files that are no more, such as
partial tiles, leave the place with the list.
"""

import contextlib
import json
import logging
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings

from anjuan.facilities.copies import queries
from anjuan.facilities.copies.backends.shelf import Shelf
from anjuan.facilities.copies.rules import PROOF_LIST, proof_reach
from anjuan.foundation.buckets.rules import is_address

log = logging.getLogger(__name__)

_NOT_OURS = {"lock"}
_CHUNK = 1 << 20

Stamp = tuple[int, int]  # bytes, and when the file was written, in nanoseconds


def tend_proof(*, seconds: float) -> bool:
    """Bring log and journal at each attached place up to date (随附存证). Whether more is left.

    Args:
        seconds: stop after the file in which they have passed.

    Concurrency: two workers who do it lay the same bytes down; the list is written last, so what was cut off is done
        again.
    """
    until = time.monotonic() + seconds
    here = dict(_files())
    for row in queries.places():
        if row.is_primary or not row.is_attached:
            continue
        shelf = queries.shelf_of(row)
        with contextlib.suppress(OSError):  # a place that is away is the sweep's to tell of
            if shelf.stands() and not _brought_up(shelf, here, until):
                return True
    return False


def _files() -> Iterator[tuple[str, Stamp]]:
    """What there is: each file of journal and log by its path there. A log in a bucket lies apart already."""
    home = Path(settings.ANJUAN_HOME)
    tops = {"journal": home / "journal"}
    if not is_address(settings.ANJUAN_LOG):
        tops["log"] = Path(settings.ANJUAN_LOG or home / "log")
    for name, top in tops.items():
        for folder, below, files in os.walk(top):
            below[:] = sorted(each for each in below if not each.startswith("."))
            for each in sorted(files):
                if each.startswith(".") or each in _NOT_OURS:
                    continue
                path = Path(folder) / each
                with contextlib.suppress(FileNotFoundError):  # a partial tile that has just gone
                    told = path.stat()
                    yield f"{name}/{path.relative_to(top).as_posix()}", (told.st_size, told.st_mtime_ns)


def _brought_up(shelf: Shelf, here: Mapping[str, Stamp], until: float) -> bool:
    """One place, until the time is up; whether it is up to date."""
    there = queries.proof_list(shelf)
    changed = [path for path, stamp in here.items() if there.get(path) != stamp]
    # Only a partial tile ever goes, once its full one stands. Whatever else is missing here was lost, and the place may
    # be the last to have it.
    gone = [path for path in there if path not in here and ".p/" in path and path.partition(".p/")[0] in here]
    done = 0
    try:
        for path in changed:
            with contextlib.suppress(FileNotFoundError):
                if _lay(shelf, path):
                    there[path] = here[path]
            done += 1
            if time.monotonic() >= until:
                break
    finally:
        if changed or gone:
            for path in gone:
                shelf.drop_proof(path)
                del there[path]
            shelf.lay_proof(PROOF_LIST, [json.dumps(there, sort_keys=True).encode()])
    return done == len(changed)


def _lay(shelf: Shelf, path: str) -> bool:
    """Lay a file down and read it again; one that tells less than the place's own is not laid over it."""
    name, _, rest = path.partition("/")
    top = Path(settings.ANJUAN_LOG) if name == "log" and settings.ANJUAN_LOG else Path(settings.ANJUAN_HOME) / name
    octets = (top / rest).read_bytes()  # a file holds 256 entries
    with contextlib.suppress(FileNotFoundError):
        standing = b"".join(shelf.proof(path))
        if proof_reach(path, octets) < proof_reach(path, standing):
            log.error("%s at a place of copies tells more than the one here: it is left as it is", path)
            return False
    shelf.lay_proof(path, [octets[at : at + _CHUNK] for at in range(0, len(octets), _CHUNK)])
    if b"".join(shelf.proof(path)) != octets:
        raise OSError(f"{path} reads otherwise than it was laid down")
    return True
