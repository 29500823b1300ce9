"""A store in memory, for tests of the verifier, and the files of an object as the writer's inventory asks for them."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from anjuan.core.fixity import Digests
from anjuan.core.ocfl import inventory as writer
from anjuan.core.ocfl import layout
from anjuan.core.ocfl.validate import Entry, Kind


@dataclass
class MemoryTree:
    """Files by path; folders that are empty, and links, are named apart."""

    files: dict[str, bytes]
    empty_folders: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)

    def entries(self, folder: str) -> Iterator[Entry]:
        if folder in self.unreadable:
            raise PermissionError(13, "Permission denied", folder)
        prefix = f"{folder}/" if folder else ""
        found: dict[str, Kind] = {}
        for path in (*self.files, *self.empty_folders, *self.links):
            if not path.startswith(prefix):
                continue
            name, slash, _ = path[len(prefix) :].partition("/")
            whole = prefix + name
            if slash or whole in self.empty_folders:
                found[name] = Kind.FOLDER
            else:
                found[name] = Kind.OTHER if whole in self.links else Kind.FILE
        return iter([Entry(name, kind) for name, kind in found.items()])

    def chunks(self, path: str) -> Iterator[bytes]:
        if path in self.unreadable:
            raise PermissionError(13, "Permission denied", path)
        if path not in self.files:
            raise FileNotFoundError(2, "No such file", path)
        octets = self.files[path]
        return iter([octets[at : at + 7] for at in range(0, len(octets), 7)])


def digests_of(octets: bytes) -> Digests:
    return Digests(
        sha512=hashlib.sha512(octets).hexdigest(),
        sha256=hashlib.sha256(octets).hexdigest(),
        sm3=hashlib.new("sm3", octets).hexdigest(),
        size_bytes=len(octets),
    )


def object_files(inventory: writer.Inventory, octets: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of an object, from its inventory and its bytes by SHA-512."""
    text = writer.serialise(inventory)
    return {
        layout.OBJECT_DECLARATION: layout.OBJECT_DECLARATION_BYTES,
        writer.INVENTORY_NAME: text,
        writer.SIDECAR_NAME: writer.sidecar(text),
    } | {content.path: octets[content.sha512] for content in inventory.contents}
