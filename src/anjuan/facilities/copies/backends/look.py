"""Reading a copy whole and saying what is wrong with it (逐字节检查), carrying it to another place, mending it.

Nothing here asks a database. What a copy should be is told by ``Expected``: the digests that the rows keep since the
bytes came in, and the digests of inventories that were verified before. So an inventory that was changed together with
the file it names, and its own digest file with it, is found all the same.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from anjuan.core.ocfl import inventory as inventories
from anjuan.core.ocfl import layout
from anjuan.core.ocfl.inventory import INVENTORY_NAME, SIDECAR_NAME, Inventory, MalformedInventory
from anjuan.facilities.copies.backends.shelf import NOT_A_FILE, Pace, Shelf, Unreachable
from anjuan.facilities.copies.rules import Damage, DamageKind, in_order
from anjuan.facilities.repository.backends.disk import DigestingReader, digest_stream
from anjuan.facilities.repository.rules import StoredContent

MOST_INVENTORY_BYTES = 64 * 1024 * 1024
NO_PACE = Pace()


@dataclass(frozen=True)
class Expected:
    """What a copy of an object should be.

    Attributes:
        version: head version that it should have reached.
        contents: byte streams that the rows know, up to that version.
        inventories: SHA-512 of inventories that were verified before, by their head version.
    """

    urn: str
    version: int
    contents: tuple[StoredContent, ...]
    inventories: Mapping[int, str] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The object's folder in a store."""
        return layout.object_path(self.urn)


@dataclass(frozen=True)
class Seen:
    """What a look at a copy found.

    Attributes:
        version: head version of its inventory; 0 if that is not sound.
        damages: empty when every byte is as it should be.
    """

    version: int = 0
    inventory_sha512: str = ""
    size_bytes: int = 0
    file_count: int = 0
    damages: tuple[Damage, ...] = ()


class SourceDamaged(Exception):
    """The copy that was to be read from is damaged itself."""

    def __init__(self, damages: tuple[Damage, ...]) -> None:
        super().__init__("the source is damaged")
        self.damages = damages


class NoGoodCopy(Exception):
    """No place has good bytes for this file."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True)
class _Known:
    """Digests a file should have, by algorithm, and its size if it is known."""

    digests: Mapping[str, str]
    size_bytes: int | None = None


def _read(shelf: Shelf, path: str, limit: int = MOST_INVENTORY_BYTES) -> bytes:
    octets = bytearray()
    for chunk in shelf.chunks(path):
        octets += chunk
        if len(octets) > limit:
            raise OSError(f"{path} is larger than any inventory")
    return bytes(octets)


def _sha512(octets: bytes) -> str:
    return hashlib.sha512(octets).hexdigest()


def _stands(shelf: Shelf) -> None:
    if not shelf.stands():
        raise Unreachable("the place does not answer")


class _Look:
    """One look at one copy."""

    def __init__(self, shelf: Shelf, expected: Expected, pace: Pace) -> None:
        self.shelf = shelf
        self.expected = expected
        self.pace = pace
        self.damages: list[Damage] = []
        try:
            self.files = dict(shelf.listing(expected.folder))
        except OSError as error:
            _stands(shelf)
            raise Unreachable(str(error)) from error
        if not self.files:
            _stands(shelf)

    def wrong(self, kind: DamageKind, path: str, expected: str = "", found: str = "") -> None:
        """Take a note."""
        self.damages.append(Damage(kind, path, expected, found))

    def document(self, path: str, expected: str = "") -> bytes | None:
        """A small file whole; None and a note when it cannot be read."""
        if path not in self.files:
            self.wrong(DamageKind.MISSING, path, expected)
            return None
        try:
            if self.files[path] == NOT_A_FILE:
                raise OSError("not a file")
            return _read(self.shelf, f"{self.expected.folder}/{path}")
        except OSError:
            _stands(self.shelf)
            self.wrong(DamageKind.UNREADABLE, path, expected)
            return None

    def inventory(self) -> tuple[Inventory, bytes] | None:
        """The root inventory, if it is what it should be; else notes."""
        known = self.expected.inventories.get(self.expected.version, "")
        text = self.document(INVENTORY_NAME, known)
        stated = self.document(SIDECAR_NAME)
        if text is None:
            return None
        parsed, digest = self._parsed(text), _sha512(text)
        before = self.expected.inventories.get(parsed.head) if parsed else None
        if parsed is None or (before is not None and before != digest) or not self._fits(parsed):
            self.wrong(DamageKind.WRONG_INVENTORY, INVENTORY_NAME, before or known, digest)
            return None
        if stated is not None and stated != inventories.sidecar(text):
            # Verified before, the inventory is proven and its digest file is wrong; else nobody can say which of them.
            path = SIDECAR_NAME if before is not None else INVENTORY_NAME
            found = _sha512(stated) if before is not None else digest
            self.wrong(DamageKind.WRONG_INVENTORY, path, _sha512(inventories.sidecar(text)) if before else known, found)
            return (parsed, text) if before is not None else None
        return parsed, text

    @staticmethod
    def _parsed(text: bytes) -> Inventory | None:
        try:
            return inventories.parse(text)
        except MalformedInventory:
            return None

    def _fits(self, found: Inventory) -> bool:
        """Whether an inventory says what the rows say."""
        if found.urn != self.expected.urn or found.head < self.expected.version:
            return False
        by_path = {content.path: content for content in found.contents}
        for row in self.expected.contents:
            content = by_path.get(row.content_path)
            if content is None or content.sha512 != row.digests.sha512:
                return False
            if any(content.fixity.get(name) != row.digests.by_algorithm()[name] for name in ("sha256", "sm3")):
                return False
        return True

    def contents(self, found: Inventory | None) -> dict[str, _Known]:
        """All content files there should be, with their digests; the rows have the last word."""
        known: dict[str, _Known] = {}
        for content in found.contents if found else ():
            known[content.path] = _Known({"sha512": content.sha512, **content.fixity})
        for row in self.expected.contents:
            known[row.content_path] = _Known(row.digests.by_algorithm(), row.digests.size_bytes)
        return known

    def content(self, path: str, known: _Known) -> int:
        """Read one content file whole. Returns its bytes."""
        expected = known.digests["sha512"]
        if path not in self.files:
            self.wrong(DamageKind.MISSING, path, expected)
            return 0
        try:
            if self.files[path] == NOT_A_FILE:
                raise OSError("not a file")
            reader = DigestingReader(self.pace.through(self.shelf.chunks(f"{self.expected.folder}/{path}")))
            for _ in reader:
                pass
        except OSError:
            _stands(self.shelf)
            self.wrong(DamageKind.UNREADABLE, path, expected)
            return 0
        taken = reader.digests()
        if not _agrees(known, taken.by_algorithm(), taken.size_bytes):
            self.wrong(DamageKind.WRONG_BYTES, path, expected, taken.sha512)
        return taken.size_bytes

    def documents(self, found: Inventory, text: bytes) -> set[str]:
        """Judge the small files beside the contents. Returns the paths of those that should be there."""
        due = {INVENTORY_NAME, SIDECAR_NAME, layout.OBJECT_DECLARATION}
        declared = self.document(layout.OBJECT_DECLARATION, _sha512(layout.OBJECT_DECLARATION_BYTES))
        if declared is not None and declared != layout.OBJECT_DECLARATION_BYTES:
            self.wrong(
                DamageKind.WRONG_BYTES,
                layout.OBJECT_DECLARATION,
                _sha512(layout.OBJECT_DECLARATION_BYTES),
                _sha512(declared),
            )
        for number in range(1, found.head + 1):
            path, beside = f"v{number}/{INVENTORY_NAME}", f"v{number}/{SIDECAR_NAME}"
            if _brings(found, number) and path not in self.files and beside not in self.files:
                continue
            due |= {path, beside}
            self._version_inventory(path, beside, number, found, text)
        return due

    def _version_inventory(self, path: str, beside: str, number: int, found: Inventory, text: bytes) -> None:
        octets, stated = self.document(path), self.document(beside)
        if octets is None:
            return
        parsed = self._parsed(octets)
        is_head = number == found.head
        same = octets == text if is_head else parsed is not None and parsed.versions == found.versions[:number]
        if not same:
            self.wrong(DamageKind.WRONG_INVENTORY, path, _sha512(text) if is_head else "", _sha512(octets))
        elif stated is not None and stated != inventories.sidecar(octets):
            self.wrong(DamageKind.WRONG_INVENTORY, beside, _sha512(inventories.sidecar(octets)), _sha512(stated))

    def strays(self, due: set[str], head: int) -> None:
        """Files that no inventory names; those of a version that is just coming in are not judged."""
        for path in sorted(self.files.keys() - due):
            version = path.partition("/")[0]
            if version.startswith("v") and version[1:].isdigit() and int(version[1:]) > head:
                continue
            if version in ("extensions", "logs"):
                continue
            try:
                digest = "" if self.files[path] == NOT_A_FILE else self._digest(path)
            except OSError:
                digest = ""
            self.wrong(DamageKind.STRAY, path, "", digest)

    def _digest(self, path: str) -> str:
        taker = hashlib.sha512()
        for chunk in self.shelf.chunks(f"{self.expected.folder}/{path}"):
            taker.update(chunk)
        return taker.hexdigest()


def _brings(found: Inventory, number: int) -> bool:
    """Whether a version brought content; one that only renamed holds a copy of the inventory instead."""
    return any(content.path.startswith(f"v{number}/") for content in found.contents)


def _agrees(known: _Known, digests: Mapping[str, str], size_bytes: int) -> bool:
    if known.size_bytes is not None and known.size_bytes != size_bytes:
        return False
    return all(digests.get(name) == value for name, value in known.digests.items())


def examine(shelf: Shelf, expected: Expected, *, pace: Pace = NO_PACE, proven: frozenset[str] = frozenset()) -> Seen:
    """Read every byte of a copy and say what is wrong (检查副本); three digests from one read.

    Args:
        shelf: where it lies.
        expected: what it should be.
        pace: holds it back.
        proven: content files whose bytes were read at this place a moment ago.

    Raises:
        Unreachable: the place is not there, so that nothing can be said of the copy.
    """
    look = _Look(shelf, expected, pace)
    inventory = look.inventory()
    due = look.contents(inventory[0] if inventory else None)
    size_bytes = 0
    for path, known in due.items():
        size_bytes += look.files.get(path, 0) if path in proven else look.content(path, known)
    if inventory is None:
        return Seen(damages=_first_of_each(look.damages), size_bytes=size_bytes, file_count=len(look.files))
    documents = look.documents(*inventory)
    look.strays(documents | due.keys(), inventory[0].head)
    return Seen(
        version=inventory[0].head,
        inventory_sha512=_sha512(inventory[1]),
        size_bytes=size_bytes + sum(look.files.get(path, 0) for path in documents),
        file_count=len(look.files),
        damages=_first_of_each(look.damages),
    )


def _first_of_each(damages: list[Damage]) -> tuple[Damage, ...]:
    return tuple({damage.path: damage for damage in reversed(damages)}.values())[::-1]


def carry(
    source: Shelf, target: Shelf, expected: Expected, *, pace: Pace = NO_PACE, source_pace: Pace = NO_PACE
) -> tuple[Seen, bool]:
    """Bring a copy of an object to a place, or bring the one there up to date (复制), and read it again.

    Args:
        source: where a copy lies that is held to be good; each byte is verified as it is read.
        target: where to.
        expected: what it should be.
        pace: holds the writing back.
        source_pace: holds the reading back.

    Returns:
        What a look at the new copy found, and whether every byte of the source was read on the way.

    Raises:
        SourceDamaged: nothing was admitted.
        Unreachable: one of the places is not there.
        OSError: the target refuses, such as a full disk; what was laid down waits for the next try.
    """
    _stands(target)
    look = _Look(source, expected, source_pace)
    inventory = look.inventory()
    if inventory is None or look.damages:
        raise SourceDamaged(_first_of_each(look.damages))
    documents = look.documents(*inventory)
    if look.damages:
        raise SourceDamaged(_first_of_each(look.damages))
    wanted = look.contents(inventory[0])
    try:
        have = target.listing(expected.folder)
    except OSError:
        _stands(target)
        raise
    proven: set[str] = set()
    paths = in_order(documents | wanted.keys())
    for path in paths:
        within = f"{expected.folder}/{path}"
        if path in wanted:
            if path not in have:
                _bring(source, target, within, path, wanted[path], pace)
                proven.add(path)
        else:
            octets = _read(source, within)
            target.receive(within, [octets])
            if b"".join(target.waiting(within)) != octets:
                raise OSError(f"{path} differs after writing")
    target.admit(expected.folder, paths)
    seen = examine(target, expected, pace=pace, proven=frozenset(proven))
    return seen, proven >= wanted.keys()


def _bring(source: Shelf, target: Shelf, within: str, path: str, known: _Known, pace: Pace) -> str:
    """Lay one content file down in the target's waiting room, read it again there. Returns its SHA-512."""
    with_waiting = _waits_well(target, within, known)
    if with_waiting:
        return with_waiting
    reader = DigestingReader(pace.through(_guarded(source, within, path, known)))
    target.receive(within, reader)
    taken = reader.digests()
    if not _agrees(known, taken.by_algorithm(), taken.size_bytes):
        raise SourceDamaged((Damage(DamageKind.WRONG_BYTES, path, known.digests["sha512"], taken.sha512),))
    if not _waits_well(target, within, known):
        raise OSError(f"{path} differs after writing")
    return taken.sha512


def _guarded(source: Shelf, within: str, path: str, known: _Known) -> Iterator[bytes]:
    """The source's bytes; a fault of reading is told apart from one of writing."""
    try:
        yield from source.chunks(within)
    except FileNotFoundError as error:
        _stands(source)
        raise SourceDamaged((Damage(DamageKind.MISSING, path, known.digests["sha512"]),)) from error
    except OSError as error:
        _stands(source)
        raise SourceDamaged((Damage(DamageKind.UNREADABLE, path, known.digests["sha512"]),)) from error


def _waits_well(target: Shelf, within: str, known: _Known) -> str:
    """The SHA-512 of what waits, if it is what it should be; this is the second reading, from the medium."""
    try:
        reader = DigestingReader(target.waiting(within))
        for _ in reader:
            pass
    except FileNotFoundError:
        return ""
    taken = reader.digests()
    return taken.sha512 if _agrees(known, taken.by_algorithm(), taken.size_bytes) else ""


@dataclass(frozen=True)
class Mended:
    """One file that was put right: from which place, and what its digest is now (empty: it was only taken away)."""

    path: str
    source: str
    sha512: str


def mend(
    shelf: Shelf,
    expected: Expected,
    damages: Sequence[Damage],
    sources: Sequence[tuple[str, Shelf, Expected]],
    evidence: Mapping[str, str],
    *,
    announce: Callable[[Sequence[Mended]], None] = lambda _: None,
    pace: Pace = NO_PACE,
) -> list[Mended]:
    """Put the damaged files of a copy right from good ones (修复). Good bytes are ready before anything is touched.

    Args:
        shelf: where the damage is.
        expected: what the copy should be.
        damages: what is wrong with it.
        sources: places with copies held to be good, by code, and what each should be; it may be behind. Each byte is
            verified as it is read.
        evidence: where each damaged file is set aside in the quarantine.
        announce: told from where each file comes, when all are ready and nothing is touched yet.
        pace: holds it back.

    Raises:
        NoGoodCopy: nobody has good bytes for a file; nothing was touched.
        OSError: the place refuses; what was laid down waits for the next try.
    """
    _stands(shelf)
    broken = {damage.path for damage in damages if damage.kind is not DamageKind.STRAY}
    if broken & {INVENTORY_NAME, SIDECAR_NAME}:
        broken |= {INVENTORY_NAME, SIDECAR_NAME}
    done: list[Mended] = []
    for path in in_order(broken):
        done.append(_fetched(shelf, expected, path, sources, pace))
    announce(done)
    for damage in damages:
        shelf.set_aside(f"{expected.folder}/{damage.path}", evidence[damage.path])
        if damage.kind is DamageKind.STRAY:
            done.append(Mended(damage.path, "", ""))
    if broken:
        shelf.admit(expected.folder, in_order(broken))
    return done


def _fetched(
    shelf: Shelf, expected: Expected, path: str, sources: Sequence[tuple[str, Shelf, Expected]], pace: Pace
) -> Mended:
    within = f"{expected.folder}/{path}"
    for code, source, should_be in sources:
        try:
            look = _Look(source, should_be, pace)
            inventory = look.inventory()
            if inventory is None or look.damages:
                continue
            if path in (INVENTORY_NAME, SIDECAR_NAME) and inventory[0].head < expected.version:
                continue  # an inventory that is behind would take versions away
            if path == layout.OBJECT_DECLARATION:
                octets = layout.OBJECT_DECLARATION_BYTES
            elif known := look.contents(inventory[0]).get(path):
                return Mended(path, code, _bring(source, shelf, within, path, known, pace))
            else:
                look.documents(*inventory)
                if path not in look.files or any(damage.path == path for damage in look.damages):
                    continue
                octets = _read(source, within)
        except (SourceDamaged, Unreachable):
            continue
        shelf.receive(within, [octets])
        if digest_stream(b"".join(shelf.waiting(within))).sha512 != _sha512(octets):
            raise OSError(f"{path} differs after writing")
        return Mended(path, code, _sha512(octets))
    raise NoGoodCopy(path)
