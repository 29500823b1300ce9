"""Brushes for painting practice papers (演示画笔): ruled tables, print, a hand, seals and what a scanner adds.

Everything is drawn from one seeded source, so the same seed gives the same page. Lengths are millimetres of an A4
sheet unless a name says pixels.
"""

import functools
import io
import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from anjuan.facilities.printing.backends.typeset import FONT_FILE

DPI = 200
A4_PIXELS = (1654, 2339)
RED = (196, 30, 38)
INK = (28, 38, 112)
PRINT = (32, 32, 36)

Colour = tuple[int, int, int]


def pixels(length: float) -> int:
    """Millimetres as pixels of the scan."""
    return round(length * DPI / 25.4)


@functools.cache
def font(size_pixels: int) -> ImageFont.FreeTypeFont:
    """The one embedded font at a size."""
    return ImageFont.truetype(str(FONT_FILE), size_pixels)


def round_stamp(ring: str, foot: str, diameter: int) -> Image.Image:
    """The face of a round seal with a star (圆章), so many pixels wide: where it is white, it takes ink."""
    side = diameter * 2
    stamp = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(stamp)
    edge = side * 0.02
    draw.ellipse([edge, edge, side - edge, side - edge], outline=255, width=round(side * 0.026))
    centre, reach = side / 2, side * 0.145
    star = [
        (
            centre + (reach if point % 2 == 0 else reach * 0.382) * math.sin(point * math.pi / 5),
            centre - (reach if point % 2 == 0 else reach * 0.382) * math.cos(point * math.pi / 5),
        )
        for point in range(10)
    ]
    draw.polygon(star, fill=255)
    arc = min(268.0, 21.0 * len(ring))
    for number, character in enumerate(ring):
        angle = -arc / 2 + arc * number / max(1, len(ring) - 1)
        _ring_character(stamp, character, angle, side)
    if foot:
        draw.text((centre, side * 0.77), foot, font=font(round(side * 0.075)), fill=255, anchor="mm", stroke_width=1)
    return stamp.resize((diameter, diameter), Image.Resampling.LANCZOS)


def _ring_character(stamp: Image.Image, character: str, angle: float, side: int) -> None:
    size = round(side * 0.105)
    tile = Image.new("L", (size * 2, size * 2), 0)
    ImageDraw.Draw(tile).text((size, size), character, font=font(size), fill=255, anchor="mm", stroke_width=1)
    tile = tile.resize((round(size * 1.7), size * 2)).rotate(-angle, Image.Resampling.BICUBIC, expand=True)
    reach = side * 0.385
    middle_x = side / 2 + reach * math.sin(math.radians(angle))
    middle_y = side / 2 - reach * math.cos(math.radians(angle))
    stamp.paste(255, (round(middle_x - tile.width / 2), round(middle_y - tile.height / 2)), tile)


def square_stamp(lines: Sequence[str], width: int, height: int) -> Image.Image:
    """The face of a framed office seal (方章), in pixels."""
    stamp = Image.new("L", (width * 2, height * 2), 0)
    draw = ImageDraw.Draw(stamp)
    draw.rectangle([4, 4, stamp.width - 5, stamp.height - 5], outline=255, width=9)
    step = (stamp.height - 24) / len(lines)
    for number, line in enumerate(lines):
        size = min(round(step * 0.82), round((stamp.width - 40) / max(1, len(line))))
        draw.text(
            (stamp.width / 2, 12 + step * (number + 0.5)), line, font=font(size), fill=255, anchor="mm",
            stroke_width=1,
        )  # fmt: skip
    return stamp.resize((width, height), Image.Resampling.LANCZOS)


class Sheet:
    """One A4 page under the brush (一页纸)."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 -- paint, not keys
        self.image = Image.new("RGB", A4_PIXELS, (255, 255, 255))
        self.draw = ImageDraw.Draw(self.image)

    # -- print ---------------------------------------------------------------------------------------------------

    def text(
        self, x: float, y: float, words: str, size: float = 3.7, *, colour: Colour = PRINT, anchor: str = "lm",
        heavy: bool = False,
    ) -> None:  # fmt: skip
        """Printed words; ``anchor`` as Pillow names it; ``heavy`` thickens the strokes."""
        self.draw.text(
            (pixels(x), pixels(y)), words, font=font(pixels(size)), fill=colour, anchor=anchor,
            stroke_width=1 if heavy else 0,
        )  # fmt: skip

    def wrapped(self, x: float, y: float, width: float, words: str, size: float = 3.7, leading: float = 7.0) -> float:
        """Printed words broken into lines of a width; gives the height of the next line."""
        line = ""
        for character in words + "\n":
            if character == "\n" or font(pixels(size)).getlength(line + character) > pixels(width):
                self.text(x, y, line, size)
                y += leading
                line = ""
            line += character if character != "\n" else ""
        return y

    def rule(self, x0: float, y0: float, x1: float, y1: float, weight: int = 2) -> None:
        """A ruled line, as printers leave it: not quite even."""
        self.draw.line([(pixels(x0), pixels(y0)), (pixels(x1), pixels(y1))], fill=(70, 70, 74), width=weight)

    def box(self, x: float, y: float, width: float, height: float, weight: int = 3) -> None:
        """A frame."""
        for line in (
            (x, y, x + width, y), (x, y + height, x + width, y + height),
            (x, y, x, y + height), (x + width, y, x + width, y + height),
        ):  # fmt: skip
            self.rule(*line, weight)

    def table(
        self, x: float, y: float, widths: Sequence[float], rows: Sequence[Sequence[str | None]], height: float = 10.0,
        size: float = 3.7, *, by_hand: Sequence[int] = (),
    ) -> float:  # fmt: skip
        """A ruled table; None joins a cell to its left neighbour; columns ``by_hand`` are written, not printed."""
        for number, row in enumerate(rows):
            top = y + number * height
            column = 0
            while column < len(row):
                end = column + 1
                while end < len(row) and row[end] is None:
                    end += 1
                left, width = x + sum(widths[:column]), sum(widths[column:end])
                self.box(left, top, width, height, 2)
                self._cell(left, top, width, height, row[column] or "", size, column in by_hand and number > 0)
                column = end
        self.box(x, y, sum(widths), height * len(rows), 4)
        return y + height * len(rows)

    def _cell(self, x: float, y: float, width: float, height: float, words: str, size: float, written: bool) -> None:
        if written:
            self.hand(x + 2, y + height / 2, words, size * 1.15)
            return
        lines = self._broken(words, width - 2, size)
        for number, line in enumerate(lines):
            middle = y + height / 2 + (number - (len(lines) - 1) / 2) * size * 1.25
            self.text(x + width / 2, middle, line, size, anchor="mm")

    def _broken(self, words: str, width: float, size: float) -> list[str]:
        lines = [""]
        for character in words:
            if font(pixels(size)).getlength(lines[-1] + character) > pixels(width):
                lines.append("")
            lines[-1] += character
        return lines

    # -- a hand --------------------------------------------------------------------------------------------------

    def hand(self, x: float, y: float, words: str, size: float = 5.0, *, colour: Colour = INK) -> None:
        """Words as if by pen (手写): slanted, uneven, of one colour of ink."""
        side = pixels(size * 1.7)
        left = float(pixels(x))
        for character in words:
            glyph = Image.new("L", (side * 2, side * 2), 0)
            drawn = font(round(pixels(size) * self.random.uniform(0.94, 1.1)))
            ImageDraw.Draw(glyph).text((side, side), character, font=drawn, fill=255, anchor="mm")
            slant = 0.18 + self.random.uniform(-0.05, 0.05)
            glyph = glyph.transform(
                glyph.size,
                Image.Transform.AFFINE,
                (1, slant, -slant * side, self.random.uniform(-0.05, 0.09), 1, 0),
                Image.Resampling.BICUBIC,
            ).rotate(self.random.uniform(-4, 3), Image.Resampling.BICUBIC)
            if self.random.random() < 0.5:
                glyph = glyph.filter(ImageFilter.GaussianBlur(0.7)).point(lambda value: min(255, int(value * 1.15)))
            pressure = self.random.randint(205, 255)
            glyph = glyph.point(lambda value, pressure=pressure: value * pressure // 255)
            top = pixels(y) + self.random.randint(-3, 3)
            self.image.paste(colour, (round(left) - side + side // 3, top - side), glyph)
            left += drawn.getlength(character) * self.random.uniform(0.9, 1.0)

    # -- seals ---------------------------------------------------------------------------------------------------

    def round_seal(self, x: float, y: float, ring: str, foot: str = "", diameter: float = 40.0) -> None:
        """A round seal with a star (圆章): ring text over the star, the kind of seal beneath."""
        self._press(round_stamp(ring, foot, pixels(diameter)), x, y, 9)

    def square_seal(self, x: float, y: float, lines: Sequence[str], width: float = 34.0, height: float = 15.0) -> None:
        """A framed office seal (经办专用章)."""
        self._press(square_stamp(lines, pixels(width), pixels(height)), x, y, 4)

    def name_seal(self, x: float, y: float, name: str) -> None:
        """A person's small seal (人名章)."""
        self.square_seal(x, y, [name], width=4.6 * len(name) + 3, height=7.0)

    def page_stamp(self, number: int) -> None:
        """The number that the numbering machine leaves at the outer top corner (页号章)."""
        x, y = 190 + self.random.uniform(-2, 2), 12 + self.random.uniform(-1, 2)
        self.text(x, y, f"{number:03d}", 5.2, colour=(30, 30, 90), anchor="mm", heavy=True)

    def _press(self, stamp: Image.Image, x: float, y: float, turn: float) -> None:
        """Press a stamp on the paper: turned, with patches that took less ink, the print still seen through it."""
        stamp = stamp.rotate(self.random.uniform(-turn, turn), Image.Resampling.BICUBIC, expand=True)
        coarse = (max(2, stamp.width // 9), max(2, stamp.height // 9))
        ink = Image.frombytes("L", coarse, self.random.randbytes(coarse[0] * coarse[1]))
        ink = ink.resize(stamp.size, Image.Resampling.BICUBIC).point(lambda value: 150 + value * 105 // 255)
        mask = ImageChops.multiply(stamp, ink)
        place = (pixels(x) - stamp.width // 2, pixels(y) - stamp.height // 2)
        under = self.image.crop((*place, place[0] + stamp.width, place[1] + stamp.height))
        self.image.paste(ImageChops.multiply(under, Image.new("RGB", stamp.size, RED)), place, mask)

    # -- the scanner ---------------------------------------------------------------------------------------------

    def scanned(self, limit_bytes: int = 245_000) -> bytes:
        """What the scanner makes of the page (扫描件): tint, a slight turn, dust and noise; JPEG within a size."""
        dice = self.random
        tint = (dice.randint(247, 252), dice.randint(245, 250), dice.randint(234, 243))
        page = ImageChops.multiply(self.image, Image.new("RGB", A4_PIXELS, tint))
        page = page.rotate(dice.uniform(-0.7, 0.7), Image.Resampling.BICUBIC, fillcolor=tint)
        page = page.filter(ImageFilter.GaussianBlur(0.45))
        speckle = ImageDraw.Draw(page)
        for _ in range(dice.randint(10, 24)):
            x, y, grey = dice.randrange(A4_PIXELS[0]), dice.randrange(A4_PIXELS[1]), dice.randint(120, 205)
            speckle.ellipse([x, y, x + dice.randint(1, 3), y + dice.randint(1, 3)], fill=(grey, grey, grey))
        half = (A4_PIXELS[0] // 2, A4_PIXELS[1] // 2)
        noise = Image.frombytes("L", half, dice.randbytes(half[0] * half[1])).resize(
            A4_PIXELS, Image.Resampling.BICUBIC
        )
        noise = noise.point(lambda value: 122 + value * 12 // 255)
        page = ImageChops.add(page, Image.merge("RGB", [noise] * 3), 1.0, -128)
        for quality in (78, 72, 66, 60, 54, 48, 40):
            kept = io.BytesIO()
            page.save(kept, "JPEG", quality=quality, dpi=(DPI, DPI), subsampling=2, optimize=True)
            if kept.tell() <= limit_bytes:
                break
        return kept.getvalue()
