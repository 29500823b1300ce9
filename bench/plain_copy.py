"""The yardstick of intake: the same bytes, digests, folders and fsyncs as a deposit, by plain copying, no database.

    python bench/plain_copy.py FOLDER [THREADS]     copies every file of a folder, prints files a second

What it leaves out is the archive: no format is judged, no person registered, nothing journaled, no transaction written.
"""

import hashlib
import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def _digests(octets: bytes) -> list[str]:
    return [hashlib.new(name, octets).hexdigest() for name in ("sha512", "sha256", "sm3")]


def _write(path: Path, octets: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(octets)
        stream.flush()
        os.fsync(stream.fileno())
    path.chmod(0o444)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copy(source: Path, home: Path) -> None:
    """One file, as one object: staged, read again, marked, moved in; fourteen fsyncs."""
    name = hashlib.sha256(uuid.uuid4().bytes).hexdigest()
    staged, marks, root = home / "staging" / name, home / "marks", home / "store"
    content = staged / "v1" / "content" / "capture"
    staged.mkdir()
    octets = source.read_bytes()
    taken = _digests(octets)
    _write(staged / "in-0", octets)
    if _digests((staged / "in-0").read_bytes()) != taken:
        raise OSError("the copy differs")
    content.mkdir(parents=True)
    (staged / "in-0").rename(content / f"{taken[1][:24]}{source.suffix}")
    inventory = json.dumps({"id": name, "fixity": taken, "more": "x" * 900}, indent=1).encode()
    _write(staged / "inventory.json", inventory)
    _write(staged / "inventory.json.sha512", hashlib.sha512(inventory).hexdigest().encode())
    _write(staged / "0=ocfl_object_1.1", b"ocfl_object_1.1\n")
    for folder in (content, content.parent, content.parent.parent, staged, staged.parent):
        _sync(folder)
    _write(marks / f"{name}.1", b"")
    _sync(marks)
    target = root / name[:3] / name[3:6] / name
    for folder in (target.parent.parent, target.parent):
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)
    staged.rename(target)
    _sync(target.parent)
    (marks / f"{name}.1").unlink()


def rate(sources: Sequence[Path], *, threads: int) -> float:
    """Files a second."""
    with tempfile.TemporaryDirectory(prefix="anjuan-copy-") as folder:
        home = Path(folder)
        for name in ("staging", "marks", "store"):
            (home / name).mkdir()
        started = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda source: copy(source, home), sources))
        return len(sources) / (time.perf_counter() - started)


if __name__ == "__main__":
    found = sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_file())
    print(f"{rate(found, threads=int((sys.argv[2:] or ['1'])[0])):.0f} files/s")
