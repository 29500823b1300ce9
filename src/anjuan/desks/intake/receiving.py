"""Receiving pieces of a file, and what a pile is made of: bytes only, no row and no line."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.desks.intake.queries import sendings as queries
from anjuan.desks.intake.rules.attaching import MOST_IMAGES

MOST_PIECE = 8 << 20
_MOST_ENTRIES = 500
_MOST_UNPACKED = 4 << 30
_UTF8_NAME = 0x800


def add_piece(actor: Actor, uid: str, offset: int, octets: bytes) -> int:
    """Put a piece behind what is here. Returns how much is here now.

    A piece that comes again is passed over, so that a sender who lost the answer may send it once more.

    Raises:
        I-082: it does not follow what is here, or goes beyond the end.
        R-009: no such sending of one's own, or it is whole already.

    Concurrency: written at its own place while the file is locked: of two windows that send one file, the second finds
    what the first has written and passes it over.
    """
    row = queries.get_sending_for(actor, uid)
    if row.is_whole:
        raise Refusal("R-009", what=uid[:20])
    end = offset + len(octets)
    if end <= row.received:
        return row.received
    if not 0 <= offset <= row.received or end > row.size_bytes or len(octets) > MOST_PIECE:
        raise Refusal("I-082", name=row.name[:60], received=row.received, size_bytes=row.size_bytes)
    handle = os.open(queries.path_of(uid), os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        here = stream.seek(0, os.SEEK_END)
        if offset > here:
            raise Refusal("I-082", name=row.name[:60], received=here, size_bytes=row.size_bytes)
        if end > here:
            stream.write(octets[here - offset :])
    return max(here, end)


@contextlib.contextmanager
def unpacked(actor: Actor, uids: Sequence[str], *, folders: bool = False) -> Iterator[list[tuple[Path, str]]]:
    """The files of whole sendings while the block runs, a ZIP as what lies in it, by name in the scanner's order.

    Raises:
        I-080: a ZIP cannot be read, is locked, or holds too much.
        I-082: one is not whole yet.
        R-009: one is not there, or somebody else's.
    """
    folder = Path(tempfile.mkdtemp(dir=queries.path_of("x").parent.parent)) if uids else None
    try:
        found: list[tuple[Path, str]] = []
        for uid in uids:
            row = queries.get_sending_for(actor, uid)
            if not row.is_whole:
                raise Refusal("I-082", name=row.name[:60], received=row.received, size_bytes=row.size_bytes)
            path = queries.path_of(uid)
            if folder and row.name.lower().endswith(".zip") and zipfile.is_zipfile(path):
                found += _entries(path, row.name, folder, len(found), folders=folders)
            else:
                found.append((path, row.name))
        yield found
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _entries(path: Path, name: str, folder: Path, before: int, *, folders: bool) -> list[tuple[Path, str]]:
    try:
        with zipfile.ZipFile(path) as packed:
            entries = [one for one in packed.infolist() if not one.is_dir() and "__MACOSX" not in one.filename]
            if (
                len(entries) > (MOST_IMAGES if folders else _MOST_ENTRIES)
                or sum(one.file_size for one in entries) > _MOST_UNPACKED
            ):
                raise Refusal("I-080", name=name[:60], reason=f"{len(entries)} > {_MOST_ENTRIES}")
            found = []
            for at, entry in enumerate(sorted(entries, key=lambda one: _in_order(_called(one)))):
                target = folder / f"{before + at:05}"
                with packed.open(entry) as source, target.open("wb") as made:
                    shutil.copyfileobj(source, made)  # zipfile stops at the size that the entry says
                found.append((target, _called(entry) if folders else _called(entry).rsplit("/", 1)[-1]))
            return found
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, zlib.error) as error:
        raise Refusal("I-080", name=name[:60], reason=type(error).__name__) from error


def _called(entry: zipfile.ZipInfo) -> str:
    """The name of an entry; old programs write it in the code page of their country."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    with contextlib.suppress(UnicodeError):
        return entry.filename.encode("cp437").decode("gb18030")
    return entry.filename


def _in_order(name: str) -> list[tuple[int, str]]:
    """As a scanner numbers: 2 before 10."""
    parts: list[tuple[int, str]] = []
    digits = ""
    for sign in f"{name} ":
        if sign.isascii() and sign.isdigit():
            digits += sign
            continue
        if digits:
            parts.append((int(digits[:18]), ""))
            digits = ""
        parts.append((-1, sign))
    return parts
