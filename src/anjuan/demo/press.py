"""Painting the papers of the practice city as scanners give them (绘制材料): fast enough for thousands of pages.

A blank is printed once; what is entered, signed and sealed is set on it glyph by glyph. The same paper and seed give
the same bytes with the same libraries.
"""

import io
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from anjuan.demo import pen
from anjuan.demo.blanks import DPI, FOOT_TOP, SIZE, Place, pixels, printed
from anjuan.demo.digital import ofd as ofd
from anjuan.demo.digital import pdf as pdf
from anjuan.demo.digital import text as text
from anjuan.demo.paint import yuan
from anjuan.demo.papers import (
    HOSPITAL,
    Blank,
    blank_of,
    entries,
    is_by_hand,
    lines,
)
from anjuan.demo.papers import Paper as Paper
from anjuan.demo.pen import Ink

_QUALITIES = (56, 42)  # a page full of print is kept smaller
_MOST_BYTES = 240_000
_TINTS = ((125, 129), (126, 128), (128, 128), (124, 130))


def scan(paper: Paper, *, seed: int) -> bytes:
    """One page as a colour scan (扫描件): JPEG, A4 at 200 dpi."""
    page = _paint(paper, seed)
    for quality in _QUALITIES:
        kept = io.BytesIO()
        page.save(kept, "JPEG", quality=quality, dpi=(DPI, DPI), subsampling=2)
        if kept.tell() <= _MOST_BYTES:
            break
    return kept.getvalue()


def tiff(papers: Sequence[Paper], *, seed: int) -> bytes:
    """Pages as the old machines scan them (黑白扫描): one TIFF, two-valued, CCITT group 4, 200 dpi."""
    first, *rest = (
        _paint(paper, seed).getchannel(0).point(lambda value: 255 if value > 150 else 0).convert("1")
        for paper in papers
    )
    kept = io.BytesIO()
    first.save(kept, "TIFF", compression="group4", dpi=(DPI, DPI), save_all=True, append_images=rest)
    return kept.getvalue()


def _paint(paper: Paper, seed: int) -> Image.Image:
    dice = random.Random(f"{seed} {paper.acceptance_no} {paper.material_code} {paper.page_no}")  # noqa: S311 -- paint
    blank = blank_of(paper)
    page = _Page(paper, blank, dice)
    if "BLANK" not in paper.faults:
        page.fill()
    page.dust()
    image = page.image
    if "SKEWED" in paper.faults:
        turn = dice.choice((-1, 1)) * dice.uniform(3.5, 6)
        image = image.rotate(turn, Image.Resampling.BILINEAR, fillcolor=(96, 128, 128))
    if "BLURRED" in paper.faults:
        image = Image.merge("YCbCr", [band.filter(ImageFilter.BoxBlur(4)) for band in image.split()])
    return image


def _slanted(whole: Image.Image, tilt: float) -> Image.Image:
    """A blank laid a little askew: strips moved by whole pixels, as a scanning line moves."""
    strip = round(1 / max(abs(tilt), 0.001))
    across = Image.new("L", SIZE, 255)
    for left in range(0, SIZE[0], strip):
        piece = whole.crop((left, 0, min(left + strip, SIZE[0]), SIZE[1]))
        across.paste(piece, (left, round(tilt * (left + strip / 2 - SIZE[0] / 2))))
    down = Image.new("L", SIZE, 255)
    for top in range(0, SIZE[1], strip):
        piece = across.crop((0, top, SIZE[0], min(top + strip, SIZE[1])))
        down.paste(piece, (round(-tilt * (top + strip / 2 - SIZE[1] / 2)), top))
    return down


class _Page:
    """One page being filled in."""

    def __init__(self, paper: Paper, blank: Blank, dice: random.Random) -> None:
        self.paper, self.blank, self.dice = paper, blank, dice
        self.tilt = dice.uniform(-0.012, 0.012)  # as a fraction: up to 0.7°
        grain = pen.grain(dice.randrange(4))
        left, top = dice.randrange(pen.ROLL), dice.randrange(pen.ROLL)
        light = grain.crop((left, top, left + SIZE[0], top + SIZE[1]))
        if "BLANK" not in paper.faults:
            light = ImageChops.multiply(_slanted(printed(blank.key).image, self.tilt), light)
        blue, red = dice.choice(_TINTS)
        self.image = Image.merge("YCbCr", (light, Image.new("L", SIZE, blue), Image.new("L", SIZE, red)))
        self.type_ink: Ink = (dice.randint(38, 70), 128, 128)
        self.pen_ink: Ink = dice.choice((pen.BLUE, pen.BLUE, pen.BLACK_PEN))
        self.way = dice.randrange(pen.HANDS)
        # What is typed later never meets the printed cell exactly (套打偏移).
        self.off = (dice.uniform(-0.6, 0.6), dice.uniform(-0.5, 0.5))

    def _at(self, x: float, y: float) -> tuple[float, float]:
        across, down = x * DPI / 25.4, y * DPI / 25.4
        return across - self.tilt * (down - SIZE[1] / 2), down + self.tilt * (across - SIZE[0] / 2)

    # -- marks ---------------------------------------------------------------------------------------------------

    def type(self, x: float, y: float, words: str, size: float = 3.6, anchor: str = "l") -> None:
        """Typed words, from their left, middle or right."""
        height = pixels(size)
        if anchor != "l":
            x -= pen.width_of(words, height) / (2 if anchor == "m" else 1) * 25.4 / DPI
        left, middle = self._at(x, y)
        start = left
        for character in words:
            glyph = pen.typed(character, height)
            self.image.paste(
                self.type_ink,
                (round(left) + glyph.dx, round(middle + self.tilt * (left - start)) + glyph.dy),
                glyph.mask,
            )
            left += glyph.step

    def write(self, x: float, y: float, words: str, size: float = 4.6) -> None:
        """Words by hand."""
        height = pixels(size)
        left, middle = self._at(x, y)
        climb = self.dice.uniform(-0.02, 0.03)
        start = left
        for place, character in enumerate(words):
            glyph = pen.handwritten(character, height, (self.way + place) % pen.HANDS)
            down = round(middle - climb * (left - start)) + self.dice.randint(-1, 1)
            self.image.paste(self.pen_ink, (round(left) + glyph.dx, down + glyph.dy), glyph.mask)
            left += glyph.step * 0.96

    def paragraphs(self, y: float, told: Sequence[str], words: dict[str, str], size: float, leading: float) -> float:
        """Typed paragraphs, the first line of each drawn in; gives the height below them."""
        height, room = pixels(size), pixels(166)
        for paragraph in told:
            line, used = "", 0.0
            for character in f"　　{paragraph.format_map(words)}":
                step = pen.typed(character, height).step
                if used + step > room and character not in "，。；：、）":
                    self.type(22, y, line, size)
                    y, line, used = y + leading, "", 0.0
                line, used = line + character, used + step
            self.type(22, y, line, size)
            y += leading
        return y

    def press(self, mask: Image.Image, x: float, y: float, ink: Ink = pen.RED) -> None:
        """Press a seal: the print is still seen through it."""
        across, down = self._at(x + self.dice.uniform(-3, 3), y + self.dice.uniform(-2, 2))
        left, top = round(across) - mask.width // 2, round(down) - mask.height // 2
        under = self.image.crop((left, top, left + mask.width, top + mask.height)).getchannel(0)
        self.image.paste(ink, (left, top), ImageChops.multiply(mask, under))

    def _round(self, x: float, y: float, ring: str, foot: str = "", size: float = 39.0) -> None:
        if "NO_SEAL" not in self.paper.faults:
            self.press(pen.round_seal(ring, foot, size, self.dice.randrange(pen.PRESSINGS)), x, y)

    def _square(self, x: float, y: float, told: tuple[str, ...], width: float, height: float) -> None:
        if "NO_SEAL" not in self.paper.faults:
            self.press(pen.square_seal(told, width, height, self.dice.randrange(pen.PRESSINGS)), x, y)

    # -- the page ------------------------------------------------------------------------------------------------

    def fill(self) -> None:
        """Enter, sign, seal and number the page."""
        words = entries(self.paper)
        blank, form = self.blank, printed(self.blank.key)
        by_hand = is_by_hand(self.paper, blank)
        if "{" in blank.title:
            self.type(105, 27, blank.title.format_map(words), 5.6, "m")
        if blank.line:
            self.type(20, 44, blank.line.format_map(words), 3.4)
        elif blank.kind == "form" and not blank.foot[0].startswith("BY_"):
            self.type(20, 40, f"经办机构：{self.paper.agency_name}", 3.3)
            self.type(190, 40, f"受理号：{self.paper.acceptance_no}", 3.3, "r")
        told = lines(self.paper, blank)
        for place in form.places:
            if place.entry.startswith("#"):
                self._column(place, told, form.lines_at[1])
            elif place.entry.startswith("~"):
                self.write(place.x, place.y, words.get(place.entry[1:], words["holder"]), 5.2)
            else:
                self._enter(place, words.get(place.entry.lstrip("+"), ""), by_hand)
        if blank.kind == "receipts":
            self._receipts(words)
        letter = not blank.rows
        size, leading = (4.1, 9.2) if letter else (3.4, 6.4)
        y = self.paragraphs(form.text_at, blank.text, words, size, leading)
        if blank.after:
            below = form.lines_at[0] + form.lines_at[1] * 5 + 4 if blank.columns else y + 2
            y = self.paragraphs(below, blank.after, words, 3.8, 8.2)
        self._foot(words, max(y + 10, 150.0))
        self._margins()

    def _enter(self, place: Place, words: str, by_hand: bool) -> None:
        if place.entry.startswith("+"):  # an address on a card takes more lines than one
            for number, part in enumerate((words[:12], words[12:24])):
                self.type(place.x, place.y + number * 5, part, 3.0)
            return
        size = 3.6
        room = pixels(place.width - 2)
        if by_hand:
            size = min(4.8, 4.8 * room / max(1.0, pen.width_of(words, pixels(4.8))))
            self.write(place.x + 1.5, place.y, words, size)
            return
        size = min(size, size * room / max(1.0, pen.width_of(words, pixels(size))))
        x, y = place.x + self.off[0], place.y + self.off[1]
        self.type(x + place.width / 2, y, words, size, "m") if place.centred else self.type(x, y, words, size)

    def _column(self, place: Place, told: Sequence[dict[str, str]], height: float) -> None:
        entry = place.entry[1:]
        for number, line in enumerate(told):
            cell = Place(entry, place.x, place.y + number * height, place.width, centred=True)
            if entry in ("sign", "who"):
                self.write(
                    cell.x + 1.5, cell.y, line.get(entry, ""), min(4.2, cell.width / max(3, len(line.get(entry, ""))))
                )
            else:
                self._enter(cell, line.get(entry, ""), by_hand=False)

    def _foot(self, words: dict[str, str], y: float) -> None:
        firm, agency = words["employer"], self.paper.agency_name.partition("（")[0]
        boxes = [party for party in self.blank.foot if party in ("EMPLOYER", "HANDLER", "REVIEWER", "AGENCY")]
        width = 170 / max(1, len(boxes))
        for number, party in enumerate(boxes):
            left = 20 + width * number
            opinion = {"EMPLOYER": "情况属实", "HANDLER": "材料齐全，同意", "REVIEWER": "复核无误", "AGENCY": "同意"}[
                party
            ]
            self.write(left + 5, FOOT_TOP + 16, opinion)
            self.type(left + width - 4, FOOT_TOP + 52, words["formed"], 3.4, "r")
            if party in ("HANDLER", "REVIEWER"):
                name = words["handler" if party == "HANDLER" else "reviewer"]
                self.write(left + 5, FOOT_TOP + 34, name, 5.2)
                self._square(left + width - 15, FOOT_TOP + 35, (name,), 4.6 * len(name) + 3, 7.5)
            else:
                foot = "" if party == "EMPLOYER" else "业务专用章"
                self._round(left + width / 2 + 4, FOOT_TOP + 34, firm if party == "EMPLOYER" else agency, foot)
        for party in self.blank.foot:
            self._party(party, words, firm, agency, y)

    def _party(self, party: str, words: dict[str, str], firm: str, agency: str, y: float) -> None:
        if party.startswith("BY_"):
            who = {"BY_EMPLOYER": firm, "BY_AGENCY": self.paper.agency_name, "BY_HOSPITAL": HOSPITAL}.get(party)
            y = 226.0 if self.blank.signer else min(max(y + 8, 190.0), 240.0)
            if who is None and words["holder"] != firm:
                self.type(110, y, "说明人（签字）：", 3.8)
                self.write(140, y, words["holder"], 5.6)
            else:
                self.type(146, y, who or firm, 4.0, "m")
                foot = {"BY_AGENCY": "工伤认定专用章", "BY_HOSPITAL": "诊断证明专用章"}.get(party, "")
                self._round(148, y + 4, who.partition("（")[0] if who else firm, foot)
            self.type(146, y + 10, words["formed"], 4.0, "m")
        elif party == "LIST":
            self.write(41, 250, words["head"])
            self.write(99, 250, words["clerk"])
            self.write(158, 250, words["formed_short"], 3.8)
            self._round(160, 236, firm)
            self._square(70, 264, (agency, "缴费核定专用章"), 44, 15)
        elif party == "CHECKED":
            self._square(62, 226, ("复印件与原件核对一致",), 52, 9)
            self.type(40, 240, "核对人：", 3.6)
            self.write(55, 240, words["handler"], 5.0)
            self.type(40, 250, "日　期：", 3.6)
            self.write(55, 250, words["formed_short"], 4.2)
            self._square(150, 240, (agency, "经办专用章"), 46, 16)
        elif party == "HOSPITAL_ON_IT":  # copied with the paper, so it is grey
            self.press(pen.round_seal(HOSPITAL, "出生证明专用章", 38, 0), 150, 160, (120, 128, 128))

    def _receipts(self, words: dict[str, str]) -> None:
        """Tickets pasted one over the edge of the other (票据粘贴)."""
        for number in range(3):
            ticket = _ticket(words, number, self.dice.randint(100_000, 999_999))
            across, down = self._at(30 + number * 7 + self.dice.uniform(-3, 3), 54 + number * 66)
            turned = ticket.rotate(self.dice.uniform(-3, 3), Image.Resampling.BILINEAR, expand=True)
            paper = turned.getchannel(1).point(lambda value: 255 if value else 0)
            self.image.paste(turned, (round(across), round(down)), paper)
            self._round(128 + number * 7, 88 + number * 66, HOSPITAL, "收费专用章", 33)
        self.type(20, 280, f"粘贴人：{words['holder']}　　票据张数：3　　合计金额：{words['fee']}元", 3.4)

    def _margins(self) -> None:
        paper = self.paper
        self.type(20, 288, f"受理号 {paper.acceptance_no}", 2.7)
        if paper.pages > 1:  # 骑缝章: half of it is on the next sheet
            self._round(209, 140 + self.dice.uniform(-6, 6), paper.agency_name.partition("（")[0], "业务专用章")
        if "NO_PAGE_STAMP" not in paper.faults:
            ink, self.type_ink = self.type_ink, (60, 150, 118)
            self.type(189, 13, f"第{paper.page_no}页 共{paper.pages}页", 3.9, "r")
            self.type_ink = ink

    def dust(self) -> None:
        """Specks of dust on the glass."""
        draw = ImageDraw.Draw(self.image)
        for _ in range(self.dice.randint(6, 18)):
            x, y, tone = self.dice.randrange(SIZE[0]), self.dice.randrange(SIZE[1]), self.dice.randint(110, 215)
            draw.ellipse([x, y, x + self.dice.randint(0, 2), y + self.dice.randint(0, 2)], fill=(tone, 128, 128))


def _ticket(words: dict[str, str], number: int, serial: int) -> Image.Image:
    """A ticket of a clinic (门诊收费票据)."""
    width, height = pixels(124), pixels(62)
    ticket = Image.new("L", (width, height), 236)
    draw = ImageDraw.Draw(ticket)
    draw.rectangle([0, 0, width - 1, height - 1], outline=150)

    def say(x: float, y: float, told: str, size: float = 3.0, tone: int = 70) -> None:
        left = x * DPI / 25.4
        for character in told:
            glyph = pen.typed(character, pixels(size))
            ticket.paste(tone, (round(left) + glyph.dx, pixels(y) + glyph.dy), glyph.mask)
            left += glyph.step

    say(34, 6, "演示市医疗门诊收费票据", 4.2)
    say(88, 12, f"No. {serial}", 2.9)
    say(6, 14, f"姓名：{words.get('name', words['holder'])}", 3.1, 50)
    whole = int(words["fee"].replace(",", "").replace(".", ""))
    own = whole // 3 + (whole % 3 if number == 0 else 0)
    test = own * (3 + number) // 8
    for place, (item, fen) in enumerate((("诊查费", 1500), ("检验费", test), ("西药费", own - test - 1500))):
        y = 23 + place * 7
        draw.line([pixels(5), pixels(y + 3.5), width - pixels(5), pixels(y + 3.5)], fill=170)
        say(8, y, item)
        say(62, y, "1")
        say(88, y, yuan(fen))
    say(8, 50, f"收款单位：{HOSPITAL}")
    say(72, 45, f"合计 {yuan(own)}")
    say(8, 57, f"日期：{words['formed_short']}　　本票据为演示样张")
    tint = ((121, 134), (128, 126), (126, 131))[number]
    return Image.merge("YCbCr", (ticket, *(Image.new("L", ticket.size, value) for value in tint)))
