"""Form templates on the desk of rules: what is drawn, what may be drawn on, and what a trial finds (表单模板)."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from anjuan.core.detection.drawn import standing
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import FaultFinding
from anjuan.core.detection.running import judge
from anjuan.core.detection.told import Told
from anjuan.core.reading.fields import FieldRead
from anjuan.core.reading.laying import lay_over, possible_anchors
from anjuan.core.reading.marks import Presence
from anjuan.core.reading.pages import Box, Line, rounded, turned
from anjuan.core.reading.templates import ROLES, BoxKind, FormShape, Laid, as_kept
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.facilities.assurance.queries import facts
from anjuan.facilities.reading import queries as reading
from anjuan.facilities.reading.queries import templates
from anjuan.facilities.reading.queries.templates import EditionRow, TemplateRow
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import StepRow
from anjuan.records import queries as records
from anjuan.records.queries import judged
from anjuan.records.rows import ComponentRow

TRIED_CODES = ("S01", "S02", "S03", "S05", "S07", "S08", "S09", "D01", "D06", "D10")  # detectors that go by templates
TRIED_PAGES = 6  # of one trial: each is opened and laid while somebody waits
SAMPLES = 12  # pages that are offered to draw on
Words = str | Promise

KINDS: Mapping[BoxKind, Words] = {
    BoxKind.SEAL: pgettext_lazy("template", "Seal"),
    BoxKind.SIGN: pgettext_lazy("template", "Signature"),
    BoxKind.DAY: pgettext_lazy("template", "Date"),
    BoxKind.FIELD: pgettext_lazy("template", "Field"),
}
NAMES: Mapping[BoxKind, Mapping[str, Words]] = {
    BoxKind.SEAL: {
        "UNIT": gettext_lazy("seal of the employer"),
        "AGENCY": gettext_lazy("business seal of the centre"),
        "HANDLER": gettext_lazy("name seal of the handler"),
        "REVIEWER": gettext_lazy("name seal of the reviewer"),
        "LEADER": gettext_lazy("name seal of the leader"),
        "APPLICANT": gettext_lazy("name seal of the applicant"),
    },
    BoxKind.SIGN: {
        "APPLICANT": gettext_lazy("the applicant signs"),
        "UNIT_CLERK": gettext_lazy("the employer's clerk signs"),
        "UNIT_LEADER": gettext_lazy("the employer's head signs"),
        "HANDLER": gettext_lazy("the handler signs"),
        "REVIEWER": gettext_lazy("the reviewer signs"),
        "LEADER": gettext_lazy("the leader signs"),
    },
    BoxKind.DAY: {
        "APPLIED": gettext_lazy("day of application"),
        "ACCEPTED": gettext_lazy("day of acceptance"),
        "CHECKED": gettext_lazy("day of review"),
        "DONE": gettext_lazy("day of completion"),
        "DAY": gettext_lazy("any other day"),
    },
    BoxKind.FIELD: {
        "PERSON": gettext_lazy("name of the insured person"),
        "ID_NUMBER": gettext_lazy("ID number"),
        "UNIT": gettext_lazy("name of the employer"),
        "CREDIT_CODE": gettext_lazy("unified social credit code"),
        "SERIAL": gettext_lazy("acceptance number"),
        "AMOUNT": gettext_lazy("amount"),
        "MONTHS": gettext_lazy("months of contribution"),
        "RETIRED": gettext_lazy("month of retirement"),
    },
}
STATES: Mapping[str, tuple[Words, str]] = {
    "DRAFT": (pgettext_lazy("template", "draft"), "wait"),
    "IN_USE": (pgettext_lazy("template", "in use"), "good"),
    "TO_COME": (pgettext_lazy("template", "to come"), ""),
    "REPLACED": (pgettext_lazy("template", "replaced"), ""),
    "WITHDRAWN": (pgettext_lazy("template", "withdrawn"), ""),
}
_STANDING: Mapping[Presence, tuple[Words, str]] = {
    Presence.PRESENT: (pgettext_lazy("template", "there"), "good"),
    Presence.ABSENT: (pgettext_lazy("template", "missing"), "bad"),
    Presence.UNSURE: (pgettext_lazy("template", "unsure"), "wait"),
}


@dataclass(frozen=True)
class TemplateLine:
    """A template in the list."""

    row: TemplateRow
    step: str
    material: str
    state: tuple[Words, str]
    boxes: int


@dataclass(frozen=True)
class EditionLine:
    """An edition in the list of one template."""

    row: EditionRow
    state: tuple[Words, str]
    kinds: Sequence[tuple[Words, int]]


@dataclass(frozen=True)
class Sample:
    """A page to draw on: its picture, the words that may be anchors, and how large it is."""

    image: str
    width_mm: float
    height_mm: float
    words: str  # JSON


@dataclass(frozen=True)
class Shown:
    """A box as it lies on a page that is shown: thousandths, and what stands there."""

    box: tuple[int, int, int, int]
    kind: str
    name: str
    is_required: bool
    words: str
    state: Words
    tone: str


@dataclass(frozen=True)
class TriedPage:
    """A page a template was tried on (试套结果).

    Attributes:
        fit: how it lies, none where it does not fit.
        boxes: what stands in its boxes.
        gone: findings that are made today and were not made with the template.
        new: findings that would be made with it.
        same: findings made either way.
        values: fields: what labels say, and what the boxes say.
    """

    row: ComponentRow
    page: int
    image: str
    is_wide: bool
    fit: Laid | None
    boxes: Sequence[Shown]
    gone: Sequence[str]
    new: Sequence[str]
    same: Sequence[str]
    values: Sequence[tuple[Words, str, str]]


def choices() -> str:
    """What a box may be, for the drawing page: JSON of kinds with their names."""
    return json.dumps(
        {
            kind.value: {"words": str(KINDS[kind]), "names": [[name, str(NAMES[kind][name])] for name in ROLES[kind]]}
            for kind in BoxKind
        },
        ensure_ascii=False,
    )


def lines(today: dt.date, step_code: str = "") -> list[TemplateLine]:
    """All templates, or those of one step."""
    names = step_materials()
    found = []
    for row in templates.templates(today):
        if step_code and row.step_code != step_code:
            continue
        step, material = names.get((row.step_code, row.material_code), (row.step_code, row.material_code))
        shown = row.in_use or row.draft or row.editions[0]
        found.append(TemplateLine(row, step, material, STATES[shown.state], len(shown.shape.boxes)))
    return found


def edition_lines(row: TemplateRow) -> list[EditionLine]:
    """The editions of a template, the newest first."""
    return [
        EditionLine(
            one,
            STATES[one.state],
            [(KINDS[kind], count) for kind in BoxKind if (count := sum(box.kind is kind for box in one.shape.boxes))],
        )
        for one in row.editions
    ]


def step_materials() -> dict[tuple[str, str], tuple[str, str]]:
    """Names of steps and materials, by their codes."""
    return {(step.code, row.code): (step.name, row.name) for step in schedule.steps() for row in step.materials}


def forms(step_code: str = "") -> list[tuple[StepRow, list[tuple[str, str]]]]:
    """What a template may be begun for: steps with their materials, the main form first."""
    return [
        (
            step,
            [(f"{step.code}.{row.code}", row.name) for row in sorted(step.materials, key=lambda one: not one.is_main)],
        )
        for step in schedule.steps()
        if not step_code or step.code == step_code
    ]


def sample_of(actor: Actor, template: TemplateRow, where: Mapping[str, int]) -> tuple[Sample, ComponentRow | None]:
    """A sample page, and the file it lies in where it is a page of a record.

    Raises:
        M-009: there is no such page.
        R-009: there is no such file or blank, or he may not see it.
        Y-086: it was not read, or is shown otherwise than its words stand.
    """
    if "blank" in where:
        blank = templates.blank(template.pk, where["blank"])
        image = reverse("rulebook:blank_image", kwargs={"pk": template.pk, "blank": blank.pk})
        height = blank.width_mm * blank.height / blank.width
        return Sample(image, blank.width_mm, round(height, 1), _offered(blank.lines)), None
    row = records.get_component_for(actor, where["component"])
    page = where["page"]
    if not 1 <= page <= row.page_count:
        raise Refusal("M-009", page=page)
    known = templates.reading_of(row.sha512, page)
    if known is None:
        raise Refusal("Y-086", what=_("not read yet"))
    words, turn = known
    if (row.turns.get(page, 0) - turn) % 360:
        raise Refusal("Y-086", what=_("the page is not shown upright: turn it at its record first"))
    width, height_px, dpi = row.pages[page - 1]
    if turn % 180:
        width, height_px = height_px, width
    width_mm = round(width / dpi * 25.4, 1) if dpi else 210.0
    width_mm = width_mm if 50 <= width_mm <= 1200 else 210.0
    image = reverse("formats:view", kwargs={"component": row.pk, "page": page})
    return Sample(image, width_mm, round(width_mm * height_px / max(1, width), 1), _offered(words)), row


def samples(actor: Actor, template: TemplateRow) -> list[tuple[ComponentRow, int, str]]:
    """Pages of the form that were read and may be drawn on: file, page, thumbnail."""
    return [
        (row, page, reverse("formats:thumb", kwargs={"component": row.pk, "page": page}))
        for row, page in templates.pages_to_try(actor, template.step_code, template.material_code, SAMPLES)
    ]


def tried(
    template: TemplateRow, pages: Sequence[tuple[ComponentRow, int]], laid: Sequence[Laid | None]
) -> list[TriedPage]:
    """What detectors find on pages today, and with a template that is tried (试套).

    Args:
        template: which.
        pages: files and pages the asking person may see.
        laid: how the template lies on each.
    """
    items = list(judged.items_by_urn([row.item_urn for row, _ in pages]).values())
    trial = facts.Trial(
        template.step_code,
        template.material_code,
        {(row.sha512, page): one for (row, page), one in zip(pages, laid, strict=True)},
    )
    before = _findings(facts.facts_of_loose(items, readings={}))
    with_it = facts.facts_of_loose(items, readings={}, tried=trial)
    after = _findings(with_it)
    said = reading.said_of([row.sha512 for row, _ in pages])
    told_pages = {
        (file.pk, page.page_no): Told(item, file, page, page.said)
        for volume in with_it
        for item in volume.items
        for file in item.files
        for page in file.pages
        if page.said is not None
    }
    found = []
    for (row, page), one in zip(pages, laid, strict=True):
        told = told_pages.get((row.pk, page))
        was, would = _of(before, row, page), _of(after, row, page)
        labelled = said[row.sha512, page]
        turn = row.turns.get(page, 0) - labelled.turn
        width, height, _dpi = row.pages[page - 1]
        found.append(
            TriedPage(
                row,
                page,
                reverse("formats:view", kwargs={"component": row.pk, "page": page}),
                (width > height) != (row.turns.get(page, 0) % 180 != 0),
                one,
                _shown(told, one, turn) if told is not None and one is not None else [],
                [words for words in was if words not in would],
                [words for words in would if words not in was],
                [words for words in would if words in was],
                _values(labelled.fields, lay_over(labelled, one).fields if one else ()),
            )
        )
    return found


def drawing(shape: FormShape) -> str:
    """A shape as the drawing page takes it."""
    return json.dumps(as_kept(shape), ensure_ascii=False)


def _offered(words: Sequence[Line]) -> str:
    return json.dumps(
        [{"words": one.words, "box": rounded(one.box)} for one in possible_anchors(words)], ensure_ascii=False
    )


def _findings(volumes: Sequence[VolumeFacts]) -> list[FaultFinding]:
    return [one for volume in volumes for one in judge(volume, codes=TRIED_CODES)]


def _of(found: Sequence[FaultFinding], row: ComponentRow, page: int) -> list[str]:
    """What is found on one page, or on its item as a whole."""
    is_chinese = (get_language() or "zh").startswith("zh")
    return [
        f"{one.code} {one.zh if is_chinese else one.en}"
        for one in found
        if (one.component_pk == row.pk and one.page_no == page)
        or (one.component_pk is None and one.item_urn == row.item_urn)
    ]


def _shown(told: Told, laid: Laid, turn: int) -> list[Shown]:
    shown = []
    for one, state in standing(told, laid):
        words, tone = _STANDING[state]
        said = f"{one.day:%Y-%m-%d}" if one.day else one.words
        is_quiet = state is Presence.ABSENT and not one.form.is_required
        shown.append(
            Shown(
                _thousandths(turned(one.box, turn)),
                one.form.kind.value.lower(),
                one.form.label or str(NAMES[one.form.kind][one.form.name]),
                one.form.is_required,
                said,
                pgettext_lazy("template", "empty") if is_quiet else words,
                "" if is_quiet else tone,
            )
        )
    return shown


def _values(labelled: Sequence[FieldRead], boxed: Sequence[FieldRead]) -> list[tuple[Words, str, str]]:
    names = NAMES[BoxKind.FIELD]

    def by_name(fields: Sequence[FieldRead]) -> dict[str, str]:
        found: dict[str, list[str]] = {}
        for field in fields:
            found.setdefault(field.name, []).append(field.value)
        return {name: "、".join(filter(None, values)) for name, values in found.items()}

    was, would = by_name(labelled), by_name(boxed)
    return [
        (names[name], was.get(name, ""), would.get(name, "") if boxed else "")
        for name in names
        if name in was or name in would
    ]


def _thousandths(box: Box) -> tuple[int, int, int, int]:
    x, y, width, height = (round(1000 * part) for part in box)
    return x, y, width, height
