"""What every store does (存储库), born of its two implementations: a local folder and a bucket.

One suite holds both to it (``tests/contract/test_stores.py``). A store knows bytes, inventories and markers; who may do
what, and what the rows say, is judged above it.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from anjuan.core.fixity import Digests
from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl.inventory import Inventory
from anjuan.core.ocfl.validate import Tree
from anjuan.core.refusals import Refusal
from anjuan.facilities.repository.rules import Inline, Source

TOMBSTONES = "extensions/anjuan-tombstones"  # within the root, so that a copy of the store carries them (ADR 0011)

Plan = Callable[[Inventory | None, Mapping[str, Digests]], Inventory | None]


@dataclass(frozen=True)
class Settled:
    """What became of a write or a removal that had been cut off."""

    is_rolled_back: bool = False
    is_completed: bool = False


@dataclass(frozen=True)
class Doomed:
    """An object that is about to leave the store (待清除): made durable before the rows go, taken away last.

    Attributes:
        urn: identifier of the object.
        version: the newest version it had then; an object that has gone on since is not removed.
        tombstone: what stays of it, as its bytes; None for a capture that is purged.
    """

    urn: str
    version: int
    tombstone: bytes | None

    def to_bytes(self) -> bytes:
        """As the marker holds it."""
        stone = None if self.tombstone is None else self.tombstone.decode()
        return json.dumps({"urn": self.urn, "version": self.version, "tombstone": stone}, ensure_ascii=False).encode()

    @staticmethod
    def from_bytes(octets: bytes) -> "Doomed | None":
        """A marker read back; None for one that was cut off while it was written: then nothing has begun."""
        try:
            read = json.loads(octets)
            stone = read["tombstone"]
            return Doomed(read["urn"], read["version"], None if stone is None else stone.encode())
        except (ValueError, LookupError, TypeError, AttributeError):
            return None


class Store(Protocol):
    """An OCFL storage root, written so that a cut at any point leaves whole versions."""

    def tree(self) -> Tree:
        """The store as the independent verifier reads it."""
        ...

    def exists(self) -> bool:
        """Whether anything has ever been stored."""
        ...

    def free_bytes(self) -> int | None:
        """Room that is left; None where there is no telling."""
        ...

    def holds(self, urn: str) -> bool:
        """Whether the object is in the store."""
        ...

    def inventory(self, urn: str) -> Inventory:
        """The inventory of an object, proven by its digest file (读取对象清单).

        Raises: B-005 no such object; B-006 the inventory does not agree with its digest.
        """
        ...

    def open(self, urn: str, path: str) -> BinaryIO:
        """A file of an object by its path in it, at its beginning; OSError when it cannot be read."""
        ...

    def size_bytes(self, urn: str, path: str) -> int:
        """Length of a file of an object; OSError when it is not there."""
        ...

    def write(self, urn: str, *, files: Sequence[Source | Inline], plan: Plan) -> tuple[Inventory, dict[str, Digests]]:
        """Write a version (写入版本): take in the files, ask what the inventory shall be, make it so.

        Args:
            urn: identifier of the object.
            files: what comes in.
            plan: is given the inventory that stands (None for a new object) and the digests of what came in, and
                draws up the next inventory, or returns None when the object already is as it should be. It may refuse.

        Returns:
            The inventory that now stands, and the digests of the files that came in.

        Raises: B-001 full; B-004 bytes differ after writing; B-009 a name twice; B-010 the object was destroyed.
        Concurrency: writers of one object wait for one another.
        """
        ...

    def recover(self) -> tuple[dict[str, Settled], list[str]]:
        """Finish or roll back every write and removal that was cut off (崩溃恢复).

        Returns:
            What became of each, by the digest of its object; and the digests of the objects that have a marker: rows
            may not know their newest version.
        Concurrency: objects that are being written now are left alone.
        """
        ...

    def urn_at(self, digest: str) -> str | None:
        """The identifier of the object whose URN has this digest, if the store holds it undamaged."""
        ...

    def recorded(self, urn: str, version: int) -> None:
        """The rows know this version: take away the markers up to it."""
        ...

    def doom(self, doomed: Doomed) -> None:
        """Say, durably, that an object is about to leave the store."""
        ...

    def spare(self, urn: str) -> None:
        """Take that back."""
        ...

    def doomed(self) -> list[Doomed]:
        """The objects that are about to leave, or whose leaving was cut off."""
        ...

    def purge(self, doomed: Doomed) -> None:
        """Remove a capture wholly (清除): nothing stays. Can be repeated; an object that has gone on is spared.

        Raises: B-011 the bucket's lock or a legal hold lies on it.
        """
        ...

    def destroy(self, doomed: Doomed) -> None:
        """Destroy an object (销毁): its tombstone first, then all its versions. Can be repeated.

        Raises: B-011 the bucket's lock or a legal hold lies on it: then nothing has happened.
        """
        ...

    def tombstone(self, urn: str) -> bytes | None:
        """What stays of a destroyed object; None for one that was not."""
        ...

    def can_lock(self) -> bool:
        """Whether the store can lock files at all."""
        ...

    def lock_until(self, urn: str, until: dt.datetime) -> bool:
        """Lock every file of an object until a time, where the store can; whether it can."""
        ...

    def hold(self, urn: str, *, is_on: bool) -> bool:
        """Lay a legal hold on every file of an object or lift it, where the store can; whether it can."""
        ...


def parsed(urn: str, text: bytes | None) -> Inventory:
    """An inventory that has been judged by its digest file; it must be that of this object.

    Raises: B-006 it is damaged, or another's.
    """
    if text is None:
        raise Refusal("B-006", urn=urn)
    try:
        found = inventories.parse(text)
    except inventories.MalformedInventory as error:
        raise Refusal("B-006", urn=urn) from error
    if found.urn != urn:
        raise Refusal("B-006", urn=urn)
    return found
