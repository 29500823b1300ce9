"""What the screen shows of a page (浏览件): thumbnail, view image and deep-zoom tiles, kept by the digest of the file.

Derivatives are a cache: they can be thrown away and made again, and are no part of the record (decision 3). They lie in
``derivatives/<first two digits>/<SHA-512>/p<page>/``; a page's folder appears by one rename, complete or not at all.

The tiles follow the Deep Zoom layout that OpenSeadragon reads: ``page.dzi`` and
``page_files/<level>/<column>_<row>.jpg``.
"""

import contextlib
import json
import os
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import rules
from anjuan.facilities.formats.backends import ofd, paint, pdf, plain, raster, symbols, tiff
from anjuan.facilities.formats.backends.identify import identify
from anjuan.facilities.formats.backends.page_copy import A4_LONG_MM, stated_dpi

THUMBNAIL_HEIGHT_PX = 220
VIEW_PX = 1400  # the longer side
TILE_PX = 512  # large tiles: a store of millions of pages runs out of inodes before it runs out of bytes
OVERLAP_PX = 1
QUALITY = 80
# Pillow turns the other way round.
TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
_MOST_READ = 120_000_000  # pixels: what is larger is looked at by people
_MANIFEST = "page.json"
_TAKEN_IN = rules.Limits(container_bytes=1 << 62)  # what lies in the store was held to the limits of its day
_PAGED = {rules.PDF: pdf.open_page, rules.TIFF: tiff.open_page, rules.OFD: ofd.open_page}


@dataclass(frozen=True)
class PageDerivatives:
    """Where the derivatives of one page lie.

    Attributes:
        folder: their folder.
        thumbnail: JPEG, 220 pixels high at most.
        view: JPEG, 1400 pixels on the longer side at most.
        dzi: Deep Zoom descriptor; its tiles lie beside it in ``page_files``.
        width_px: of the page in full.
        height_px: of the page in full.
    """

    folder: Path
    thumbnail: Path
    view: Path
    dzi: Path
    width_px: int
    height_px: int


def page_folder(root: Path, sha512: str, page: int, turn: int = 0) -> Path:
    """Where the derivatives of a page lie, made or not.

    Args:
        root: folder of all derivatives.
        sha512: digest of the file, lower-case hex.
        page: from 1.
        turn: degrees clockwise by which it is shown turned: 0, 90, 180 or 270.
    """
    if len(sha512) != 128 or sha512.strip("0123456789abcdef") or page < 1 or (turn and turn not in TURNS):
        raise Refusal("M-009", page=page)  # never let a digest from an address become a path
    return root / sha512[:2] / sha512 / (f"p{page}t{turn}" if turn else f"p{page}")


def find_derivatives(root: Path, sha512: str, page: int, turn: int = 0) -> PageDerivatives | None:
    """The derivatives of a page, if they are there and whole."""
    folder = page_folder(root, sha512, page, turn)
    try:
        manifest = json.loads((folder / _MANIFEST).read_bytes())
        sizes = {name: (folder / name).stat().st_size for name in manifest["sizes"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # The folder was renamed into place without syncing each tile; after a power loss files may be there and empty.
    if sizes != manifest["sizes"]:
        return None
    return PageDerivatives(
        folder=folder,
        thumbnail=folder / "thumbnail.jpg",
        view=folder / "view.jpg",
        dzi=folder / "page.dzi",
        width_px=manifest["width_px"],
        height_px=manifest["height_px"],
    )


def make_derivatives(root: Path, sha512: str, path: Path, page: int, turn: int = 0) -> PageDerivatives:
    """The derivatives of a page, made if they are not there (生成浏览件).

    Args:
        root: folder of all derivatives.
        sha512: digest of the file; the caller has verified it.
        path: the file.
        page: from 1.
        turn: degrees clockwise by which it is shown turned.

    Raises: M-002 a program or active content; M-009 no such page.
    Concurrency: two may make the same page at once; each works in a folder of its own and the first rename wins.
    """
    found = find_derivatives(root, sha512, page, turn)
    if found is not None:
        return found
    folder = page_folder(root, sha512, page, turn)
    work = root / ".work" / f"{sha512[:32]}-{page}-{turn}-{os.getpid()}-{threading.get_ident()}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        image = _open(path, page)
        _draw(image.transpose(TURNS[turn]) if turn else image, work)
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            work.rename(folder)
        except OSError:
            if (
                find_derivatives(root, sha512, page, turn) is None
            ):  # what stands there is broken, not another's good work
                shutil.rmtree(folder, ignore_errors=True)
                work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    made = find_derivatives(root, sha512, page, turn)
    if made is None:
        raise FileNotFoundError(folder)
    return made


def make_thumbnail(root: Path, sha512: str, path: Path, page: int, turn: int = 0) -> Path:
    """A thumbnail alone, within the second in which the page came in (缩略图); the rest is drawn when it is opened.

    Args:
        root: folder of all derivatives.
        sha512: digest of the file; the caller has verified it.
        path: the file.
        page: from 1.
        turn: degrees clockwise by which it is shown turned.

    Raises: M-002 a program or active content; M-009 no such page.
    Concurrency: two may make the same one at once; whichever is renamed last stands, and they are equal.
    """
    image = _open_at(path, page, THUMBNAIL_HEIGHT_PX)
    upright = image.transpose(TURNS[turn]) if turn else image
    place = _alone(root, sha512, page, turn, "thumb")
    return _lay_alone(_fit(upright, 4 * THUMBNAIL_HEIGHT_PX, THUMBNAIL_HEIGHT_PX), place)


def keep_thumbnail(root: Path, sha512: str, image: Image.Image, page: int) -> None:
    """Lay a thumbnail down from a page that is decoded already, so that nobody decodes it again to show it (缩略图).

    Args:
        root: folder of all derivatives.
        sha512: digest of the file from which the picture was decoded.
        image: the page upright, at least as high as a thumbnail where the page is.
        page: from 1.
    """
    _lay_alone(_fit(image, 4 * THUMBNAIL_HEIGHT_PX, THUMBNAIL_HEIGHT_PX), _alone(root, sha512, page, 0, "thumb"))


def make_view(root: Path, sha512: str, path: Path, page: int, turn: int = 0) -> Path:
    """The whole page as it is opened, alone: without its tiles, which only a closer look wants (浏览图).

    Args:
        root: folder of all derivatives.
        sha512: digest of the file; the caller has verified it.
        path: the file.
        page: from 1.
        turn: degrees clockwise by which it is shown turned.

    Raises: M-002 a program or active content; M-009 no such page.
    Concurrency: two may make the same one at once; whichever is renamed last stands, and they are equal.
    """
    image = _open_at(path, page, VIEW_PX)
    place = _alone(root, sha512, page, turn, "view")
    return _lay_alone(_fit(image.transpose(TURNS[turn]) if turn else image, VIEW_PX, VIEW_PX), place)


def find_view(root: Path, sha512: str, page: int, turn: int = 0) -> Path | None:
    """The whole page, made with its other derivatives or alone."""
    whole = find_derivatives(root, sha512, page, turn)
    return whole.view if whole is not None else _found_alone(_alone(root, sha512, page, turn, "view"))


def small_image(path: Path, page: int, height: int) -> Image.Image | None:
    """A page of an image file, decoded no finer than need be; None for files that are no images."""
    identity = identify(path, path.name, _TAKEN_IN)
    if identity.family == rules.TIFF:
        return tiff.open_page(path, page)
    return raster.open_small(path, height) if identity.family in (rules.JPEG, rules.PNG) else None


def find_thumbnail(root: Path, sha512: str, page: int, turn: int = 0) -> Path | None:
    """The thumbnail of a page, made with its other derivatives or alone."""
    whole = find_derivatives(root, sha512, page, turn)
    return whole.thumbnail if whole is not None else _found_alone(_alone(root, sha512, page, turn, "thumb"))


def _alone(root: Path, sha512: str, page: int, turn: int, what: str) -> Path:
    """Where one derivative lies that was made before the others."""
    folder = page_folder(root, sha512, page, turn)
    return folder.with_name(f"{folder.name}.{what}.jpg")


def _found_alone(place: Path) -> Path | None:
    return place if place.is_file() and place.stat().st_size else None


def _lay_alone(image: Image.Image, place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(f".{place.name}.{os.getpid()}-{threading.get_ident()}")
    _save(image, partial)
    partial.replace(place)
    return place


def page_count(path: Path) -> int:
    """Number of pages of a file that has been characterised."""
    identity = identify(path, path.name, _TAKEN_IN)
    counts = {rules.PDF: pdf.page_count, rules.TIFF: tiff.page_count, rules.OFD: ofd.page_count}
    return counts[identity.family](path) if identity.family in counts else identity.pages


def read_symbols(path: Path) -> tuple[tuple[str, ...], bool]:
    """Texts of the codes on a file's first page, and whether nothing is written on it."""
    image = _open(path, 1)
    return symbols.codes(image), symbols.is_blank(image)


def _open(path: Path, page: int) -> Image.Image:
    identity = identify(path, path.name, _TAKEN_IN)
    if identity.family == rules.TEXT:
        return plain.open_page(path, identity.encoding, page)
    if identity.family in _PAGED:
        return _PAGED[identity.family](path, page)
    if page != 1:
        raise Refusal("M-009", page=page)
    if identity.family == rules.STRANGE:
        return paint.blank_page(paint.A4, identity.kind.name, 1, 1)
    return raster.open_page(path)


def _open_at(path: Path, page: int, side: int) -> Image.Image:
    """A page, decoded no finer than its longer side asks where the format allows it."""
    if page == 1 and identify(path, path.name, _TAKEN_IN).family in (rules.JPEG, rules.PNG):
        return raster.open_small(path, side)
    return _open(path, page)


def page_smaller(path: Path, page: int, times: int) -> Image.Image:
    """A page as it is stored, so many times smaller: 1, 2, 4 or 8.

    Raises: M-002 a program or active content; M-009 no such page.
    """
    if times > 1 and page == 1 and identify(path, path.name, _TAKEN_IN).family in (rules.JPEG, rules.PNG):
        return raster.open_smaller(path, times)
    opened = _open(path, page)
    return opened.reduce(times) if times > 1 else opened


def page_to_read(path: Path, page: int, side: int) -> tuple[Image.Image, float]:
    """A page as it is stored, its longer side at most so long, and the dots an inch of what is given.

    A page that states no resolution counts as A4.

    Raises: M-004 more pixels than are opened to be read; M-009 no such page.
    """
    stated = 0.0
    with contextlib.suppress(OSError), Image.open(path) as stored:  # a PDF is none
        if stored.width * stored.height > _MOST_READ:
            raise Refusal("M-004", name=path.name, width_px=stored.width, height_px=stored.height, limit_px=_MOST_READ)
        stated = stated_dpi(stored) / max(stored.size)
    opened = _open_at(path, page, side)
    if max(opened.size) > side:
        scale = side / max(opened.size)
        opened = opened.resize((max(1, round(opened.width * scale)), max(1, round(opened.height * scale))))
    per_side = stated or 25.4 / A4_LONG_MM
    return opened.convert("RGB"), per_side * max(opened.size)


def runs_to_read(path: Path, page: int) -> tuple[list[ofd.TextRun], tuple[float, float]] | None:
    """What an OFD page says, with its places, and its size in millimetres; none of a file of another kind.

    Raises: M-003 its container cannot be read; M-009 no such page.
    """
    if identify(path, path.name, _TAKEN_IN).family != rules.OFD:
        return None
    return ofd.runs_of_page(path, page)


def _save(image: Image.Image, path: Path) -> None:
    image.save(path, "JPEG", quality=QUALITY, optimize=False)


def _fit(image: Image.Image, width: int, height: int) -> Image.Image:
    scale = min(1.0, width / image.width, height / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0) if size != image.size else image


def _draw(image: Image.Image, work: Path) -> None:
    _save(_fit(image, 4 * THUMBNAIL_HEIGHT_PX, THUMBNAIL_HEIGHT_PX), work / "thumbnail.jpg")
    _save(_fit(image, VIEW_PX, VIEW_PX), work / "view.jpg")
    _draw_tiles(image, work)
    (work / "page.dzi").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="jpg" Overlap="{OVERLAP_PX}" '
        f'TileSize="{TILE_PX}"><Size Width="{image.width}" Height="{image.height}"/></Image>\n',
        encoding="utf-8",
    )
    names = [str(path.relative_to(work)) for path in sorted(work.rglob("*")) if path.is_file()]
    manifest = {
        "width_px": image.width,
        "height_px": image.height,
        "sizes": {name: (work / name).stat().st_size for name in names},
    }
    with (work / _MANIFEST).open("wb") as stream:
        stream.write(json.dumps(manifest).encode())
        stream.flush()
        os.fsync(stream.fileno())


def _draw_tiles(image: Image.Image, work: Path) -> None:
    """Every level of the pyramid, from the page in full down to one pixel, each from the one above."""
    level = (max(image.width, image.height) - 1).bit_length()
    current = image
    while True:
        folder = work / "page_files" / str(level)
        folder.mkdir(parents=True)
        for row, top in enumerate(range(0, current.height, TILE_PX)):
            for column, left in enumerate(range(0, current.width, TILE_PX)):
                box = (
                    max(0, left - OVERLAP_PX),
                    max(0, top - OVERLAP_PX),
                    min(current.width, left + TILE_PX + OVERLAP_PX),
                    min(current.height, top + TILE_PX + OVERLAP_PX),
                )
                _save(current.crop(box), folder / f"{column}_{row}.jpg")
        if level == 0:
            return
        level -= 1
        half = ((current.width + 1) // 2, (current.height + 1) // 2)
        current = current.resize(half, Image.Resampling.BOX)
