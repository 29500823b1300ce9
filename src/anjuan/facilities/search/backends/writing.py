"""A list as a file (导出文件): CSV and XLSX by our own writer, PDF set in type. Each says whose it is."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Protocol

from anjuan.core import sheets
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.facilities.search.rules import ExportColumn, ExportForm

HEADS: Mapping[ExportColumn, str] = {
    ExportColumn.REFERENCE_CODE: "档号",
    ExportColumn.ACCEPTANCE_NO: "受理号",
    ExportColumn.TITLE: "题名",
    ExportColumn.NAMES: "姓名（单位）",
    ExportColumn.NUMBERS: "证件号码",
    ExportColumn.STEP: "业务环节",
    ExportColumn.CATEGORY: "类目",
    ExportColumn.YEAR: "年度",
    ExportColumn.FORMED: "形成日期",
    ExportColumn.AGENCY: "机构",
    ExportColumn.STATE: "状态",
    ExportColumn.PAGES: "页数",
    ExportColumn.PLACE: "架位",
}
_GETA = "〓"  # stands for a character that the font cannot draw, as printers have always done


class Said(Protocol):
    """What a list says of itself."""

    @property
    def serial_no(self) -> str:
        """Its number."""
        ...

    @property
    def line(self) -> str:
        """All of it."""
        ...

    @property
    def mark(self) -> str:
        """What stands across the page."""
        ...


def written(
    form: ExportForm,
    columns: Sequence[ExportColumn],
    rows: Sequence[Sequence[str]],
    said: Said,
    *,
    at: dt.datetime,
    practice: bool,
) -> bytes:
    """The file, whole.

    Standard: RFC 4180 (CSV), ECMA-376 (XLSX), ISO 19005-2 (PDF/A-2b).
    """
    heads = [HEADS[column] for column in columns]
    foot = f"{'演示　' if practice else ''}{said.line}"
    if form is ExportForm.CSV:
        return "".join(sheets.write_csv([heads, *rows, [], [foot]])).encode()
    if form is ExportForm.XLSX:
        stream = io.BytesIO()
        sheets.write_book([("检索结果", [heads, *rows, [], [foot]]), ("导出说明", [[foot]])], stream)
        return stream.getvalue()
    facts = {
        "serial_no": said.serial_no,
        "mark": _drawable(said.mark),
        "foot": _drawable(said.line),
        "heads": heads,
        "weights": [column.value for column in columns],
        "rows": [[_drawable(cell) for cell in row] for row in rows],
    }
    return printing.print_form(form=FormName.EXPORT_LIST, facts=facts, at=at, practice=practice)


def _drawable(text: str) -> str:
    while (sign := printing.undrawable(text)) is not None:
        text = text.replace(sign, _GETA)
    return text
