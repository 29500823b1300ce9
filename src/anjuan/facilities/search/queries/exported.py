"""What stands in a list that is taken out (导出内容): the cells of its rows, and the words that say whose it is."""

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from anjuan.core.terms import Actor
from anjuan.core.words import word
from anjuan.facilities.search.models import Export
from anjuan.facilities.search.queries.finding import facet_names, find
from anjuan.facilities.search.rules import ExportColumn
from anjuan.facilities.stacks import queries as stacks
from anjuan.records import queries as records
from anjuan.records.rows import ItemRow

PART_ROWS = 200


@dataclass(frozen=True)
class Label:
    """What a list says of itself (导出标注): number, person, time, purpose, question, how many."""

    serial_no: str
    who: str
    at: str
    purpose: str
    asked: str
    rows: int

    @property
    def line(self) -> str:
        """All of it in one line, for foot and margin."""
        return (
            f"导出编号 {self.serial_no}　导出人 {self.who}　{self.at}　用途：{self.purpose}　"
            f"检索：{self.asked}　共 {self.rows} 件"
        )

    @property
    def mark(self) -> str:
        """What stands across the page."""
        return f"{self.serial_no}　{self.who}　{self.at}"


def label(row: Export, *, who: str, rows: int) -> Label:
    """What a list says of itself."""
    at = row.asked_at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE))
    return Label(row.serial_no, who, f"{at:%Y-%m-%d %H:%M}", row.purpose, row.asked, rows)


def count_rows(actor: Actor, asked: str) -> int:
    """How many rows a question gives.

    Raises:
        A-001, X-001 to X-008: see `finding.find`.
    """
    result = find(actor, asked, page_items=1, explains=False)
    return len(result.listed) + result.more


def cells(items: Sequence[ItemRow], columns: Sequence[ExportColumn], *, shows_numbers: bool) -> list[list[str]]:
    """Rows as text, one a record, in the order of the columns; as many statements for one as for two hundred."""
    urns = [item.urn for item in items]
    subjects = records.subjects_of(urns)
    steps = records.step_names()
    names = facet_names()
    volumes = records.volume_urns_of(items) if ExportColumn.PLACE in columns else {}
    found = stacks.places_of(sorted(set(volumes.values()))) if volumes else {}

    def cell(item: ItemRow, column: ExportColumn) -> str:
        match column:
            case ExportColumn.REFERENCE_CODE:
                return item.reference_code
            case ExportColumn.ACCEPTANCE_NO:
                return item.acceptance_no
            case ExportColumn.TITLE:
                return item.title
            case ExportColumn.NAMES:
                return "、".join(subject.name for subject in subjects[item.urn])
            case ExportColumn.NUMBERS:
                whole = [subject.id_number or subject.credit_code for subject in subjects[item.urn]]
                masked = [subject.masked_id for subject in subjects[item.urn]]
                return "、".join(number for number in (whole if shows_numbers else masked) if number)
            case ExportColumn.STEP:
                return steps.get(item.step_code, item.step_code)
            case ExportColumn.CATEGORY:
                return names.get("CATEGORY", {}).get(item.category_code, item.category_code)
            case ExportColumn.YEAR:
                return str(item.year)
            case ExportColumn.FORMED:
                return item.formed_date.isoformat()
            case ExportColumn.AGENCY:
                return names.get("AGENCY", {}).get(item.agency_code, item.agency_code)
            case ExportColumn.STATE:
                return word(item.state, "zh")
            case ExportColumn.PAGES:
                return str(item.paper_pages)
            case ExportColumn.PLACE:
                place = found.get(volumes.get(item.urn, ""))
                return stacks.spoken_place(place) if place else ""

    return [[cell(item, column) for column in columns] for item in items]
