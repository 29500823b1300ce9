"""The facts of inspection's papers (验收记录、复核记录、问题案卷明细、整改意见书、整改完成确认、质量分析报告)."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from django.utils import timezone

from anjuan.core.detection import Grade
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, Duty
from anjuan.desks.inspection import queries
from anjuan.facilities.corrections.queries import CorrectionRow, quality
from anjuan.facilities.corrections.rules import Cause
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import permit
from anjuan.records import queries as records

Facts = Mapping[str, object]
CAUSES = {
    Cause.HANDLING: "经办漏做",
    Cause.SCANNING: "扫描漏做",
    Cause.DESCRIBING: "著录错",
    Cause.RULES: "制度版本错",
    Cause.DEVICE: "设备",
    Cause.HISTORY: "历史遗留",
}
_SAID = {"OPEN": "待整改", "ANSWERED": "已答复", "CLOSED": "已销号"}


def printable(actor: Actor, urn: str) -> list[str]:
    """Which papers of inspection can be printed of a volume: as the views that print them are called; a few queries.

    Raises:
        R-009: there is no such volume, or the actor may not see it.
    """
    volume = records.get_volume_for(actor, urn)
    if not actor.covers(volume.agency_path, *RECORD_POSTS):
        return []
    duties = records.duties_of(urn)
    there = {
        "self_check_sheet": queries.latest_self_check(urn) is not None,
        "acceptance_record": bool(duties.get(Duty.ACCEPTED)),
        "recheck_record": bool(duties.get(Duty.RECHECKED)),
    }
    return [name for name, is_there in there.items() if is_there]


def record_facts(actor: Actor, urn: str, duty: Duty) -> Facts:
    """The facts of the acceptance record (验收记录, S3-F3) or the re-check record (复核记录, S3-F4) of a volume.

    Args:
        actor: who prints.
        urn: the volume.
        duty: ACCEPTED or RECHECKED: whose record it is.

    Raises:
        A-001: the actor's post does not handle volumes.
        R-009: there is no such volume, the actor may not see it, or nobody has judged it yet.
    """
    sheet = queries.sheet(actor, urn)
    permit(actor, sheet.volume.agency_path, *RECORD_POSTS)
    people = records.duties_of(urn).get(duty, frozenset())
    if not people:
        raise Refusal(
            "R-009", what="验收记录 acceptance record" if duty is Duty.ACCEPTED else "复核记录 re-check record"
        )
    names = accounts.staff_names({*people, *(row.raised_by for row in sheet.corrections)})
    faults: dict[str, list[str]] = {}
    for row in sheet.corrections:
        faults.setdefault(row.item_urn, []).append(f"{row.fault.code} {row.fault.zh}（{_SAID[row.status]}）")
    rows = [
        {
            "no": str(place),
            "reference_code": one.item.reference,
            "title": one.item.title,
            "paper": str(one.item.paper_pages),
            "images": str(sum(row.page_count for row in one.components)) if sheet.volume.is_imaged else "—",
            "faults": "；".join(faults.get(one.item.urn, [])) or "无",
        }
        for place, one in enumerate(sheet.items, 1)
    ]
    return {
        "heading": "案卷验收记录" if duty is Duty.ACCEPTED else "案卷复核记录",
        "role": "验收人" if duty is Duty.ACCEPTED else "复核人",
        "reference_code": sheet.volume.reference,
        "title": sheet.volume.title,
        "item_count": str(sheet.volume.item_count),
        "page_count": str(sheet.volume.page_count),
        "ledger": f"纸质 {sheet.ledger.paper} 页，影像 {_count(sheet.ledger.images)}，目录 {sheet.ledger.catalogue} 页",
        "judged_by": "、".join(names.get(code, code) for code in sorted(people)),
        "printed_date": timezone.localdate().isoformat(),
        "conclusion": "合格" if not sheet.open_faults else f"尚有 {sheet.open_faults} 个问题待整改",
        "rows": rows,
    }


def agency_facts(
    actor: Actor, agency_code: str, paper: str, *, since: dt.datetime, now: dt.datetime
) -> tuple[FormName, Facts]:
    """The facts of a paper about one agency's faults in a time.

    Args:
        actor: who prints.
        agency_code: the agency.
        paper: ``problems`` (问题案卷明细, S3-F5), ``opinion`` (案卷质量整改意见书, S3-F6), ``mended`` (整改完成确认,
            S3-F8) or ``analysis`` (档案质量分析报告, S3-F7).
        since: from this moment on.
        now: the moment of printing.

    Raises:
        A-001: the actor neither accepts, re-checks nor leads.
        R-009: there is no such paper or agency, or the actor's posts do not reach it.
    """
    if paper not in _PAPERS:
        raise Refusal("R-009", what=paper[:40])
    form, build = _PAPERS[paper]
    rows = quality.of_agency(actor, agency_code, since=since)
    facts: dict[str, object] = {
        "agency_name": accounts.agency_names().get(agency_code, agency_code),
        "period": f"{timezone.localdate(since)} 至 {timezone.localdate(now)}",
        "printed_date": timezone.localdate(now).isoformat(),
        "printed_by": actor.name,
    }
    if form is FormName.QUALITY:
        found = quality.quality(actor, since=since, now=now, agency_code=agency_code)
        return form, facts | _analysis(found[0] if found else None)
    people = accounts.staff_names(
        {code for row in rows for code in (row.raised_by, row.answered_by, row.closed_by, *row.responsible)} - {""}
    )
    lines = build(rows, people)
    return form, facts | {"count": str(len(lines)), "rows": lines}


def _problems(rows: Sequence[CorrectionRow], people: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {
            "no": str(number),
            "reference_code": row.reference,
            "fault": f"{row.fault.code} {row.fault.zh}",
            "grade": row.fault.grade.value,
            "place": f"第{row.page_no}页" if row.page_no else "整件",
            "note": "；".join(part for part in (row.note, row.fault.remedy_zh) if part),
            "responsible": "、".join(people.get(code, code) for code in row.responsible) or "—",
            "due_date": row.due_date.isoformat(),
            "status": _SAID[row.status],
        }
        for number, row in enumerate(rows, 1)
    ]


def _open(rows: Sequence[CorrectionRow], people: Mapping[str, str]) -> list[dict[str, str]]:
    return _problems([row for row in rows if row.status != "CLOSED"], people)


def _mended(rows: Sequence[CorrectionRow], people: Mapping[str, str]) -> list[dict[str, str]]:
    closed = [row for row in rows if row.status == "CLOSED" and row.closed_at and row.answered_at]
    return [
        {
            "no": str(number),
            "reference_code": row.reference,
            "fault": f"{row.fault.code} {row.fault.zh}",
            "answer": row.answer,
            "cause": CAUSES[row.cause] if row.cause else "未说明",
            "answered": f"{people.get(row.answered_by, row.answered_by)} {timezone.localdate(row.answered_at)}",
            "closed": f"{people.get(row.closed_by, row.closed_by)} {timezone.localdate(row.closed_at)}",
        }
        for number, row in enumerate(closed, 1)
    ]


def _analysis(found: quality.AgencyQuality | None) -> dict[str, object]:
    if found is None:
        return {"total": "0", "open": "0", "overdue": "0", "rows": [], "months": [], "causes": [], "people": []}
    return {
        "total": str(found.total),
        "open": str(found.open_count),
        "overdue": str(found.overdue_count),
        "rows": [
            {"no": str(number), "fault": f"{fault.code} {fault.zh}", "grade": fault.grade.value, "count": str(count)}
            for number, (fault, count) in enumerate(found.faults, 1)
        ],
        "months": [
            {"month": month, **{grade.value.lower(): str(counts[grade]) for grade in Grade}}
            for month, counts in found.months
        ],
        "causes": [
            {"name": CAUSES[cause] if cause else "未说明", "count": str(count)} for cause, count in found.causes
        ],
        "people": [
            {
                "name": name,
                "count": str(count),
                "repeated": "；".join(
                    f"{one.fault.zh} {one.count} 次" for one in found.repeated if one.staff_code == code
                ),
            }
            for code, name, count in found.people
        ],
        "categories": [
            {"name": f"{code} {name}".strip(), "count": str(count)} for code, name, count in found.categories
        ],
    }


def _count(images: int | None) -> str:
    return "尚未扫描" if images is None else f"{images} 页"


_Build = Callable[[Sequence[CorrectionRow], Mapping[str, str]], list[dict[str, str]]]
_PAPERS: Mapping[str, tuple[FormName, _Build]] = {
    "problems": (FormName.PROBLEMS, _problems),
    "opinion": (FormName.OPINION, _open),
    "mended": (FormName.MENDED, _mended),
    "analysis": (FormName.QUALITY, _problems),
}
