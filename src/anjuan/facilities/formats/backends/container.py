"""ZIP containers, opened only when their directory is sound and bounded (压缩容器)."""

import struct
import zipfile
from typing import BinaryIO

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import rules

_END = b"PK\x05\x06"
_END_BYTES = 22
_LOCATOR = b"PK\x06\x07"  # of ZIP64
_LOCATOR_BYTES = 20
_COMMENT_BYTES = 65_535
_MOST_DIRECTORY_BYTES = 4 << 20
_MOST_ENTRIES = 20_000
_RATIO = 300  # text and tables pack to a fiftieth; what packs further and is large is a bomb
_RATIO_FROM_BYTES = 1 << 20
_ENCRYPTED = 0x1
_FOLDER_SIGNS = ("/", "\\")


def open_container(stream: BinaryIO, name: str, limits: rules.Limits) -> zipfile.ZipFile:
    """A container whose directory has been examined; nothing in it has been unpacked.

    Raises: M-003 damaged; M-007 encrypted; M-008 another format behind the end; M-010 it would unpack to too much.
    """
    _examine_end(stream, name)
    stream.seek(0)
    try:
        container = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError) as error:
        raise Refusal("M-003", name=name, reason=str(error)[:200]) from error
    _examine_entries(container.infolist(), name, limits)
    return container


def _examine_end(stream: BinaryIO, name: str) -> None:
    """Judged before the directory is read: a directory of millions of entries would fill the memory."""
    size_bytes = stream.seek(0, 2)
    start = max(0, size_bytes - _END_BYTES - _COMMENT_BYTES - _LOCATOR_BYTES)
    stream.seek(start)
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_BYTES > len(tail):
        raise Refusal("M-003", name=name, reason="the end is missing")
    entries, directory_bytes, directory_at, comment_bytes = struct.unpack_from("<HIIH", tail, at + 10)
    behind = tail[at + _END_BYTES + comment_bytes :]
    if other := rules.carried(behind):
        raise Refusal("M-008", name=name, kind="ZIP", found=other)
    if behind or at + _END_BYTES + comment_bytes != len(tail):
        raise Refusal("M-003", name=name, reason="the container does not end where it says")
    is_zip64 = entries == 0xFFFF or tail[max(0, at - _LOCATOR_BYTES) : at].startswith(_LOCATOR)
    if is_zip64 or directory_bytes > _MOST_DIRECTORY_BYTES:
        raise Refusal("M-010", name=name, reason=f"ZIP64 or a directory of more than {_MOST_DIRECTORY_BYTES} bytes")
    if directory_at + directory_bytes != start + at:
        raise Refusal("M-003", name=name, reason="the directory of the container is not where it says")


def _examine_entries(entries: list[zipfile.ZipInfo], name: str, limits: rules.Limits) -> None:
    if len(entries) > _MOST_ENTRIES:
        raise Refusal("M-010", name=name, reason=f"more than {_MOST_ENTRIES} entries")
    if len({entry.filename.casefold() for entry in entries}) != len(entries):
        raise Refusal("M-003", name=name, reason="two entries have one name")
    for entry in entries:
        if not entry.filename:
            raise Refusal("M-003", name=name, reason="an entry has no name")
        parts = entry.filename.replace("\\", "/").split("/")
        if ".." in parts or entry.filename.startswith(_FOLDER_SIGNS) or ":" in parts[0]:
            raise Refusal("M-003", name=name, reason="the name of an entry leads out of the container")
        if entry.flag_bits & _ENCRYPTED:
            raise Refusal("M-007", name=name)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refusal("M-010", name=name, reason=f"an entry is packed by method {entry.compress_type}")
        if entry.file_size > _RATIO_FROM_BYTES and entry.file_size > _RATIO * max(1, entry.compress_size):
            raise Refusal("M-010", name=name, reason=f"an entry unpacks to more than {_RATIO} times its size")
    total = sum(entry.file_size for entry in entries)
    if total > limits.container_bytes:
        raise Refusal("M-010", name=name, reason=f"it unpacks to {total} bytes")
