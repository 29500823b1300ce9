"""Labelled forms (标注表单): the steps' main forms in many looks, with every value, seal, hand and number known.

The same seed gives the same page. Seeds from ``SEALED`` on are the sealed part, which only ``bench/marks.py`` and the
reader's own bench open: **never tune on it**. It has a font and a way of setting out that no development page has.
The bench reads it in windows (``--first``). Those from 0 and from 400,000 were opened, the second looked at for
its errors: it is development from then on. The window that the published table names was not looked at when its rules
were made.
"""

import dataclasses
import datetime as dt
import random

import cv2
import numpy as np
from bench import form_facts, labelled
from bench.form_paint import INKS, PENS, Face, Page, face_mask, pressed, stamped, written
from bench.form_truth import FormTruth, InkTruth, SealTruth, moved
from bench.labelled import A4_MM, SEALED, Leaf

FAULTS = ("S01", "S02", "S03", "S04", "S05", "S07", "S08", "S09", "V06", "V21", "D01", "D10")
TRAPS = (
    "red table",
    "red head",
    "handwritten numbers",
    "landscape",
    "red notes",
    "written days",
)  # of forms; labelled_items has pages that are none
WEAR = ("", "", "", "soft", "pale", "shaded", "dark")
PARTIES = {"EMPLOYER": "单位意见", "HANDLER": "经办人意见", "REVIEWER": "复核意见", "AGENCY": "经办机构意见"}
_BODIES = ("grid", "lines", "rows", "prose")
_FEET = ("row", "stack", "open", "square")
_ONLY_SEALED = {("lines", "row"), ("rows", "square"), ("grid", "open")}


class _Form:
    """One form being made."""

    def __init__(
        self, seed: int, fault: str, trap: str, worn: str | None, numbers: tuple[int, int, int] | None = None
    ) -> None:
        self.numbers = numbers
        self.dice = random.Random(f"form {seed}")  # the same facts and setting with and without a fault
        dice = self.dice
        self.is_sealed = seed >= SEALED
        self.fault, self.trap = fault, trap
        dpi = dice.choice((200, 200, 300))
        size = (A4_MM[1], A4_MM[0]) if trap == "landscape" else A4_MM
        self.step = dice.choice(form_facts.steps())
        self.facts = form_facts.facts(dice, self.step)
        self.page = Page(dice, dpi, size, labelled._fonts(dice, self.is_sealed))
        pairs = [(b, f) for b in _BODIES for f in _FEET if self.is_sealed or (b, f) not in _ONLY_SEALED]
        self.body, self.foot = dice.choice(pairs)
        self.style = dice.randrange(4)
        self.worn = dice.choice(WEAR) if worn is None else worn
        self.hand, self.hand_ink = dice.randrange(12), dice.choice(PENS)
        self.ink = dice.choice(INKS)
        self.truth = FormTruth(self.step, "", f"{self.body} {self.foot}", fault, trap)
        self.parties = self._parties()
        self.late: list[tuple[str, float, float, float, float, bool]] = []  # seals, pressed when all else stands
        self.size = dice.uniform(3.4, 4.2)
        self.left = dice.uniform(17, 24)
        self.width = size[0] - 2 * self.left
        if trap == "red table":
            self.page.rule_ink = dice.choice(((214, 70, 70), (196, 40, 48), (230, 120, 110)))

    def _parties(self) -> list[str]:
        asked = set(form_facts.required_seals(self.step)) | {"AGENCY"}
        if self.dice.random() < 0.5 or self.fault in ("S03", "S04", "S09"):
            asked.add("EMPLOYER")
        if self.dice.random() < 0.6 or self.fault == "S02":
            asked.add("HANDLER")
        if self.dice.random() < 0.5 or self.fault == "S07":
            asked.add("REVIEWER")
        return [party for party in PARTIES if party in asked]

    # -- body ----------------------------------------------------------------------------------------------------

    def paint(self) -> tuple[Leaf, FormTruth]:
        page, dice, facts = self.page, self.dice, self.facts
        self.truth.title = dice.choice(form_facts.titles(self.step))
        y = self._head()
        values = {entry: form_facts.printed(entry, value, self.style) for entry, value in facts.values.items()}
        bottom = page.size[1] - (96 if self.foot == "stack" and len(self.parties) > 2 else 82)
        y = getattr(self, f"_{self.body}")(y, values, bottom)
        foot = max(y + 4, bottom - dice.uniform(0, 12))
        getattr(self, f"_foot_{self.foot}")(foot, page.size[1] - 18)
        self._numbers()
        if self.trap == "red notes":
            self._red_notes(y)
        for seal in self.late:
            self._press(*seal)
        self._received()
        self.truth.fields, self.truth.lines = page.fields, page.lines
        self._catalogued()
        return self._scanned()

    def _head(self) -> float:
        page, dice, title = self.page, self.dice, self.truth.title
        middle = page.size[0] / 2
        y = dice.uniform(22, 32)
        if self.trap == "red head":
            red = dice.choice(((208, 24, 32), (190, 20, 30)))
            page.say(middle, y, self.facts.agency + dice.choice(("", "文件")), 8.5, anchor="mm", ink=red, heavy=True)
            width = page.px(dice.uniform(0.6, 1.2))
            ends = [(page.px(self.left), page.px(y + 9)), (page.px(page.size[0] - self.left), page.px(y + 9))]
            page.pen.line(ends, fill=red, width=width)
            if dice.random() < 0.5:
                page.pen.line([(x, line + width * 3) for x, line in ends], fill=red, width=max(1, width // 3))
            y += 20
        page.say(middle, y, title, dice.uniform(5.4, 7), anchor="mm", heavy=dice.random() < 0.5)
        y += 11
        if dice.random() < 0.7:
            page.say(self.left, y, f"经办机构：{self.facts.agency}", 3.3)
        if dice.random() < 0.5:
            number = f"受理号：SL{self.facts.applied:%Y}{dice.randrange(10**6):06d}"
            page.say(page.size[0] - self.left, y, number, 3.3, anchor="rm")
        return y + 5

    def _label(self, entry: str) -> str:
        return self.dice.choice(form_facts.LABELS[entry])

    def _grid(self, y: float, values: dict[str, str], bottom: float) -> float:
        """Cells, two pairs a row; a long value takes the row."""
        page, height = self.page, self.dice.uniform(9.5, 13)
        label, half = self.width * self.dice.uniform(0.15, 0.19), self.width / 2
        column = 0
        for entry, value in values.items():
            is_long = page.width_of(value, self.size) > half - label - 3 or entry in ("employer", "address")
            if is_long and column:
                page.frame(self.left + half, y, half, height)
                y, column = y + height, 0
            x = self.left + half * column
            page.frame(x, y, label, height)
            page.frame(x + label, y, (self.width if is_long else half) - label, height)
            page.fitted(x, y + height / 2, label, self._label(entry), self.size)
            page.fitted(
                x + label, y + height / 2, (self.width if is_long else half) - label, value, self.size, entry=entry
            )
            if is_long or column:
                y += height
            column = 0 if is_long else 1 - column
        return self._filler(y + (height if column else 0), bottom)

    def _rows(self, y: float, values: dict[str, str], bottom: float) -> float:
        """A row each: the label, the value at the left of its cell."""
        page, height = self.page, min(self.dice.uniform(9, 12), (bottom - y) / len(values))
        label = self.width * self.dice.uniform(0.22, 0.3)
        for entry, value in values.items():
            page.frame(self.left, y, label, height)
            page.frame(self.left + label, y, self.width - label, height)
            page.fitted(self.left, y + height / 2, label, self._label(entry), self.size)
            page.say(self.left + label + 3, y + height / 2, value, self.size, entry=entry)
            y += height
        return self._filler(y, bottom)

    def _lines(self, y: float, values: dict[str, str], bottom: float) -> float:
        """Labels and rules, no table."""
        page, height = self.page, min(self.dice.uniform(9, 12), (bottom - y) / len(values))
        y += height / 2
        for entry, value in values.items():
            end = page.say(self.left, y, f"{self._label(entry)}：", self.size)
            page.rule(end, y + self.size * 0.75, min(end + 95, self.left + self.width), y + self.size * 0.75)
            page.say(end + self.dice.uniform(1, 6), y, value, self.size, entry=entry)
            y += height
        return self._filler(y, bottom)

    def _prose(self, y: float, values: dict[str, str], bottom: float) -> float:
        """A decision in words; each value stands where its sentence reaches it."""
        page, size = self.page, self.size * 1.08
        y, x = y + 6, self.left + size * 2
        told: list[tuple[str, str]] = [(dice_word, "") for dice_word in ("根据社会保险法和有关规定，经审核：",)]
        for entry, value in values.items():
            told += [(self._label(entry).replace("　", "") + "为", ""), (value, entry), ("，", "")]
        told += [("情况属实，准予办理。", ""), (labelled._said(self.dice, 40), "")]
        for words, entry in told:
            parts = [words] if entry else list(words)
            for part in parts:
                wide = page.width_of(part, size)
                if x + wide > self.left + self.width and part not in "，。：":
                    x, y = self.left, y + size * 2
                x = page.say(x, y, part, size, entry=entry) if entry else self._set(x, y, part, size)
        return y + size * 2

    def _set(self, x: float, y: float, sign: str, size: float) -> float:
        """One letter of running text; joined to the line that it continues."""
        before = self.page.lines[-1] if self.page.lines else None
        page = self.page
        page.say(x, y, sign, size)
        words, box = page.lines[-1]
        if before and abs(before[1][1] + before[1][3] / 2 - y / page.size[1]) < size / page.size[1] * 0.6:
            joins = abs(before[1][0] + before[1][2] - box[0]) * page.size[0] < size * 0.9
            if joins and before not in page.fields.values():
                top = min(before[1][1], box[1])
                low = max(before[1][1] + before[1][3], box[1] + box[3])
                page.lines[-2:] = [(before[0] + words, (before[1][0], top, box[0] + box[2] - before[1][0], low - top))]
        return x + page.width_of(sign, size)

    def _filler(self, y: float, bottom: float) -> float:
        """Notes and a few empty lines between the fields and the foot."""
        y += 6
        while y + 8 < bottom and self.dice.random() < 0.75:
            self.page.say(self.left + 2, y, labelled._said(self.dice, self.dice.randint(8, 34)), 3.3)
            y += self.dice.uniform(6, 9)
        return y

    # -- foot ----------------------------------------------------------------------------------------------------

    def _foot_row(self, top: float, bottom: float) -> None:
        """Boxes side by side."""
        wide = self.width / len(self.parties)
        for number, party in enumerate(self.parties):
            self._party(party, self.left + wide * number, top, wide, bottom - top)

    def _foot_square(self, top: float, bottom: float) -> None:
        """Boxes two by two."""
        rows = -(-len(self.parties) // 2)
        wide, tall = self.width / 2, (bottom - top) / rows
        for number, party in enumerate(self.parties):
            last = number == len(self.parties) - 1 and not number % 2
            self._party(
                party, self.left + wide * (number % 2), top + tall * (number // 2), self.width if last else wide, tall
            )

    def _foot_stack(self, top: float, bottom: float) -> None:
        """Boxes one below another, over the whole width."""
        tall = (bottom - top) / len(self.parties)
        for number, party in enumerate(self.parties):
            self._party(party, self.left, top + tall * number, self.width, tall)

    def _foot_open(self, top: float, bottom: float) -> None:
        """No boxes: hands in a line, units with their dates below."""
        signing = [party for party in self.parties if party in ("HANDLER", "REVIEWER")]
        for number, party in enumerate(signing):
            self._signing(party, self.left + 85 * number, top + 6, 78)
        sealing = [party for party in self.parties if party in ("EMPLOYER", "AGENCY")]
        wide = self.width / len(sealing)
        for number, party in enumerate(sealing):
            x, y = self.left + wide * number + wide * (0.62 if len(sealing) == 1 else 0.5), bottom - 30
            name = self.facts.agency if party == "AGENCY" else self.facts.values.get("employer", "参保单位")
            self.page.fitted(x - 40, y, 80, f"{name}（盖章）", 3.7)
            self._date(party, x, y + 9, "mm")
            self.late.append((party, x, y + 3, 30, 26, True))

    def _party(self, party: str, x: float, y: float, wide: float, tall: float) -> None:
        page = self.page
        page.frame(x, y, wide, tall)
        needs_seal = party in ("EMPLOYER", "AGENCY")
        label = PARTIES[party] + (self.dice.choice(("（盖章）", "（公章）", "")) if needs_seal else "")
        page.say(x + 2, y + 4, label + "：", 3.4)
        if not needs_seal:
            self._signing(party, x + 2, y + tall * 0.5, wide - 4)
        self._date(party, x + wide - 3, y + tall - 4, "rm")
        if needs_seal:
            at_x = x + wide * 0.5 + (wide * 0.15 if wide > 80 else 0)
            self.late.append((party, at_x, y + tall * 0.55, min(wide * 0.4, 30), min(tall * 0.5, 26), True))

    def _signing(self, party: str, x: float, y: float, room: float) -> None:
        """A place to sign: the label, the line, the hand and at times the person's own seal."""
        page, dice = self.page, self.dice
        name = self.facts.handler if party == "HANDLER" else self.facts.reviewer
        label = {"HANDLER": dice.choice(("经办人：", "经办人（签章）：")), "REVIEWER": "复核人："}[party]
        start = page.say(x, y, label, 3.5) + 1
        wide = min(34.0, x + room - start)
        if dice.random() < 0.4:
            page.rule(start, y + 3.6, start + wide, y + 3.6)
        has_hand, has_seal = dice.choice(((True, False), (True, True), (False, True), (True, False)))
        if self.fault == {"HANDLER": "S02", "REVIEWER": "S07"}[party]:
            has_hand = has_seal = False
        place = page.part(start, y - 5.5, wide, 10)
        size = min(5.5, wide / max(2, len(name)) / 0.95)
        ink = written(page, start + dice.uniform(0, 2), y, name, size, self.hand_ink, self.hand) if has_hand else None
        self.truth.signatures.append(InkTruth(party, place, ink, name if has_hand else ""))
        if has_seal:
            self.late.append((party, start + wide * 0.7, y, 8, 6, has_hand))

    def _date(self, party: str, x: float, y: float, anchor: str) -> None:
        day: dt.date = {
            "EMPLOYER": self.facts.applied, "HANDLER": self.facts.handled, "REVIEWER": self.facts.reviewed,
            "AGENCY": self.facts.decided,
        }[party]  # fmt: skip
        if self.fault == "S09" and party == "AGENCY":
            day = self.facts.applied - dt.timedelta(days=self.dice.randint(3, 200))
        is_missing = self.fault == "S08" and party == "AGENCY"
        words = form_facts.day_printed(day, self.style)
        page = self.page
        wide = page.width_of(words, 3.5)
        left = x - wide / (2 if anchor == "mm" else 1)
        self.truth.dates[party] = ("" if is_missing else words, page.part(left - 1, y - 3, wide + 2, 6))
        if self.trap == "written days":
            self._written_day(day, x, y, anchor)
        elif not is_missing:
            page.say(x, y, words, 3.5, anchor=anchor)
        elif self.dice.random() < 0.6:
            page.say(x, y, "年　　月　　日", 3.5, anchor=anchor)

    def _written_day(self, day: dt.date, x: float, y: float, anchor: str) -> None:
        """年 月 日 in print and the figures by hand."""
        page, hand = self.page, self.hand
        signs = "年　　月　　日"
        wide = page.width_of(signs, 3.5)
        start = x - wide / 2 if anchor == "mm" else x - wide
        page.say(start, y, signs, 3.5)
        for words, place in ((str(day.year), start - 9.5), (str(day.month), start + 4.6), (str(day.day), start + 15.0)):
            written(page, place, y - 0.3, words, 4.4, self.hand_ink, hand)

    # -- seals and numbers ---------------------------------------------------------------------------------------

    def _face(self, party: str, words: str) -> Face:
        dice = self.dice
        font = dice.choice(("house", "NotoSerifCJK-Regular.ttc"))
        if party in ("HANDLER", "REVIEWER"):
            name = words
            if dice.random() < 0.5:
                side = dice.uniform(10, 19)
                two = (
                    name[1:] + ("印" if len(name) < 3 else ""),
                    name[0] + ("之印"[: len(name) - 1] if len(name) > 2 else ""),
                )
                lines = tuple(line for line in two if line)
                return Face("SQUARE", side, side, name, "", lines, font, dice.random() < 0.3, dice.uniform(0.5, 0.9))
            wide = dice.uniform(4.2, 5.6) * len(name) + 3
            return Face("RECTANGLE", wide, dice.uniform(6.5, 9), name, "", (name,), font, False, dice.uniform(0.4, 0.8))
        foot = (
            dice.choice(("业务专用章", "经办专用章", "审核专用章"))
            if party == "AGENCY"
            else dice.choice(("", "", "人事专用章"))
        )
        kind = dice.random() if party == "AGENCY" else 1.0
        rim = dice.uniform(0.7, 1.4)
        if kind < 0.2:
            wide = dice.uniform(38, 45)
            return Face("OVAL", wide, wide * dice.uniform(0.66, 0.76), words, foot, font=font, rim=rim, has_star=False)
        if kind < 0.35:
            wide = dice.uniform(36, 45)
            half = -(-len(words) // 2)
            return Face(
                "RECTANGLE",
                wide,
                wide * dice.uniform(0.4, 0.5),
                words,
                "",
                (words[:half], words[half:], foot),
                font,
                rim=rim,
            )
        if kind < 0.42:
            side = dice.uniform(30, 36)
            third = -(-len(words) // 3)
            lines = tuple(words[n : n + third] for n in range(0, len(words), third))
            return Face("SQUARE", side, side, words, "", (*lines, foot), font, rim=rim)
        wide = dice.uniform(38, 42)
        return Face("ROUND", wide, wide, words, foot, font=font, rim=rim, is_double=dice.random() < 0.15)

    def _press(self, party: str, x: float, y: float, roam_x: float, roam_y: float, is_required: bool) -> None:
        """Press the seal of a party about its place, or leave it out where that is the fault."""
        page, dice, fault = self.page, self.dice, self.fault
        own = {"AGENCY": self.facts.agency, "HANDLER": self.facts.handler, "REVIEWER": self.facts.reviewer}
        words = own.get(party) or self.facts.values.get("employer", "参保单位")
        face = self._face(party, words)
        place_x, place_y = x + dice.uniform(-0.2, 0.2) * roam_x, y + dice.uniform(-0.15, 0.15) * roam_y
        turn = dice.gauss(0, 7) if dice.random() < 0.93 else dice.uniform(-180, 180)
        strength, other = dice.uniform(0.6, 0.98), form_facts.employer_name(dice)
        expected = page.part(x - face.width / 2 - 4, y - face.height / 2 - 4, face.width + 8, face.height + 8)
        is_red, kept = fault != "V21", 1.0
        if fault == {"AGENCY": "S01", "EMPLOYER": "S03"}.get(party):
            self.truth.seals.append(SealTruth(party, face.shape, words, expected, None, True))
            return
        if fault == "S04" and party == "EMPLOYER":
            words = other if other != words else other + "分公司"
            face = dataclasses.replace(face, words=words)
        if fault == "S05" and party == "AGENCY":
            kept, strength = dice.choice(((dice.uniform(0.3, 0.6), strength), (1.0, dice.uniform(0.1, 0.2))))
        ink = self.ink if is_red else (dice.randint(60, 120),) * 3
        mask = pressed(face_mask(face), dice, page.dpi, turn, kept)
        box = page.inked(mask, place_x, place_y, ink, strength)
        seal = SealTruth(party, face.shape, words, expected, box, is_red, is_required, kept, strength)
        self.truth.seals.append(seal)

    def _received(self) -> None:
        """A dated stamp in the upper corner, which no form asks for (收件章)."""
        dice, page = self.dice, self.page
        if dice.random() > 0.15 or self.fault == "V21":
            return
        lines = (dice.choice(("收件专用章", "已录入", "业务受理")), f"{self.facts.applied:%Y.%m.%d}")
        face = Face("RECTANGLE", dice.uniform(28, 38), dice.uniform(12, 16), lines[0], "", lines, rim=0.6)
        mask = pressed(face_mask(face), dice, page.dpi, dice.gauss(0, 5))
        x, y = page.size[0] - self.left - 30, dice.uniform(14, 20)
        strength = dice.uniform(0.6, 0.95)
        box = page.inked(mask, x, y, self.ink, strength)
        self.truth.seals.append(SealTruth("RECEIVED", "RECTANGLE", lines[0], box, box, True, False, 1.0, strength))

    def _numbers(self) -> None:
        """第x页共y页 at the foot, and the number stamped in the corner."""
        dice, page = self.dice, self.page
        whole = dice.randint(1, 4)
        mark = (dice.randint(1, whole), whole)
        if self.numbers:
            mark = self.numbers[:2]
        if dice.random() < 0.7 or self.numbers:
            style = dice.randrange(5)
            words = (
                f"第{mark[0]}页 共{mark[1]}页", f"第 {mark[0]} 页 / 共 {mark[1]} 页", f"{mark[0]}/{mark[1]}",
                f"第{mark[0]}页，共{mark[1]}页", f"共{mark[1]}页　第{mark[0]}页",
            )[style]  # fmt: skip
            x, anchor = dice.choice(((page.size[0] / 2, "mm"), (page.size[0] - self.left, "rm")))
            page.say(x, page.size[1] - dice.uniform(9, 13), words, 3.2, anchor=anchor)
            self.truth.page_mark = mark
        right = self.numbers[2] if self.numbers else dice.randint(1, 180)
        self.truth.expected_no = right
        number = right + dice.choice((-2, -1, 1, 2, 10)) if self.fault == "V06" else right
        number = abs(number) or 3
        if dice.random() < 0.75 or self.numbers or self.fault == "V06" or self.trap == "handwritten numbers":
            x = page.size[0] - 14 if right % 2 else 14.0
            if self.trap == "handwritten numbers":
                written(page, x - 4, 9, str(number), 5, self.hand_ink, self.hand % 3)
            else:
                words = f"{number:0{dice.choice((1, 3, 4))}d}"
                stamped(page, x, dice.uniform(8, 11), words, dice.choice(((30, 30, 70), (20, 20, 24), self.ink)), 3.4)
            self.truth.stamped_no = number

    def _red_notes(self, y: float) -> None:
        """What else is red on a form: lines drawn under words, ticks, a correction in red ballpoint."""
        dice, page = self.dice, self.page
        red = (210, 40, 50)
        for _ in range(dice.randint(2, 6)):
            x, at = dice.uniform(self.left, 130), dice.uniform(40, max(60, y))
            ends = [(page.px(x), page.px(at)), (page.px(x + dice.uniform(12, 60)), page.px(at + dice.uniform(-1, 1)))]
            page.pen.line(ends, fill=red, width=page.px(dice.uniform(0.3, 0.7)))
        written(page, dice.uniform(40, 120), max(60.0, y - 20), "已核对", 6, red, self.hand % 3)

    # -- the end -------------------------------------------------------------------------------------------------

    def _catalogued(self) -> None:
        values, dice = dict(self.facts.values), self.dice
        if self.fault == "D01":
            entry = dice.choice([one for one in values if one not in ("sex", "heads", "period", "phone", "address")])
            values[entry] = form_facts.other_value(dice, self.step, entry, values[entry])
        if self.fault == "D10":
            for entry in ("name", "id_number") if "name" in values else ("employer", "credit_code"):
                values[entry] = form_facts.other_value(dice, self.step, entry, values[entry])
        self.truth.catalogue = values

    def _scanned(self) -> tuple[Leaf, FormTruth]:
        dice, page = self.dice, self.page
        tilt, quality = dice.uniform(-0.7, 0.7), dice.choice((45, 60, 75, 90))
        pixels = labelled.scanned(np.asarray(page.image), dice, page.dpi, tilt)
        match self.worn:
            case "soft":  # a blur of half the strength: the page is still read
                pixels = labelled.blurred(pixels, dice, page.dpi * 2 // 5)
            case "pale":
                pale = labelled.faded(pixels, dice)
                pixels = cv2.addWeighted(pixels, 0.45, pale, 0.55, 0)
            case "shaded":
                pixels = cv2.addWeighted(pixels, 0.5, labelled.shaded(pixels, dice), 0.5, 0)
            case "dark":
                pixels = cv2.addWeighted(pixels, 0.5, labelled.darkened(pixels, dice), 0.5, 0)
        size = page.image.size
        matrix = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), -tilt, 1)
        return Leaf(pixels, page.dpi, self.trap or "form", quality=quality, faults=_said(self.fault)), moved(
            self.truth, matrix, size
        )


def _said(fault: str) -> frozenset[str]:
    return frozenset({fault}) if fault else frozenset()


def form(
    seed: int,
    fault: str = "",
    *,
    trap: str = "",
    worn: str | None = None,
    numbers: tuple[int, int, int] | None = None,
) -> tuple[Leaf, FormTruth]:
    """One main form and all that is known of it.

    Args:
        seed: from ``SEALED`` on it is of the sealed part.
        fault: one of ``FAULTS``, or nothing. A missing page is seen on an item only: ``labelled_items``.
        trap: one of ``TRAPS``, or nothing.
        worn: what the scan lost, of ``WEAR``; by chance where nothing is said.
        numbers: which page of how many it is, and the number that belongs in its corner; by chance where not said.
    """
    return _Form(seed, fault, trap, worn, numbers).paint()
