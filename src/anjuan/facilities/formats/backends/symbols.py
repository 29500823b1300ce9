"""Codes on a page and pages with nothing on them (条码与空白页): read from a drawn page, never changing it."""

import zxingcpp
from PIL import Image

_FORMATS = [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128]
_MOST_CODES = 8
_EDGE = 0.04  # of each side: scanners leave shadows and punch holes there
_INK = 200  # a pixel darker than this of 255 is ink; through-print and paper grain are lighter
_BLANK_BELOW = 0.0006  # share of ink on a page with nothing on it
_SMALL_PX = 900


def codes(page: Image.Image) -> tuple[str, ...]:
    """Texts of the QR and Code 128 symbols on a page, from the top; none when nothing can be read."""
    found = zxingcpp.read_barcodes(page.convert("L"), formats=_FORMATS)
    whole = sorted((one for one in found if one.valid and one.text), key=lambda one: one.position.top_left.y)
    return tuple(one.text[:200] for one in whole[:_MOST_CODES])


def is_blank(page: Image.Image) -> bool:
    """Whether nothing is written on a page (空白页): almost no ink inside its edges."""
    grey = page.convert("L")
    grey.thumbnail((_SMALL_PX, _SMALL_PX))
    across, down = int(grey.width * _EDGE), int(grey.height * _EDGE)
    inner = grey.crop((across, down, grey.width - across, grey.height - down))
    dark = sum(inner.histogram()[:_INK])
    return dark < _BLANK_BELOW * inner.width * inner.height
