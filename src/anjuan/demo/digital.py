"""The papers of the practice city that never were paper (原生电子材料): PDF/A, OFD and plain text."""

import datetime as dt
import functools
import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import typst

from anjuan.demo.papers import FORM_FOLDER, PRACTICE, Paper, blank_of, entries, lines
from anjuan.facilities.printing.backends.typeset import FONT_FOLDER

_SPACE = "http://www.ofdspec.org/2016"
_EPOCH = (2020, 1, 1, 0, 0, 0)  # of the parts of a container: the same paper is the same bytes


def pdf(papers: Sequence[Paper], *, seed: int = 0) -> bytes:
    """Pages as the business system prints them (原生电子表单): one PDF/A-2b, a page for each, with text.

    Args:
        papers: the pages, in order.
        seed: of no effect, since a printer has no chance in it; taken so that all kinds are asked for alike.
    """
    sheets = [_sheet(paper) for paper in papers]
    printed: bytes = _compiler().compile(
        input=str(FORM_FOLDER / "press.typ"),
        format="pdf",
        sys_inputs={"sheets": json.dumps(sheets, ensure_ascii=False)},
        pdf_standards=["a-2b"],
        timestamp=dt.datetime.combine(papers[0].formed, dt.time(2), dt.UTC),
    )
    return printed


@functools.cache
def _compiler() -> Any:
    """One compiler for the process: it keeps the parsed font."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_FOLDER)])
    return typst.Compiler(root=str(FORM_FOLDER), font_paths=fonts)


def _sheet(paper: Paper) -> dict[str, Any]:
    """Everything that a page says, in the order of its blank."""
    blank, words = blank_of(paper), entries(paper)
    # Pictures of cards and tickets have no rows; a print of them says whose they are.
    rows = [[(cell.label, words.get(cell.entry, ""), cell.share) for cell in row] for row in blank.rows]
    if not rows and not blank.text and not blank.columns:
        rows = [[("持有人", words["holder"], 1), ("证件号码", words["holder_number"], 2)]]
    return {
        "title": blank.title.format_map(words), "agency": paper.agency_name, "acceptance_no": paper.acceptance_no,
        "practice": PRACTICE, "line": blank.line.format_map(words),
        "rows": [[{"label": label, "entry": entry, "share": share} for label, entry, share in row] for row in rows],
        "columns": [{"heading": column.heading, "width": column.width} for column in blank.columns],
        "lines": [
            ["" if column.entry == "sign" else line.get(column.entry, "") for column in blank.columns]
            for line in lines(paper, blank)
        ],
        "text": [told.format_map(words) for told in blank.text],
        "after": [told.format_map(words) for told in blank.after],
        "handler": words["handler"], "reviewer": words["reviewer"], "formed": words["formed"],
    }  # fmt: skip


def _spoken(paper: Paper) -> list[str]:
    """A page as lines of words."""
    sheet = _sheet(paper)
    told = [PRACTICE, sheet["title"], f"经办机构：{paper.agency_name}　受理号：{paper.acceptance_no}"]
    told += [sheet["line"]] if sheet["line"] else []
    for row in sheet["rows"]:
        told.append(
            "　　".join(f"{cell['label']}：{cell['entry']}" if cell["entry"] else cell["label"] for cell in row)
        )
    told += sheet["text"]
    if sheet["columns"]:
        told.append("　".join(column["heading"] for column in sheet["columns"]))
        told += ["　".join(line) for line in sheet["lines"]]
    told += sheet["after"]
    return [*told, f"经办人：{sheet['handler']}　复核人：{sheet['reviewer']}　{sheet['formed']}"]


def text(paper: Paper) -> bytes:
    """A page as the old business system exports it (文本导出): UTF-8, lines ended as Windows does."""
    return "\r\n".join([*_spoken(paper), ""]).encode()


def ofd(paper: Paper) -> bytes:
    """A page as an OFD (版式文件): A4, one text object a line, a rule beneath.

    Standard: GB/T 33190-2016.
    """
    told = [
        (words[start : start + 46], 6.0 if number == 1 else 3.6)
        for number, words in enumerate(_spoken(paper))
        for start in range(0, len(words), 46)
    ]
    step = min(8.0, 255 / len(told))
    objects = ""
    for number, (words, size) in enumerate(told):
        y = 20 + number * step
        objects += (
            f'<ofd:TextObject ID="{100 + number}" Boundary="20 {y:.2f} 172 {size + 2:g}" Font="4" Size="{size:g}">'
            f'<ofd:TextCode X="0" Y="{size:g}">{escape(words)}</ofd:TextCode></ofd:TextObject>'
        )
    objects += (
        '<ofd:PathObject ID="900" Boundary="20 280 170 1" LineWidth="0.2" Stroke="true">'
        "<ofd:AbbreviatedData>M 0 0.5 L 170 0.5</ofd:AbbreviatedData></ofd:PathObject>"
    )
    parts = {
        "OFD.xml": f'<ofd:OFD xmlns:ofd="{_SPACE}" Version="1.1" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>{paper.formed:%Y%m%d}{paper.page_no:024d}</ofd:DocID><ofd:Title>{escape(paper.title)}</ofd:Title>"
        f"<ofd:CreationDate>{paper.formed}</ofd:CreationDate></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml"
        "</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f'<ofd:Document xmlns:ofd="{_SPACE}"><ofd:CommonData><ofd:MaxUnitID>999</ofd:MaxUnitID>'
        "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages>"
        '<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>',
        "Doc_0/PublicRes.xml": f'<ofd:Res xmlns:ofd="{_SPACE}" BaseLoc="Res"><ofd:Fonts>'
        '<ofd:Font ID="4" FontName="宋体" FamilyName="宋体"/></ofd:Fonts></ofd:Res>',
        "Doc_0/Pages/Page_0/Content.xml": f'<ofd:Page xmlns:ofd="{_SPACE}"><ofd:Content><ofd:Layer ID="2">'
        f"{objects}</ofd:Layer></ofd:Content></ofd:Page>",
    }
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in parts.items():
            declared = f'<?xml version="1.0" encoding="UTF-8"?>{content}'.encode()
            container.writestr(zipfile.ZipInfo(name, _EPOCH), declared, zipfile.ZIP_DEFLATED)
    return kept.getvalue()
