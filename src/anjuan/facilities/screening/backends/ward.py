"""Where files lie that were kept aside (隔离区): outside the store, readable by nobody else, never by their names."""

import os
import re
import shutil
from pathlib import Path

from django.conf import settings


def _folder() -> Path:
    return Path(settings.ANJUAN_HOME) / "quarantine"


def place(uid: str) -> Path:
    """Where one file lies."""
    if not re.fullmatch(r"[0-9a-f]{16}", uid):
        raise ValueError(uid)
    return _folder() / f"{uid}.bin"


def lay(uid: str, path: Path) -> None:
    """Copy a file in, flushed, not executable."""
    target = place(uid)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target.with_suffix(".part")
    with (
        path.open("rb") as source,
        os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as to,
    ):
        shutil.copyfileobj(source, to)
        to.flush()
        os.fsync(to.fileno())
    partial.rename(target)
    _sync(target.parent)


def clear(uid: str) -> None:
    """Take a file out for good; it may be gone already."""
    place(uid).unlink(missing_ok=True)


def declare(sha256: str) -> None:
    """Note that these bytes were declared harmless: looked up where no database is asked."""
    folder = _folder() / "released"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / _digest(sha256)).touch(mode=0o600)
    _sync(folder)


def is_declared(sha256: str) -> bool:
    """Whether these bytes were declared harmless."""
    return (_folder() / "released" / _digest(sha256)).exists()


def _digest(sha256: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ValueError(sha256)
    return sha256


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
