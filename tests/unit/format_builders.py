"""Files as scanners and offices make them, and as nobody should."""

import io
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


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("inside.txt", "hidden")
    return stream.getvalue()


def written(home: Path, octets: bytes, name: str = "scan.jpg") -> Path:
    path = home / name
    path.write_bytes(octets)
    return path


def codes(found: rules.Characterisation) -> list[str]:
    return [finding.code for finding in found.findings]
