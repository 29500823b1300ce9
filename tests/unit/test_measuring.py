"""Measures of page images: what a fault changes is measured, and whatever image comes is measured or says why not."""

import io
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from anjuan.core.detection.measures import ColourMode, PageMeasures, measures_from
from anjuan.facilities.formats.backends import likeness, measuring
from anjuan.facilities.printing.backends.typeset import FONT_FILE

DPI = 200
WORDS = "社会保险经办机构参保单位职工养老待遇核定审核申报缴费基数年限证明材料身份证号"
WHITE = (250, 249, 243)


def page(*, turn: float = 0.0, dpi: int = DPI) -> Any:
    """A page of print in colour, as a scanner gives it: paper, grain, a red ring."""
    width, height = round(210 / 25.4 * dpi), round(297 / 25.4 * dpi)
    drawn = Image.new("RGB", (width, height), WHITE)
    pen = ImageDraw.Draw(drawn)
    font = ImageFont.truetype(str(FONT_FILE), round(dpi * 0.17))
    for row in range(24):
        words = (WORDS * 2)[row : row + 30 - row % 7]
        pen.text((width * 0.12, height * (0.1 + 0.033 * row)), words, font=font, fill=(40, 40, 44))
    pen.ellipse([width * 0.6, height * 0.6, width * 0.8, height * 0.74], outline=(200, 40, 50), width=dpi // 30)
    turned = drawn.rotate(-turn, Image.Resampling.BICUBIC, fillcolor=WHITE)
    grain = np.random.default_rng(1).normal(0, 1.5, (height, width, 1))
    return np.clip(np.asarray(turned).astype(np.float32) + grain, 0, 255).astype(np.uint8)


def measured(pixels: Any, folder: Path, *, dpi: int = DPI, quality: int = 80) -> PageMeasures:
    path = folder / "page.jpg"
    Image.fromarray(pixels).save(path, "JPEG", quality=quality, dpi=(dpi, dpi))
    return measuring.measure(path, "JPEG", 1)[0]


def test_a_good_page_has_the_figures_of_a_good_page(tmp_path: Path) -> None:
    found = measured(page(), tmp_path)

    assert found.is_measured and found.mode is ColourMode.COLOUR
    assert (round(found.width_mm), round(found.height_mm)) == (210, 297)
    assert abs(found.skew) <= 0.2 and found.skew_sure > 0.9
    assert (found.turn, found.turn_sure > 0.95) == (0, True)
    assert found.sharpness > 0.36 and found.contrast > 120 and found.paper > 235
    assert found.borders_mm == (0, 0, 0, 0) and found.stripes == () and max(found.cut) == 0
    assert found.colour > 0.0005 and found.letters > 200 and found.hash64 and found.ink_box


@pytest.mark.parametrize("degrees", [-5.0, -2.0, 1.5, 4.0])
def test_a_tilt_is_measured_to_a_fifth_of_a_degree(tmp_path: Path, degrees: float) -> None:
    assert measured(page(turn=degrees), tmp_path).skew == pytest.approx(degrees, abs=0.2)


@pytest.mark.parametrize(("quarters", "needed"), [(1, 90), (2, 180), (3, 270)])
def test_a_turned_page_says_how_it_stands_upright(tmp_path: Path, quarters: int, needed: int) -> None:
    found = measured(np.rot90(page(), quarters), tmp_path)  # turned anticlockwise

    assert (found.turn, found.turn_sure > 0.9) == (needed, True)


def test_blur_border_fading_and_darkness_each_change_their_own_figure(tmp_path: Path) -> None:
    good = page()
    blurred = measured(cv2.GaussianBlur(good, (0, 0), 3.5), tmp_path)
    bordered = good.copy()
    bordered[-80:] = 10
    faded = 249 - (249 - good.astype(np.float32)) * 0.15
    slope = np.linspace(1.0, 0.55, good.shape[1])[None, :, None]

    assert blurred.sharpness < 0.25
    assert measured(bordered, tmp_path).borders_mm[2] == pytest.approx(80 / DPI * 25.4, abs=0.6)
    assert measured(faded.clip(0, 255).astype(np.uint8), tmp_path).contrast < 42
    assert measured((good * 0.5).astype(np.uint8), tmp_path).paper < 140
    shaded = measured((good * slope).astype(np.uint8), tmp_path)
    assert shaded.light_range > 80 and shaded.light_fit > 0.9


def test_grey_stored_as_colour_is_told_from_colour(tmp_path: Path) -> None:
    grey = cv2.cvtColor(page(), cv2.COLOR_RGB2GRAY)

    assert measured(grey, tmp_path).mode is ColourMode.GREY
    stored = measured(np.stack([grey] * 3, axis=-1), tmp_path)
    assert (stored.mode, stored.tint < 0.3) == (ColourMode.COLOUR, True)


def test_a_line_from_edge_to_edge_is_a_stripe_and_a_frame_is_none(tmp_path: Path) -> None:
    striped, framed = page(), page()
    striped[:, 600:602] = 40
    framed[60:-60, 600:602] = 40

    assert measured(striped, tmp_path).stripes == pytest.approx((601 / striped.shape[1],), abs=0.003)
    assert measured(framed, tmp_path).stripes == ()


def test_writing_that_the_edge_runs_through_is_counted_and_half_a_seal_is_not(tmp_path: Path) -> None:
    whole = page()
    cut = np.ascontiguousarray(whole[:, 315:])
    sealed = whole.copy()
    cv2.circle(sealed, (sealed.shape[1], 900), 150, (200, 40, 50), 8)

    assert measured(cut, tmp_path).cut[3] >= 8
    assert max(measured(sealed, tmp_path).cut) <= 1


def test_a_blank_page_has_no_ink_and_a_stamp_alone_has(tmp_path: Path) -> None:
    blank = np.full((2339, 1654, 3), 245, np.uint8)
    stamped = blank.copy()
    cv2.circle(stamped, (800, 900), 150, (200, 60, 60), 8)
    through = cv2.GaussianBlur(page()[:, ::-1], (0, 0), 3).astype(np.float32)

    assert measured(blank, tmp_path).ink == 0
    assert measured(stamped, tmp_path).ink > 0.001
    shining = measured((245 - (245 - through).clip(0) * 0.1).astype(np.uint8), tmp_path)
    assert shining.ink < 0.0001 and shining.faint_sharpness < 0.25


def test_the_same_page_is_known_again_and_measures_survive_being_kept(tmp_path: Path) -> None:
    one, other = measured(page(), tmp_path), measured(page(turn=0.3), tmp_path)

    assert likeness.may_be_same(one.hash64, other.hash64)
    assert not likeness.may_be_same(one.hash64, "")
    assert measures_from(measuring.as_kept(one)) == one


# --- whatever image comes


def noise(folder: Path) -> Path:
    pixels = np.random.default_rng(2).integers(0, 256, (2339, 1654, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "page.jpg", "JPEG", quality=90)
    return folder / "page.jpg"


def red(folder: Path) -> Path:
    Image.new("RGB", (1654, 2339), (230, 0, 0)).save(folder / "page.jpg", "JPEG")
    return folder / "page.jpg"


def black(folder: Path) -> Path:
    Image.new("L", (1654, 2339), 0).save(folder / "page.jpg", "JPEG")
    return folder / "page.jpg"


def dot(folder: Path) -> Path:
    Image.new("L", (3, 2), 255).save(folder / "page.jpg", "JPEG")
    return folder / "page.jpg"


def strip(folder: Path) -> Path:
    Image.new("L", (60, 20_000), 255).save(folder / "page.jpg", "JPEG")
    return folder / "page.jpg"


def cut_short(folder: Path) -> Path:
    octets = io.BytesIO()
    Image.fromarray(page()).save(octets, "JPEG")
    (folder / "page.jpg").write_bytes(octets.getvalue()[:2000])
    return folder / "page.jpg"


@pytest.mark.parametrize("made", [noise, red, black, dot, strip, cut_short])
def test_an_odd_image_is_measured_or_says_why_not(tmp_path: Path, made: Any) -> None:
    found, _ = measuring.measure(made(tmp_path), "JPEG", 1)

    assert found.is_measured or found.unmeasured in ("NOISE", "ALL_DARK", "TOO_SMALL", "UNREADABLE")


def test_a_page_of_gigapixels_is_not_decoded(tmp_path: Path) -> None:
    header = b"\x00\x00\x00\rIHDR" + (60_000).to_bytes(4) + (50_000).to_bytes(4) + b"\x08\x02\x00\x00\x00"
    path = tmp_path / "page.png"
    tail = b"\x00\x00\x00\x00IEND\xaeB`\x82"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + zlib.crc32(header[4:]).to_bytes(4) + tail)

    assert measuring.measure(path, "PNG", 1)[0].unmeasured in ("TOO_LARGE", "UNREADABLE")


def test_two_valued_pages_of_a_tiff_are_measured_each(tmp_path: Path) -> None:
    two = [
        Image.fromarray(page()).convert("L").point(lambda value: 255 * (value > 150)).convert("1"),
        Image.new("1", (1654, 2339), 1),
    ]
    path = tmp_path / "page.tif"
    two[0].save(path, "TIFF", compression="group4", dpi=(DPI, DPI), save_all=True, append_images=two[1:])

    first, second = (measuring.measure(path, "TIFF", number)[0] for number in (1, 2))

    assert (first.mode, first.bits, first.letters > 100) == (ColourMode.BITONAL, 1, True)
    assert second.ink == 0
