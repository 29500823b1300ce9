"""Labelled page images (标注页面): pages of many looks with known faults, for tuning and for measuring detectors.

Seeds below ``SEALED`` are the development part: thresholds and the model of page directions are fitted on them.
Seeds from ``SEALED`` on are the sealed part, which only ``bench/inspection.py`` opens: **never tune on it**. Some of
its letters are set in a font that no development page uses.
"""

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from anjuan.demo import paint, people, plan, press, story
from anjuan.demo.brush import Sheet
from anjuan.demo.painting import sheet
from anjuan.facilities.printing.backends.typeset import FONT_FILE

SEALED = 1_000_000
A4_MM = (210.0, 297.0)
Array = npt.NDArray[Any]

_FOLDER = Path("/usr/share/fonts/opentype/noto")
_DEVELOPMENT_FONTS = ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc")
_SEALED_FONTS = (*_DEVELOPMENT_FONTS, "NotoSerifCJK-Bold.ttc")
_SIMPLIFIED = 2  # of the faces in each collection
_WORDS = (
    "社会保险经办机构参保单位职工养老失业工伤医疗待遇核定审核复核申报缴费基数月份年限证明材料身份证号姓名性别出生日期"
    "根据国务院关于企业职工基本养老保险规定经研究决定同意该同志自下月起按月领取退休金特此通知附件共壹份请予办理为荷"
    "兹有我厂工人调入原工作关系转移档案随寄收到后即将回执退还我处劳动合同解除终止原因补偿金额合计人民币元整银行账户"
    "开户支行联系电话家庭住址邮政编码经办人签字盖章负责人填表时间备注序号金额比例个人账户储存额指数化平均缴费工资"
)


@dataclass(frozen=True)
class Leaf:
    """A page and what is wrong with it.

    Attributes:
        pixels: RGB, or grey where it is stored so.
        dpi: of the pixels.
        look: what kind of page it is.
        faults: ids of the faults it has.
        needs_colour: it is of a material that must bear a seal.
        quality: of the JPEG.
        turn: degrees clockwise that set it upright.
    """

    pixels: Array
    dpi: int
    look: str
    faults: frozenset[str] = field(default=frozenset())
    needs_colour: bool = False
    quality: int = 75
    turn: int = 0
    stated_dpi: int | None = None

    @property
    def octets(self) -> bytes:
        """As a scanner stores it."""
        kept = io.BytesIO()
        dpi = self.stated_dpi or self.dpi
        Image.fromarray(self.pixels).save(kept, "JPEG", quality=self.quality, dpi=(dpi, dpi))
        return kept.getvalue()


# -- fonts and words ---------------------------------------------------------------------------------------------------


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    path = _FOLDER / name
    if name == "house" or not path.exists():
        return ImageFont.truetype(str(FONT_FILE), size)
    return ImageFont.truetype(str(path), size, index=_SIMPLIFIED)


def _fonts(dice: random.Random, is_sealed: bool) -> str:
    return dice.choice(("house", *(_SEALED_FONTS if is_sealed else _DEVELOPMENT_FONTS)))


def _said(dice: random.Random, count: int) -> str:
    """Words that mean nothing: runs of the vocabulary, with figures and marks between them."""
    told = ""
    while len(told) < count:
        start = dice.randrange(len(_WORDS) - 8)
        told += _WORDS[start : start + dice.randint(2, 9)]
        told += dice.choice(("，", "，", "。", "、", "", "", f"{dice.randint(1, 99999)}", "（", "）", "年", "月"))
    return told[:count]


@cache
def _cases() -> tuple[plan.Case, ...]:
    return tuple(case for cases in plan.cases(people.citizens()).values() for case in cases)


# -- looks -------------------------------------------------------------------------------------------------------------


class _Canvas:
    """A white sheet with a pen, lengths in millimetres."""

    def __init__(self, dice: random.Random, dpi: int, size: tuple[float, float] = A4_MM) -> None:
        self.dice, self.dpi, self.size = dice, dpi, size
        self.image = Image.new("RGB", (self.px(size[0]), self.px(size[1])), "white")
        self.pen = ImageDraw.Draw(self.image)
        self.ink = (dice.randint(20, 60),) * 3

    def px(self, length: float) -> int:
        return round(length * self.dpi / 25.4)

    def say(self, x: float, y: float, words: str, size: float, font: str, ink: Any = None, anchor: str = "ls") -> None:
        self.pen.text(
            (self.px(x), self.px(y)), words, font=_font(font, self.px(size)), fill=ink or self.ink, anchor=anchor
        )

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.pen.line(
            [(self.px(x0), self.px(y0)), (self.px(x1), self.px(y1))], fill=(80, 80, 84), width=max(1, self.px(0.25))
        )


def _form(dice: random.Random, dpi: int, is_sealed: bool) -> Array:
    """A form of the practice city."""
    case = dice.choice(_cases())
    material = dice.choice([material for material, _ in case.group.sheets])
    paper = replace(sheet(case, material, dice.randint(1, 2), "海港", 2), faults=frozenset())
    return _at_dpi(press.scan(paper, seed=dice.randrange(10**9)), press.DPI, dpi)


def _sample(dice: random.Random, dpi: int, is_sealed: bool) -> Array:
    """A form of the sample folder: ruled otherwise and written by another hand."""
    page = dice.choice([one for one in story.PAPERS if one.form != "pension_pdf"])
    facts = {
        "acceptance_no": f"SL2025{dice.randrange(10**6):06d}",
        "page_no": dice.randint(1, 30),
        "formed": page.formed,
        "person": page.persons[0],
    }
    painted = Sheet(dice.randrange(10**9))
    paint.FORMS[page.form](painted, facts)
    return _resized(np.asarray(painted.image), press.DPI, dpi)


def _letter(dice: random.Random, dpi: int, is_sealed: bool) -> Array:
    """A typed letter, full or of a few lines."""
    canvas, font = _Canvas(dice, dpi), _fonts(dice, is_sealed)
    size = dice.uniform(3.2, 5.6)
    margin = dice.uniform(18, 32)
    a_line = int((A4_MM[0] - 2 * margin) / size)
    y = dice.uniform(30, 50)
    if dice.random() < 0.7:
        canvas.say(105, y, _said(dice, dice.randint(6, 14)), size * 1.5, font, anchor="ms")
        y += size * 3
    for _ in range(dice.choice((1, 2, 3, 5, 8))):
        words = "　　" + _said(dice, dice.randint(20, 160))
        for start in range(0, len(words), a_line):
            if y < 250:
                canvas.say(margin, y, words[start : start + a_line], size, font)
                y += size * dice.uniform(1.55, 1.65)
    canvas.say(140, min(y + 20, 275), _said(dice, 8), size, font)
    canvas.say(140, min(y + 30, 285), f"20{dice.randint(10, 25)}年{dice.randint(1, 12)}月", size, font)
    return np.asarray(canvas.image)


def _table(dice: random.Random, dpi: int, is_sealed: bool, size: tuple[float, float] = A4_MM) -> Array:
    """A ruled list, full of figures."""
    canvas, font = _Canvas(dice, dpi, size), _fonts(dice, is_sealed)
    width, height = size
    rows, columns = dice.randint(8, 26), dice.randint(4, 9)
    top, left = dice.uniform(28, 45), dice.uniform(14, 22)
    step, room = (height - top - 30) / rows, (width - 2 * left) / columns
    canvas.say(width / 2, top - 10, _said(dice, 12), 5.5, font, anchor="ms")
    letter = min(3.4, step * 0.6)
    for row in range(rows + 1):
        canvas.line(left, top + row * step, width - left, top + row * step)
        for column in range(columns):
            if row < rows:
                most = max(2, int(room / letter) - 1)
                words = _said(dice, min(most, 6)) if column == 0 or row == 0 else f"{dice.uniform(1, 9999):.2f}"
                canvas.say(left + column * room + 1.5, top + row * step + step * 0.65, words[:most], letter, font)
    for column in range(columns + 1):
        canvas.line(left + column * room, top, left + column * room, top + rows * step)
    return np.asarray(canvas.image)


def _wide_table(dice: random.Random, dpi: int, is_sealed: bool) -> Array:
    """A landscape list, lying as it is read (横向表格)."""
    return _table(dice, dpi, is_sealed, (A4_MM[1], A4_MM[0]))


def _id_card(dice: random.Random, dpi: int, is_sealed: bool) -> Array:
    """Both sides of a card copied onto a sheet that is else empty."""
    canvas, font = _Canvas(dice, dpi), _fonts(dice, is_sealed)
    for top in (dice.uniform(30, 50), dice.uniform(120, 150)):
        tone = dice.randint(222, 240)
        box = [canvas.px(62), canvas.px(top), canvas.px(148), canvas.px(top + 54)]
        canvas.pen.rounded_rectangle(box, canvas.px(3), fill=(tone,) * 3, outline=(130,) * 3, width=2)
        for number in range(dice.randint(4, 6)):
            words = _said(dice, 5) + f"{dice.randrange(10**6)}"
            canvas.say(67, top + 10 + number * 8, words, 3.1, font, ink=(75,) * 3)
        if top < 100:
            canvas.pen.rectangle(
                [canvas.px(119), canvas.px(top + 8), canvas.px(142), canvas.px(top + 38)], fill=(150,) * 3
            )
    if dice.random() < 0.7:
        canvas.say(45, 220, "复印件与原件核对一致　核对人：", 4.0, font)
    return np.asarray(canvas.image)


def _carbon(dice: random.Random, dpi: int, is_sealed: bool) -> Array:
    """A carbon copy: print is crisp, what was written through the carbon is soft and blue (复写件)."""
    written = _Canvas(dice, dpi)
    blank = _Canvas(dice, dpi)
    written.ink = (70, 60, 140)
    for row in range(dice.randint(8, 16)):
        y = 50 + row * 13
        blank.line(20, y, 190, y)
        blank.say(22, y - 4, _said(dice, 4), 3.6, "house")
        written.say(50, y - 4, _said(dice, dice.randint(4, 18)), 5.0, "house")
    blank.say(105, 30, _said(dice, 9), 6, "house", anchor="ms")
    soft = cv2.GaussianBlur(np.asarray(written.image), (0, 0), dice.uniform(0.9, 1.4) * dpi / 150)
    return np.minimum(np.asarray(blank.image), soft)


LOOKS: dict[str, Callable[[random.Random, int, bool], Array]] = {
    "form": _form,
    "sample": _sample,
    "letter": _letter,
    "table": _table,
    "wide table": _wide_table,
    "card": _id_card,
    "carbon": _carbon,
}


def _at_dpi(octets: bytes, stored: int, dpi: int) -> Array:
    return _resized(np.asarray(Image.open(io.BytesIO(octets)).convert("RGB")), stored, dpi)


def _resized(pixels: Array, stored: int, dpi: int) -> Array:
    if stored == dpi:
        return pixels
    way = cv2.INTER_AREA if dpi < stored else cv2.INTER_CUBIC
    return cv2.resize(pixels, None, fx=dpi / stored, fy=dpi / stored, interpolation=way)


def photograph(dice: random.Random, dpi: int = 200) -> Array:
    """A picture without any writing: blobs of colour, soft light, fine texture."""
    noise = _noise(dice)
    height, width = round(A4_MM[1] * dpi / 25.4), round(A4_MM[0] * dpi / 25.4)
    layers = [
        cv2.resize(noise.integers(0, 255, (n, n, 3)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        for n in (3, 9, 40)
    ]
    return np.clip(
        layers[0] * 0.6 + layers[1] * 0.3 + layers[2] * 0.1 + noise.normal(0, 6, layers[0].shape), 0, 255
    ).astype(np.uint8)


def static(dice: random.Random, dpi: int = 200) -> Array:
    """A page of nothing but noise."""
    height, width = round(A4_MM[1] * dpi / 25.4), round(A4_MM[0] * dpi / 25.4)
    return _noise(dice).integers(0, 256, (height, width, 3)).astype(np.uint8)


def _noise(dice: random.Random) -> np.random.Generator:
    return np.random.default_rng(dice.randrange(2**32))


# -- blank pages -------------------------------------------------------------------------------------------------------


def blank(dice: random.Random, dpi: int, is_sealed: bool) -> Array:
    """An empty back: clean, specked, or with the front shining through (空白背面)."""
    height, width = round(A4_MM[1] * dpi / 25.4), round(A4_MM[0] * dpi / 25.4)
    page = np.full((height, width, 3), 255, np.uint8)
    kind = dice.choice(("clean", "specks", "through", "through"))
    if kind == "through":
        front = _letter(dice, dpi, is_sealed) if dice.random() < 0.5 else _table(dice, dpi, is_sealed)
        front = cv2.resize(front[:, ::-1], (width, height))
        soft = cv2.GaussianBlur(front, (0, 0), dice.uniform(1.2, 2.4) * dpi / 150).astype(np.float32)
        page = np.clip(255 - (255 - soft) * dice.uniform(0.05, 0.16), 0, 255).astype(np.uint8)
    if kind != "clean":
        for _ in range(dice.randint(5, 40)):
            spot = (dice.randrange(width), dice.randrange(height))
            cv2.circle(page, spot, dice.randint(0, max(1, dpi // 100)), (dice.randint(90, 200),) * 3, -1)
    return page


def nearly_blank(dice: random.Random, dpi: int, is_sealed: bool) -> Array:
    """Pages that are not blank though little is on them: a stamp, a note in pencil, a number."""
    canvas, font = _Canvas(dice, dpi), _fonts(dice, is_sealed)
    kind = dice.choice(("stamp", "note", "number"))
    x, y = dice.uniform(40, 150), dice.uniform(50, 240)
    if kind == "stamp":
        where = [canvas.px(x), canvas.px(y), canvas.px(x + 38), canvas.px(y + 38)]
        canvas.pen.ellipse(where, outline=(200, 60, 60), width=canvas.px(1))
        canvas.say(x + 19, y + 21, "业务专用章", 4.2, "house", ink=(200, 60, 60), anchor="ms")
    elif kind == "note":
        grey = dice.randint(120, 160)
        canvas.say(min(x, 110), y, _said(dice, dice.randint(6, 14)), dice.uniform(4.5, 6), font, ink=(grey,) * 3)
    else:
        canvas.say(x, y, _said(dice, 12), 4.2, font)
    return np.asarray(canvas.image)


# -- what a scanner does -----------------------------------------------------------------------------------------------


def scanned(pixels: Array, dice: random.Random, dpi: int, tilt: float = 0.0) -> Array:
    """Paper's tint, grain and a slight tilt: what every good scan has."""
    noise = _noise(dice)
    tint = np.array([dice.randint(240, 253), dice.randint(239, 252), dice.randint(228, 248)], np.float32)
    page = pixels.astype(np.float32) * (tint / 255)
    page = turned_by(page, tilt, tuple(float(value) for value in tint))
    page = cv2.GaussianBlur(page, (0, 0), dice.uniform(0.3, 0.55) * dpi / 200)
    page += _grain(noise, dice.uniform(0.6, 2.6), page.shape)
    return np.clip(page, 0, 255).astype(np.uint8)


def _grain(noise: np.random.Generator, strength: float, shape: Sequence[int]) -> Array:
    """Grain of the paper: a tile of it, laid all over the page."""
    tile = noise.normal(0, strength, (601, 601)).astype(np.float32)
    laid = np.tile(tile, (-(-shape[0] // 601), -(-shape[1] // 601)))[: shape[0], : shape[1]]
    return laid[..., None]


def turned_by(pixels: Array, degrees: float, ground: Sequence[float]) -> Array:
    """The page askew on the glass, what is bared filled with a colour."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=tuple(ground))


def blurred(pixels: Array, dice: random.Random, dpi: int) -> Array:
    """Out of focus, or moved: writing can hardly be read."""
    if dice.random() < 0.5:
        return cv2.GaussianBlur(pixels, (0, 0), dice.uniform(2.0, 3.5) * dpi / 150)
    length = max(3, round(dice.uniform(7, 11) * dpi / 150))
    kernel = np.zeros((length, length), np.float32)
    cv2.line(kernel, (0, dice.randrange(length)), (length - 1, dice.randrange(length)), 1.0)
    moved = cv2.filter2D(pixels, -1, kernel / kernel.sum())
    return cv2.GaussianBlur(moved, (0, 0), 1.2 * dpi / 150)


def faded(pixels: Array, dice: random.Random) -> Array:
    """So pale that it can hardly be read."""
    paper = float(np.median(pixels))
    left = dice.uniform(0.09, 0.2)
    return np.clip(paper - (paper - pixels.astype(np.float32)) * left, 0, 255).astype(np.uint8)


def bordered(pixels: Array, dice: random.Random) -> Array:
    """The dark ground behind the sheet along one to four sides, at least 2 % of the side."""
    page = pixels.copy()
    height, width = page.shape[:2]
    tone = dice.randint(2, 50)
    for side in dice.sample(("top", "right", "bottom", "left"), dice.randint(1, 4)):
        deep = round(dice.uniform(0.025, 0.06) * (height if side in ("top", "bottom") else width))
        match side:
            case "top":
                page[:deep] = tone
            case "bottom":
                page[-deep:] = tone
            case "left":
                page[:, :deep] = tone
            case _:
                page[:, -deep:] = tone
    return page


def darkened(pixels: Array, dice: random.Random) -> Array:
    """Grey ground."""
    return (pixels.astype(np.float32) * dice.uniform(0.45, 0.62)).astype(np.uint8)


def shaded(pixels: Array, dice: random.Random) -> Array:
    """Lit from one side."""
    height, width = pixels.shape[:2]
    angle = dice.uniform(0, 6.28)
    y, x = np.mgrid[-1 : 1 : complex(height), -1 : 1 : complex(width)]
    slope = (x * np.cos(angle) + y * np.sin(angle)) / 1.3
    light = 1 - dice.uniform(0.36, 0.5) * (slope * 0.5 + 0.5)
    return np.clip(pixels * light[..., None], 0, 255).astype(np.uint8)


def cut_off(pixels: Array, dice: random.Random) -> Array:
    """Cut through the writing on one side."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    ink = grey < float(np.median(grey)) - 60
    columns = np.flatnonzero(ink.mean(axis=0) > 0.01)
    deep = int(columns[0] + (columns[-1] - columns[0]) * dice.uniform(0.12, 0.25))
    return np.ascontiguousarray(pixels[:, deep:] if dice.random() < 0.5 else pixels[:, : pixels.shape[1] - deep])


def striped(pixels: Array, x: float, tone: int) -> Array:
    """A line from edge to edge, where dirt lies on the glass."""
    page = pixels.copy()
    at = round(x * page.shape[1])
    page[:, at : at + 2] = (page[:, at : at + 2].astype(np.int16) + tone) // 2
    return page


def leaf(look: str, seed: int, *, dpi: int | None = None) -> Leaf:
    """A good page of a look: the same seed gives the same page."""
    dice = random.Random(f"{look} {seed}")
    dpi = dpi or dice.choice((200, 200, 300))
    pixels = LOOKS[look](dice, dpi, seed >= SEALED)
    tilt = 0.0 if look == "form" else dice.uniform(-0.7, 0.7)  # the press tilts its own
    return Leaf(scanned(pixels, dice, dpi, tilt), dpi, look, quality=dice.choice((45, 60, 75, 90)))


def any_leaf(seed: int, *, dpi: int | None = None) -> Leaf:
    """A good page of some look."""
    return leaf(random.Random(f"look {seed}").choice(tuple(LOOKS)), seed, dpi=dpi)


def with_fault(code: str, seed: int) -> Leaf:
    """A page with one fault of the catalogue that one page alone can show."""
    dice = random.Random(f"{code} {seed}")
    good = any_leaf(seed)
    said = frozenset({code})
    match code:
        case "I01":
            degrees = dice.choice((-1, 1)) * dice.uniform(3.1, 6.0)
            ground = dice.choice(((250, 249, 245), (70, 70, 72)))
            return replace(good, pixels=turned_by(good.pixels, degrees, ground), faults=said)
        case "I02":
            # A landscape list on its end may be bound so: the bench has it among the traps.
            quarter = 180 if good.look == "wide table" else dice.choice((90, 180, 270))
            pixels = np.ascontiguousarray(np.rot90(good.pixels, quarter // 90))  # turned to the left by so much
            return replace(good, pixels=pixels, faults=said, turn=quarter)
        case "I04":
            return replace(good, pixels=bordered(good.pixels, dice), faults=said)
        case "I05":
            return replace(good, pixels=cut_off(good.pixels, dice), faults=said)
        case "I06":
            return replace(good, pixels=blurred(good.pixels, dice, good.dpi), faults=said)
        case "I08":
            return replace(good, pixels=faded(good.pixels, dice), faults=said)
        case "I09":
            return replace(good, pixels=darkened(good.pixels, dice), faults=said)
        case "I10":
            return replace(good, pixels=shaded(good.pixels, dice), faults=said)
        case "I17":
            dpi = good.dpi
            return Leaf(scanned(blank(dice, dpi, seed >= SEALED), dice, dpi), dpi, "blank", said, quality=good.quality)
        case "I18":
            low = dice.choice((72, 100, 120, 150))
            return replace(good, pixels=_resized(good.pixels, good.dpi, low), dpi=low, faults=said)
        case "I19":
            grey = cv2.cvtColor(good.pixels, cv2.COLOR_RGB2GRAY)
            stored = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB) if dice.random() < 0.4 else grey
            return replace(good, pixels=stored, faults=said, needs_colour=True)
    raise KeyError(code)


def rescanned(pixels: Array, dice: random.Random) -> Array:
    """The same sheet under the scanner again: shifted, turned a little, lighter or darker."""
    shift = np.array([[1, 0, dice.uniform(-12, 12)], [0, 1, dice.uniform(-12, 12)]], np.float32)
    page = cv2.warpAffine(pixels, shift, pixels.shape[1::-1], borderValue=(248, 247, 240))
    page = turned_by(page, dice.uniform(-0.6, 0.6), (248, 247, 240)).astype(np.float32) * dice.uniform(0.94, 1.03)
    page += _grain(_noise(dice), 1.5, page.shape)
    return np.clip(page, 0, 255).astype(np.uint8)
