"""A page image as it is measured: a copy of 150 dots an inch, decoded no finer than need be (测量用图)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from anjuan.core.detection.measures import ColourMode
from anjuan.facilities.formats import rules
from anjuan.facilities.formats.backends import raster, tiff

DPI = 150
A4_LONG_MM = 297.0
_INCH = 25.4
_MOST_JPEG_PIXELS = 400_000_000  # decoded at an eighth of its size
_MOST_PIXELS = 50_000_000  # of what must be decoded whole: 150 MB of colour
_REDUCED = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class PageCopy:
    """A page ready to be measured.

    Attributes:
        bgr: the picture, three channels, some 150 dots an inch; none where the page is too large to be decoded.
        scale: pixels of the stored image for one of the copy.
        width_mm: of the sheet.
        height_mm: of the sheet.
    """

    bgr: Array | None
    mode: ColourMode
    bits: int
    is_size_known: bool
    scale: float
    width_mm: float
    height_mm: float

    @property
    def per_mm(self) -> float:
        """Pixels of the copy for a millimetre."""
        return self.bgr.shape[1] / self.width_mm if self.bgr is not None else 0.0


def open_copy(path: Path, family: str, page: int) -> PageCopy:
    """The copy of one page of a JPEG, PNG or TIFF.

    Raises:
        M-009: there is no such page.
    """
    if family == rules.TIFF:
        return _of_pillow(path, page)
    with Image.open(path, formats=[rules.JPEG, rules.PNG]) as image:
        mode, bits = _form(image)
        width, height = image.size
        dpi = stated_dpi(image)
    long_mm = max(width, height) / dpi * _INCH if dpi else A4_LONG_MM
    scale = max(1.0, max(width, height) / _wanted(long_mm))
    most = _MOST_JPEG_PIXELS if family == rules.JPEG else _MOST_PIXELS
    size = (width * long_mm / max(width, height), height * long_mm / max(width, height))
    if width * height > most:
        return PageCopy(None, mode, bits, bool(dpi), scale, *size)
    flag = _flag(scale, width * height) if family == rules.JPEG else cv2.IMREAD_COLOR
    decoded = cv2.imread(str(path), flag)
    if decoded is None or mode is ColourMode.BITONAL or bits > 8:  # what OpenCV does not read, or reads otherwise
        return _of_pillow(path, page)
    if (decoded.shape[1] > decoded.shape[0]) != (width > height):  # the camera's turn is taken account of
        size = (size[1], size[0])
    return _scaled(decoded, mode, bits, bool(dpi), size, max(width, height))


def _wanted(long_mm: float) -> int:
    """Pixels of the copy's longer side: a plan of two metres is measured more coarsely."""
    return round(min(long_mm, 2 * A4_LONG_MM) / _INCH * DPI)


def stated_dpi(image: Image.Image) -> float:
    """The resolution that a file states; 0 where it states none, or one that no scanner has."""
    try:
        across, down = (float(value) for value in image.info.get("dpi") or (0, 0))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0
    least = min(across, down)
    return least if 20 <= least <= 4800 else 0.0


def _flag(scale: float, pixels: int) -> int:
    for times in (4, 2):
        if scale >= times * 0.99:
            return _REDUCED[times]
    return cv2.IMREAD_REDUCED_COLOR_8 if pixels > _MOST_PIXELS else _REDUCED[1]


def _form(image: Image.Image) -> tuple[ColourMode, int]:
    if image.mode == "1":
        return ColourMode.BITONAL, 1
    bits = 16 if image.mode.startswith("I") else 8
    return (ColourMode.GREY if image.mode in ("L", "LA", "I", "I;16", "I;16B") else ColourMode.COLOUR), bits


def _of_pillow(path: Path, page: int) -> PageCopy:
    """Formats that only the image library reads as they are meant."""
    shape = None
    if page > 1 or path.read_bytes()[:2] in (b"II", b"MM"):
        with Image.open(path, formats=["TIFF"]) as image:
            image.seek(min(page - 1, getattr(image, "n_frames", 1) - 1))
            shape = (image.size, *_form(image), stated_dpi(image))
    else:
        with Image.open(path, formats=[rules.JPEG, rules.PNG]) as image:
            shape = (image.size, *_form(image), stated_dpi(image))
    (width, height), mode, bits, dpi = shape
    long_mm = max(width, height) / dpi * _INCH if dpi else A4_LONG_MM
    size = (width * long_mm / max(width, height), height * long_mm / max(width, height))
    if width * height > _MOST_PIXELS:
        return PageCopy(None, mode, bits, bool(dpi), 1.0, *size)
    is_tiff = path.read_bytes()[:2] in (b"II", b"MM")
    opened = tiff.open_page(path, page) if is_tiff else raster.open_page(path)
    upright = ImageOps.exif_transpose(opened)
    if (upright.width > upright.height) != (width > height):
        size = (size[1], size[0])
    decoded = np.asarray(upright.convert("RGB"))[:, :, ::-1]
    return _scaled(decoded, mode, bits, bool(dpi), size, max(width, height))


def _scaled(
    decoded: Array, mode: ColourMode, bits: int, is_known: bool, size: tuple[float, float], stored: int
) -> PageCopy:
    factor = _wanted(max(size)) / max(decoded.shape[:2])
    if factor < 1:
        to = (max(1, round(decoded.shape[1] * factor)), max(1, round(decoded.shape[0] * factor)))
        decoded = cv2.resize(decoded, to, interpolation=cv2.INTER_AREA)
    scale = stored / max(decoded.shape[:2])
    return PageCopy(np.ascontiguousarray(decoded), mode, bits, is_known, scale, *size)
