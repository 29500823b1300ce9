"""Painting what stands on a form (表单绘制): print whose places are kept, seals, hands and stamped numbers.

Lengths are millimetres of the sheet, places are kept as parts of the page. Nothing here knows which form it is.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from bench import labelled
from PIL import Image, ImageDraw

from anjuan.demo import pen

Array = npt.NDArray[Any]
Box = tuple[float, float, float, float]  # x, y, width, height as parts of the page
Colour = tuple[int, int, int]

# As pads give them: bright red, orange red, dark red, purple red, old pink.
INKS: tuple[Colour, ...] = ((205, 28, 40), (222, 72, 32), (146, 24, 34), (150, 36, 110), (206, 60, 84))
PENS: tuple[Colour, ...] = ((28, 36, 120), (24, 24, 30), (36, 52, 96), (40, 60, 160))
_FINE = 12.0  # pixels a millimetre at which a seal's face is drawn


class Page:
    """A white sheet that remembers what was printed on it and where."""

    def __init__(self, dice: random.Random, dpi: int, size: tuple[float, float], font: str) -> None:
        self.dice, self.dpi, self.size, self.font = dice, dpi, size, font
        self.image = Image.new("RGB", (self.px(size[0]), self.px(size[1])), "white")
        self.pen = ImageDraw.Draw(self.image)
        self.ink: Colour = (dice.randint(18, 62),) * 3
        self.rule_ink: Colour = (dice.randint(40, 100),) * 3
        self.rule_width = dice.uniform(0.15, 0.4)
        self.lines: list[tuple[str, Box]] = []
        self.fields: dict[str, tuple[str, Box]] = {}

    def px(self, length: float) -> int:
        """Millimetres as pixels."""
        return round(length * self.dpi / 25.4)

    def part(self, x: float, y: float, width: float, height: float) -> Box:
        """Millimetres as parts of the page."""
        return x / self.size[0], y / self.size[1], width / self.size[0], height / self.size[1]

    def width_of(self, words: str, size: float) -> float:
        """How wide words are printed, in millimetres."""
        return float(labelled._font(self.font, self.px(size)).getlength(words)) * 25.4 / self.dpi

    def say(
        self, x: float, y: float, words: str, size: float = 3.7, *, anchor: str = "lm", ink: Colour | None = None,
        entry: str = "", heavy: bool = False,
    ) -> float:  # fmt: skip
        """Print words about a middle height; ``entry`` names the field that they are. Returns where they end."""
        if not words:
            return x
        font = labelled._font(self.font, self.px(size))
        at = (self.px(x), self.px(y))
        thick = max(1, self.px(0.1)) if heavy else 0
        self.pen.text(at, words, font=font, fill=ink or self.ink, anchor=anchor, stroke_width=thick)
        left, top, right, bottom = self.pen.textbbox(at, words, font=font, anchor=anchor, stroke_width=thick)
        scale_x, scale_y = self.image.width, self.image.height
        box = (left / scale_x, top / scale_y, (right - left) / scale_x, (bottom - top) / scale_y)
        self.lines.append((words, box))
        if entry:
            self.fields[entry] = (words, box)
        return float(right) * 25.4 / self.dpi

    def rule(self, x0: float, y0: float, x1: float, y1: float, width: float = 1.0) -> None:
        """A ruled line; ``width`` in the sheet's own line widths."""
        ends = [(self.px(x0), self.px(y0)), (self.px(x1), self.px(y1))]
        self.pen.line(ends, fill=self.rule_ink, width=max(1, self.px(self.rule_width * width)))

    def frame(self, x: float, y: float, width: float, height: float, weight: float = 1.0) -> None:
        """A ruled frame."""
        self.rule(x, y, x + width, y, weight)
        self.rule(x, y + height, x + width, y + height, weight)
        self.rule(x, y, x, y + height, weight)
        self.rule(x + width, y, x + width, y + height, weight)

    def fitted(self, x: float, y: float, width: float, words: str, size: float, *, entry: str = "") -> None:
        """Words in the middle of a cell, smaller where they would not fit."""
        wide = self.width_of(words, size)
        self.say(x + width / 2, y, words, size * min(1.0, (width - 1.5) / max(wide, 1)), anchor="mm", entry=entry)

    def inked(self, mask: Array, x: float, y: float, ink: Colour, strength: float) -> Box:
        """Lay ink through a mask of 0 to 1 about a middle; the print is still seen through it. Returns its place."""
        found = np.argwhere(mask > 0.3)
        height, width = mask.shape
        left, top = self.px(x) - width // 2, self.px(y) - height // 2
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(self.image.width, left + width), min(self.image.height, top + height)
        if not len(found) or x1 <= x0 or y1 <= y0:
            return self.part(x, y, 0, 0)
        under = np.asarray(self.image.crop((x0, y0, x1, y1))).astype(np.float32)
        cover = (mask[y0 - top : y1 - top, x0 - left : x1 - left] * strength)[..., None]
        laid = under * (1 - cover * (1 - np.array(ink, np.float32) / 255))
        self.image.paste(Image.fromarray(np.clip(laid, 0, 255).astype(np.uint8)), (x0, y0))
        (low_y, low_x), (high_y, high_x) = found.min(axis=0), found.max(axis=0)
        wide, tall = self.image.size
        return (left + low_x) / wide, (top + low_y) / tall, (high_x - low_x + 1) / wide, (high_y - low_y + 1) / tall


# -- seals -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Face:
    """The face of a seal (印面). Sizes in millimetres."""

    shape: str  # ROUND, OVAL, SQUARE, RECTANGLE
    width: float
    height: float
    words: str
    foot: str = ""
    middle: tuple[str, ...] = field(default=())
    font: str = "house"
    is_reversed: bool = False  # 白文: the ground takes the ink
    rim: float = 1.0
    has_star: bool = True
    is_double: bool = False


def face_mask(face: Face) -> Array:
    """The face as cut: 1 where it takes ink, drawn finely, with a margin of 2 mm."""
    wide, tall = round((face.width + 4) * _FINE), round((face.height + 4) * _FINE)
    drawn = Image.new("L", (wide, tall), 0)
    brush = ImageDraw.Draw(drawn)
    edge = [2 * _FINE, 2 * _FINE, wide - 2 * _FINE, tall - 2 * _FINE]
    rim = max(2, round(face.rim * _FINE))
    if face.shape in ("ROUND", "OVAL"):
        brush.ellipse(edge, outline=255, width=rim)
        if face.is_double:
            inner = face.rim * 1.9 * _FINE
            brush.ellipse(
                [edge[0] + inner, edge[1] + inner, edge[2] - inner, edge[3] - inner],
                outline=255,
                width=max(2, rim // 3),
            )
        _ring(drawn, face)
    else:
        brush.rectangle(edge, outline=255, width=rim, fill=255 if face.is_reversed else 0)
        _framed(brush, face, wide, tall)
    return np.asarray(drawn).astype(np.float32) / 255


def _ring(drawn: Image.Image, face: Face) -> None:
    brush = ImageDraw.Draw(drawn)
    cx, cy = drawn.width / 2, drawn.height / 2
    turn = 2.1 if face.foot else 2.6
    size = min(0.125 * min(face.height, face.width), turn * min(face.width, face.height) / 2 / max(8, len(face.words)))
    reach_x = (face.width / 2 - face.rim * (2.4 if face.is_double else 1.4) - size * 0.62) * _FINE
    reach_y = (face.height / 2 - face.rim * (2.4 if face.is_double else 1.4) - size * 0.62) * _FINE
    most = 285.0 if not face.foot else 232.0 if face.shape == "ROUND" else 210.0
    around = min(most, 22.5 * len(face.words))
    for number, sign in enumerate(face.words):
        angle = math.radians(-around / 2 + around * number / max(1, len(face.words) - 1))
        # On an oval the letters stand square to the rim, not to the middle.
        lean = math.degrees(math.atan2(math.sin(angle) * reach_y, math.cos(angle) * reach_x))
        _letter(drawn, sign, cx + reach_x * math.sin(angle), cy - reach_y * math.cos(angle), lean, size, face.font)
    star = 0.0
    if face.has_star:
        star = min(face.width, face.height) * 0.15 * _FINE
        points = [
            (
                cx + (star if n % 2 == 0 else star * 0.382) * math.sin(n * math.pi / 5),
                cy - (star if n % 2 == 0 else star * 0.382) * math.cos(n * math.pi / 5),
            )
            for n in range(10)
        ]
        brush.polygon(points, fill=255)
    for number, words in enumerate(face.middle):
        font = labelled._font(face.font, round(size * _FINE * 0.95))
        brush.text((cx, cy + (number - (len(face.middle) - 1) / 2) * size * _FINE * 1.3), words, 255, font, "mm")
    if face.foot:
        room = face.width * 0.6 * _FINE / max(1, len(face.foot))
        font = labelled._font(face.font, round(min(size * 0.95 * _FINE, room)))
        brush.text((cx, cy + face.height * 0.28 * _FINE), face.foot, 255, font, "mm", stroke_width=1)


def _letter(drawn: Image.Image, sign: str, x: float, y: float, lean: float, size: float, name: str) -> None:
    side = round(size * _FINE)
    tile = Image.new("L", (side * 2, side * 2), 0)
    ImageDraw.Draw(tile).text(
        (side, side), sign, 255, labelled._font(name, side), "mm", stroke_width=max(1, side // 22)
    )
    tile = tile.resize((round(side * 1.6), side * 2)).rotate(-lean, Image.Resampling.BICUBIC, expand=True)
    drawn.paste(255, (round(x - tile.width / 2), round(y - tile.height / 2)), tile)


def _framed(brush: ImageDraw.ImageDraw, face: Face, wide: int, tall: int) -> None:
    lines = face.middle or (face.words,)
    room_y = (face.height - face.rim * 2.4) * _FINE / len(lines)
    room_x = (face.width - face.rim * 2.8) * _FINE / max(len(line) for line in lines)
    font = labelled._font(face.font, max(6, round(min(room_y * 0.9, room_x))))
    for number, words in enumerate(lines):
        middle = tall / 2 + (number - (len(lines) - 1) / 2) * room_y
        brush.text((wide / 2, middle), words, 0 if face.is_reversed else 255, font, "mm", stroke_width=1)


def pressed(mask: Array, dice: random.Random, dpi: int, turn: float, kept: float = 1.0) -> Array:
    """A face as it falls on paper: turned, inked unevenly, its edge soft; ``kept`` is the part that touched it."""
    noise = np.random.default_rng(dice.randrange(2**32))
    if kept < 1:
        height, width = mask.shape
        y, x = np.mgrid[-1 : 1 : complex(height), -1 : 1 : complex(width)]
        way = dice.uniform(0, 2 * math.pi)
        along = x * math.cos(way) + y * math.sin(way)
        limit = float(np.quantile(along[mask > 0.5], kept))
        mask = mask * np.clip((limit - along) * 6 + 0.5, 0, 1).astype(np.float32)
    span = math.ceil(math.hypot(*mask.shape))
    down, across = (span - mask.shape[0]) // 2 + 1, (span - mask.shape[1]) // 2 + 1
    mask = np.pad(mask, ((down, down), (across, across)))
    middle = (mask.shape[1] / 2, mask.shape[0] / 2)
    mask = cv2.warpAffine(mask, cv2.getRotationMatrix2D(middle, -turn, 1), mask.shape[::-1])
    scale = dpi / 25.4 / _FINE
    mask = cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = mask.shape
    size = (width, height)
    coarse = noise.uniform(0.62, 1.08, (4, 4)).astype(np.float32)
    fine = noise.uniform(0.55, 1.2, (max(2, height * 40 // dpi), max(2, width * 40 // dpi))).astype(np.float32)
    cover = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC) * cv2.resize(
        fine, size, interpolation=cv2.INTER_LINEAR
    )
    bare = noise.random((height, width)) < dice.uniform(0.0, 0.12)
    mask = mask * np.clip(cover, 0, 1) * np.where(bare, 0.4, 1.0)
    return cv2.GaussianBlur(mask.astype(np.float32), (0, 0), dice.uniform(0.35, 0.8) * dpi / 200)


# -- hands -------------------------------------------------------------------------------------------------------------


def written(page: Page, x: float, y: float, words: str, size: float, ink: Colour, hand: int) -> Box:
    """Words by hand from a left middle: hands below 3 bend letters of print, others are strokes of no letter."""
    glyphs = [_bent(page, sign, size, hand) if hand < pen.HANDS else _strokes(page, size, hand) for sign in words]
    left = x
    boxes = []
    for glyph in glyphs:
        wide = glyph.shape[1] * 25.4 / page.dpi
        height = y + page.dice.uniform(-0.06, 0.06) * size
        boxes.append(page.inked(glyph, left + wide / 2, height, ink, page.dice.uniform(0.75, 0.98)))
        left += wide * (page.dice.uniform(0.8, 0.98) if hand < pen.HANDS else page.dice.uniform(0.6, 0.85))
    x0, y0 = min(box[0] for box in boxes), min(box[1] for box in boxes)
    x1, y1 = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return x0, y0, x1 - x0, y1 - y0


def _bent(page: Page, sign: str, size: float, hand: int) -> Array:
    glyph = pen.handwritten(sign, page.px(size), (hand + page.dice.randrange(2)) % pen.HANDS)
    return np.asarray(glyph.mask).astype(np.float32) / 255


def _strokes(page: Page, size: float, hand: int) -> Array:
    """A running hand: a few bent strokes, some joined, of one slant and width a hand."""
    dice, manner = page.dice, random.Random(hand)
    slant, weight = manner.uniform(-0.1, 0.45), manner.uniform(0.22, 0.55)
    side = page.px(size)
    tile = np.zeros((side * 3 // 2, side * 3 // 2), np.float32)
    last = np.array([dice.uniform(0.1, 0.4), dice.uniform(0.1, 0.4)])
    for _ in range(manner.randint(3, 7)):
        start = last if dice.random() < 0.6 else np.array([dice.uniform(0.05, 0.8), dice.uniform(0.05, 0.9)])
        way = dice.choice(((0.5, -0.05), (0.05, 0.6), (-0.4, 0.4), (0.35, 0.35)))
        end = start + np.array(way) * dice.uniform(0.6, 1.2)
        bend = (start + end) / 2 + np.array([dice.uniform(-0.2, 0.2), dice.uniform(-0.2, 0.2)])
        steps = np.linspace(0, 1, 14)[:, None]
        path = start * (1 - steps) ** 2 + 2 * bend * steps * (1 - steps) + end * steps**2
        path[:, 0] += slant * (0.5 - path[:, 1])
        points = np.round((np.clip(path, -0.1, 1.1) + 0.2) * side).astype(np.int32)
        cv2.polylines(tile, [points], False, 1.0, max(1, page.px(weight * dice.uniform(0.8, 1.2))), cv2.LINE_AA)
        last = end
    found = np.argwhere(tile > 0.3)
    if not len(found):
        return tile
    (y0, x0), (y1, x1) = found.min(axis=0), found.max(axis=0)
    kept = tile[y0 : y1 + 1, x0 : x1 + 1]
    return cv2.GaussianBlur(np.pad(kept, 2), (0, 0), 0.5)


def stamped(page: Page, x: float, y: float, words: str, ink: Colour, height: float) -> Box:
    """A number as a numbering machine leaves it: wide figures, uneven ink."""
    font = labelled._font("NotoSerifCJK-Regular.ttc", round(height * 1.35 * _FINE))
    wide = round(font.getlength(words) * 1.2) + 24
    drawn = Image.new("L", (wide, round(height * 2 * _FINE)), 0)
    ImageDraw.Draw(drawn).text((wide / 2, drawn.height / 2), words, 255, font, "mm", stroke_width=2)
    mask = np.asarray(drawn).astype(np.float32) / 255
    return page.inked(
        pressed(mask, page.dice, page.dpi, page.dice.uniform(-4, 4)), x, y, ink, page.dice.uniform(0.7, 0.95)
    )


def turned_box(box: Box, matrix: Array, size: Sequence[int]) -> Box:
    """Where a box stands after the sheet was turned: what encloses its corners. ``size`` is width, height in pixels."""
    x, y, width, height = box
    corners = np.array([[x, y], [x + width, y], [x, y + height], [x + width, y + height]]) * size
    moved = (corners @ matrix[:, :2].T + matrix[:, 2]) / size
    low, high = moved.min(axis=0), moved.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])
