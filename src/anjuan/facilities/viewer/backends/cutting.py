"""Cutting, scaling and turning a decoded page as a plan says (裁切), and burning a mark into a copy (水印)."""

import io
from collections.abc import Sequence

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from anjuan.facilities.viewer.rules.images import PageSize, Plan

_QUALITY = 80  # of a JPEG
_PNG_LEVEL = 3  # of nine: line art is as small at three, and five times sooner done
_MIDDLE = 128  # darker is black
_INK = (90, 90, 90, 70)
_FOOT_INK = (60, 60, 60)
# Pillow turns the other way round.
_TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def turned(image: Image.Image, degrees: int) -> Image.Image:
    """An image turned clockwise by 0, 90, 180 or 270 degrees."""
    return image.transpose(_TURNS[degrees]) if degrees else image


def cut(image: Image.Image, page: PageSize, plan: Plan) -> bytes:
    """What a plan asks for, encoded.

    Args:
        image: the page, in full or decoded smaller.
        page: its size in full, in which the plan reckons.
        plan: what is wanted.
    """
    across, down = image.width / page.width, image.height / page.height
    box = (
        plan.left * across,
        plan.top * down,
        min((plan.left + plan.width) * across, image.width),
        min((plan.top + plan.height) * down, image.height),
    )
    size = (plan.out_width, plan.out_height)
    # At the very scale of what is decoded nothing is resampled: it begins at the nearest pixel.
    if abs(box[2] - box[0] - size[0]) < 0.5 and abs(box[3] - box[1] - size[1]) < 0.5:
        left = min(round(box[0]), image.width - size[0])
        top = min(round(box[1]), image.height - size[1])
        made = image.crop((left, top, left + size[0], top + size[1]))
    else:
        made = image.resize(size, Image.Resampling.BICUBIC, box=box)
    if plan.is_mirrored:
        made = made.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return _encoded(_toned(turned(made, plan.rotation), plan.quality), plan.format)


def _toned(image: Image.Image, quality: str) -> Image.Image:
    if quality == "color":
        return image.convert("RGB")
    if quality == "gray":
        return image.convert("L")
    if quality == "bitonal":
        return image.convert("L").point([0] * _MIDDLE + [255] * (256 - _MIDDLE), "1")
    return image


def _encoded(image: Image.Image, form: str) -> bytes:
    octets = io.BytesIO()
    if form == "png":
        image.save(octets, "PNG", compress_level=_PNG_LEVEL)
    else:
        (image.convert("L") if image.mode == "1" else image).save(octets, "JPEG", quality=_QUALITY)
    return octets.getvalue()


def printed(image: Image.Image, lines: Sequence[str], *, title: str) -> bytes:
    """A page as a PDF of one page, with these lines burnt into it: across the page and at its foot (打印副本).

    Args:
        image: the page as it is shown.
        lines: who, when, what for: the first is written across the page, all of them at the foot.
        title: of the PDF.

    Returns:
        A PDF whose page is as wide as A4 in the page's own orientation.
    """
    marked = burnt(image, lines)
    width_inches = 8.27 if marked.height >= marked.width else 11.69
    octets = io.BytesIO()
    marked.save(octets, "PDF", resolution=marked.width / width_inches, title=title, quality=85)
    return octets.getvalue()


def burnt(image: Image.Image, lines: Sequence[str]) -> Image.Image:
    """A page with lines across it and at its foot; the foot is added below, so that it covers nothing."""
    paper = image.convert("RGB")
    size = max(14, paper.width // 42)
    font = _font(size)
    mark = Image.new("RGBA", (round(font.getlength(lines[0])) + 2 * size, 2 * size), (0, 0, 0, 0))
    ImageDraw.Draw(mark).text((size, size // 3), lines[0], font=font, fill=_INK)
    mark = mark.rotate(30, expand=True, resample=Image.Resampling.BICUBIC)
    step_across, step_down = max(mark.width, paper.width // 3), max(mark.height, paper.height // 4)
    for row, top in enumerate(range(0, paper.height, step_down)):
        for left in range(-(step_across // 2) * (row % 2), paper.width, step_across):
            paper.paste(mark, (left, top), mark)
    small = max(12, paper.width // 60)
    foot_font = _font(small)
    foot = Image.new("RGB", (paper.width, (len(lines) + 1) * small * 3 // 2), "white")
    pen = ImageDraw.Draw(foot)
    pen.line([(0, 1), (paper.width, 1)], fill=_FOOT_INK, width=max(1, small // 10))
    for place, line in enumerate(lines):
        pen.text((small, small // 2 + place * small * 3 // 2), line, font=foot_font, fill=_FOOT_INK)
    whole = Image.new("RGB", (paper.width, paper.height + foot.height), "white")
    whole.paste(paper, (0, 0))
    whole.paste(foot, (0, paper.height))
    return whole


def _font(size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(settings.ANJUAN_PAGE_FONT, size_px, layout_engine=ImageFont.Layout.BASIC)
