"""Printing the blank forms (印制空白表): each is printed once, and says where its entries are to be written."""

import functools
from dataclasses import dataclass

from PIL import Image, ImageDraw

from anjuan.demo.brush import font
from anjuan.demo.papers import LINES_A_PAGE, PRACTICE, Blank, blanks

DPI = 200
SIZE = (1654, 2339)  # A4 at 200 dpi: the least that DA/T 31-2017 asks for
FOOT_TOP = 206.0  # where the boxes of those who sign begin, in millimetres
_LEFT, _RIGHT = 20.0, 190.0
_GREY, _LINE = 46, 84
_FOOT_WORDS = {
    "EMPLOYER": "单位意见（盖章）", "HANDLER": "经办人意见", "REVIEWER": "复核意见", "AGENCY": "经办机构意见（盖章）",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where an entry is written (填写处): the left middle of its cell and its room, in millimetres."""

    entry: str
    x: float
    y: float
    width: float
    centred: bool


@dataclass(frozen=True)
class Printed:
    """A blank as it comes from the press.

    Attributes:
        image: print on white, in grey.
        places: of the entries.
        lines_at: height of the list's first line, and of each line.
        text_at: where the paragraphs begin.
    """

    image: Image.Image
    places: tuple[Place, ...]
    lines_at: tuple[float, float]
    text_at: float


def pixels(length: float) -> int:
    """Millimetres as pixels of these scans."""
    return round(length * DPI / 25.4)


class _Press:
    """The press with one sheet in it."""

    def __init__(self) -> None:
        self.image = Image.new("L", SIZE, 255)
        self.draw = ImageDraw.Draw(self.image)
        self.places: list[Place] = []

    def words(
        self, x: float, y: float, words: str, size: float = 3.6, anchor: str = "lm", *, heavy: bool = False
    ) -> None:
        self.draw.text(
            (pixels(x), pixels(y)), words, font=font(pixels(size)), fill=_GREY, anchor=anchor,
            stroke_width=0.4 if heavy else 0,
        )  # fmt: skip

    def frame(self, x: float, y: float, width: float, height: float, weight: int = 1) -> None:
        self.draw.rectangle([pixels(x), pixels(y), pixels(x + width), pixels(y + height)], outline=_LINE, width=weight)

    def label(self, x: float, y: float, width: float, words: str, size: float = 3.5) -> None:
        """Words in the middle of a cell, made narrower when they do not fit."""
        longest = font(pixels(size)).getlength(words)
        self.words(x + width / 2, y, words, size * min(1.0, pixels(width - 1) / max(1.0, longest)), "mm")


@functools.cache
def printed(key: str) -> Printed:
    """One blank, printed (印好的空白表)."""
    blank = blanks()[key]
    press = _Press()
    press.words(105, 10, PRACTICE, 2.9, "mm")
    if blank.kind == "card":
        return _card(press)
    if blank.kind == "licence":
        return _licence(press)
    if "{" not in blank.title:
        press.words(105, 27, blank.title, 6.4 if len(blank.title) < 16 else 5.8, "mm", heavy=True)
    if blank.no:
        press.words(_RIGHT, 19, blank.no, 2.8, "rm")
    if blank.kind == "receipts":
        press.frame(_LEFT, 44, _RIGHT - _LEFT, 230, 2)
        return Printed(press.image, (), (0, 0), 0)
    if blank.kind == "certificate":
        press.frame(14, 16, 182, 200, 3)
        press.frame(16, 18, 178, 196)
    y = 46.0
    if blank.line:
        y += 5
    y = _rows(press, blank, y) if blank.rows else y
    text_at = y + (10 if blank.rows else 6)
    lines_at = (0.0, 0.0)
    if blank.columns:
        lines_at = _list(press, blank, y + (38 if blank.text and not blank.rows else 2))
        if not blank.text:
            text_at = lines_at[0]
    _foot(press, blank)
    return Printed(press.image, tuple(press.places), lines_at, text_at)


def _rows(press: _Press, blank: Blank, y: float) -> float:
    """The ruled pairs; gives the height below them."""
    top, height = y, min(13.0, 128 / len(blank.rows))
    label_width, whole = 23.0, _RIGHT - _LEFT
    for row in blank.rows:
        if not row[0].entry:
            press.frame(_LEFT, y, whole, height)
            press.label(_LEFT, y + height / 2, whole, row[0].label, 3.9)
            y += height
            continue
        room = whole - label_width * len(row)
        x = _LEFT
        for cell in row:
            width = room * cell.share / sum(other.share for other in row)
            press.frame(x, y, label_width, height)
            press.label(x, y + height / 2, label_width, cell.label)
            press.frame(x + label_width, y, width, height)
            press.places.append(Place(cell.entry, x + label_width, y + height / 2, width, centred=True))
            x += label_width + width
        y += height
    press.frame(_LEFT, top, whole, y - top, 2)
    if blank.signer:
        press.words(_LEFT + 92, FOOT_TOP - 8, f"{blank.signer}：", 3.6)
        press.places.append(Place(f"~{blank.signs}", _LEFT + 122, FOOT_TOP - 8, 40, centred=False))
    return y


def _list(press: _Press, blank: Blank, y: float) -> tuple[float, float]:
    """The heads and lines of a list; gives the height of its first line and of each."""
    count = LINES_A_PAGE if blank.lists_persons else 5
    height = 8.0 if blank.lists_persons else 11.0
    scale = (_RIGHT - _LEFT) / sum(column.width for column in blank.columns)
    x = _LEFT
    for column in blank.columns:
        width = column.width * scale
        for number in range(count + 1):
            press.frame(x, y + number * height, width, height)
        press.label(x, y + height / 2, width, column.heading)
        press.places.append(Place(f"#{column.entry}", x, y + height * 1.5, width, centred=True))
        x += width
    press.frame(_LEFT, y, _RIGHT - _LEFT, height * (count + 1), 2)
    return y + height * 1.5, height


def _foot(press: _Press, blank: Blank) -> None:
    boxes = [party for party in blank.foot if party in _FOOT_WORDS]
    width = (_RIGHT - _LEFT) / max(1, len(boxes))
    for number, party in enumerate(boxes):
        press.frame(_LEFT + width * number, FOOT_TOP, width, 58, 2)
        press.words(_LEFT + width * number + 2, FOOT_TOP + 6, _FOOT_WORDS[party], 3.4)
    if "LIST" in blank.foot:
        for x, words in ((_LEFT, "单位负责人："), (85, "填表人："), (140, "填表日期：")):
            press.words(x, 250, words, 3.4)


def _card(press: _Press) -> Printed:
    """Both faces of an ID card that is none (身份证复印件)."""
    for top in (42.0, 112.0):
        box = [pixels(58), pixels(top), pixels(152), pixels(top + 59)]
        press.draw.rounded_rectangle(box, pixels(3), fill=226, outline=120, width=2)
    for number, label in enumerate(("姓 名", "性 别", "出 生")):
        press.words(63, 51 + number * 8, label, 2.5)
    press.words(88, 59, "民 族", 2.5)
    press.words(63, 75, "住 址", 2.5)
    press.words(63, 94, "公民身份号码", 2.6)
    left, top = pixels(121), pixels(48)
    press.draw.rectangle([left, top, left + pixels(25), top + pixels(34)], fill=204)
    centre = left + pixels(12.5)
    press.draw.ellipse([centre - pixels(5), top + pixels(6), centre + pixels(5), top + pixels(19)], fill=116)
    press.draw.pieslice(
        [centre - pixels(10), top + pixels(20), centre + pixels(10), top + pixels(48)], 180, 360, fill=116
    )
    for y, words, size in ((124, "演 示 证 件", 5.6), (135, "本图不是居民身份证，号码归属地不存在", 3.1)):
        press.words(105, y, words, size, "mm")
    press.words(68, 152, "签发机关　演示市公安局（虚构）", 2.9)
    press.words(68, 161, "有效期限　2016.06.01-2036.06.01", 2.9)
    places = (
        Place("name", 74, 51, 40, centred=False), Place("sex", 74, 59, 10, centred=False),
        Place("nation", 97, 59, 20, centred=False), Place("birth", 74, 67, 40, centred=False),
        Place("+address", 74, 75, 42, centred=False), Place("id_number", 84, 94, 60, centred=False),
    )  # fmt: skip
    return Printed(press.image, places, (0, 0), 0)


def _licence(press: _Press) -> Printed:
    """A business licence, copied smaller (营业执照复印件)."""
    press.frame(32, 40, 146, 106, 4)
    press.frame(35, 43, 140, 100)
    press.words(105, 60, "营 业 执 照", 9, "mm", heavy=True)
    press.words(105, 69, "（ 副 本 · 演 示 ）", 3.2, "mm")
    labels = ("信用代码", "名　　称", "类　　型", "住　　所", "法定代表人", "成立日期", "登记机关")
    entry = ("credit_code", "employer", "unit_kind", "unit_address", "head", "founded", "registrar")
    places = []
    for number, (label, name) in enumerate(zip(labels, entry, strict=True)):
        press.words(44, 79 + number * 8.6, label, 3.1)
        places.append(Place(name, 66, 79 + number * 8.6, 90, centred=False))
    return Printed(press.image, tuple(places), (0, 0), 0)
