"""What marks the paper after the press (落笔): typed glyphs, a hand, seals and the paper's own grain, made once.

Scans are kept as luminance and two colours (YCbCr), as JPEG files are: nothing need be converted when one is written.
"""

import functools
import random
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from anjuan.demo.blanks import SIZE, pixels
from anjuan.demo.brush import font, round_stamp, square_stamp

Ink = tuple[int, int, int]

RED: Ink = (88, 106, 206)
BLUE: Ink = (52, 162, 114)
BLACK_PEN: Ink = (46, 131, 126)
HANDS = 3  # ways in which the hand writes a character
PRESSINGS = 4  # ways in which a seal falls on the paper
_DRAWN = 84  # pixels at which the hand is drawn, before it is made small
ROLL = 80  # pixels by which a grain can be shifted


@dataclass(frozen=True)
class Glyph:
    """A character ready to be inked: its mask, where that stands from the left middle, and the step to the next."""

    mask: Image.Image
    dx: int
    dy: int
    step: float


@functools.lru_cache(maxsize=20_000)
def typed(character: str, size: int) -> Glyph:
    """A printed character."""
    face = font(size)
    tile = Image.new("L", (size * 3, size * 2), 0)
    ImageDraw.Draw(tile).text((size, size), character, font=face, fill=255, anchor="lm")
    return _cut(tile, size, size, face.getlength(character))


@functools.lru_cache(maxsize=12_000)
def handwritten(character: str, size: int, way: int) -> Glyph:
    """A character by pen (手写): bent, slanted and thin, one of a few ways."""
    dice = random.Random(f"{character} {way}")  # noqa: S311 -- paint, not keys
    large = _DRAWN
    tile = Image.new("L", (large * 2, large * 2), 0)
    face = font(large)  # one face for all sizes: each that is opened takes megabytes
    ImageDraw.Draw(tile).text((large, large), character, font=face, fill=255, anchor="mm")
    bend = large * 0.11
    corners = [place + dice.uniform(-bend, bend) for place in (0, 0, 0, large * 2, large * 2, large * 2, large * 2, 0)]
    slant = large * dice.uniform(0.12, 0.3)
    for corner, shift in ((0, slant), (2, -slant), (4, -slant), (6, slant)):
        corners[corner] -= shift
    tile = tile.transform(tile.size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR)
    half = round(size * dice.uniform(0.92, 1.06))
    tile = tile.filter(ImageFilter.MinFilter(3)).resize((half * 2, half * 2), Image.Resampling.BOX)
    tile = tile.point(lambda value: min(255, value * 5 // 4))
    width = face.getlength(character) * half / large
    return _cut(tile, half - round(width / 2), half, width * dice.uniform(0.94, 1.04))


def _cut(tile: Image.Image, x: int, y: int, step: float) -> Glyph:
    box = tile.getbbox() or (x, y, x + 1, y + 1)
    return Glyph(tile.crop(box), box[0] - x, box[1] - y, step)


def width_of(words: str, size: int) -> float:
    """How wide printed words are."""
    return sum(typed(character, size).step for character in words)


@functools.lru_cache(maxsize=400)
def round_seal(ring: str, foot: str, millimetres: float, pressing: int) -> Image.Image:
    """The mask of a round seal as pressed."""
    return _pressed(round_stamp(ring, foot, pixels(millimetres)), 10, f"{ring} {pressing}")


@functools.lru_cache(maxsize=400)
def square_seal(lines: tuple[str, ...], width: float, height: float, pressing: int) -> Image.Image:
    """The mask of a framed seal as pressed."""
    return _pressed(square_stamp(lines, pixels(width), pixels(height)), 4, f"{lines} {pressing}")


def _pressed(stamp: Image.Image, turn: float, seed: str) -> Image.Image:
    """A stamp turned a little, with patches that took less ink, and one side pressed harder."""
    dice = random.Random(seed)  # noqa: S311 -- paint, not keys
    stamp = stamp.rotate(dice.uniform(-turn, turn), Image.Resampling.BICUBIC, expand=True)
    patches = _field(dice, (max(2, stamp.width // 6), max(2, stamp.height // 6)), stamp.size, 150, 255)
    side = _field(dice, (2, 2), stamp.size, 165, 255)
    return ImageChops.multiply(ImageChops.multiply(stamp, patches), side)


def _field(dice: random.Random, coarse: tuple[int, int], size: tuple[int, int], low: int, high: int) -> Image.Image:
    """Chance values on a coarse net, drawn out smoothly over a size."""
    net = Image.frombytes("L", coarse, dice.randbytes(coarse[0] * coarse[1]))
    return net.resize(size, Image.Resampling.BICUBIC).point(lambda value: low + value * (high - low) // 255)


@functools.cache
def grain(kind: int) -> Image.Image:
    """Paper under a lamp (纸纹): fibres, uneven light and the shadow of an edge; larger than a page, to be rolled."""
    dice = random.Random(f"grain {kind}")  # noqa: S311 -- paint, not keys
    size = (SIZE[0] + ROLL, SIZE[1] + ROLL)
    light = _field(dice, (5, 6), size, 244, 255)
    cloud = _field(dice, (size[0] // 14, size[1] // 14), size, 251, 255)
    fibre = Image.frombytes("L", size, dice.randbytes(size[0] * size[1]))
    fibre = fibre.filter(ImageFilter.BoxBlur(1)).point(lambda value: 250 + (value - 127) * 7 // 127)
    whole = ImageChops.multiply(ImageChops.multiply(light, cloud), fibre)
    shadow = Image.linear_gradient("L").resize((size[0], pixels(7))).point(lambda value: 178 + value * 77 // 255)
    if kind % 2:
        whole.paste(ImageChops.multiply(whole.crop((0, 0, *shadow.size)), shadow), (0, 0))
    else:
        shadow = shadow.rotate(90, expand=True).resize((pixels(6), size[1]))
        whole.paste(ImageChops.multiply(whole.crop((0, 0, *shadow.size)), shadow), (0, 0))
    return whole
