"""Whether a place on a form was filled by hand: pens count; rules, print, seals, dust and the other side do not."""

import math
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from anjuan.core.reading.marks import Presence
from anjuan.facilities.printing.backends.typeset import FONT_FILE
from anjuan.facilities.reading.backends.ink import handwriting

DPI = 200
BOX = (0.2, 0.3, 0.3, 0.3)  # of a sheet of 100 × 60 mm
BLUE, BLACK, RED = (30, 44, 130), (24, 24, 28), (205, 30, 42)
Colour = tuple[int, int, int]


def px(length: float) -> int:
    return round(length * DPI / 25.4)


class Slip:
    """A slip of 100 × 60 mm."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (px(100), px(60)), (250, 249, 244))
        self.pen = ImageDraw.Draw(self.image)

    def signed(self, ink: Colour = BLUE, x: float = 24, y: float = 27) -> "Slip":
        for sign in range(3):
            at = x + sign * 6
            path = [
                (px(at + 2.2 * math.cos(t * 1.3 + sign)), px(y + 2.4 * math.sin(t * 1.9 + sign * 2)))
                for t in np.linspace(0, 5, 40)
            ]
            self.pen.line(path, ink, px(0.4))
        return self

    def ruled(self) -> "Slip":
        self.pen.rectangle([px(20), px(18), px(50), px(36)], outline=(60, 60, 64), width=px(0.3))
        self.pen.line([(px(5), px(33)), (px(95), px(33.4))], (60, 60, 64), px(0.3))
        return self

    def sealed(self) -> "Slip":
        layer = Image.new("RGB", self.image.size, "white")
        pen = ImageDraw.Draw(layer)
        pen.ellipse([px(18), px(8), px(54), px(44)], outline=RED, width=px(1.2))
        pen.text((px(36), px(27)), "业务专用章", RED, ImageFont.truetype(str(FONT_FILE), px(5)), "mm")
        self.image = Image.fromarray((np.asarray(self.image).astype(int) * np.asarray(layer) // 255).astype(np.uint8))
        self.pen = ImageDraw.Draw(self.image)
        return self

    def label(self, words: str = "经办人：") -> "Slip":
        font = ImageFont.truetype(str(FONT_FILE), px(3.6))
        self.pen.text((px(21), px(27)), words, BLACK, font, "lm")
        return self

    @property
    def pixels(self) -> Any:
        grain = np.random.default_rng(3).normal(0, 1.5, (*self.image.size[::-1], 1))
        return np.clip(np.asarray(self.image) + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("ink", [BLUE, BLACK])
def test_a_signature_fills_its_place(ink: Colour) -> None:
    mark = handwriting(Slip().ruled().signed(ink).pixels, DPI, BOX)

    assert mark.presence is Presence.PRESENT and mark.strokes > 0.5 and 0.01 < mark.share < 0.4
    assert mark.box[0] >= 0.2 and mark.box[0] + mark.box[2] <= 0.5


def test_a_signature_under_a_seal_fills_its_place() -> None:
    assert handwriting(Slip().signed().sealed().pixels, DPI, BOX).presence is Presence.PRESENT


def test_a_signature_on_a_grey_page_fills_its_place() -> None:
    grey = cv2.cvtColor(Slip().ruled().signed().pixels, cv2.COLOR_RGB2GRAY)

    assert handwriting(grey, DPI, BOX).presence is Presence.PRESENT


def specked() -> Slip:
    slip = Slip().ruled()
    for x, y in np.random.default_rng(4).uniform((21, 19), (49, 35), (25, 2)):
        slip.pen.ellipse([px(x), px(y), px(x) + 2, px(y) + 2], fill=(90, 90, 90))
    return slip


def neighbour() -> Slip:
    return Slip().signed(x=55)


@pytest.mark.parametrize(
    "slip",
    [Slip(), Slip().ruled(), Slip().sealed(), specked(), neighbour()],
    ids=["bare", "ruled", "sealed", "dust", "beside"],
)
def test_rules_seals_dust_and_the_neighbours_hand_do_not_fill_it(slip: Slip) -> None:
    assert handwriting(slip.pixels, DPI, BOX).presence is Presence.ABSENT


def test_a_signature_on_the_back_does_not_fill_it() -> None:
    front = Slip().signed(BLACK).pixels[:, ::-1].astype(float)
    back = np.ascontiguousarray((255 - (255 - cv2.GaussianBlur(front, (0, 0), 2)) * 0.14).astype(np.uint8))

    assert handwriting(back, DPI, (0.5, 0.3, 0.3, 0.3)).presence is Presence.ABSENT


def test_print_that_is_told_does_not_fill_it_and_the_hand_beside_does() -> None:
    printed = [(0.205, 0.4, 0.14, 0.1)]

    assert handwriting(Slip().label().pixels, DPI, BOX, printed).presence is Presence.ABSENT
    assert handwriting(Slip().label().signed(x=38).pixels, DPI, BOX, printed).presence is Presence.PRESENT


@pytest.mark.parametrize("box", [(1.5, 0.2, 0.1, 0.1), (0.2, 0.2, 0.0, 0.0), (-0.5, -0.5, 0.1, 0.1)])
def test_a_place_outside_of_the_page_is_empty(box: tuple[float, float, float, float]) -> None:
    assert handwriting(Slip().pixels, DPI, box).presence is Presence.ABSENT


@pytest.mark.parametrize(
    "page", [np.zeros((1, 1, 3), np.uint8), np.zeros((400, 300), np.uint8)], ids=["pixel", "black"]
)
def test_any_image_is_answered(page: Any) -> None:
    assert handwriting(page, DPI, BOX).presence is Presence.ABSENT
