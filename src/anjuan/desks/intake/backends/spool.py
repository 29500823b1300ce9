"""Where bytes wait that belong to no record yet (待整理区): one folder a delivery, flushed before its row."""

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pikepdf
from django.conf import settings

from anjuan.core.refusals import Refusal

_MODE = 0o700


def folder(kind: str, uid: str) -> Path:
    """The folder of one delivery; its names are ours alone, never what a person typed."""
    if not uid.isalnum():
        raise ValueError(uid)
    return Path(settings.ANJUAN_HOME) / "incoming" / kind / uid


def lay(kind: str, uid: str, paths: Sequence[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """Copy files into the spool, a PDF of several pages page by page (逐页), and flush all. Returns them by new place.

    Pages are taken over as they are, not drawn anew: streams of a page keep their bytes.

    Args:
        kind: what is delivered.
        uid: the delivery.
        paths: each file and what it was called.
    """
    place = folder(kind, uid)
    place.mkdir(parents=True, mode=_MODE)
    laid: list[tuple[Path, str]] = []
    for path, name in paths:
        for source, called in _pages(path, name, place):
            target = place / f"{len(laid) + 1:05}"
            if source is None:
                shutil.copyfile(path, target)
            else:
                source.rename(target)
            sync(target)
            laid.append((target, called))
    sync(place)
    sync(place.parent)
    return laid


def _pages(path: Path, name: str, place: Path) -> list[tuple[Path | None, str]]:
    """The pages of a PDF as files of their own; anything else, or what cannot be read, as the one file it is."""
    with path.open("rb") as stream:
        if stream.read(5) != b"%PDF-":
            return [(None, name)]
    try:
        with pikepdf.open(path, attempt_recovery=False, suppress_warnings=True) as whole:
            if len(whole.pages) < 2 or whole.is_encrypted:
                return [(None, name)]
            found: list[tuple[Path | None, str]] = []
            for at, page in enumerate(whole.pages, 1):
                part = place / f"page-{at:05}"
                with pikepdf.new() as one:
                    one.pages.append(page)
                    one.save(part, deterministic_id=True, min_version=whole.pdf_version)
                found.append((part, f"{name[:240]} p{at}"))
            return found
    except (pikepdf.PdfError, RuntimeError, ValueError):
        return [(None, name)]  # whoever looks at it says what is wrong with it


def sync(path: Path) -> None:
    """Flush a file, or the names of a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear(kind: str, uid: str) -> None:
    """Take a delivery out of the spool; it may be gone already."""
    shutil.rmtree(folder(kind, uid), ignore_errors=True)


def folders(kind: str) -> list[Path]:
    """The folders of all deliveries of a kind."""
    place = Path(settings.ANJUAN_HOME) / "incoming" / kind
    return [path for path in place.iterdir() if path.is_dir()] if place.is_dir() else []


def lay_rows(
    uid: str, found: Iterable[tuple[int, Sequence[str]]], *, most: int, slice_rows: int
) -> tuple[list[str], int]:
    """Write the rows of a catalogue down one by one, with the places where slices begin. Returns headings and count.

    Raises:
        I-065: there is no row, or there are more than so many.
    """
    place = folder("catalogues", uid)
    place.mkdir(parents=True, mode=_MODE)
    heads: list[str] = []
    begins: list[int] = []
    count = 0
    with (place / "rows").open("wb") as stream:
        for number, cells in found:
            if not heads:
                heads = list(cells)
                continue
            if count % slice_rows == 0:
                begins.append(stream.tell())
            stream.write(json.dumps([number, list(cells)], ensure_ascii=False).encode() + b"\n")
            count += 1
            if count > most:
                raise Refusal("I-065", rows=count, most=most)
    if not count:
        raise Refusal("I-065", rows=0, most=most)
    (place / "begins").write_text(json.dumps(begins))
    for path in (place / "rows", place / "begins", place, place.parent):
        sync(path)
    return heads, count


def read_rows(uid: str, first: int, count: int, *, slice_rows: int) -> list[tuple[int, int, tuple[str, ...]]]:
    """Rows of a catalogue from a place that begins a slice: place, number in the sheet, cells; none once cleared."""
    place = folder("catalogues", uid)
    found: list[tuple[int, int, tuple[str, ...]]] = []
    if not place.exists():
        return found
    begins = json.loads((place / "begins").read_text())
    if first // slice_rows >= len(begins):
        return found
    with (place / "rows").open("rb") as stream:
        stream.seek(begins[first // slice_rows])
        for offset, line in enumerate(stream):
            if offset == count:
                break
            number, cells = json.loads(line)
            found.append((first + offset, number, tuple(cells)))
    return found


def lay_whole(kind: str, uid: str, paths: Sequence[Path]) -> None:
    """Copy files into the spool as they are, by their place from 1, and flush all."""
    place = folder(kind, uid)
    place.mkdir(parents=True, mode=_MODE)
    for at, path in enumerate(paths, 1):
        target = place / f"{at:05}"
        shutil.copyfile(path, target)
        sync(target)
    sync(place)
    sync(place.parent)


def lay_beside(kind: str, uid: str, paths: Mapping[str, Path]) -> None:
    """Copy files into a delivery under names that it does not have yet, and flush all.

    Args:
        kind: what is delivered.
        uid: the delivery; it may be there already.
        paths: each file by its new name.
    """
    place = folder(kind, uid)
    place.mkdir(parents=True, exist_ok=True, mode=_MODE)
    for name, path in paths.items():
        if not name.isalnum():
            raise ValueError(name)
        shutil.copyfile(path, place / name)
        sync(place / name)
    sync(place)
    sync(place.parent)
