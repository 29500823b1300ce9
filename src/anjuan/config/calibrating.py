"""``anjuan calibrate``: what people's verdicts say of a detector's thresholds, before and after (阈值校准)."""

import argparse
from collections.abc import Iterator

from anjuan.core import detection
from anjuan.facilities.assurance.queries.calibration import Calibration, Trial, calibrate


def report(codes: list[str]) -> Iterator[str]:
    """The lines of the report for these detectors; for all that have thresholds where none is named.

    Raises:
        Z-003: there is no such detector.
    """
    for code in codes or [code for code, one in detection.detectors().items() if one.settings]:
        judged, calibrations = calibrate(code)
        if not judged and not codes:
            continue
        fault = detection.faults()[code]
        yield f"{code} {fault.zh}：{judged} 处有人判过 / {judged} places judged by people"
        if judged:
            for one in calibrations:
                yield from _told(one)


def _told(one: Calibration) -> Iterator[str]:
    unit = f" {one.setting.unit}" if one.setting.unit else ""
    yield f"  {one.setting.zh} {one.setting.en} ({one.setting.name}){unit}"
    yield "    值 value | 认定 told | 请人看 asked | 漏 lost | 误报 false | 误问 asked in vain | 查准 precision"
    for trial in one.trials:
        mark = "现行 now" if trial.is_now else "建议 proposed" if trial is one.best else ""
        yield f"    {_row(trial)} {mark}".rstrip()
    if one.best.is_now:
        yield "    维持现值 / keep it"
    else:
        before, after = one.now, one.best
        yield (
            f"    {before.value:g} → {after.value:g}：误报 {before.false} → {after.false}，"
            f"请人看 {before.asked + before.false_asked} → {after.asked + after.false_asked}；"
            "由本馆复核人员在“检测规则”页改，须写理由 / a re-checker of the archive sets it on the detectors' page"
        )


def _row(trial: Trial) -> str:
    precision = "—" if trial.precision is None else f"{trial.precision:.3f}"
    counts = (trial.told, trial.asked, trial.lost, trial.false, trial.false_asked)
    return " | ".join([f"{trial.value:g}", *map(str, counts), precision])


def run(options: argparse.Namespace) -> int:
    """Print the report."""
    for line in report(options.codes):
        print(line)
    return 0
