"""How a TIFF is built (TIFF 结构): its chain of directories followed before anything is decoded."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from anjuan.facilities.formats.rules import Damaged, PageShape

MOST_DIRECTORIES = 1 << 17
_MOST_PIECES = 1 << 20  # strips and tiles of a whole file
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}  # bytes a value, by type
_LETTERS = {1: "B", 3: "H", 4: "I", 13: "I"}
_SUBFILE, _OLD_SUBFILE, _WIDTH, _LENGTH, _ORIENTATION = 254, 255, 256, 257, 274
_ACROSS, _DOWN, _UNIT = 282, 283, 296
_STRIPS, _STRIP_SIZES, _TILE_WIDTH, _TILE_LENGTH, _TILES, _TILE_SIZES = 273, 279, 322, 323, 324, 325
_BRANCHES = (330, 34665, 34853, 40965)  # SubIFDs, Exif, GPS, interoperability: directories beside the chain
_CM_PER_INCH = 2.54


@dataclass(frozen=True)
class TiffPage:
    """One page and its place in the chain of directories, from 0."""

    place: int
    shape: PageShape


@dataclass(frozen=True)
class TiffFacts:
    """What the structure of a TIFF tells.

    Attributes:
        pages: in order.
        reduced: thumbnails and reduced versions, which are no pages.
        end: where the last thing it points at ends, bytes.
    """

    pages: tuple[TiffPage, ...]
    reduced: int
    end: int


Entries = dict[int, tuple[int, int, int]]  # tag: type, count, where its values stand


def chain(octets: bytes) -> list[int]:
    """Where each directory stands, following the chain to its end.

    Raises:
        Damaged: the chain leads out of the file, comes back to itself, or does not end.

    Standard: TIFF 6.0, section 2.
    """
    order = _order(octets)
    offsets: list[int] = []
    known: set[int] = set()
    at = _number(octets, order + "I", 4)
    while at:
        if at in known:
            raise Damaged("the chain of TIFF directories is a circle")
        if len(offsets) == MOST_DIRECTORIES:
            raise Damaged("the chain of TIFF directories does not end")
        known.add(at)
        offsets.append(at)
        at = _number(octets, order + "I", at + 2 + 12 * _number(octets, order + "H", at))
    if not offsets:
        raise Damaged("the TIFF has no page")
    return offsets


def walk_tiff(octets: bytes, offsets: Sequence[int]) -> TiffFacts:
    """Measure every page and make sure that all it points at lies in the file.

    Args:
        octets: the file.
        offsets: its directories, from ``chain``.

    Raises:
        Damaged: a directory, a value or image data are cut or overlap, or a page states no size.

    Standard: TIFF 6.0, sections 2, 3, 8 and 15.
    """
    order = _order(octets)
    end, free, pieces, reduced = 8, 0, 0, 0
    # Directories that share bytes would let a small file ask for endless reading.
    for at in sorted(offsets):
        if at < free:
            raise Damaged("TIFF directories overlap")
        free = at + 6 + 12 * _number(octets, order + "H", at)
    pages: list[TiffPage] = []
    for place, at in enumerate(offsets):
        entries, past = _entries(octets, order, at)
        data_end, count = _image_data(octets, order, entries)
        pieces += count
        if pieces > _MOST_PIECES:
            raise Damaged("the TIFF has too many strips")
        end = max(end, past, data_end, *_branches(octets, order, entries))
        is_reduced = _first(octets, order, entries, _SUBFILE) & 1 or _first(octets, order, entries, _OLD_SUBFILE) == 2
        if is_reduced:
            reduced += 1
        else:
            pages.append(TiffPage(place, _shape(octets, order, entries)))
    if not pages:
        raise Damaged("the TIFF has no page")
    return TiffFacts(tuple(pages), reduced, end)


def _order(octets: bytes) -> str:
    return "<" if octets[:2] == b"II" else ">"


def _number(octets: bytes, form: str, at: int) -> int:
    try:
        (value,) = struct.unpack_from(form, octets, at)
    except struct.error:
        raise Damaged("a TIFF directory is cut") from None
    return int(value)


def _entries(octets: bytes, order: str, at: int) -> tuple[Entries, int]:
    """The entries of a directory and where the last thing it points at ends."""
    count = _number(octets, order + "H", at)
    end = at + 6 + 12 * count
    if not count or end > len(octets):
        raise Damaged("a TIFF directory is empty or cut")
    entries: Entries = {}
    for place in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, values = struct.unpack_from(order + "HHI", octets, place)
        size = _SIZES.get(kind, 0) * values  # a type we do not know is passed over, as the standard asks
        where = place + 8 if size <= 4 else _number(octets, order + "I", place + 8)
        if where + size > len(octets):
            raise Damaged("a value of the TIFF lies outside the file")
        if size:
            entries.setdefault(tag, (kind, values, where))
            end = max(end, where + size)
    return entries, end


def _values(octets: bytes, order: str, entries: Entries, tag: int) -> tuple[int, ...]:
    kind, count, at = entries.get(tag, (0, 0, 0))
    letter = _LETTERS.get(kind)
    if letter is None:
        return ()
    if count > _MOST_PIECES:
        raise Damaged("the TIFF has too many strips")
    return struct.unpack_from(f"{order}{count}{letter}", octets, at)


def _first(octets: bytes, order: str, entries: Entries, tag: int) -> int:
    return next(iter(_values(octets, order, entries, tag)), 0)


def _image_data(octets: bytes, order: str, entries: Entries) -> tuple[int, int]:
    """Where the pieces of the image end, and how many there are."""
    starts_tag, sizes_tag = (_TILES, _TILE_SIZES) if _TILES in entries else (_STRIPS, _STRIP_SIZES)
    starts = _values(octets, order, entries, starts_tag)
    sizes = _values(octets, order, entries, sizes_tag)
    if not starts or len(starts) != len(sizes):
        raise Damaged("the TIFF does not say where its image lies")
    end = max(map(int.__add__, starts, sizes))
    if end > len(octets):
        raise Damaged("the image data of the TIFF are cut")
    # A tile is given memory whole, before it is decoded.
    tile = _first(octets, order, entries, _TILE_WIDTH) * _first(octets, order, entries, _TILE_LENGTH)
    page = _first(octets, order, entries, _WIDTH) * _first(octets, order, entries, _LENGTH)
    if tile > page + (1 << 22):
        raise Damaged("a tile of the TIFF is larger than its page")
    return end, len(starts)


def _branches(octets: bytes, order: str, entries: Entries) -> list[int]:
    """Where the directories beside the chain end, one step deep: they are part of the file, though no pages."""
    ends = []
    for tag in _BRANCHES:
        for at in _values(octets, order, entries, tag)[:16]:
            branch, past = _entries(octets, order, at)
            ends.append(past)
            if _STRIPS in branch or _TILES in branch:
                ends.append(_image_data(octets, order, branch)[0])
            ends += [_entries(octets, order, inner)[1] for inner in _values(octets, order, branch, _BRANCHES[-1])[:1]]
    return ends


def _shape(octets: bytes, order: str, entries: Entries) -> PageShape:
    width, height = (_first(octets, order, entries, tag) for tag in (_WIDTH, _LENGTH))
    if not width or not height:
        raise Damaged("a page of the TIFF states no size")
    unit = _first(octets, order, entries, _UNIT) if _UNIT in entries else 2
    dpi = min(_resolution(octets, order, entries, tag, unit) for tag in (_ACROSS, _DOWN))
    if _first(octets, order, entries, _ORIENTATION) in (5, 6, 7, 8):
        width, height = height, width
    return PageShape(width, height, dpi)


def _resolution(octets: bytes, order: str, entries: Entries, tag: int, unit: int) -> int:
    kind, _, at = entries.get(tag, (0, 0, 0))
    if kind != 5 or unit not in (2, 3):  # a rational; unit 1 states proportions only
        return 0
    above, below = struct.unpack_from(order + "II", octets, at)
    stated = above / below * (_CM_PER_INCH if unit == 3 else 1) if below else 0
    return round(stated) if 1 < stated < 100_000 else 0
