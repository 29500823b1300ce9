"""Judging a published log (核验存证日志): entries, tiles and checkpoint of a C2SP tlog-tiles folder."""

from collections.abc import Callable
from pathlib import Path

from anjuan.core.merkle.checkpoint import MalformedNote
from anjuan.core.merkle.tile import WIDTH, decode_bundle, entries_path, grow
from anjuan.core.merkle.tree import leaf_hash, root
from anjuan_verify.evidence import read_checkpoint
from anjuan_verify.report import LOG_NOTE, Report
from anjuan_verify.trust import Trust
from anjuan_verify.verify import judge_log_signature

ReadFile = Callable[[str], bytes | None]


def folder_reader(folder: Path) -> ReadFile:
    """Read published files below a folder; None for one that is not there."""

    def read(path: str) -> bytes | None:
        place = folder / path
        return place.read_bytes() if place.is_file() else None

    return read


def verify_log(read: ReadFile, trust: Trust | None) -> Report:
    """Rebuild the whole tree from the entries and compare (重建日志树).

    Args:
        read: gives a published file by its path; None when it is missing.
        trust: whose checkpoints the reader believes.
    """
    report = Report(agency=trust.agency if trust else "", practice=bool(trust and trust.practice), note=LOG_NOTE)
    note = (read("checkpoint") or b"").decode("utf-8", "replace")
    try:
        checkpoint = read_checkpoint(note)
    except MalformedNote as malformed:
        report.add("CHECKPOINT", False, str(malformed))
        return report
    report.add("CHECKPOINT", True)
    report.checkpoint = f"{checkpoint.origin} @ {checkpoint.size}"
    judge_log_signature(note, trust, report)

    hashes: list[bytes] = []
    for index in range(-(-checkpoint.size // WIDTH)):
        width = min(WIDTH, checkpoint.size - index * WIDTH)
        entries = _bundle(read, index, width)
        if entries is None:
            report.add("ROOT", False, entries_path(index, width))
            return report
        hashes += [leaf_hash(entry) for entry in entries]
    report.add("ROOT", root(hashes) == checkpoint.root)
    wrong = [path for path, tile in grow(0, hashes, lambda _: None).items() if not _stands(read, path, tile)]
    report.add("TILES", not wrong, ", ".join(wrong[:5]))
    return report


def _bundle(read: ReadFile, index: int, width: int) -> list[bytes] | None:
    """The entries of a bundle: the partial one, or the full one that has replaced it."""
    for path in (entries_path(index, width), entries_path(index)):
        content = read(path)
        if content is None:
            continue
        try:
            entries = decode_bundle(content)
        except ValueError:
            return None
        if len(entries) >= width:
            return entries[:width]
    return None


def _stands(read: ReadFile, path: str, tile: bytes) -> bool:
    """Whether a tile is published with these hashes; a wider one may have replaced a partial one."""
    published = read(path)
    if published is None and ".p/" in path:
        published = (read(path.partition(".p/")[0]) or b"")[: len(tile)]
    return published == tile
