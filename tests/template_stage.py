"""A form as it is drawn and as it is read, for tests of form templates: printed words, a scan of them, a template."""

import json
import math
from collections.abc import Sequence
from typing import Any

from anjuan.core.reading.marks import InkMark
from anjuan.core.reading.pages import VERSION, Box, Line
from anjuan.core.reading.pages import as_kept as lines_kept
from anjuan.core.reading.said import as_kept, said
from anjuan.core.reading.templates import Anchor, BoxKind, FormBox, FormShape
from anjuan.demo.papers import FORM_FOLDER
from anjuan.facilities.reading.models import PageReading
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow

WIDTH, HEIGHT = 210.0, 297.0
LETTER = 4.0  # millimetres
Spot = tuple[str, float, float]  # words, left, middle down
FORM: tuple[Spot, ...] = (
    ("参保人员登记表", 75.0, 25.0),
    ("姓名", 22.0, 50.0),
    ("性别", 110.0, 50.0),
    ("身份证号码", 22.0, 64.0),
    ("工作单位", 22.0, 78.0),
    ("联系电话", 130.0, 78.0),
    ("户籍地址", 22.0, 92.0),
    ("单位意见（盖章）", 22.0, 210.0),
    ("经办机构意见（盖章）", 110.0, 210.0),
    ("姓名", 110.0, 130.0),  # of a relative: the same word once more
)
PLACE: Box = (0.55, 0.72, 0.3, 0.15)


def box_of(words: str, left: float, middle: float) -> Box:
    width = LETTER * len(words)
    return left / WIDTH, (middle - LETTER / 2) / HEIGHT, width / WIDTH, LETTER / HEIGHT


def shape(spots: Sequence[Spot] = FORM, boxes: Sequence[FormBox] = ()) -> FormShape:
    return FormShape(
        anchors=tuple(Anchor(words, box_of(words, left, middle)) for words, left, middle in spots),
        boxes=tuple(boxes) or (FormBox(BoxKind.SEAL, "AGENCY", "专用章", PLACE, True),),
    )


def scanned(spots: Sequence[Spot], *, dx: float, dy: float, scale: float, turn: float) -> list[Line]:
    """The words as they are read on a page that was scanned so; boxes of turned words grow upright around them."""
    angle = math.radians(turn)
    lines = []
    for words, left, middle in spots:
        width = LETTER * len(words)
        x, y = moved((left + width / 2, middle), dx=dx, dy=dy, scale=scale, turn=turn)
        wide = scale * (width * math.cos(angle) + LETTER * abs(math.sin(angle)))
        tall = scale * (width * abs(math.sin(angle)) + LETTER * math.cos(angle))
        spread = tuple((place + 0.5) / len(words) for place in range(len(words)))
        box = ((x - wide / 2) / WIDTH, (y - tall / 2) / HEIGHT, wide / WIDTH, tall / HEIGHT)
        lines.append(Line(words, box, 0.99, spread))
    return lines


def moved(point: tuple[float, float], *, dx: float, dy: float, scale: float, turn: float) -> tuple[float, float]:
    angle = math.radians(turn)
    x, y = point
    return (
        scale * (x * math.cos(angle) - y * math.sin(angle)) + dx,
        scale * (x * math.sin(angle) + y * math.cos(angle)) + dy,
    )


NAME_BOX: Box = (0.18, 0.15, 0.2, 0.035)
ID_BOX: Box = (0.23, 0.2, 0.3, 0.03)
DAY_BOX: Box = (0.62, 0.85, 0.2, 0.03)
SIGN_BOX: Box = (0.15, 0.85, 0.2, 0.04)
BOXES = (
    FormBox(BoxKind.SEAL, "AGENCY", "经办专用章", PLACE, True),
    FormBox(BoxKind.SIGN, "HANDLER", "经办人", SIGN_BOX, True),
    FormBox(BoxKind.DAY, "DONE", "经办日期", DAY_BOX, True),
    FormBox(BoxKind.FIELD, "PERSON", "姓名", NAME_BOX, True),
    FormBox(BoxKind.FIELD, "ID_NUMBER", "身份证号码", ID_BOX, True),
)
NO_INK = InkMark((0, 0, 0, 0), 0.0, 0.0, 0.0)
STILL: dict[str, float] = {"dx": 0.0, "dy": 0.0, "scale": 1.0, "turn": 0.0}


def filled(*, name: str = "王秀英", number: str = "", day: str = "2024年3月5日") -> list[Spot]:
    """The form's words with what somebody wrote beside them."""
    written = ((name, 40.0, 50.0), (number, 50.0, 64.0), (day, 132.0, 257.0))
    return [*FORM, *(spot for spot in written if spot[0])]


def read_page(urn: str, lines: Sequence[Line], place: int = 0, **changed: Any) -> ComponentRow:
    """Keep what was read on the first page of one of an item's files. Returns the file."""
    row = records.components_of([urn])[urn][place]
    told = said(lines, version=VERSION, turn=0, turn_sure=1.0, seals=changed.get("seals", ()), inks={})
    PageReading.objects.create(
        sha512=row.sha512,
        page_no=1,
        version=VERSION,
        model="none",
        lines=lines_kept(lines),
        said=as_kept(told),
        read_at=changed["at"],
    )
    return row


def drawn_file() -> dict[str, Any]:
    """The template that is shipped with the practice city, as its file says it."""
    told: dict[str, Any] = json.loads((FORM_FOLDER / "registration-template.json").read_text(encoding="utf-8"))
    return told
