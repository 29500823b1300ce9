"""Handing an item out as a PDF that can be searched (双层PDF下载): who may see it; taking it counts as opening it."""

import functools
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO

from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.http import content_disposition_header

from anjuan.core.packages.readings import LayerPage
from anjuan.core.reading.pages import Line, lines_from
from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.formats import serving
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.facilities.reading import queries
from anjuan.facilities.reading.backends import searchable
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from anjuan.records import queries as records
from anjuan.records.queries import restricted
from anjuan.records.rows import ComponentRow

_PRACTICE = "演示 "


def open_searchable(request: HttpRequest, urn: str, part: int) -> FileResponse:
    """The item as one PDF, or a part of a hundred pages of it; each of its files is put down as opened.

    Raises:
        B-005, B-007, B-008: a file cannot be had, or its bytes changed: then nothing is handed out.
        J-003: the opening cannot be put down.
        M-009: there is no such part.
        P-001: the font cannot draw a character of its title.
        R-009: there is no such item, or he may not see it.
        R-081: its pages are closed to him.
    """
    occasion = occasions.of(request)
    item = records.get_item_for(occasion.actor, urn)
    restricted.check_readable(occasion.actor, [urn])
    rows = records.components_of([urn])[urn]
    if not 1 <= part <= queries.parts_of(rows):
        raise Refusal("M-009", page=part)
    pages = [(row, page) for row in rows if row.mime in queries.IMAGED_MIMES for page in range(1, row.page_count + 1)]
    taken = pages[(part - 1) * queries.PAGES_A_PART : part * queries.PAGES_A_PART]
    read = queries.layer_pages({row.sha512 for row, _ in taken})
    openers = {row.pk: functools.partial(formats.open_content, urn, row.sha512) for row, _ in taken}
    sheets = []
    for place, (row, page) in enumerate(taken):
        known = read.get((row.sha512, page))
        lines: tuple[Line, ...] = lines_from(known.lines) if known else ()
        turn = int(known.said.get("turn", 0)) if lines and known else row.turns.get(page, 0)
        is_first = place == 0 or taken[place - 1][0].pk != row.pk
        sheets.append(
            searchable.Sheet(openers[row.pk], row.mime, page, turn, lines, row.original_name if is_first else "")
        )
    at = timezone.localtime(occasion.at)
    people = accounts.staff_names({occasion.actor.staff_code})
    facts: dict[str, object] = {
        "reference_code": item.reference,
        "title": item.title,
        "agency_name": accounts.agency_names().get(item.agency_code, item.agency_code),
        "pages": f"{len(pages)} 页",
        "part": f"第 {(part - 1) * queries.PAGES_A_PART + 1}–{(part - 1) * queries.PAGES_A_PART + len(taken)} 页",
        "read": f"{sum(bool(sheet.lines) for sheet in sheets)} 页",
        "models": _models([read[row.sha512, page] for row, page in taken if (row.sha512, page) in read]),
        "made_by": " ".join(filter(None, (occasion.actor.staff_code, people.get(occasion.actor.staff_code)))),
        "made_at": f"{at:%Y-%m-%d %H:%M}",
        "rows": _listed(rows, taken, read),
    }
    cover = printing.print_form(form=FormName.SEARCHABLE, facts=facts, at=occasion.at, practice=settings.PRACTICE)
    out = _written(cover, sheets, item.reference, facts)
    for row in {row.pk: row for row, _ in taken}.values():
        serving.note_opening(request, occasion, row, 0)
    name = f"{item.reference}{f'-{part}' if len(pages) > queries.PAGES_A_PART else ''}.pdf".replace("/", "-")
    response = FileResponse(out, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _written(cover: bytes, sheets: Sequence[searchable.Sheet], title: str, facts: dict[str, object]) -> IO[bytes]:
    said = (
        f"派生利用件，非原件 Derivative, not the record; 识读模型 read by {facts['models']};"
        f" {facts['made_by']} {facts['made_at']}"
    )
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        practice = _PRACTICE if settings.PRACTICE else ""
        searchable.compose(out, cover=cover, sheets=sheets, title=f"{practice}{title}", said=practice + said)
        out.seek(0)
    except BaseException:
        out.close()
        raise
    return out


def _models(pages: Sequence[LayerPage]) -> str:
    """What read the words: models, each with the version of the way of reading."""
    return "、".join(sorted({f"{page.model} v{page.said['version']}" for page in pages if page.model})) or "无"


def _listed(
    rows: Sequence[ComponentRow], taken: Sequence[tuple[ComponentRow, int]], read: Mapping[queries.Place, LayerPage]
) -> list[dict[str, object]]:
    """Every file that this part holds, and those of the item that no PDF of this kind ever holds."""
    found: list[dict[str, object]] = []
    for row in rows:
        pages = [page for other, page in taken if other.pk == row.pk]
        if not pages and row.mime in queries.IMAGED_MIMES:
            continue
        known = [read[row.sha512, page] for page in pages if (row.sha512, page) in read]
        waiting, without = len(pages) - len(known), sum(not page.lines for page in known)
        said = "；".join(
            filter(None, (f"{waiting} 页未识读" if waiting else "", f"{without} 页无文字" if without else ""))
        )
        found.append(
            {
                "no": len(found) + 1,
                "name": row.original_name,
                "pages": len(pages),
                "said": (said or "有") if pages else "此格式不收入本件",
                "sha256": row.sha256,
            }
        )
    return found
