"""Whether two page images may be scans of one sheet of paper (疑似同一页): a small grey picture of each, held together.

Forms of one kind look alike, so a hash of the whole page says nothing: what counts is the place where two pages differ
most. Each patch is shifted a little on its own, for no sheet lies twice alike under a scanner.
"""

import zlib

from PIL import Image, ImageChops, ImageFilter, ImageOps

WIDTH, HEIGHT = 212, 300  # about a millimetre of A4 a dot
DECODED = 4 * HEIGHT  # a page decoded more coarsely than this differs from itself
SAME = 21  # measured: bench/near.py, docs/benchmarks.md
NEARLY = 24  # up to here a person may look
_FAR_HASHES = 20  # of 64 bits: beyond this, pages are not compared closely
_PATCH = 14  # dots: a few words of a form
_GRID = (WIDTH // _PATCH, HEIGHT // _PATCH)
_INNER = (1, 1, _GRID[0] - 1, _GRID[1] - 1)  # the outermost patches hold the edge of the glass, not of the paper
_REACH = 5  # dots each way: what a sheet is shifted and turned between two scans
_PAPER = 25  # keeps the dust of white patches from counting as writing
_ROUGH = (WIDTH // 6, HEIGHT // 6)
_FAR = 12  # beyond this, pages do not even have the same blank
_FAINT = 12  # of 255: a page without a darker patch than this is blank, and blank pages all look alike


def sign(page: Image.Image) -> bytes:
    """The signature of a page, some seven kilobytes; empty for a blank one."""
    small = page.convert("L").resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    level = ImageOps.autocontrast(small, cutoff=(0.5, 30))  # paper becomes white, whatever its tint
    if max(_ink_of(level)) < _FAINT:
        return b""
    return zlib.compress(level.point([value >> 4 for value in range(256)]).tobytes(), 9)


def may_be_same(one: str, other: str) -> bool:
    """Whether two perceptual hashes lie near enough for the pages to be worth comparing, which takes far longer.

    Args:
        one: 64 bits in hexadecimal digits; empty for a page that has none.
        other: the same of the other page.
    """
    return bool(one and other) and (int(one, 16) ^ int(other, 16)).bit_count() <= _FAR_HASHES


def opened(signature: bytes) -> Image.Image:
    """The picture that a signature holds, to be compared with others."""
    raw = Image.frombytes("L", (WIDTH, HEIGHT), zlib.decompress(signature))
    return raw.point([min(255, value * 17) for value in range(256)]).filter(ImageFilter.GaussianBlur(1))


def unlikeness(one: Image.Image, other: Image.Image) -> float:
    """How much two pages differ where they differ most, in hundredths of what is written there."""
    rough = _least(one.resize(_ROUGH, Image.Resampling.BOX), other.resize(_ROUGH, Image.Resampling.BOX), 1, _ROUGH)
    if rough.resize((1, 1), Image.Resampling.BOX).tobytes()[0] > _FAR:
        return 100.0
    apart = _least(one, other, _REACH, _GRID).crop(_INNER).tobytes()
    written = zip(_ink_of(one), _ink_of(other), strict=True)
    return max(100 * far / (max(inks) + _PAPER) for far, inks in zip(apart, written, strict=True))


def _least(one: Image.Image, other: Image.Image, reach: int, grid: tuple[int, int]) -> Image.Image:
    """Of each patch how far it is from the other's, at the shift that suits it best."""
    least = Image.new("L", grid, 255)
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            apart = ImageChops.difference(one, ImageChops.offset(other, across, down))
            least = ImageChops.darker(least, apart.resize(grid, Image.Resampling.BOX))
    return least


def _ink_of(page: Image.Image) -> bytes:
    return ImageOps.invert(page).resize(_GRID, Image.Resampling.BOX).crop(_INNER).tobytes()
