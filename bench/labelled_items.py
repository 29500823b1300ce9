"""Labelled items (标注件): a main form with its further pages, and pages that are no forms at all (陷阱).

As in ``labelled_forms``, the same seed gives the same pages, and seeds from ``SEALED`` on are for reports only.
"""

import random

import cv2
import numpy as np
from bench import form_facts, labelled, labelled_forms
from bench.form_paint import Page
from bench.form_truth import FormTruth
from bench.labelled import A4_MM, SEALED, Leaf

ITEM_FAULTS = ("V05", "V06", "D10")
PAGE_TRAPS = (
    "id card", "batch list", "foreign form", "blank back", "carbon", "photograph", "red ticket", "red border",
    "all red", "noise", "red logo", "letter", "red lines",
)  # fmt: skip


class _More(labelled_forms._Form):
    """A further page of a form: whom it concerns, a list, the page's number; nothing is sealed there."""

    def paint(self) -> tuple[Leaf, FormTruth]:
        page, dice = self.page, self.dice
        self.truth.title = dice.choice(form_facts.titles(self.step)) + dice.choice(("（续）", "（续表）", "附表"))
        y = dice.uniform(24, 34)
        page.say(page.size[0] / 2, y, self.truth.title, 5.6, anchor="mm")
        y += 13
        for entry in [one for one in ("name", "id_number", "employer") if one in self.facts.values]:
            words = form_facts.printed(entry, self.facts.values[entry], self.style)
            end = page.say(self.left, y, f"{self._label(entry)}：", self.size)
            page.say(end + 1, y, words, self.size, entry=entry)
            y += 8
        columns, height = dice.randint(3, 6), dice.uniform(8, 11)
        wide = self.width / columns
        for row in range(dice.randint(6, 16)):
            for column in range(columns):
                words = labelled._said(dice, dice.randint(2, 5)) if not row * column else f"{dice.uniform(1, 9999):.2f}"
                page.frame(self.left + wide * column, y, wide, height)
                page.fitted(self.left + wide * column, y + height / 2, wide, words, 3.3)
            y += height
        self._numbers()
        self.truth.fields, self.truth.lines = page.fields, page.lines
        self._catalogued()
        return self._scanned()


def item(seed: int, fault: str = "", pages: int = 3) -> list[tuple[Leaf, FormTruth]]:
    """The pages of one item in order, numbered on.

    Args:
        seed: from ``SEALED`` on it is of the sealed part.
        fault: V05, a page in the middle or at the end is missing; V06, one is stamped with a wrong number; D10, one
            further page is of another person; or nothing.
        pages: how many there should be, two at least.
    """
    dice = random.Random(f"item {seed}")
    first, poor = dice.randint(1, 160), dice.randint(2, pages)
    made = []
    for number in range(1, pages + 1):
        numbers = (number, pages, first + number - 1)
        if fault == "V05" and number == poor:
            continue
        here = fault if fault == "V06" and number == poor else ""
        if number == 1:
            made.append(labelled_forms.form(seed, here, numbers=numbers))
            continue
        one = _More(seed, here, "", None, numbers)
        if fault == "D10" and number == poor:
            one.facts = form_facts.facts(random.Random(f"other {seed}"), one.step)
        leaf, truth = one.paint()
        truth.catalogue = made[0][1].catalogue
        made.append((leaf, truth))
    return made


def trap_page(name: str, seed: int) -> tuple[Leaf, FormTruth]:
    """A page without any seal, hand or field, which something may be taken for; ``name`` is of ``PAGE_TRAPS``."""
    dice = random.Random(f"{name} {seed}")
    dpi, is_sealed = dice.choice((200, 200, 300)), seed >= SEALED
    truth = FormTruth("", "", name, trap=name)
    match name:
        case "photograph":
            return Leaf(labelled.photograph(dice, dpi), dpi, name), truth
        case "noise":
            return Leaf(labelled.static(dice, dpi), dpi, name), truth
        case "all red":
            size = (round(A4_MM[1] * dpi / 25.4), round(A4_MM[0] * dpi / 25.4), 3)
            page = np.full(size, (dice.randint(190, 225), dice.randint(20, 60), dice.randint(20, 60)), np.uint8)
        case "batch list":
            page = labelled._table(dice, dpi, is_sealed)
        case "carbon":
            page = labelled._carbon(dice, dpi, is_sealed)
        case "blank back":
            page = _back(dice, dpi, seed)
        case "letter":
            page = labelled._letter(dice, dpi, is_sealed)
        case _:
            page = _PAINTED[name](dice, dpi, is_sealed)
    pixels = labelled.scanned(page, dice, dpi, dice.uniform(-0.7, 0.7))
    return Leaf(pixels, dpi, name, quality=dice.choice((45, 60, 75, 90))), truth


def _back(dice: random.Random, dpi: int, seed: int) -> labelled.Array:
    """An empty back with a sealed form shining through, mirrored and pale (透印)."""
    front, _ = labelled_forms.form(seed, worn="")
    size = (round(A4_MM[0] * dpi / 25.4), round(A4_MM[1] * dpi / 25.4))
    front = cv2.resize(np.ascontiguousarray(front.pixels[:, ::-1]), size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(front, (0, 0), dice.uniform(1.0, 2.0) * dpi / 150).astype(np.float32)
    soft *= 255 / np.percentile(soft, 90, axis=(0, 1))
    return np.clip(255 - (255 - soft) * dice.uniform(0.03, 0.1), 0, 255).astype(np.uint8)


def _page(dice: random.Random, dpi: int, is_sealed: bool) -> Page:
    return Page(dice, dpi, A4_MM, labelled._fonts(dice, is_sealed))


def _card(dice: random.Random, dpi: int, is_sealed: bool) -> labelled.Array:
    """Both sides of an identity card, copied in colour and enlarged until they fill 45 % of the sheet."""
    page = _page(dice, dpi, is_sealed)
    wide, tall = 146.0, 92.0
    left = dice.uniform(24, 40)
    for number, top in enumerate((dice.uniform(20, 34), dice.uniform(140, 160))):
        tint = (dice.randint(205, 235), dice.randint(215, 235), dice.randint(225, 245))
        edge = [page.px(left), page.px(top), page.px(left + wide), page.px(top + tall)]
        page.pen.rounded_rectangle(edge, page.px(4), fill=tint, outline=(120, 120, 130), width=2)
        for wave in range(14):  # guilloche, pink and blue
            colour = (235, 205, 210) if wave % 2 else (200, 215, 235)
            bow = [page.px(left + 8 + wave * 4), page.px(top + 12), page.px(left + 60 + wave * 4), page.px(top + 80)]
            page.pen.ellipse(bow, outline=colour, width=2)
        if number:
            x, y = left + 18, top + 14  # the emblem: red, solid, with gold on it
            page.pen.ellipse([page.px(x), page.px(y), page.px(x + 24), page.px(y + 26)], fill=(196, 36, 44))
            page.pen.ellipse(
                [page.px(x), page.px(y), page.px(x + 24), page.px(y + 26)], outline=(214, 170, 70), width=page.px(1.6)
            )
            page.pen.ellipse([page.px(x + 9), page.px(y + 6), page.px(x + 15), page.px(y + 12)], fill=(220, 180, 80))
            page.say(left + 50, top + 22, "演示证件　不是居民身份证", 6)
        else:
            face = [page.px(left + 100), page.px(top + 16), page.px(left + 136), page.px(top + 66)]
            page.pen.rectangle(face, fill=(170, 190, 215))
            skin = (dice.randint(205, 230), dice.randint(160, 185), dice.randint(135, 165))
            page.pen.ellipse(
                [page.px(left + 108), page.px(top + 22), page.px(left + 128), page.px(top + 50)], fill=skin
            )
            shirt = dice.choice(((180, 40, 50), (40, 60, 120), (230, 230, 230)))
            page.pen.pieslice(
                [page.px(left + 100), page.px(top + 48), page.px(left + 136), page.px(top + 84)], 180, 360, fill=shirt
            )
            for line in range(5):
                page.say(left + 10, top + 18 + line * 12, labelled._said(dice, 6), 4.6)
    return np.asarray(page.image)


def _foreign(dice: random.Random, dpi: int, is_sealed: bool) -> labelled.Array:
    page = _page(dice, dpi, is_sealed)
    page.say(
        105, 30, dice.choice(("Application for a Certificate of Coverage", "Antrag auf Altersrente")), 6, anchor="mm"
    )
    labels = ("Surname", "Given name", "Date of birth", "Insurance number", "Employer", "Date", "Signature")
    for row, label in enumerate(labels):
        y = 45 + row * 14
        page.frame(20, y, 60, 14)
        page.frame(80, y, 110, 14)
        page.say(23, y + 7, label, 4)
        page.say(84, y + 7, dice.choice(("MUSTER", "Sample", "1970-01-01", "0000/000/000", "")), 4)
    return np.asarray(page.image)


def _ticket(dice: random.Random, dpi: int, is_sealed: bool) -> labelled.Array:
    """Tickets of solid red glued on a sheet, with dark words."""
    page = _page(dice, dpi, is_sealed)
    for _ in range(dice.randint(1, 3)):
        x, y = dice.uniform(20, 110), dice.uniform(30, 220)
        wide, tall = dice.uniform(30, 86), dice.uniform(18, 54)
        red = (dice.randint(190, 235), dice.randint(40, 110), dice.randint(40, 100))
        page.pen.rectangle([page.px(x), page.px(y), page.px(x + wide), page.px(y + tall)], fill=red)
        page.say(x + wide / 2, y + tall / 2, labelled._said(dice, 6), 4, anchor="mm")
    return np.asarray(page.image)


def _bordered(dice: random.Random, dpi: int, is_sealed: bool) -> labelled.Array:
    """A sheet with a red frame printed around it, double or single, and words within."""
    page = _page(dice, dpi, is_sealed)
    red = (dice.randint(190, 220), dice.randint(20, 60), dice.randint(20, 60))
    for inset in (10.0, 13.0)[: dice.randint(1, 2)]:
        edge = [page.px(inset), page.px(inset), page.px(A4_MM[0] - inset), page.px(A4_MM[1] - inset)]
        page.pen.rectangle(edge, outline=red, width=page.px(dice.uniform(0.4, 1.5)))
    page.say(105, 40, "荣　誉　证　书", 11, anchor="mm", ink=red, heavy=True)
    for row in range(dice.randint(4, 12)):
        page.say(30, 70 + row * 10, labelled._said(dice, 24), 5)
    return np.asarray(page.image)


def _logo(dice: random.Random, dpi: int, is_sealed: bool) -> labelled.Array:
    """A letter whose head carries a mark of solid red: a disc, a square, a star, a cross."""
    page = _page(dice, dpi, is_sealed)
    red = (dice.randint(190, 225), dice.randint(20, 60), dice.randint(30, 60))
    x, y, side = dice.uniform(18, 150), dice.uniform(12, 22), dice.uniform(10, 26)
    box = [page.px(x), page.px(y), page.px(x + side), page.px(y + side)]
    match dice.randrange(4):
        case 0:
            page.pen.ellipse(box, fill=red)
        case 1:
            page.pen.rectangle(box, fill=red)
        case 2:
            page.pen.regular_polygon(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, page.px(side / 2)), 5, fill=red)
        case _:
            third = page.px(side / 3)
            page.pen.rectangle([box[0] + third, box[1], box[2] - third, box[3]], fill=red)
            page.pen.rectangle([box[0], box[1] + third, box[2], box[3] - third], fill=red)
    page.say(105, 52, labelled._said(dice, 9), 7, anchor="mm", ink=red)
    for row in range(dice.randint(5, 16)):
        page.say(24, 75 + row * 9, labelled._said(dice, 30), 4.4)
    return np.asarray(page.image)


def _red_lines(dice: random.Random, dpi: int, is_sealed: bool) -> labelled.Array:
    """Letter paper with red lines, or a narrow ledger with red columns, filled with black words."""
    page = _page(dice, dpi, is_sealed)
    page.rule_ink = (dice.randint(200, 235), dice.randint(70, 130), dice.randint(70, 130))
    page.rule_width = dice.uniform(0.2, 0.5)
    if dice.random() < 0.5:
        for row in range(22):
            page.rule(20, 40 + row * 10, 190, 40 + row * 10)
            page.say(22, 36 + row * 10, labelled._said(dice, dice.randint(0, 30)), 5)
        return np.asarray(page.image)
    columns, height = dice.randint(2, 5), dice.uniform(6, 16)
    wide, left = dice.uniform(14, 34), dice.uniform(20, 40)
    for row in range(dice.randint(2, 12)):
        for column in range(columns):
            page.frame(left + column * wide, 40 + row * height, wide, height)
            words = labelled._said(dice, dice.randint(1, 3))
            page.fitted(left + column * wide, 40 + row * height + height / 2, wide, words, min(4.0, height * 0.6))
    return np.asarray(page.image)


_PAINTED = {
    "id card": _card, "foreign form": _foreign, "red ticket": _ticket, "red border": _bordered, "red logo": _logo,
    "red lines": _red_lines,
}  # fmt: skip
