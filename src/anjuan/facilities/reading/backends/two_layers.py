"""PDF pages of two layers (双层PDF): the image as it lies in the store, and over it the words that were read, unseen.

Written page by page into a file, so that an item of five hundred pages takes the memory of one. A JPEG goes in byte for
byte, a plain PNG as it is packed; other images are packed anew, without loss. The words stand in a font that inks
nothing, each line as wide as its box, so that viewers mark, copy and find them where they are seen.
"""

import dataclasses
import itertools
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from anjuan.core.reading.pages import Line, part_of
from anjuan.facilities.formats import actions as formats

_POINTS = 72.0
_A4_LONG = 297 / 25.4 * _POINTS
_MOST_POINTS = 14_400.0  # of a page's side: what viewers take
_SIDE = 7_016  # pixels of the longer side of what is packed anew: A4 at 600 dots an inch
_ASCENT, _DESCENT = 880, 120  # of the font's thousand
_LATIN = 0x2E7F
_GAP = 1.8  # times the usual step between letters: a wider one parts two words
_ORIENTATION = 274
_CHUNK = 1 << 20
Matrix = tuple[float, float, float, float, float, float]
# Where the corner of the stored image comes to lie by its Exif orientation; x to the right, y down, both 0 to 1.
_EXIF: dict[int, Matrix] = {
    1: (1, 0, 0, 1, 0, 0),
    2: (-1, 0, 0, 1, 1, 0),
    3: (-1, 0, 0, -1, 1, 1),
    4: (1, 0, 0, -1, 0, 1),
    5: (0, 1, 1, 0, 0, 0),
    6: (0, 1, -1, 0, 1, 0),
    7: (0, -1, -1, 0, 1, 1),
    8: (0, -1, 1, 0, 0, 1),
}
_TURNS: dict[int, Matrix] = {0: _EXIF[1], 90: _EXIF[6], 180: _EXIF[3], 270: _EXIF[8]}


@dataclasses.dataclass
class Words:
    """The letters used in one file: each has a number of its own, in the order in which they came (CID)."""

    numbers: dict[str, int] = dataclasses.field(default_factory=dict)

    def spelt(self, text: str) -> str:
        """A text as the font's numbers, in hexadecimal."""
        return "".join(f"{self.numbers.setdefault(sign, len(self.numbers) + 1):04X}" for sign in text)

    def content(self, lines: Sequence[Line], width: float, height: float) -> bytes:
        """What draws the words of a page, unseen; in points of the upright page, whose origin is below at the left."""
        drawn = ["q BT 3 Tr"]
        for line in lines:
            for text, (x, y, wide, tall) in _runs(line):
                drawn += self._run(text, x * width, (1 - y - tall) * height, wide * width, tall * height)
        return "\n".join([*drawn, "ET Q"]).encode("ascii")

    def _run(self, text: str, x: float, y: float, wide: float, tall: float) -> list[str]:
        ems = sum(width_of(sign) for sign in text) / 1000
        if not ems or wide <= 0 or tall <= 0:
            return []
        is_down = tall > 1.5 * wide and len(text) > 1  # words that run down the page
        size, length = (wide, tall) if is_down else (tall, wide)
        rise = size * _DESCENT / 1000
        place = (0, -1, 1, 0, x + rise, y + tall) if is_down else (1, 0, 0, 1, x, y + rise)
        spread = 100 * length / (ems * size)
        return [
            f"/W {size:.3f} Tf {spread:.3f} Tz {' '.join(f'{part:.3f}' for part in place)} Tm <{self.spelt(text)}> Tj"
        ]

    def font(self) -> list[bytes]:
        """The objects of the font, the first of which pages name; ``{0}`` and on stand for their numbers."""
        count = len(self.numbers)
        program = _program()
        maps = struct.pack(f">{count + 1}H", 0, *(1 if width_of(sign) == 1000 else 2 for sign in self.numbers))
        widths = " ".join(f"{number} [{width_of(sign)}]" for sign, number in self.numbers.items())
        return [
            b"<< /Type /Font /Subtype /Type0 /BaseFont /AnjuanUnseen /Encoding /Identity-H"
            b" /DescendantFonts [{1} 0 R] /ToUnicode {4} 0 R >>",
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /AnjuanUnseen /CIDToGIDMap {3} 0 R"
            b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
            b" /FontDescriptor {2} 0 R /DW 1000 /W [" + widths.encode("ascii") + b"] >>",
            b"<< /Type /FontDescriptor /FontName /AnjuanUnseen /Flags 4 /FontBBox [0 -120 1000 880] /ItalicAngle 0"
            b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 80 /FontFile2 {5} 0 R >>",
            _stream(maps),
            _stream(self._to_unicode()),
            _stream(program, f"/Length1 {len(program)}"),
        ]

    def _to_unicode(self) -> bytes:
        pairs = [f"<{number:04X}> <{sign.encode('utf-16-be').hex().upper()}>" for sign, number in self.numbers.items()]
        blocks = [pairs[first : first + 100] for first in range(0, len(pairs), 100)]
        listed = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            f"{listed}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode("ascii")


class ImagePages:
    """A PDF that grows page by page in a file: images, each with its words. `close` writes what is left."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._at: dict[int, int] = {}
        self._next = 3  # 1 is the catalogue, 2 the list of pages
        self._pages: list[int] = []
        self._font = self._numbers(6)
        self.words = Words()
        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def add(self, path: Path, mime: str, page: int, turn: int, lines: Sequence[Line]) -> None:
        """One page.

        Args:
            path: a file that was verified.
            mime: its media type, an image's.
            page: from 1; in a TIFF there may be more.
            turn: degrees clockwise that set the page upright.
            lines: its words, on the upright page.
        """
        image, (drawn,) = self._numbers(2)[0], self._numbers(1)
        if mime == "image/jpeg":
            columns, rows, dpi, orientation = self._jpeg(image, path)
        elif mime == "image/png" and (found := _png(path)) is not None:
            columns, rows, dpi, said, packed = found
            self._put(image, said + packed + b"\nendstream")
            orientation = 1
        else:
            columns, rows, dpi = self._packed(image, *formats.pixels_of_page(path=path, page=page, side=_SIDE))
            orientation = 1
        placed = _then(_EXIF[orientation], _TURNS[turn % 360])
        if placed[0] == 0:
            columns, rows = rows, columns
        scale = min(_POINTS / dpi if dpi else _A4_LONG / max(columns, rows), _MOST_POINTS / max(columns, rows))
        width, height = columns * scale, rows * scale
        content = f"q {_to_page(placed, width, height)} cm /I Do Q\n".encode() + self.words.content(
            lines, width, height
        )
        self._page(drawn, content, width, height, f"/XObject << /I {image} 0 R >> ")

    def add_words(self, width: float, height: float, lines: Sequence[Line]) -> None:
        """A page of words alone, to be laid over another; its size in points."""
        self._page(self._numbers(1)[0], self.words.content(lines, width, height), width, height, "")

    def _page(self, drawn: int, content: bytes, width: float, height: float, beside: str) -> None:
        self._put(drawn, _stream(content))
        leaf = self._numbers(1)[0]
        self._put(
            leaf,
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.3f} {height:.3f}] /Contents {drawn} 0 R /Resources"
            f" << {beside}/Font << /W {self._font[0]} 0 R >> >> >>".encode(),
        )
        self._pages.append(leaf)

    def close(self) -> None:
        """Write the font, the list of pages and the table of places. The file itself stays open."""
        for number, octets in zip(self._font, self.words.font(), strict=True):
            for place, other in enumerate(self._font):
                octets = octets.replace(b"{%d} 0 R" % place, b"%d 0 R" % other) if b"stream" not in octets else octets
            self._put(number, octets)
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self._put(2, f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>".encode())
        self._put(1, b"<< /Type /Catalog /Pages 2 0 R >>")
        start = self._out.tell()
        table = [b"xref\n0 %d\n0000000000 65535 f \n" % self._next]
        # A number that was taken and not used is a free place.
        table += [
            b"%010d 00000 n \n" % self._at[number] if number in self._at else b"0000000000 65535 f \n"
            for number in range(1, self._next)
        ]
        self._out.write(b"".join(table))
        self._out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (self._next, start))

    def _numbers(self, count: int) -> list[int]:
        taken = list(range(self._next, self._next + count))
        self._next += count
        return taken

    def _put(self, number: int, octets: bytes) -> None:
        self._at[number] = self._out.tell()
        self._out.write(b"%d 0 obj\n" % number + octets + b"\nendobj\n")

    def _jpeg(self, number: int, path: Path) -> tuple[int, int, float, int]:
        """A JPEG goes in as it is. Its columns, rows, dots an inch and Exif orientation."""
        with Image.open(path) as image:
            columns, rows, mode = image.width, image.height, image.mode
            orientation = image.getexif().get(_ORIENTATION, 1)
            dpi = _stated_dpi(image)
            is_inverted = mode == "CMYK" and "adobe" in image.info
        space = {"L": "/DeviceGray", "CMYK": "/DeviceCMYK"}.get(mode, "/DeviceRGB")
        decode = " /Decode [1 0 1 0 1 0 1 0]" if is_inverted else ""
        self._at[number] = self._out.tell()
        self._out.write(
            (
                f"{number} 0 obj\n<< /Type /XObject /Subtype /Image /Width {columns} /Height {rows}"
                f" /ColorSpace {space} /BitsPerComponent 8{decode} /Filter /DCTDecode"
                f" /Length {path.stat().st_size} >>\nstream\n"
            ).encode()
        )
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                self._out.write(chunk)
        self._out.write(b"\nendstream\nendobj\n")
        return columns, rows, dpi, orientation if orientation in _EXIF else 1

    def _packed(self, number: int, pixels: npt.NDArray[Any], dpi: float) -> tuple[int, int, float]:
        """Other images are packed without loss, in as few colours as they have."""
        rows, columns = pixels.shape[:2]
        bits, space = 8, "/DeviceRGB"
        if (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all():
            pixels, space = pixels[..., 0], "/DeviceGray"
            if np.isin(pixels, (0, 255)).all():
                pixels, bits = np.packbits(pixels > 0, axis=1), 1
        self._put(
            number,
            _stream(
                np.ascontiguousarray(pixels).tobytes(),
                f"/Type /XObject /Subtype /Image /Width {columns} /Height {rows}"
                f" /ColorSpace {space} /BitsPerComponent {bits}",
            ),
        )
        return columns, rows, dpi


def width_of(sign: str) -> int:
    """How wide a letter counts, in thousandths of its height: Chinese ones twice as wide as figures."""
    return 1000 if ord(sign) > _LATIN else 500


def _runs(line: Line) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """A line as runs of letters that stand close together, each with its box: a label and its value may stand apart."""
    spots = line.spots if len(line.spots) == len(line.text) else ()
    steps = sorted(after - before for before, after in itertools.pairwise(spots))
    cuts = [0]
    if steps:
        usual = steps[len(steps) // 2]
        cuts += [
            place
            for place in range(1, len(spots))
            if spots[place] - spots[place - 1] > max(_GAP * usual, 1e-6) + usual / 2
        ]
    for first, end in zip(cuts, [*cuts[1:], len(line.text)], strict=True):
        yield line.text[first:end], line.box if len(cuts) == 1 else part_of(line, first, end)


def _png(path: Path) -> tuple[int, int, float, bytes, bytes] | None:
    """A plain PNG goes in as it is packed: its columns, rows, dots an inch, how PDF unpacks it, and the packed bytes.

    None for one that PDF does not unpack by itself: with transparency, sixteen bits, interlaced or turned by Exif.
    """
    with Image.open(path) as image:
        dpi = _stated_dpi(image)
    octets = path.read_bytes()
    packed: list[bytes] = []
    columns = rows = bits = kind = 0
    palette = b""
    at = 8
    while at + 12 <= len(octets):
        (size,), name = struct.unpack_from(">I", octets, at), octets[at + 4 : at + 8]
        body = octets[at + 8 : at + 8 + size]
        if name == b"IHDR":
            columns, rows, bits, kind, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            if interlaced or bits == 16 or kind not in (0, 2, 3):
                return None
        elif name in (b"tRNS", b"eXIf"):
            return None
        elif name == b"PLTE":
            palette = body
        elif name == b"IDAT":
            packed.append(body)
        at += 12 + size
    colours = 3 if kind == 2 else 1
    space = {0: "/DeviceGray", 2: "/DeviceRGB"}.get(kind) or (
        f"[/Indexed /DeviceRGB {len(palette) // 3 - 1} <{palette.hex()}>]"
    )
    whole = b"".join(packed)
    said = (
        f"<< /Type /XObject /Subtype /Image /Width {columns} /Height {rows} /ColorSpace {space}"
        f" /BitsPerComponent {bits} /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors {colours}"
        f" /BitsPerComponent {bits} /Columns {columns} >> /Length {len(whole)} >>\nstream\n"
    )
    return columns, rows, dpi, said.encode(), whole


def _stated_dpi(image: Image.Image) -> float:
    """Dots an inch as the file says; 0 where it says nothing, or what no scanner has: then it counts as A4."""
    try:
        across, down = (float(value) for value in image.info.get("dpi") or (0, 0))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0
    return min(across, down) if 20 <= min(across, down) <= 4800 else 0.0


def _then(first: Matrix, second: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = second
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def _to_page(placed: Matrix, width: float, height: float) -> str:
    """The same as PDF wants it: the image's unit square, whose origin is below, onto the page in points."""
    up: Matrix = (1, 0, 0, -1, 0, 1)
    matrix = _then(_then(up, placed), (width, 0, 0, -height, 0, height))
    return " ".join(f"{part:.4f}" for part in matrix)


def _stream(octets: bytes, said: str = "") -> bytes:
    packed = zlib.compress(octets, 6)
    head = f"<< {said} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode()
    return head + packed + b"\nendstream"


def _program() -> bytes:
    """A TrueType font of three glyphs: none, a wide one and a narrow one.

    Each is a stroke from corner to corner without breadth: it inks nothing, and tells viewers how large the letter is
    that they are to mark.
    """
    wide, narrow = _glyph(1000), _glyph(500)
    loca = struct.pack(">4I", 0, 0, len(wide), len(wide) + len(narrow))
    head = struct.pack(
        ">IIIIHHQQhhhhHHhhh",
        0x00010000, 0x00010000, 0, 0x5F0F3CF5, 0, 1000, 0, 0, 0, -_DESCENT, 1000, _ASCENT, 0, 8, 2, 1, 0,
    )  # fmt: skip
    hhea = struct.pack(">IhhhHhhhhhhhhhhhH", 0x00010000, _ASCENT, -_DESCENT, 0, 1000, *(0,) * 11, 3)
    maxp = struct.pack(">IH13H", 0x00010000, 3, 2, 1, *(0,) * 4, 1, *(0,) * 6)
    hmtx = struct.pack(">HhHhHh", 1000, 0, 1000, 0, 500, 0)
    tables = {b"glyf": wide + narrow, b"head": head, b"hhea": hhea, b"hmtx": hmtx, b"loca": loca, b"maxp": maxp}
    place = 12 + 16 * len(tables)
    listed, bodies = b"", b""
    for name, body in sorted(tables.items()):
        padded = body + bytes(-len(body) % 4)
        checked = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        listed += name + struct.pack(">III", checked, place + len(bodies), len(body))
        bodies += padded
    return struct.pack(">IHHHH", 0x00010000, len(tables), 64, 2, 32) + listed + bodies


def _glyph(width: int) -> bytes:
    """One contour of two points: from below at the left to above at the right, and back."""
    box = struct.pack(">hhhhh", 1, 0, -_DESCENT, width, _ASCENT)
    octets = (
        box + struct.pack(">HH", 1, 0) + b"\x01\x01" + struct.pack(">hhhh", 0, width, -_DESCENT, _ASCENT + _DESCENT)
    )
    return octets + bytes(-len(octets) % 4)
