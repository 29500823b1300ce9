"""Judging a published log (核验存证日志): entries, tiles and every kept checkpoint of a C2SP tlog-tiles folder.

The log is read once from its first entry to its last. Only the right edge of the tree is kept in memory, so a log of
any length can be judged; each tile is compared when it is complete, and each checkpoint when its size is reached.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from anjuan.core.merkle.checkpoint import MalformedNote
from anjuan.core.merkle.tile import WIDTH, decode_bundle, encode_bundle, entries_path, tile_path
from anjuan.core.merkle.tree import HASH_BYTES, leaf_hash, root
from anjuan_verify import timestamp
from anjuan_verify.evidence import read_checkpoint
from anjuan_verify.report import LOG_NOTE, Report
from anjuan_verify.trust import Trust, note_fault

NAMED = 5
_STATE = re.compile(r"(0|[1-9][0-9]{0,18})(?: ([0-9a-f]{64}))?\n?")
_KEPT = re.compile(r"[0-9]{12,19}")
_PARTIAL = re.compile(r"[1-9][0-9]{0,2}")

Say = Callable[[int, int], None]


class Files(Protocol):
    """The published files of a log, by their paths."""

    def read(self, path: str) -> bytes | None:
        """A file's bytes; None when it is missing."""
        ...

    def names(self, folder: str) -> Sequence[str]:
        """Names of the files in a folder; none when it is missing or cannot be listed."""
        ...


class FolderFiles:
    """Published files below a folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder."""
        self._folder = folder

    def read(self, path: str) -> bytes | None:
        """A file's bytes; None when it is missing."""
        place = self._folder / path
        return place.read_bytes() if place.is_file() else None

    def names(self, folder: str) -> Sequence[str]:
        """Names of the files in a folder, in order; what begins with a dot is no part of a log."""
        place = self._folder / folder
        found = place.iterdir() if place.is_dir() else iter(())
        return sorted(entry.name for entry in found if entry.is_file() and not entry.name.startswith("."))


@dataclass
class _Claim:
    """That the tree had a root at a size, and where that is said."""

    size: int
    root: bytes
    place: str
    check: str


@dataclass
class _Faults:
    """What was found wrong, by check."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, check: str, place: str) -> None:
        self.found.setdefault(check, []).append(place)

    def of(self, check: str) -> list[str]:
        return self.found.get(check, [])


class _Edge:
    """The right edge of the tree: for each level of tiles above the leaves, the hashes of the tile not full yet."""

    def __init__(self) -> None:
        self.levels: list[list[bytes]] = []
        self.filled: list[int] = []

    def root_with(self, leaves: Sequence[bytes]) -> bytes:
        """The root when these leaf hashes, at most a tile, stand after all that was taken."""
        pending = [root(leaves)] if leaves else []
        for hashes in self.levels:
            pending = [root([*hashes, *pending])] if hashes or pending else []
        return pending[0] if pending else root([])

    def take(self, tile_root: bytes) -> Iterator[tuple[int, int, list[bytes]]]:
        """Take a full tile of leaves; gives the tiles above that it made full, as level, index and hashes."""
        level, value = 0, tile_root
        while True:
            if level == len(self.levels):
                self.levels.append([])
                self.filled.append(0)
            self.levels[level].append(value)
            if len(self.levels[level]) < WIDTH:
                return
            full, self.levels[level] = self.levels[level], []
            yield level + 1, self.filled[level], full
            self.filled[level] += 1
            level, value = level + 1, root(full)

    def begun(self) -> Iterator[tuple[int, int, list[bytes]]]:
        """The tiles above the leaves that are not full."""
        for level, hashes in enumerate(self.levels):
            if hashes:
                yield level + 1, self.filled[level], hashes


def verify_log(
    files: Files, trust: Trust | None, *, since: str | None = None, say: Say = lambda done, total: None
) -> Report:
    """Rebuild the whole tree from the entries and compare (重建日志树).

    Args:
        files: the published files.
        trust: whose checkpoints the reader believes.
        since: a checkpoint that the reader kept from an earlier day; the log must contain it unchanged.
        say: told now and then how many entries of how many have been read.
    """
    report = Report(agency=trust.agency if trust else "", practice=bool(trust and trust.practice), note=LOG_NOTE)
    note = (files.read("checkpoint") or b"").decode("utf-8", "replace")
    try:
        newest = read_checkpoint(note)
    except MalformedNote as malformed:
        report.add("CHECKPOINT", False, str(malformed))
        return report
    report.add("CHECKPOINT", True)
    report.checkpoint = f"{newest.origin} @ {newest.size}"
    judge_signature(note, trust, report, strictly=True)

    faults = _Faults()
    claims = [_Claim(newest.size, newest.root, "checkpoint", "ROOT")]
    claims += _kept(files, trust, newest.origin, faults)
    claims += _state(files, newest.size, faults)
    if since is not None:
        claims += _since(since, trust, newest.origin, newest.size, faults)
    end = max(claim.size for claim in claims)
    reached = _walk(files, end, claims, faults, say)
    for claim in claims:
        if claim.size > reached:
            faults.add(claim.check, f"{claim.place}: entries end at {reached}")

    for check in ("ENTRIES", "ROOT", "TILES"):
        _judge(report, check, faults)
    if files.names("checkpoints"):
        _judge(report, "HISTORY", faults)
    if files.read("state") is not None:
        _judge(report, "STATE", faults)
    if since is not None:
        _judge(report, "SINCE", faults)
    stamps = [name for name in files.names("timestamps") if name.endswith(".tsr")]
    if stamps:
        _judge_stamps(files, stamps, trust, report)
    return report


def judge_signature(note: str, trust: Trust | None, report: Report, *, strictly: bool = False) -> None:
    """Whether a log that the reader believes signed the checkpoint; not judged when the reader names no log."""
    if trust is None or not trust.logs:
        report.add("LOG", None)
        return
    fault = note_fault(note, trust, strictly=strictly)
    report.add("LOG", not fault, fault)


def _judge(report: Report, check: str, faults: _Faults) -> None:
    wrong = faults.of(check)
    more = f" … {len(wrong)}" if len(wrong) > NAMED else ""
    report.add(check, not wrong, ", ".join(wrong[:NAMED]) + more)


def _kept(files: Files, trust: Trust | None, origin: str, faults: _Faults) -> list[_Claim]:
    """Every checkpoint that was kept: plainly written, filed under its size, signed, of this log.

    One may be longer than the newest: it is kept first, and the machine may have stopped between.
    """
    claims = []
    for name in files.names("checkpoints"):
        place = f"checkpoints/{name}"
        note = (files.read(place) or b"").decode("utf-8", "replace")
        try:
            found = read_checkpoint(note)
        except MalformedNote as malformed:
            faults.add("HISTORY", f"{place}: {malformed}")
            continue
        if not _KEPT.fullmatch(name) or int(name) != found.size or found.origin != origin:
            faults.add("HISTORY", f"{place}: says {found.origin} @ {found.size}")
            continue
        if trust is not None and trust.logs and (fault := note_fault(note, trust, strictly=True)):
            faults.add("HISTORY", f"{place}: {fault}")
        claims.append(_Claim(found.size, found.root, place, "HISTORY"))
    return claims


def _state(files: Files, newest: int, faults: _Faults) -> list[_Claim]:
    """How far the log says that it has grown: at least to its checkpoint; what follows is not signed yet."""
    octets = files.read("state")
    if octets is None:
        return []
    said = _STATE.fullmatch(octets.decode("ascii", "replace"))
    if said is None or int(said[1]) < newest or int(said[1]) > newest + (1 << 32):
        faults.add("STATE", "state")
        return []
    return [_Claim(int(said[1]), bytes.fromhex(said[2]), "state", "STATE")] if said[2] else []


def _since(note: str, trust: Trust | None, origin: str, newest: int, faults: _Faults) -> list[_Claim]:
    try:
        kept = read_checkpoint(note)
    except MalformedNote as malformed:
        faults.add("SINCE", str(malformed))
        return []
    if kept.origin != origin or kept.size > newest:
        faults.add("SINCE", f"{kept.origin} @ {kept.size}")
        return []
    if trust is not None and trust.logs and (fault := note_fault(note, trust)):
        faults.add("SINCE", fault)
    return [_Claim(kept.size, kept.root, f"@ {kept.size}", "SINCE")]


def _walk(files: Files, end: int, claims: list[_Claim], faults: _Faults, say: Say) -> int:
    """Read every entry in order; gives how many could be read."""
    edge = _Edge()
    due = sorted(claims, key=lambda claim: claim.size)
    while due and due[0].size == 0:
        _compare(due.pop(0), root([]), faults)
    for index in range(-(-end // WIDTH)):
        start = index * WIDTH
        width = min(WIDTH, end - start)
        here = []
        while due and due[0].size <= start + width:
            here.append(due.pop(0))
        hashes = _leaves(files, index, width, edge, here, faults)
        if hashes is None:
            return start
        for claim in here:
            _compare(claim, edge.root_with(hashes[: claim.size - start]), faults)
        if width == WIDTH:
            for level, place, full in edge.take(root(hashes)):
                _compare_tile(files, level, place, full, faults)
        say(start + width, end)
    for level, place, begun in edge.begun():
        _compare_tile(files, level, place, begun, faults)
    return end


def _compare(claim: _Claim, found: bytes, faults: _Faults) -> None:
    if claim.root != found:
        faults.add(claim.check, f"{claim.place}: the root at {claim.size} is another")


def _leaves(
    files: Files, index: int, width: int, edge: _Edge, claims: list[_Claim], faults: _Faults
) -> list[bytes] | None:
    """The leaf hashes of one tile, from its entries. Where entries and tile differ, whoever is right is gone on with.

    Which of the two is right, the tree above says: the tile's hash in the next level, or a root that was signed.
    """
    entries = _bundle(files, index, width)
    published = _hashes(files, 0, index, width)
    path = entries_path(index, width)
    if entries is None:
        faults.add("ENTRIES", f"{path} is missing or cut")
        if published is None:
            faults.add("TILES", tile_path(0, index, width))
        return published
    hashes = [leaf_hash(entry) for entry in entries]
    if hashes != published:
        if (
            published is not None
            and _is_right(files, index, published, edge, claims)
            and not _is_right(files, index, hashes, edge, claims)
        ):
            numbers = [index * WIDTH + at for at in range(width) if hashes[at] != published[at]]
            faults.add("ENTRIES", f"{path}: entry {', '.join(map(str, numbers[:NAMED]))}")
            hashes = published
        else:
            faults.add("TILES", tile_path(0, index, width))
    for name in files.names(f"{tile_path(0, index)}.p"):
        if _PARTIAL.fullmatch(name) and int(name) <= width:
            wide = int(name)
            if files.read(f"{tile_path(0, index)}.p/{name}") != b"".join(hashes[:wide]):
                _once(faults, "TILES", f"{tile_path(0, index)}.p/{name}")
    for name in files.names(f"{entries_path(index)}.p"):
        if _PARTIAL.fullmatch(name) and int(name) <= width:
            octets = files.read(f"{entries_path(index)}.p/{name}")
            if octets != encode_bundle(entries[: int(name)]) and not any(path in said for said in faults.of("ENTRIES")):
                _once(faults, "ENTRIES", f"{entries_path(index)}.p/{name}")
    return hashes


def _once(faults: _Faults, check: str, place: str) -> None:
    if place not in faults.of(check):
        faults.add(check, place)


def _is_right(files: Files, index: int, hashes: list[bytes], edge: _Edge, claims: list[_Claim]) -> bool:
    """Whether the tree above these leaf hashes says that they are the ones."""
    if len(hashes) == WIDTH:
        above, place = divmod(index, WIDTH)
        for width in range(WIDTH, place, -1):
            octets = files.read(tile_path(1, above, width))
            if octets is not None and len(octets) == width * HASH_BYTES:
                return octets[place * HASH_BYTES : (place + 1) * HASH_BYTES] == root(hashes)
    start = index * WIDTH
    return any(edge.root_with(hashes[: claim.size - start]) == claim.root for claim in claims)


def _bundle(files: Files, index: int, width: int) -> list[bytes] | None:
    """The entries of a bundle: the partial one, or the full one that has replaced it."""
    for path in dict.fromkeys((entries_path(index, width), entries_path(index))):
        content = files.read(path)
        if content is None:
            continue
        try:
            entries = decode_bundle(content)
        except ValueError:
            return None
        if len(entries) == width or (len(entries) > width and path == entries_path(index)):
            return entries[:width]
        return None
    return None


def _hashes(files: Files, level: int, index: int, width: int) -> list[bytes] | None:
    """The hashes of a tile: the partial one, or the full one that has replaced it."""
    path = tile_path(level, index, width)
    octets = files.read(path)
    if octets is None and width < WIDTH:
        octets = (files.read(tile_path(level, index)) or b"")[: width * HASH_BYTES]
    if octets is None or len(octets) != width * HASH_BYTES:
        return None
    return [octets[at : at + HASH_BYTES] for at in range(0, len(octets), HASH_BYTES)]


def _compare_tile(files: Files, level: int, index: int, hashes: list[bytes], faults: _Faults) -> None:
    """A tile above the leaves, and the narrower ones of its place that were not tidied away."""
    if _hashes(files, level, index, len(hashes)) != hashes:
        _once(faults, "TILES", tile_path(level, index, len(hashes)))
    folder = f"{tile_path(level, index)}.p"
    for name in files.names(folder):
        wide = int(name) if _PARTIAL.fullmatch(name) else WIDTH
        if wide <= len(hashes) and files.read(f"{folder}/{name}") != b"".join(hashes[:wide]):
            _once(faults, "TILES", f"{folder}/{name}")


def _judge_stamps(files: Files, names: list[str], trust: Trust | None, report: Report) -> None:
    """Each time stamp is over the bytes of one kept checkpoint, and made by an authority that the reader believes."""
    kept: dict[tuple[str, bytes], str] = {}
    for name in files.names("checkpoints"):
        octets = files.read(f"checkpoints/{name}") or b""
        kept |= {digest: name for digest in timestamp.digests(octets)}
    wrong, unknown = [], []
    for name in names:
        try:
            stamp = timestamp.read_stamp(files.read(f"timestamps/{name}") or b"")
            if stamp.imprint not in kept:
                wrong.append(f"timestamps/{name}: of none of the kept checkpoints")
                continue
            if timestamp.believed(stamp, trust) is None:
                unknown.append(f"timestamps/{name}")
        except timestamp.Malformed as malformed:
            wrong.append(f"timestamps/{name}: {malformed}")
    report.add("TIMESTAMPS", False if wrong else None if unknown else True, ", ".join((wrong or unknown)[:NAMED]))
