"""What was read on a page, as it is drawn beside its image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anjuan.core.reading.marks import Presence, SealMark, SealShape
from anjuan.core.reading.pages import Box, Line, turned
from anjuan.core.reading.said import PageSaid
from anjuan.core.reading.tables import Cell, texts
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.facilities.reading import queries
from anjuan.foundation.web.panels import Panel, address
from anjuan.records import queries as records
from anjuan.records.queries import judged, restricted

_FIELDS = {
    "PERSON": gettext_lazy("Name"),
    "ID_NUMBER": gettext_lazy("ID number"),
    "UNIT": gettext_lazy("Employer"),
    "CREDIT_CODE": gettext_lazy("Unified social credit code"),
    "SERIAL": gettext_lazy("Acceptance number"),
    "AMOUNT": gettext_lazy("Amount"),
    "MONTHS": gettext_lazy("Contribution period"),
    "RETIRED": gettext_lazy("Month of retirement"),
}
_SHAPES = {
    SealShape.ROUND: gettext_lazy("round seal"),
    SealShape.OVAL: gettext_lazy("oval seal"),
    SealShape.SQUARE: gettext_lazy("square seal"),
    SealShape.RECTANGLE: gettext_lazy("oblong seal"),
}
_UNREAD = {
    "BLANK": gettext_lazy("Nothing is written on this page."),
    "TOO_SMALL": gettext_lazy("The image is too small to be read."),
    "UNREADABLE": gettext_lazy("The image could not be opened to be read; look at it yourself."),
    "FAILED": gettext_lazy("The machine could not read this page; look at it yourself."),
}


@dataclass(frozen=True)
class Mark:
    """Something that was seen on the page: its box in thousandths of the page as it is shown, and what it is.

    Attributes:
        kind: line, field, seal, sign, day or number.
        box: x, y, width, height.
        words: what it says.
        name: what it is called; empty for a line of words.
        sure: how surely, in percent.
        tone: good, wait or bad.
    """

    kind: str
    box: tuple[int, int, int, int]
    words: str
    name: str = ""
    sure: int = 100
    tone: str = ""


@dataclass(frozen=True)
class ReadFile:
    """A file of a record, and what its pages are: title, and how many seals."""

    name: str
    pages: Sequence[tuple[int, str, str]]  # page, address, what is said of it


def page_page(actor: Actor, component: int, page: int) -> dict[str, Any]:
    """What was read on a page, beside its image.

    Raises:
        M-009: there is no such page.
        R-009: there is no such component, or he may not see it.
    """
    row = records.get_component_for(actor, component)
    if not 1 <= page <= row.page_count:
        raise Refusal("M-009", page=page)
    said = queries.said_of([row.sha512]).get((row.sha512, page))
    lines = queries.lines_of(row.sha512, page)
    turn = row.turns.get(page, 0) - said.turn if said else 0
    width, height, _dpi = row.pages[page - 1]
    return {
        "file": row,
        "page": page,
        "image": reverse("formats:view", kwargs={"component": row.pk, "page": page}),
        "record_url": address("search:item", urn=row.item_urn),
        "is_wide": (width > height) != (row.turns.get(page, 0) % 180 != 0),
        "said": said,
        "unread": _UNREAD.get(said.unread, "") if said and said.unread else "",
        "marks": _marks(said, turn) if said else [],
        "lines": [Mark("line", _shown(line.box, turn), line.text, sure=round(100 * line.sure)) for line in lines],
        "tables": _tables(said, lines) if said else [],
        "pages": [(number, _address(row.pk, number)) for number in range(1, row.page_count + 1)],
    }


def record_files(actor: Actor, urn: str) -> list[ReadFile]:
    """The files of an item with what was read on their pages; none of a volume, whose items have pages of their own.

    Raises:
        R-009: there is no such record, or he may not see it.
    """
    if not judged.items_by_urn([urn]):
        records.get_volume_for(actor, urn)
        return []
    item = records.get_item_for(actor, urn)
    if restricted.closed_to(actor, [item.urn]):
        return []
    rows = [row for row in records.components_of([item.urn])[item.urn] if row.mime in queries.READ_MIMES]
    said = queries.said_of([row.sha512 for row in rows])
    return [
        ReadFile(
            row.original_name,
            [
                (number, _address(row.pk, number), _summary(said.get((row.sha512, number))))
                for number in range(1, row.page_count + 1)
            ],
        )
        for row in rows
    ]


def record_downloads(actor: Actor, urn: str) -> list[tuple[int, str]]:
    """Addresses of the searchable PDF of an item, by part; none of a volume, nor where nothing is ever read.

    Raises:
        R-009: there is no such record, or he may not see it.
    """
    if not judged.items_by_urn([urn]):
        records.get_volume_for(actor, urn)
        return []
    item = records.get_item_for(actor, urn)
    if restricted.closed_to(actor, [item.urn]):
        return []
    parts = queries.parts_of(records.components_of([item.urn])[item.urn])
    if parts == 1:
        return [(1, reverse("reading:searchable", kwargs={"urn": urn}))]
    return [
        (part, reverse("reading:searchable_part", kwargs={"urn": urn, "part": part})) for part in range(1, parts + 1)
    ]


def _address(component: int, page: int) -> str:
    return reverse("reading:page", kwargs={"component": component, "page": page})


def _summary(said: PageSaid | None) -> str:
    if said is None:
        return _("not read yet")
    if said.unread:
        return str(_UNREAD.get(said.unread, said.unread))
    title = said.titles[0].text if said.titles else ""
    seals = _("seals: %(count)s") % {"count": len(said.seals)} if said.seals else ""
    return " · ".join(filter(None, (title, seals))) or _("read")


def _marks(said: PageSaid, turn: int) -> list[Mark]:
    """What detectors go by on this page."""
    found = [
        Mark(
            "field",
            _shown(field.box, turn),
            field.value or _("empty"),
            f"{_FIELDS[field.name]} ({field.label})",
            round(100 * field.sure),
            "" if field.value else "wait",
        )
        for field in said.fields
    ]
    found += [_seal(mark, turn) for mark in said.seals]
    for one in said.signs:
        is_signed = one.is_filled or (one.ink is not None and one.ink.presence is Presence.PRESENT)
        words = one.place.words or (_("written by hand") if is_signed else _("empty"))
        found.append(
            Mark("sign", _shown(one.place.box, turn), words, one.place.label, tone="" if is_signed else "wait")
        )
    for place in said.days:
        words = f"{place.read.day:%Y-%m-%d}" if place.read.day else _("empty")
        tone = "" if place.read.day else "wait"
        found.append(Mark("day", _shown(place.read.box, turn), words, place.label or _("Date"), tone=tone))
    if said.mark:
        words = _("page %(number)s of %(of)s") % {"number": said.mark.number, "of": said.mark.of}
        found.append(Mark("number", _shown(said.mark.box, turn), words, _("Page mark")))
    if said.stamp:
        found.append(Mark("number", _shown(said.stamp.box, turn), str(said.stamp.number), _("Stamped number")))
    return found


def _tables(said: PageSaid, lines: Sequence[Line]) -> list[list[list[tuple[Cell, str]]]]:
    """The ruled tables of the page by row, with the words of each cell; those without words are left out."""
    found = [texts(table, lines) for table in said.tables]
    return [rows for rows in found if any(words for row in rows for _, words in row)]


def _seal(mark: SealMark, turn: int) -> Mark:
    colour = _("red") if mark.is_red else _("grey, as on a copy")
    name = f"{_SHAPES[mark.shape]}, {mark.width_mm:.0f}×{mark.height_mm:.0f} mm, {colour}"
    is_poor = mark.coverage < 0.7
    return Mark(
        "seal", _shown(mark.box, turn), mark.words or "—", name, round(100 * mark.sure), "wait" if is_poor else ""
    )


def _shown(box: Box, turn: int) -> tuple[int, int, int, int]:
    x, y, width, height = (round(1000 * part) for part in turned(box, turn))
    return x, y, width, height


PANELS = (Panel(slot="record.standing", title=gettext_lazy("What was read"), url_name="reading:record", order=55),)
