"""Known faults put into a copy of a page image (注入已知问题): what scanners and hands do to pages, done on purpose.

Only copies are spoiled, for measuring people and detectors and for teaching; no record's bytes pass through here twice.
"""

import functools
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from anjuan.core.detection import injection
from anjuan.facilities.formats.backends import paint

Array = npt.NDArray[Any]

_DPI = 150  # lengths below are pixels at so many dots an inch
_A4_LONG = 11.69  # inches, where a page states no resolution
_TITLES = ("申请表（示例）", "证明材料（示例）", "审核意见（示例）")
_LINE = "按规定提交材料，原件与复印件核对一致。"
_CLOSE = ("I06", "I08")  # what is told from the letters themselves is shown near by


def spoil(page: Image.Image, code: str, strength: float) -> Image.Image:
    """A page with one fault of the catalogue.

    Args:
        page: upright, in greys or RGB.
        code: one of `injection.ON_A_PAGE`, `injection.BLANK` or `injection.REPEATED`.
        strength: 0 to 1; the weakest is still a fault.
    """
    pixels = np.asarray(page)
    dpi = max(pixels.shape[:2]) / _A4_LONG
    match code:
        case "I01":
            made = _tilted(pixels, (-1 if strength < 0.5 else 1) * (3.4 + 2.6 * (2 * strength % 1)))
        case "I02":
            made = np.ascontiguousarray(np.rot90(pixels, _quarters(pixels, strength)))
        case "I04":
            made = _bordered(pixels, strength)
        case "I06":
            made = cv2.GaussianBlur(pixels, (0, 0), (2.2 + 1.3 * strength) * dpi / _DPI)
        case "I08":
            made = _faded(pixels, 0.17 - 0.08 * strength)
        case injection.BLANK:
            made = _emptied(pixels)
        case injection.REPEATED:
            made = _scanned_again(pixels, strength)
        case _:
            raise ValueError(f"{code} is not made on a page")
    return Image.fromarray(made)


def specimen(code: str, height: int) -> Image.Image:
    """What a fault looks like, on pages drawn for the purpose: one page, or several side by side (示例).

    Args:
        code: one of `injection.INJECTED`.
        height: of the picture, pixels.
    """
    first, second, third = (_drawn(number) for number in (1, 2, 3))
    match code:
        case injection.LEFT_OUT:
            shown = [first, third]
        case injection.DISORDERED:
            shown = [second, first, third]
        case injection.REPEATED:
            shown = [first, second, spoil(second, code, 0.6)]
        case injection.BLANK:
            shown = [first, spoil(first, code, 0.5), second]
        case _:
            page = spoil(first, code, 0.8)
            shown = [page.crop((0, 0, page.width * 3 // 5, page.height // 3)) if code in _CLOSE else page]
    small = [_small(page, height) for page in shown]
    gap = height // 40
    sheet = Image.new("L", (sum(one.width + gap for one in small) + gap, height + 2 * gap), 205)
    at = gap
    for one in small:
        sheet.paste(one, (at, gap))
        at += one.width + gap
    return sheet


@functools.lru_cache(maxsize=3)
def _drawn(number: int) -> Image.Image:
    page = Image.new("L", (paint.A4.width_px, paint.A4.height_px), 248)
    pen = ImageDraw.Draw(page)
    middle = page.width // 2
    pen.text((middle, 250), _TITLES[number - 1], fill=paint.INK, font=paint.font(92), anchor="ms")
    for row in range(15):
        y = 400 + row * 105
        pen.line([(150, y), (page.width - 150, y)], fill=paint.GREY, width=4)
        pen.text((180, y + 72), f"{row + 1:02}　{_LINE}", fill=paint.INK, font=paint.font(58), anchor="ls")
    pen.text((middle, 2200), f"第 {number} 页　共 3 页", fill=paint.INK, font=paint.font(92), anchor="ms")
    return page


def _small(page: Image.Image, height: int) -> Image.Image:
    return page.resize((round(page.width * height / page.height), height), Image.Resampling.LANCZOS)


def _paper(pixels: Array) -> Any:
    """The colour of the paper: what most of the page is."""
    middle = np.median(pixels.reshape(-1, pixels.shape[2]) if pixels.ndim == 3 else pixels.reshape(-1, 1), axis=0)
    return tuple(float(value) for value in middle)


def _tilted(pixels: Array, degrees: float) -> Array:
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=_paper(pixels))


def _quarters(pixels: Array, strength: float) -> int:
    """How often it is turned to the left: a landscape list on its end may be bound so, and is turned over instead."""
    is_landscape = pixels.shape[1] > pixels.shape[0]
    return 2 if is_landscape else (1, 2, 3)[min(2, int(strength * 3))]


def _bordered(pixels: Array, strength: float) -> Array:
    made = pixels.copy()
    height, width = made.shape[:2]
    deep = 0.03 + 0.03 * strength
    made[:, : round(width * deep)] = 24
    made[-round(height * deep) :] = 24
    return made


def _faded(pixels: Array, left: float) -> Array:
    paper = np.asarray(_paper(pixels), np.float32)
    paler = paper - (paper - (pixels if pixels.ndim == 3 else pixels[..., None]).astype(np.float32)) * left
    return np.clip(paler, 0, 255).astype(np.uint8).reshape(pixels.shape)


def _emptied(pixels: Array) -> Array:
    made = np.empty_like(pixels)
    made[:] = np.asarray(_paper(pixels)).astype(np.uint8) if pixels.ndim == 3 else np.uint8(_paper(pixels)[0])
    return made


def _scanned_again(pixels: Array, strength: float) -> Array:
    height, width = pixels.shape[:2]
    matrix: Array = cv2.getRotationMatrix2D((width / 2, height / 2), 0.4 * (strength - 0.5), 1)
    matrix[0, 2] += 6 * strength
    matrix[1, 2] += 4 - 8 * strength
    moved = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=_paper(pixels))
    paler: Array = np.clip(moved.astype(np.float32) * (0.96 + 0.04 * strength), 0, 255).astype(np.uint8)
    return paler
