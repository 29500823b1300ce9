"""How the verifier reads, hashes and takes notes."""

import enum
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from anjuan.core.refusals import Finding, Severity

MAXIMUM_DOCUMENT_BYTES = 64 * 1024 * 1024
_BLAKE2_BITS = {"blake2b-160": 160, "blake2b-256": 256, "blake2b-384": 384, "blake2b-512": 512}
_NAMED = {
    "md5": "md5",
    "sha1": "sha1",
    "sha256": "sha256",
    "sha512": "sha512",
    "sha512/256": "sha512_256",
    "sm3": "sm3",  # GB/T 32905; not in the specification's table, declared in the root of our store
}


class Kind(enum.Enum):
    """What stands under a name."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"  # a link, a device, a pipe


@dataclass(frozen=True)
class Entry:
    """One name in a folder."""

    name: str
    kind: Kind


class Tree(Protocol):
    """What the verifier reads. Paths are relative, joined by ``/``; the top is the empty path."""

    def entries(self, folder: str) -> Iterable[Entry]:
        """What stands in a folder, links not followed."""
        ...

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a file, piece by piece."""
        ...


class Digester(Protocol):
    """What hashlib gives."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""
        ...

    def hexdigest(self) -> str:
        """The digest of all bytes taken."""
        ...


class _Counter:
    """The ``size`` digest of extension 0009."""

    def __init__(self) -> None:
        self.count = 0

    def update(self, data: bytes, /) -> None:
        self.count += len(data)

    def hexdigest(self) -> str:
        return str(self.count)


_OFFERED: dict[str, Callable[[], Digester]] = {}


def offer(algorithm: str, make: Callable[[], Digester]) -> None:
    """Give a digest to fall back on, where this machine's own library lacks it."""
    _OFFERED[algorithm] = make


def digester(algorithm: str) -> Digester | None:
    """A fresh digest of this name, or None when it is unknown or this machine cannot compute it."""
    if algorithm == "size":
        return _Counter()
    if bits := _BLAKE2_BITS.get(algorithm):
        return hashlib.blake2b(digest_size=bits // 8)
    if name := _NAMED.get(algorithm):
        try:
            return hashlib.new(name, usedforsecurity=False)
        except ValueError:
            return _OFFERED[algorithm]() if algorithm in _OFFERED else None
    return None


def join(*parts: str) -> str:
    """A path from its non-empty parts."""
    return "/".join(part for part in parts if part)


@dataclass
class Notes:
    """Where findings are collected; the same finding is noted once."""

    findings: list[Finding] = field(default_factory=list)
    _seen: set[Finding] = field(default_factory=set)

    def _note(self, code: str, severity: Severity, place: str, message: str) -> None:
        finding = Finding(code, severity, place, message)
        if finding not in self._seen:
            self._seen.add(finding)
            self.findings.append(finding)

    def error(self, code: str, place: str, message: str) -> None:
        """What breaks conformity."""
        self._note(code, Severity.ERROR, place, message)

    def warning(self, code: str, place: str, message: str) -> None:
        """What the specification advises against."""
        self._note(code, Severity.WARNING, place, message)


def read_document(tree: Tree, path: str) -> bytes | None:
    """A small file whole; None when it cannot be read or is too large to be a document."""
    taken = bytearray()
    try:
        for chunk in tree.chunks(path):
            taken += chunk
            if len(taken) > MAXIMUM_DOCUMENT_BYTES:
                return None
    except OSError:
        return None
    return bytes(taken)


def digests(tree: Tree, path: str, algorithms: Iterable[str]) -> dict[str, str] | None:
    """The digests of a file by algorithm, in one read; None when it cannot be read to its end."""
    taking = {algorithm: taker for algorithm in algorithms if (taker := digester(algorithm)) is not None}
    try:
        for chunk in tree.chunks(path):
            for taker in taking.values():
                taker.update(chunk)
    except OSError:
        return None
    return {algorithm: taker.hexdigest() for algorithm, taker in taking.items()}


def listing(tree: Tree, folder: str, notes: Notes) -> list[Entry]:
    """What stands in a folder, in order of name; what is neither file nor folder is noted and left out."""
    try:
        found = sorted(tree.entries(folder), key=lambda entry: entry.name)
    except OSError as error:
        notes.error("A001", folder or ".", f"The folder cannot be read: {error.strerror}.")
        return []
    for entry in found:
        if entry.kind is Kind.OTHER:
            notes.error("E090", join(folder, entry.name), "A link or special file stands in the store.")
    return [entry for entry in found if entry.kind is not Kind.OTHER]


def walk(tree: Tree, folder: str, notes: Notes, on_empty: Callable[[str], None]) -> Iterator[str]:
    """All files beneath a folder, as paths relative to the top; empty folders are told to ``on_empty``."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        found = listing(tree, here, notes)
        if not found:
            on_empty(here)
        for entry in found:
            path = join(here, entry.name)
            if entry.kind is Kind.FOLDER:
                waiting.append(path)
            else:
                yield path
