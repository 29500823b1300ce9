"""V11 档号错、重号或断号: grammar by the template, agreement with the record, and the run without gaps or doubles.

A gap is named once, at the volume that follows it.

Traps: a number voided or held with a reason is no gap; codes of dossiers and boxes follow their kind's own template.
"""

from collections.abc import Iterator

from anjuan.core import refcode
from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import ItemFacts, VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.refcode import RefCode, Template
from anjuan.core.refusals import Refusal


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    if volume.sealed_on is None:
        return
    read = _read(volume.rule, volume.reference_code)
    wrong = _unlike(volume, read)
    if wrong:
        yield Verdict(Outcome.FAIL, zh=wrong[0], en=wrong[1])
    if volume.is_doubled:
        yield Verdict(Outcome.FAIL, zh=f"卷号 {volume.volume_no} 重号", en=f"number {volume.volume_no} stands twice")
    if volume.lost_before:
        lost = "、".join(map(str, volume.lost_before[:5]))
        yield Verdict(Outcome.FAIL, zh=f"前面断号 {lost}", en=f"numbers before it are lost: {lost}")
    if not wrong and not volume.is_doubled and not volume.lost_before:
        yield Verdict(Outcome.PASS)
    seen: set[str] = set()
    for item in volume.items:
        said = _item_wrong(volume, item, seen)
        seen.add(item.reference_code)
        yield (
            Verdict(Outcome.FAIL, item_urn=item.urn, zh=said[0], en=said[1])
            if said
            else Verdict(Outcome.PASS, item_urn=item.urn)
        )


def _read(rule: Template, code: str) -> RefCode | None:
    for level in ("item", "volume"):
        try:
            return refcode.parse(refcode.Template(rule.text, rule.upto(level)), code)
        except Refusal:
            continue
    return None


def _unlike(volume: VolumeFacts, read: RefCode | None) -> tuple[str, str] | None:
    if read is None:
        return f"“{volume.reference_code}”不合编号规则", f"{volume.reference_code!r} does not follow the template"
    expected = {
        "fonds": volume.fonds_code,
        "category": volume.category_code,
        "year": str(volume.year),
        "agency": volume.agency_code,
    }
    for token, value in expected.items():
        if token in read.values and str(read.values[token]) != value:
            return f"档号中的 {read.values[token]} 与案卷的 {value} 不符", f"{read.values[token]} is not {value}"
    return None


def _item_wrong(volume: VolumeFacts, item: ItemFacts, seen: set[str]) -> tuple[str, str] | None:
    if not item.reference_code:
        return "没有件的档号", "it has no code"
    if item.reference_code in seen:
        return "卷内重号", "the same code stands twice in the volume"
    read = _read(volume.item_rule, item.reference_code)
    if read is None:
        return f"“{item.reference_code}”不合编号规则", f"{item.reference_code!r} does not follow the template"
    if "item" in read.values and read.values["item"] != item.item_no and not volume.kind.runs_through_the_year:
        return f"件号应为 {item.item_no}", f"its number should be {item.item_no}"
    return None


DETECTOR = Detector("V11", Scope.VOLUME, _judge)
