"""Page images: measured from their structure, then decoded to the last row (影像文件)."""

import io
from pathlib import Path

from PIL import Image, ImageOps

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import rules
from anjuan.facilities.formats.rules import Characterisation, Damaged, Limits, PageShape

_MEDIA = {rules.JPEG: ("image/jpeg", "jpg"), rules.PNG: ("image/png", "png")}
_SIDEWAYS = {5, 6, 7, 8}  # Exif orientations that swap width and height
_ORIENTATION = 0x0112


def characterise(path: Path, family: str, name: str, limits: Limits) -> Characterisation:
    """Measure a page image and decode all of it (影像特征).

    Raises: M-003 truncated or damaged; M-004 too many pixels; M-008 another format behind the image.
    """
    octets = path.read_bytes()
    try:
        facts = rules.walk_jpeg(octets) if family == rules.JPEG else rules.walk_png(octets)
    except Damaged as error:
        raise Refusal("M-003", name=name, reason=str(error)) from error
    # Judged before any decoding: a few bytes of header can ask for gigabytes of pixels.
    if facts.width_px * facts.height_px > limits.page_pixels:
        raise Refusal(
            "M-004", name=name, width_px=facts.width_px, height_px=facts.height_px, limit_px=limits.page_pixels
        )
    tail = octets[facts.end :]
    if other := rules.carried(tail):
        raise Refusal("M-008", name=name, kind=family, found=other)
    try:
        with Image.open(io.BytesIO(octets), formats=[family]) as image:
            image.load()
            dpi = _dpi(image)
            is_sideways = image.getexif().get(_ORIENTATION) in _SIDEWAYS
    except Image.DecompressionBombError as error:
        raise Refusal(
            "M-004", name=name, width_px=facts.width_px, height_px=facts.height_px, limit_px=limits.page_pixels
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow raises for bad content
        raise Refusal("M-003", name=name, reason=str(error)) from error
    findings = [found] if (found := rules.trailing(tail)) else []
    if not dpi:
        findings.append(rules.flag("N-004", "The image states no resolution."))
    width, height = (facts.height_px, facts.width_px) if is_sideways else (facts.width_px, facts.height_px)
    mime, extension = _MEDIA[family]
    return Characterisation(
        format_id=facts.format_id,
        mime=mime,
        extension=extension,
        pages=(PageShape(width, height, dpi),),
        size_bytes=len(octets),
        findings=tuple(findings),
    )


def _dpi(image: Image.Image) -> int:
    stated = image.info.get("dpi")
    try:
        across, down = (round(float(value)) for value in stated or (0, 0))
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        return 0
    return min(across, down) if across > 1 and down > 1 else 0


def open_page(path: Path) -> Image.Image:
    """The page image upright, in greys or RGB, ready to be scaled."""
    with Image.open(path, formats=[rules.JPEG, rules.PNG]) as image:
        upright = ImageOps.exif_transpose(image)
        upright.load()
    return on_paper(upright)


def open_small(path: Path, height: int) -> Image.Image:
    """The page image upright and at least so high, decoded no finer than that where the format allows it."""
    with Image.open(path, formats=[rules.JPEG, rules.PNG]) as image:
        image.draft("RGB" if image.mode == "RGB" else "L", (height * 2, height * 2))
        upright = ImageOps.exif_transpose(image)
        upright.load()
    return on_paper(upright)


def open_smaller(path: Path, times: int) -> Image.Image:
    """The page image upright and so many times smaller, 2, 4 or 8, decoded no finer where the format allows it."""
    with Image.open(path, formats=[rules.JPEG, rules.PNG]) as image:
        width = image.width
        # No more than the whole part is asked for: of 413 pixels a half is 207, and 206 are enough to decode half.
        image.draft("RGB" if image.mode == "RGB" else "L", (image.width // times, image.height // times))
        left = times // max(1, round(width / image.width))
        upright = ImageOps.exif_transpose(image)
        upright.load()
    paper = on_paper(upright)
    return paper.reduce(left) if left > 1 else paper


def on_paper(upright: Image.Image) -> Image.Image:
    """A picture in greys or RGB; what is transparent lies on white."""
    if upright.mode.startswith("I"):  # 16 bits a sample: Pillow would clip, not scale
        upright = upright.convert("I").point(lambda value: value / 257).convert("L")
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        with_alpha = upright.convert("RGBA")
        paper = Image.new("RGBA", with_alpha.size, "white")
        upright = Image.alpha_composite(paper, with_alpha)
    return upright if upright.mode in ("L", "RGB") else upright.convert("L" if upright.mode == "1" else "RGB")
