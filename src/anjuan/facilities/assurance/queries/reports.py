"""Four-nature reports as they are printed and signed (四性检测报告)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from anjuan.core.assurance import Outcome, Stage
from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Actor, State
from anjuan.facilities.assurance.queries import ReportRow, latest_of, schemes, storage
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import permit
from anjuan.records import queries as records

STAGES = {Stage.FILING: "归档", Stage.TRANSFER: "移交与接收", Stage.STORAGE: "长期保存"}
_NATURES = {"AUTHENTIC": "真实性", "COMPLETE": "完整性", "USABLE": "可用性", "SAFE": "安全性"}
_OUTCOMES = {
    Outcome.PASS: "通过",
    Outcome.FAIL: "不通过",
    Outcome.UNSURE: "待人工判定",
    Outcome.NOT_APPLICABLE: "不适用",
}


@dataclass(frozen=True)
class StageRow:
    """How a record, or a volume's records together, fared at one stage at which they were tested."""

    stage: Stage
    tested: int
    passed: int
    tested_at: dt.datetime


@dataclass(frozen=True)
class Reported:
    """A record with its newest reports, and whether the actor may have it tested now."""

    urn: str
    rows: tuple[StageRow, ...]
    may_test: bool


# What of several records is said of the volume: the worst, and only if none has more to say that it does not apply.
_WORSE = (Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.UNSURE, Outcome.FAIL)


def reported(actor: Actor, urn: str) -> Reported:
    """The stages at which an item, or a volume's items, were tested; three queries and those of the record.

    Raises:
        R-009: there is no such record, or the actor may not see it.
    """
    members = records.items_of(urn)
    record = records.get_volume_for(actor, urn) if members else records.get_item_for(actor, urn)
    units = [item.urn for item in members] or [urn]
    rows = []
    for stage in Stage:
        found = latest_of(units, stage).values()
        if found:
            passed = sum(row.is_passed for row in found)
            rows.append(StageRow(stage, len(found), passed, max(row.tested_at for row in found)))
    may_test = (
        bool(members)
        and record.state is State.HELD
        and actor.covers(record.agency_path, *storage.TESTING_POSTS)
        and any(records.components_of(units).values())
    )
    return Reported(urn, tuple(rows), may_test)


def report_facts(actor: Actor, urn: str, stage: Stage) -> Mapping[str, object]:
    """The facts of the report of a record, or of a volume's records together, at a stage.

    Args:
        actor: who prints.
        urn: an item or a volume.
        stage: which scheme.

    Raises:
        A-001: the actor's post does not work with records of that agency.
        R-009: there is no such record, the actor may not see it, or it was never tested at that stage.
    """
    items = records.items_of(urn)
    if items:
        volume = records.get_volume_for(actor, urn)
        reference, title, path = volume.reference, volume.title, volume.agency_path
    else:
        item = records.get_item_for(actor, urn)
        items, (reference, title, path) = [item], (item.reference, item.title, item.agency_path)
    permit(actor, path, *RECORD_POSTS)
    reports = latest_of([item.urn for item in items], stage)
    if not reports:
        raise Refusal("R-009", what=f"四性检测报告 report {reference}")
    names = {item.urn: item.reference for item in items}
    newest = max(reports.values(), key=lambda row: row.tested_at)
    passed = sum(row.is_passed for row in reports.values())
    person = accounts.staff_names({newest.tested_by})
    return {
        "reference_code": reference,
        "title": title,
        "stage": STAGES[stage],
        "count": str(len(reports)),
        "passed": str(passed),
        "conclusion": "通过" if passed == len(reports) else "不通过",
        "tested_by": person.get(newest.tested_by, newest.tested_by),
        "tested_at": f"{timezone.localtime(newest.tested_at):%Y-%m-%d %H:%M}",
        "rows": _rows(reports, names),
    }


def _rows(reports: Mapping[str, ReportRow], names: Mapping[str, str]) -> list[dict[str, str]]:
    by_code = schemes.ever()
    said: dict[str, list[tuple[str, Outcome, str]]] = {}
    for urn, report in reports.items():
        for result in report.results:
            said.setdefault(result.code, []).append((names[urn], result.outcome, result.detail))
    rows = []
    for code, found in said.items():
        worst = max((outcome for _, outcome, _ in found), key=_WORSE.index)
        named = [
            f"{name}：{detail}" if detail and len(found) > 1 else (detail or (name if len(found) > 1 else ""))
            for name, outcome, detail in found
            if outcome in (Outcome.FAIL, Outcome.UNSURE) or (outcome is worst and detail)
        ]
        test = by_code[code]
        rows.append(
            {
                "code": code,
                "standard": test.standard or "—",
                "nature": _NATURES[test.nature],
                "name": test.zh,
                "veto": "是" if test.has_veto else "",
                "outcome": _OUTCOMES[worst],
                "detail": "；".join(part for part in named if part)[:300],
            }
        )
    return rows
