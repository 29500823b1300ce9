"""Files as scanners and offices make them, and as nobody should."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image

from anjuan.facilities.formats import rules


def picture(width: int = 320, height: int = 200, mode: str = "RGB") -> Image.Image:
    pixels = bytes((x * 7 + y * 13) % 256 for y in range(height) for x in range(width))
    return Image.frombytes("L", (width, height), pixels).convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def jpeg(**options: Any) -> bytes:
    return encoded(picture(), "JPEG", **({"dpi": (300, 300)} | options))


def png(**options: Any) -> bytes:
    return encoded(picture(), "PNG", **({"dpi": (300, 300)} | options))


def pdf(pages: int = 2, change: Callable[[pikepdf.Pdf], object] | None = None, **options: Any) -> bytes:
    document = pikepdf.new()
    for number in range(pages):
        document.add_blank_page(page_size=(595 + number, 842))
        document.pages[number].Contents = document.make_stream(b"0.5 g 100 100 200 200 re f")
    if change is not None:
        change(document)
    stream = io.BytesIO()
    document.save(stream, **options)
    return stream.getvalue()


def tiff(pages: int = 1, mode: str = "L", **options: Any) -> bytes:
    first, *rest = (picture(120 + number, 80, mode) for number in range(pages))
    return encoded(first, "TIFF", **({"dpi": (300, 300), "save_all": True, "append_images": rest} | options))


def directory(entries: list[tuple[int, int, int, int]], following: int = 0, order: str = "<") -> bytes:
    """One directory of a TIFF: tag, type, count, value or place."""
    packed = b"".join(
        struct.pack(order + "HHI", tag, kind, count)
        + (struct.pack(order + "HH", value, 0) if kind == 3 else struct.pack(order + "I", value))
        for tag, kind, count, value in entries
    )
    return struct.pack(order + "H", len(entries)) + packed + struct.pack(order + "I", following)


MINIMAL = [(256, 3, 1, 4), (257, 3, 1, 4), (258, 3, 1, 8), (273, 4, 1, 8), (279, 4, 1, 16)]


def head(first: int) -> bytes:
    """The first bytes of a TIFF: where its first directory stands."""
    return b"II*\x00" + struct.pack("<I", first)


PAGE = "Doc_0/Pages/Page_0/Content.xml"
SPACE = "http://www.ofdspec.org/2016"
ROOT = (
    '<?xml version="1.0" encoding="UTF-8"?><ofd:OFD xmlns:ofd="{space}" Version="1.1" DocType="OFD"><ofd:DocBody>'
    "<ofd:DocInfo><ofd:DocID>1</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>{more}"
    "</ofd:DocBody></ofd:OFD>"
)


def ofd(pages: int = 1, *, change: dict[str, bytes | None] | None = None, space: str = SPACE, more: str = "") -> bytes:
    """An OFD of A5 pages, each with one line of text; ``change`` puts parts in place of others or leaves them out."""
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(pages))
    parts: dict[str, bytes | None] = {
        "OFD.xml": ROOT.format(space=space, more=more).encode(),
        "Doc_0/Document.xml": (
            f'<ofd:Document xmlns:ofd="{SPACE}"><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 148 210'
            f"</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
        ).encode(),
    }
    for number in range(pages):
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = page_of(
            '<ofd:TextObject ID="9" Boundary="20 30 100 8" Size="5"><ofd:TextCode X="0" Y="5">'
            f"养老待遇核定表 {number + 1}</ofd:TextCode></ofd:TextObject>"
        )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in (parts | (change or {})).items():
            if octets is not None:
                archive.writestr(name, octets)
    return stream.getvalue()


def page_of(objects: str) -> bytes:
    return (
        f'<ofd:Page xmlns:ofd="{SPACE}"><ofd:Content><ofd:Layer ID="1">{objects}</ofd:Layer></ofd:Content></ofd:Page>'
    ).encode()


def zipped(name: str = "inside.txt") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "hidden")
    return stream.getvalue()


def written(home: Path, octets: bytes, name: str = "scan.jpg") -> Path:
    path = home / name
    path.write_bytes(octets)
    return path


def codes(found: rules.Characterisation) -> list[str]:
    return [finding.code for finding in found.findings]
