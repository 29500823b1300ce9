"""Seals are found by ink and outline; what is merely red, round or ruled is not; any image is answered in time."""

import math
import time
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from anjuan.core.reading.marks import CERTAIN, SealMark, SealShape, SealSize, overlap
from anjuan.facilities.printing.backends.typeset import FONT_FILE
from anjuan.facilities.reading.backends.seals import find_seals
from anjuan.facilities.reading.backends.unrolling import middle_line, unroll

DPI = 200
RED = (205, 30, 42)
GREY = (96, 96, 96)
PAPER = (250, 249, 244)
INKS = {"red": RED, "orange": (224, 84, 40), "dark red": (140, 24, 34), "purple": (150, 40, 112)}
Colour = tuple[int, int, int]


def px(length: float) -> int:
    return round(length * DPI / 25.4)


def font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT_FILE), px(size))


class Sheet:
    """A sheet to paint on, in millimetres."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (px(210), px(297)), PAPER)
        self.pen = ImageDraw.Draw(self.image)

    def print_lines(self, count: int = 20, top: float = 60) -> "Sheet":
        for row in range(count):
            self.pen.text(
                (px(25), px(top + row * 9)), "社会保险经办机构参保单位职工养老待遇核定", (40, 40, 44), font(4.2)
            )
        return self

    def ring(
        self, x: float, y: float, *, wide: float = 40, tall: float = 40, ink: Colour = RED, part: float = 1
    ) -> "Sheet":
        layer = Image.new("RGB", self.image.size, "white")
        pen = ImageDraw.Draw(layer)
        box = [px(x - wide / 2), px(y - tall / 2), px(x + wide / 2), px(y + tall / 2)]
        pen.arc(box, 180, 180 + 360 * part, ink, px(1.1))
        for number, sign in enumerate("演示市社会保险经办中心"):
            angle = math.radians(-115 + 23 * number)
            at = (x + (wide / 2 - 4.2) * math.sin(angle), y - (tall / 2 - 4.2) * math.cos(angle))
            if part == 1 or number < 11 * part:
                pen.text((px(at[0]), px(at[1])), sign, ink, font(3.6), "mm")
        if part == 1:
            pen.regular_polygon((px(x), px(y), px(4)), 5, fill=ink)
        return self._pressed(layer)

    def framed(self, x: float, y: float, wide: float, tall: float, words: str, ink: Colour = RED) -> "Sheet":
        layer = Image.new("RGB", self.image.size, "white")
        pen = ImageDraw.Draw(layer)
        pen.rectangle([px(x), px(y), px(x + wide), px(y + tall)], outline=ink, width=px(0.8))
        size = min(tall * 0.6, wide * 0.85 / len(words))
        pen.text((px(x + wide / 2), px(y + tall / 2)), words, ink, font(size), "mm")
        return self._pressed(layer)

    def _pressed(self, layer: Image.Image) -> "Sheet":
        both = np.asarray(self.image).astype(int) * np.asarray(layer) // 255
        self.image = Image.fromarray(both.astype(np.uint8))
        self.pen = ImageDraw.Draw(self.image)
        return self

    @property
    def pixels(self) -> Any:
        grain = np.random.default_rng(3).normal(0, 1.5, (*self.image.size[::-1], 1))
        return np.clip(np.asarray(self.image) + grain, 0, 255).astype(np.uint8)


def seen(sheet: Sheet) -> list[SealMark]:
    return find_seals(sheet.pixels, DPI)


def certain(sheet: Sheet) -> list[SealMark]:
    return [mark for mark in seen(sheet) if mark.sure >= CERTAIN]


@pytest.mark.parametrize("ink", INKS)
def test_a_round_seal_is_found_over_print_whatever_its_ink(ink: str) -> None:
    (mark,) = certain(Sheet().print_lines().ring(140, 200, ink=INKS[ink]))

    assert (mark.shape, mark.is_red, mark.size) == (SealShape.ROUND, True, SealSize.OFFICE)
    assert 37 < mark.width_mm < 42 and mark.coverage > 0.9
    assert overlap(mark.box, (120 / 210, 180 / 297, 40 / 210, 40 / 297)) > 0.85


def test_an_oval_a_square_and_a_long_seal_are_told_by_shape_and_size() -> None:
    page = Sheet().print_lines(6).ring(60, 150, wide=44, tall=30).framed(120, 150, 40, 16, "业务专用章")
    page.framed(60, 220, 13, 13, "印")

    found = {mark.shape: mark for mark in certain(page)}

    assert set(found) == {SealShape.OVAL, SealShape.RECTANGLE, SealShape.SQUARE}
    assert found[SealShape.OVAL].size is found[SealShape.RECTANGLE].size is SealSize.OFFICE
    assert found[SealShape.SQUARE].size is SealSize.PERSON


def test_two_seals_that_overlap_are_two() -> None:
    found = certain(Sheet().print_lines(6).ring(80, 200).ring(112, 206))

    assert len(found) == 2


def test_a_faint_seal_is_found_and_said_to_be_faint() -> None:
    strong = certain(Sheet().ring(100, 150))[0]
    faint = certain(Sheet().ring(100, 150, ink=(243, 212, 214)))[0]

    assert faint.strength < strong.strength / 3


def test_half_a_seal_says_how_much_of_it_is_there() -> None:
    (mark,) = [mark for mark in seen(Sheet().print_lines(6).ring(100, 200, part=0.5)) if mark.shape is SealShape.ROUND]

    assert mark.coverage == pytest.approx(0.5, abs=0.08) and mark.width_mm == pytest.approx(40, abs=2)


def test_a_round_seal_across_the_edge_of_the_sheet_is_a_round_one() -> None:
    mark, *others = seen(Sheet().print_lines(6).ring(207, 150))

    assert all(other.sure < CERTAIN for other in others)
    assert mark.shape is SealShape.ROUND and mark.width_mm == pytest.approx(40, abs=2)
    assert mark.box[0] + mark.box[2] <= 1


def test_a_photocopied_ring_is_grey() -> None:
    (mark,) = certain(Sheet().print_lines(8).ring(140, 200, ink=GREY))

    assert not mark.is_red and mark.width_mm == pytest.approx(40, abs=2)


def test_a_bitonal_or_grey_page_has_no_red_seal() -> None:
    grey = cv2.cvtColor(Sheet().print_lines(8).ring(140, 200).pixels, cv2.COLOR_RGB2GRAY)

    assert all(not mark.is_red for mark in find_seals(grey, DPI))


def test_a_seal_is_seen_beside_red_lines_that_cross_it() -> None:
    page = Sheet()
    for row in range(18):
        page.pen.line([(px(15), px(40 + row * 12)), (px(195), px(40 + row * 12))], (220, 90, 90), px(0.3))

    (mark,) = certain(page.ring(140, 200))

    assert mark.shape is SealShape.ROUND


def test_a_seal_of_two_rims_across_red_lines_is_one_seal() -> None:
    page = Sheet()
    for y in (183, 215):  # the lower line touches the foot of both rims
        page.pen.line([(px(15), px(y)), (px(195), px(y + 1))], (220, 70, 70), px(0.4))
    page.ring(140, 198).ring(140, 198, wide=36, tall=36)

    (mark,) = certain(page)

    assert mark.shape is SealShape.ROUND
    assert 37 < mark.width_mm < 42


def test_a_name_seal_on_a_red_line_to_sign_on_is_a_seal_of_its_own_size() -> None:
    page = Sheet().framed(60, 150, 20, 8, "王文清")
    page.pen.line([(px(45), px(156)), (px(79), px(156))], (214, 70, 70), px(0.35))

    (mark,) = certain(page)

    assert mark.size is SealSize.PERSON
    assert max(mark.width_mm, mark.height_mm) == pytest.approx(20, abs=2)


# -- what is no seal ---------------------------------------------------------------------------------------------------


def red_table() -> Sheet:
    page = Sheet()
    for row in range(12):
        for column in range(4):
            box = [px(20 + column * 40), px(50 + row * 12), px(60 + column * 40), px(62 + row * 12)]
            page.pen.rectangle(box, outline=(210, 60, 60), width=px(0.3))
            page.pen.text((box[0] + px(4), box[1] + px(4)), "缴费基数", (40, 40, 44), font(3.8))
    return page


def red_head() -> Sheet:
    page = Sheet().print_lines(14, 90)
    page.pen.text((px(105), px(35)), "演示市社会保险局文件", RED, font(13), "mm")
    page.pen.line([(px(20), px(52)), (px(190), px(52))], RED, px(0.9))
    return page


def red_notes() -> Sheet:
    page = Sheet().print_lines(14)
    for row in range(5):
        page.pen.line([(px(30), px(66 + row * 18)), (px(95), px(67 + row * 18))], RED, px(0.5))
    page.pen.line([(px(120), px(90)), (px(124), px(98)), (px(136), px(80))], RED, px(0.7))
    return page


def solid_red() -> Sheet:
    page = Sheet().print_lines(5)
    page.pen.rectangle([px(40), px(120), px(110), px(160)], fill=(214, 60, 60))
    page.pen.ellipse([px(130), px(130), px(160), px(160)], fill=RED)
    page.pen.regular_polygon((px(60), px(220), px(14)), 5, fill=RED)
    return page


def red_border() -> Sheet:
    page = Sheet().print_lines(12)
    page.pen.rectangle([px(12), px(12), px(198), px(285)], outline=RED, width=px(1.2))
    return page


def card_in_colour() -> Sheet:
    page = Sheet()
    page.pen.rounded_rectangle([px(35), px(40), px(180), px(132)], px(4), fill=(216, 224, 236), outline=(120, 120, 130))
    page.pen.ellipse([px(142), px(62), px(162), px(92)], fill=(222, 176, 150))
    page.pen.ellipse([px(50), px(52), px(66), px(70)], fill=(196, 36, 44), outline=(220, 180, 80), width=px(1.4))
    return page


def list_of_print() -> Sheet:
    return Sheet().print_lines(24, 30)


@pytest.mark.parametrize(
    "painted", [red_table, red_head, red_notes, solid_red, red_border, card_in_colour, list_of_print, Sheet]
)
def test_what_is_merely_red_or_ruled_is_no_seal(painted: Any) -> None:
    assert certain(painted()) == []


def test_a_back_through_which_a_seal_shines_is_never_certain() -> None:
    front = Sheet().print_lines().ring(140, 200).pixels[:, ::-1].astype(float)
    back = 255 - (255 - cv2.GaussianBlur(front, (0, 0), 2)) * 0.06

    assert [mark for mark in find_seals(back.astype(np.uint8), DPI) if mark.sure >= CERTAIN] == []


# -- hostile -----------------------------------------------------------------------------------------------------------


def _noise(shape: tuple[int, ...]) -> Any:
    return np.random.default_rng(5).integers(0, 256, shape).astype(np.uint8)


@pytest.mark.parametrize(
    "page",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.full((9, 3000, 3), 255, np.uint8),
        np.full((2339, 1654, 3), 255, np.uint8),
        np.full((2339, 1654, 3), (210, 20, 30), np.uint8),
        np.zeros((2339, 1654), np.uint8),
        _noise((2339, 1654, 3)),
        np.zeros((0, 0, 3), np.uint8),
    ],
    ids=["pixel", "strip", "white", "all red", "black", "noise", "nothing"],
)
def test_any_image_is_answered(page: Any) -> None:
    assert [mark for mark in find_seals(page, DPI) if mark.sure >= CERTAIN] == []


def test_a_huge_page_and_one_of_red_scraps_cost_no_more_than_they_may() -> None:
    scraps = Sheet()
    dice = np.random.default_rng(9)
    for x, y in dice.uniform(5, 200, (1500, 2)):
        scraps.pen.rectangle([px(x), px(y * 1.4), px(x + 2), px(y * 1.4 + 3)], fill=RED)
    began = time.process_time()

    find_seals(np.full((14_000, 10_000, 3), 250, np.uint8), 300)
    find_seals(scraps.pixels, DPI)

    assert time.process_time() - began < 12  # about one second where nothing else runs


def test_without_a_resolution_a_page_is_still_answered() -> None:
    assert isinstance(find_seals(Sheet().ring(100, 100).pixels, 0), list)


# -- the words of a seal -----------------------------------------------------------------------------------------------


def test_a_ring_is_unrolled_from_its_gap_on() -> None:
    page = Sheet().print_lines(8).ring(140, 200)
    (mark,) = certain(page)

    strip = unroll(page.pixels, mark)

    told, end = (strip < 128).mean(axis=0), strip.shape[1] // 14
    assert strip.shape[1] > 4 * strip.shape[0]
    # The gap of the ring is cut: the letters stand in the middle, paper at both ends.
    assert max(told[:end].max(), told[-end:].max()) < 0.04 < told[3 * end : -3 * end].mean()


def test_print_under_a_red_seal_is_not_in_its_words() -> None:
    bare, over = Sheet().ring(140, 200), Sheet().print_lines().ring(140, 200)

    first, second = unroll(bare.pixels, certain(bare)[0]), unroll(over.pixels, certain(over)[0])

    assert abs(float((first < 128).mean()) - float((second < 128).mean())) < 0.04


def test_a_frame_is_given_upright_and_a_ring_has_a_middle_line() -> None:
    framed, ring = Sheet().framed(120, 150, 40, 16, "业务专用章"), Sheet().ring(100, 150)

    assert unroll(framed.pixels, certain(framed)[0]).shape[1] > unroll(framed.pixels, certain(framed)[0]).shape[0]
    assert middle_line(ring.pixels, certain(ring)[0]).shape == (150, 420)
    assert middle_line(framed.pixels, certain(framed)[0]).shape == (1, 1)


def test_a_mark_outside_of_the_page_unrolls_to_nothing() -> None:
    mark = SealMark((1.2, 1.2, 0.1, 0.1), SealShape.ROUND, True, 1, 1, 1)

    assert unroll(Sheet().pixels, mark).shape == (1, 1)
