"""Pages that are drawn here, for the file itself is no picture (绘页): text, and the page that says there is none."""

import functools
from collections.abc import Sequence

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from anjuan.facilities.formats.rules import RENDER_DPI, PageShape
from anjuan.facilities.formats.rules import text as text_rules

A4 = PageShape(1654, 2339, RENDER_DPI)
INK, GREY = 20, 110
_SIZE, _COLUMN, _LINE = 28, 14, 35  # pixels: 10 points; 80 columns and 60 lines fill A4 within its margins
_MOST_LETTERS = 60_000  # of one page


@functools.lru_cache(maxsize=48)
def font(size_px: int) -> ImageFont.FreeTypeFont:
    """The bundled Chinese font; settings name it, for it belongs to a sibling."""
    return ImageFont.truetype(settings.ANJUAN_PAGE_FONT, size_px, layout_engine=ImageFont.Layout.BASIC)


def text_page(lines: Sequence[str]) -> Image.Image:
    """Lines of plain text on A4, every character in its column."""
    page = Image.new("L", (A4.width_px, A4.height_px), "white")
    pen = ImageDraw.Draw(page)
    left = (A4.width_px - text_rules.COLUMNS * _COLUMN) // 2
    top = (A4.height_px - text_rules.LINES * _LINE) // 2
    for row, line in enumerate(lines):
        column = 0
        for sign in line:
            if not sign.isspace():
                pen.text((left + column * _COLUMN, top + row * _LINE), sign, fill=INK, font=font(_SIZE))
            column += 2 if text_rules.is_wide(sign) else 1
    return page


def blank_page(shape: PageShape, what: str, page: int, count: int) -> Image.Image:
    """The page that says it shows nothing (暂无预览).

    Args:
        shape: size of the page.
        what: name of the format.
        page: its number, from 1.
        count: number of pages.
    """
    drawn = Image.new("L", (shape.width_px, shape.height_px), 245)
    pen = ImageDraw.Draw(drawn)
    size = max(8, min(shape.width_px // 24, shape.height_px // 16))
    lines = (
        ("此格式暂无预览", "No preview of this format", INK),
        (f"格式：{what}", f"Format: {what}", GREY),
        (f"第 {page} 页，共 {count} 页", f"Page {page} of {count}", GREY),
        ("原件原样保存，可下载后用相应软件查看", "The original is kept as it came and can be downloaded", GREY),
    )
    at = shape.height_px // 2 - 4 * size * 2
    for chinese, english, fill in lines:
        pen.text((shape.width_px // 2, at), chinese, fill=fill, font=font(size), anchor="ma")
        pen.text((shape.width_px // 2, at + size * 3 // 2), english, fill=GREY, font=font(size * 3 // 5), anchor="ma")
        at += size * 4
    return drawn


def placed(shape: PageShape, runs: Sequence[tuple[str, float, float, float, float]], notice: str) -> Image.Image:
    """The text layer of a page, each run where it stands (文字层).

    Args:
        shape: size of the page.
        runs: text, left edge and baseline, letter size and width, all in pixels.
        notice: what this picture is not; it stands at the foot, beneath the text.
    """
    page = Image.new("L", (shape.width_px, shape.height_px), "white")
    pen = ImageDraw.Draw(page)
    size = max(8, min(24, shape.width_px // 50))
    pen.text((shape.width_px // 2, shape.height_px - 4), notice, fill=GREY, font=font(size), anchor="md")
    left = _MOST_LETTERS
    for words, x, y, letter, width in runs:
        cell = font(round(max(4, min(400, letter))))
        natural = [2 if text_rules.is_wide(sign) else 1 for sign in words]
        step = width / (sum(natural) or 1)
        for sign, columns in zip(words[:left], natural, strict=False):
            if not sign.isspace() and -letter <= x <= shape.width_px and 0 <= y <= shape.height_px + letter:
                pen.text((x, y), sign, fill=INK, font=cell, anchor="ls")
            x += columns * step
        left -= len(words)
        if left <= 0:
            break
    return page
