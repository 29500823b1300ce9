"""What part of a page is asked for, and what is given (影像请求): IIIF Image API 3.0, region, size, rotation, quality.

A request is read, held against the page and the house's limits, and becomes a plan in whole pixels, or is refused.
Arithmetic is exact: decimals are read as fractions, and halves are rounded up.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from anjuan.core.refusals import Refusal

PROFILE = "level2"
FORMATS = {"jpg": "image/jpeg", "png": "image/png"}
QUALITIES = ("default", "color", "gray", "bitonal")
FEATURES = ("canonicalLinkHeader", "mirroring", "profileLinkHeader", "sizeUpscaling")  # beyond those of level 2
TILE_PX = 1024
TURNS = (0, 90, 180, 270)
FIRST_LOOK_PX = 1200
THUMBNAIL_PX = (880, 220)  # a whole page no larger than this cannot be read
_OTHER_FORMATS = {"tif", "gif", "jp2", "pdf", "webp"}  # known to the standard, not made here
_MOST_LETTERS = 200  # of a request: no lawful one is longer
_NUMBER = r"\d{1,10}(?:\.\d{1,10})?"
_ID = re.compile(r"([1-9]\d{0,11})-([1-9]\d{0,5})-(0|90|180|270)", re.ASCII)
_PX = re.compile(r"(\d{1,10}),(\d{1,10}),(\d{1,10}),(\d{1,10})", re.ASCII)
_PCT = re.compile(rf"pct:({_NUMBER}),({_NUMBER}),({_NUMBER}),({_NUMBER})", re.ASCII)
_SIZE_PCT = re.compile(rf"pct:({_NUMBER})", re.ASCII)
_SIZE = re.compile(r"(!?)(\d{0,10}),(\d{0,10})", re.ASCII)
_ROTATION = re.compile(rf"(!?)({_NUMBER})", re.ASCII)
_LAST = re.compile(r"([a-z]{1,20})\.([a-z0-9]{1,10})", re.ASCII)


@dataclass(frozen=True)
class Limits:
    """The largest image that is given in one answer, in pixels."""

    width: int = 8_192
    height: int = 8_192
    area: int = 20_000_000


@dataclass(frozen=True)
class PageSize:
    """A page as it is shown, in pixels."""

    width: int
    height: int

    def turned(self, degrees: int) -> "PageSize":
        """The page turned clockwise by so much."""
        return PageSize(self.height, self.width) if degrees % 180 else self


@dataclass(frozen=True)
class PageId:
    """What an identifier of an image names: a page of a file, turned clockwise by so many degrees.

    The turn is part of it: what an identifier shows never changes.
    """

    component: int
    page: int
    turn: int = 0

    def __str__(self) -> str:
        return f"{self.component}-{self.page}-{self.turn}"


@dataclass(frozen=True)
class Plan:
    """What is to be cut, scaled and turned; whole pixels.

    Attributes:
        left, top, width, height: the region, within the page.
        out_width, out_height: what it is scaled to, before it is turned.
        is_mirrored: mirrored at the vertical axis, before it is turned.
        rotation: degrees clockwise: 0, 90, 180 or 270.
        quality: default, color, gray or bitonal.
        format: jpg or png.
        canonical: the request in its canonical form.
    """

    left: int
    top: int
    width: int
    height: int
    out_width: int
    out_height: int
    is_mirrored: bool
    rotation: int
    quality: str
    format: str
    canonical: str

    @property
    def shrink(self) -> int:
        """By which power of two, at most eight, the page may be decoded smaller without a pixel being lost."""
        room = min(self.width // self.out_width, self.height // self.out_height)
        return max(step for step in (1, 2, 4, 8) if step <= max(room, 1))

    @property
    def answer_size(self) -> tuple[int, int]:
        """Width and height of the image that is given."""
        return (self.out_height, self.out_width) if self.rotation % 180 else (self.out_width, self.out_height)

    def is_thumbnail_of(self, page: PageSize) -> bool:
        """Whether it is the whole page, too small to be read."""
        whole = (self.left, self.top, self.width, self.height) == (0, 0, page.width, page.height)
        return whole and self.out_width <= THUMBNAIL_PX[0] and self.out_height <= THUMBNAIL_PX[1]


def read_id(text: str) -> PageId | None:
    """What an identifier names; None for what is none."""
    found = _ID.fullmatch(text)
    return PageId(*(int(part) for part in found.groups())) if found else None


def plan(asked: str, page: PageSize, limits: Limits) -> Plan:
    """What a request asks for, held against the page.

    Args:
        asked: what follows the identifier, decoded once: ``region/size/rotation/quality.format``.
        page: the page as it is shown.
        limits: of one answer.

    Raises: M-026 not a lawful request; M-027 lawful, not made here; M-028 larger than the page or the limits.
    Standard: IIIF Image API 3.0, 4.
    """
    parts = asked.split("/")
    if len(asked) > _MOST_LETTERS or len(parts) != 4:
        raise _malformed("region/size/rotation/quality.format", asked)
    left, top, width, height = _region(parts[0], page)
    out_width, out_height, is_up = _size(parts[1], width, height, limits)
    is_mirrored, rotation = _rotation(parts[2])
    quality, form = _last(parts[3])
    region = (
        "full" if (left, top, width, height) == (0, 0, page.width, page.height) else _commas(left, top, width, height)
    )
    natural = within(width, height, limits)
    if is_up:
        size = "^max" if (out_width, out_height) == grown(width, height, limits) else f"^{out_width},{out_height}"
    else:
        size = "max" if (out_width, out_height) == natural else f"{out_width},{out_height}"
    canonical = f"{region}/{size}/{'!' if is_mirrored else ''}{rotation}/{quality}.{form}"
    return Plan(left, top, width, height, out_width, out_height, is_mirrored, rotation, quality, form, canonical)


def within(width: int, height: int, limits: Limits) -> tuple[int, int]:
    """A size, or the largest of its shape that the limits allow."""
    if width <= limits.width and height <= limits.height and width * height <= limits.area:
        return width, height
    return _fitted(width, height, limits.width, limits.height, limits)


def grown(width: int, height: int, limits: Limits) -> tuple[int, int]:
    """The largest size of this shape that the limits allow."""
    return _fitted(width, height, limits.width, limits.height, limits)


def steps_of(page: PageSize) -> list[int]:
    """By which powers of two a page is offered smaller, until it is no larger than a tile."""
    return [step for step in (1, 2, 4, 8, 16, 32) if step == 1 or max(page.width, page.height) > TILE_PX * step // 2]


def first_look(page: PageSize) -> str:
    """The request for a whole page about as large as a screen: what a viewer shows first."""
    steps = steps_of(page)
    step = next((each for each in steps if max(page.width, page.height) <= FIRST_LOOK_PX * each), steps[-1])
    return f"full/{-(-page.width // step)},{-(-page.height // step)}/0/default.jpg"


def described(identity: str, page: PageSize, limits: Limits) -> dict[str, object]:
    """A page as ``info.json`` describes it (影像说明).

    Args:
        identity: the address of the image.
        page: the page as it is shown.
        limits: of one answer.

    Standard: IIIF Image API 3.0, 5.
    """
    steps = steps_of(page)
    sizes = [within(-(-page.width // step), -(-page.height // step), limits) for step in reversed(steps)]
    return {
        "@context": "http://iiif.io/api/image/3/context.json",
        "id": identity,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": PROFILE,
        "width": page.width,
        "height": page.height,
        "maxWidth": limits.width,
        "maxHeight": limits.height,
        "maxArea": limits.area,
        "sizes": [{"width": width, "height": height} for width, height in dict.fromkeys(sizes)],
        "tiles": [{"width": TILE_PX, "height": TILE_PX, "scaleFactors": steps}],
        "extraQualities": [quality for quality in QUALITIES if quality != "default"],
        "extraFeatures": list(FEATURES),
    }


def _malformed(part: str, asked: str) -> Refusal:
    return Refusal("M-026", part=part, asked=asked[:60])


def _commas(*numbers: int) -> str:
    return ",".join(str(number) for number in numbers)


def _rounded(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


def _region(text: str, page: PageSize) -> tuple[int, int, int, int]:
    if text == "full":
        return 0, 0, page.width, page.height
    if text == "square":
        side = min(page.width, page.height)
        return (page.width - side) // 2, (page.height - side) // 2, side, side
    if found := _PX.fullmatch(text):
        left, top, width, height = (int(part) for part in found.groups())
    elif found := _PCT.fullmatch(text):
        x, y, w, h = (Fraction(part) for part in found.groups())
        if not w or not h:
            raise _malformed("region", text)
        left, top = _rounded(x * page.width / 100), _rounded(y * page.height / 100)
        width, height = max(1, _rounded(w * page.width / 100)), max(1, _rounded(h * page.height / 100))
    else:
        raise _malformed("region", text)
    if not width or not height or left >= page.width or top >= page.height:
        raise _malformed("region", text)
    return left, top, min(width, page.width - left), min(height, page.height - top)


def _size(text: str, width: int, height: int, limits: Limits) -> tuple[int, int, bool]:
    """Width and height of the answer, and whether larger than the region was allowed and is given."""
    may_grow, bare = text.startswith("^"), text.removeprefix("^")
    if bare == "max":
        found = grown(width, height, limits) if may_grow else within(width, height, limits)
    elif match := _SIZE_PCT.fullmatch(bare):
        share = Fraction(match[1])
        if share > 100 and not may_grow:
            raise Refusal("M-028", asked=text[:60], width_px=width, height_px=height)
        found = _rounded(width * share / 100), _rounded(height * share / 100)
        if not all(found):
            raise _malformed("size", text)
    elif match := _SIZE.fullmatch(bare):
        found = _named(match, text, width, height, limits, may_grow=may_grow)
    else:
        raise _malformed("size", text)
    out_width, out_height = found
    is_larger = out_width > width or out_height > height
    if is_larger and not may_grow:
        raise Refusal("M-028", asked=text[:60], width_px=width, height_px=height)
    if out_width > limits.width or out_height > limits.height or out_width * out_height > limits.area:
        raise Refusal("M-028", asked=text[:60], width_px=limits.width, height_px=limits.height)
    return out_width, out_height, is_larger


def _named(
    match: re.Match[str], text: str, width: int, height: int, limits: Limits, *, may_grow: bool
) -> tuple[int, int]:
    """A size that names width, height or both."""
    fits, across, down = match[1] == "!", match[2], match[3]
    if not (across or down) or (fits and not (across and down)):
        raise _malformed("size", text)
    if any(part and not int(part) for part in (across, down)):
        raise _malformed("size", text)
    if fits:
        most_width, most_height = int(across), int(down)
        if not may_grow:
            most_width, most_height = min(most_width, width), min(most_height, height)
        return _fitted(width, height, most_width, most_height, limits)
    if across and down:
        return int(across), int(down)
    if across:
        return int(across), max(1, _rounded(Fraction(height * int(across), width)))
    return max(1, _rounded(Fraction(width * int(down), height))), int(down)


def _fitted(width: int, height: int, most_width: int, most_height: int, limits: Limits) -> tuple[int, int]:
    """The largest size of a shape that fits into a frame and the limits; no side is less than a pixel."""
    scale = min(Fraction(min(most_width, limits.width), width), Fraction(min(most_height, limits.height), height))
    if width * height * scale * scale > limits.area:
        scale = Fraction(math.isqrt(limits.area * 10**12 // (width * height)), 10**6)
    found = max(1, _rounded(width * scale)), max(1, _rounded(height * scale))
    if found[0] * found[1] > limits.area:  # rounding up may step over the area by part of a row
        found = max(1, math.floor(width * scale)), max(1, math.floor(height * scale))
    return min(found[0], max(1, most_width)), min(found[1], max(1, most_height))


def _rotation(text: str) -> tuple[bool, int]:
    found = _ROTATION.fullmatch(text)
    if found is None or Fraction(found[2]) > 360:
        raise _malformed("rotation", text)
    degrees = Fraction(found[2]) % 360
    if degrees not in TURNS:
        raise Refusal("M-027", asked=text[:60])
    return found[1] == "!", int(degrees)


def _last(text: str) -> tuple[str, str]:
    found = _LAST.fullmatch(text)
    if found is None or found[1] not in QUALITIES:
        raise _malformed("quality.format", text)
    if found[2] in _OTHER_FORMATS:
        raise Refusal("M-027", asked=text[:60])
    if found[2] not in FORMATS:
        raise _malformed("quality.format", text)
    return found[1], found[2]
