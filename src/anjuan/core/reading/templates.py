"""Form templates (表单模板): where on a form a seal, a hand, a day or a field is expected, and words to find it by.

A template is drawn on one sample page and laid over pages that were scanned a little shifted, larger or turned; how it
comes to lie on a page is found in `registering`, what then stands in its boxes in `laying`.
"""

import datetime as dt
import enum
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from anjuan.core.reading.marks import InkMark
from anjuan.core.reading.pages import Box, box_from, rounded
from anjuan.core.reading.words import bare
from anjuan.core.refusals import Refusal

FORMAT = "anjuan.form-template"
FORMAT_VERSION = 1
MOST_FILE_BYTES = 512 << 10
MOST_ANCHORS, MOST_BOXES, MOST_TELLING = 40, 60, 6
LONGEST_WORDS, LONGEST_LABEL, LONGEST_NAME = 40, 30, 60
LEAST_ANCHORS = 4  # 待核实: with fewer, one word that is read wrongly leaves too little to lay the template by
LEAST_MM, MOST_MM = 50.0, 1200.0
_LEAST_PART = 0.002  # of the page: no box is smaller
_SPREAD = 0.3  # of the page: anchors must lie so far apart, across or down
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class BoxKind(enum.StrEnum):
    """What is expected in a box."""

    SEAL = "SEAL"  # 印章
    SIGN = "SIGN"  # 签名
    DAY = "DAY"  # 日期
    FIELD = "FIELD"  # 栏目


_PARTIES = ("UNIT", "AGENCY", "HANDLER", "REVIEWER", "LEADER", "APPLICANT")
ROLES: Mapping[BoxKind, tuple[str, ...]] = {
    BoxKind.SEAL: _PARTIES,
    BoxKind.SIGN: ("APPLICANT", "UNIT_CLERK", "UNIT_LEADER", "HANDLER", "REVIEWER", "LEADER"),
    BoxKind.DAY: ("APPLIED", "ACCEPTED", "CHECKED", "DONE", "DAY"),
    BoxKind.FIELD: ("PERSON", "ID_NUMBER", "UNIT", "CREDIT_CODE", "SERIAL", "AMOUNT", "MONTHS", "RETIRED"),
}
OFFICES = frozenset({"UNIT", "AGENCY"})  # whose seals are large; all others seal with their name


@dataclass(frozen=True)
class Anchor:
    """Printed words by which a template is laid over a page (定位词), and where they stand on the sample."""

    words: str
    box: Box


@dataclass(frozen=True)
class FormBox:
    """A place of a form (框).

    Attributes:
        kind: what is expected there.
        name: whose, which day, or which field: one of ``ROLES``.
        label: as people call it.
        box: where, as parts of the sample page.
        is_required: empty, it is missing.
    """

    kind: BoxKind
    name: str
    label: str
    box: Box
    is_required: bool = False

    @property
    def is_office_seal(self) -> bool:
        """A seal of an office, not of a person."""
        return self.kind is BoxKind.SEAL and self.name in OFFICES


@dataclass(frozen=True)
class FormShape:
    """What one edition of a template says.

    Attributes:
        width_mm: of the sample page.
        height_mm: the same.
        telling: words that must stand on a page for it to be this form in this edition: its title, the form's number.
        anchors: by which it is laid.
        boxes: what is expected where.
    """

    width_mm: float = 210.0
    height_mm: float = 297.0
    telling: tuple[str, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    boxes: tuple[FormBox, ...] = ()


@dataclass(frozen=True)
class Fit:
    """How a template came to lie on a page.

    Attributes:
        matrix: parts of the sample to parts of the page: x' = a·x + b·y + c, y' = d·x + e·y + f.
        found: how many anchors were found where they belong.
        wanted: of how many.
        rest_mm: how far they lie beside it, on average, in millimetres.
        turn: degrees clockwise by which the page is turned against the sample.
        scale: how much larger the form is on the page, against the page's width.
    """

    matrix: tuple[float, float, float, float, float, float]
    found: int
    wanted: int
    rest_mm: float
    turn: float
    scale: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the sample, on the page."""
        a, b, c, d, e, f = self.matrix
        return a * x + b * y + c, d * x + e * y + f

    def carried(self, box: Box) -> Box:
        """A box of the sample, on the page: its middle is carried and its size scaled; it stays upright."""
        a, _, _, _, e, _ = self.matrix
        x, y = self.at(box[0] + box[2] / 2, box[1] + box[3] / 2)
        width, height = box[2] * abs(a), box[3] * abs(e)
        return x - width / 2, y - height / 2, width, height


@dataclass(frozen=True)
class LaidBox:
    """A box of a template as it lies on a page, and what stands in it.

    Attributes:
        form: the template's box.
        box: where it lies on the upright page.
        words: what was read there, without what the form prints.
        sure: how surely, 0 to 1.
        at: where these words stand; the box where there are none.
        ink: ink by hand that is there; none where it was not looked for.
        day: of a day's box, the day that was read.
    """

    form: FormBox
    box: Box
    words: str = ""
    sure: float = 0.0
    at: Box = (0.0, 0.0, 0.0, 0.0)
    ink: InkMark | None = None
    day: dt.date | None = None


@dataclass(frozen=True)
class Laid:
    """A template laid over a page (套版).

    Attributes:
        name: the template's, as people call it.
        edition: which.
        fit: how it lies.
        boxes: what stands where.
    """

    name: str
    edition: int
    fit: Fit
    boxes: tuple[LaidBox, ...] = field(default=())

    def of(self, kind: BoxKind, *names: str) -> list[LaidBox]:
        """Boxes of one kind, of certain names where any are said."""
        return [one for one in self.boxes if one.form.kind is kind and (not names or one.form.name in names)]


def shape_from(raw: object) -> FormShape:
    """A shape from what a screen, a program or a file says, with nothing taken on trust.

    Raises:
        Y-080: it cannot be one: what is wrong, and where.
    """
    told = _mapping(raw, "模板 template")
    page = _mapping(told.get("page", {}), "页面 page")
    telling = [_words(one, "版次标识 telling", LONGEST_WORDS) for one in _listed(told, "telling", MOST_TELLING)]
    anchors = []
    for number, one in enumerate(_listed(told, "anchors", MOST_ANCHORS), start=1):
        place = f"定位词 anchor {number}"
        row = _mapping(one, place)
        words = _words(row.get("words"), place, LONGEST_WORDS)
        if not bare(words):
            raise Refusal("Y-080", what=place)
        anchors.append(Anchor(words, _box(row.get("box"), place)))
    boxes = [
        _form_box(one, f"框 box {number}") for number, one in enumerate(_listed(told, "boxes", MOST_BOXES), start=1)
    ]
    return FormShape(
        _length(page.get("width_mm", 210), "页宽 width_mm"),
        _length(page.get("height_mm", 297), "页高 height_mm"),
        tuple(one for one in telling if bare(one)),
        tuple(anchors),
        tuple(boxes),
    )


def as_kept(shape: FormShape) -> dict[str, Any]:
    """A shape as its row and its file keep it."""
    return {
        "page": {"width_mm": shape.width_mm, "height_mm": shape.height_mm},
        "telling": list(shape.telling),
        "anchors": [{"words": one.words, "box": rounded(one.box)} for one in shape.anchors],
        "boxes": [
            {
                "kind": one.kind.value,
                "name": one.name,
                "label": one.label,
                "box": rounded(one.box),
                "required": one.is_required,
            }
            for one in shape.boxes
        ],
    }


def lacking(shape: FormShape) -> list[str]:
    """Why a template cannot be put into use yet: ANCHORS too few, SPREAD too close together, BOXES none."""
    found = []
    if len(shape.anchors) < LEAST_ANCHORS:
        found.append("ANCHORS")
    else:
        across = [one.box[0] + one.box[2] / 2 for one in shape.anchors]
        down = [one.box[1] + one.box[3] / 2 for one in shape.anchors]
        if max(max(across) - min(across), max(down) - min(down)) < _SPREAD:
            found.append("SPREAD")
    if not shape.boxes:
        found.append("BOXES")
    return found


@dataclass(frozen=True)
class InUse:
    """An edition that is in use: since which day, and its number within its template."""

    pk: int
    template: int
    edition: int
    since_date: dt.date


def held_on(editions: Iterable[InUse], day: dt.date) -> list[InUse]:
    """The editions a page formed on a day may bear, the newest first.

    Old stock of a form is used up after a new one came, so older editions stay possible; one that begins later does
    not. Of editions that begin on one day the last replaces the others.
    """
    latest: dict[tuple[int, dt.date], InUse] = {}
    for one in editions:
        if one.since_date <= day:
            key = one.template, one.since_date
            if key not in latest or latest[key].edition < one.edition:
                latest[key] = one
    return sorted(latest.values(), key=lambda one: (one.since_date, one.edition, one.pk), reverse=True)


def best(fitting: Sequence[tuple[InUse, Laid]]) -> Laid | None:
    """Which of several templates that fit a page is its own: the one with the larger share of anchors, then the newer.

    Args:
        fitting: as `held_on` orders them.
    """
    if not fitting:
        return None
    return max(
        enumerate(fitting),
        key=lambda pair: (round(pair[1][1].fit.found / max(1, pair[1][1].fit.wanted), 1), -pair[0]),
    )[1][1]


def laid_as_kept(laid: Laid) -> dict[str, Any]:
    """A laid template as its row keeps it."""
    fit = laid.fit
    return {
        "name": laid.name,
        "edition": laid.edition,
        "fit": {
            "matrix": [round(value, 6) for value in fit.matrix],
            "found": fit.found,
            "wanted": fit.wanted,
            "rest_mm": round(fit.rest_mm, 2),
            "turn": round(fit.turn, 3),
            "scale": round(fit.scale, 4),
        },
        "boxes": [
            {
                "kind": one.form.kind.value,
                "name": one.form.name,
                "label": one.form.label,
                "drawn": rounded(one.form.box),
                "required": one.form.is_required,
                "box": rounded(one.box),
                "words": one.words,
                "sure": round(one.sure, 3),
                "at": rounded(one.at),
                "ink": None
                if one.ink is None
                else [rounded(one.ink.box), round(one.ink.share, 4), round(one.ink.strokes, 3), round(one.ink.sure, 3)],
                "day": one.day.isoformat() if one.day else "",
            }
            for one in laid.boxes
        ],
    }


def laid_from(kept: Mapping[str, Any]) -> Laid:
    """A laid template from its row."""
    fit = kept["fit"]
    a, b, c, d, e, f = fit["matrix"]
    return Laid(
        kept["name"],
        kept["edition"],
        Fit((a, b, c, d, e, f), fit["found"], fit["wanted"], fit["rest_mm"], fit["turn"], fit["scale"]),
        tuple(
            LaidBox(
                FormBox(BoxKind(one["kind"]), one["name"], one["label"], box_from(one["drawn"]), one["required"]),
                box_from(one["box"]),
                one["words"],
                one["sure"],
                box_from(one["at"]),
                InkMark(box_from(one["ink"][0]), *one["ink"][1:]) if one["ink"] else None,
                dt.date.fromisoformat(one["day"]) if one["day"] else None,
            )
            for one in kept["boxes"]
        ),
    )


def _mapping(raw: object, place: str) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise Refusal("Y-080", what=place)
    return raw


def _listed(told: Mapping[str, Any], name: str, most: int) -> list[Any]:
    found = told.get(name, [])
    if not isinstance(found, list) or len(found) > most:
        raise Refusal("Y-080", what=f"{name} (≤ {most})")
    return found


def _words(raw: object, place: str, most: int) -> str:
    if not isinstance(raw, str) or len(raw) > most or _CONTROL.search(raw):
        raise Refusal("Y-080", what=place)
    return raw.strip()


def _length(raw: object, place: str) -> float:
    value = _number(raw, place)
    if not LEAST_MM <= value <= MOST_MM:
        raise Refusal("Y-080", what=place)
    return round(value, 1)


def _number(raw: object, place: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise Refusal("Y-080", what=place)
    return float(raw)


def _box(raw: object, place: str) -> Box:
    if not isinstance(raw, list) or len(raw) != 4:
        raise Refusal("Y-080", what=place)
    x, y, width, height = (_number(one, place) for one in raw)
    edge = 1e-3  # what rounding may put beside the page
    if width < _LEAST_PART or height < _LEAST_PART or min(x, y) < -edge or max(x + width, y + height) > 1 + edge:
        raise Refusal("Y-080", what=place)
    x, y = max(0.0, x), max(0.0, y)
    return round(x, 4), round(y, 4), round(min(width, 1 - x), 4), round(min(height, 1 - y), 4)


def _form_box(raw: object, place: str) -> FormBox:
    row = _mapping(raw, place)
    try:
        kind = BoxKind(str(row.get("kind")))
    except ValueError as error:
        raise Refusal("Y-080", what=f"{place}: kind") from error
    if row.get("name") not in ROLES[kind]:
        raise Refusal("Y-080", what=f"{place}: name")
    required = row.get("required", False)
    if not isinstance(required, bool):
        raise Refusal("Y-080", what=f"{place}: required")
    return FormBox(
        kind, row["name"], _words(row.get("label", ""), place, LONGEST_LABEL), _box(row.get("box"), place), required
    )
