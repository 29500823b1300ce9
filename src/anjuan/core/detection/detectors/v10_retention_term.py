"""V10 保管期限错: shorter than the schedule of its year says; a volume is kept as long as its longest item.

Traps: a term may be longer than the rule (extended at appraisal, or by hand with a reason), never shorter; a year for
which the schedule has no row is left to a person.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.retention import longest


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if item.rule_term is None:
            yield Verdict(
                Outcome.UNSURE,
                score=0.5,
                item_urn=item.urn,
                zh=f"{item.formed_date.year} 年的期限表中没有对应的条目",
                en=f"the schedule of {item.formed_date.year} has no row for it",
            )
        elif longest([item.term, item.rule_term]) != item.term:
            yield Verdict(
                Outcome.FAIL,
                item_urn=item.urn,
                zh=f"著录 {item.term}，期限表 {item.rule_term}",
                en=f"{item.term} on record, {item.rule_term} in the schedule",
            )
        else:
            yield Verdict(Outcome.PASS, item_urn=item.urn)
    if volume.items and longest([volume.term, *(item.term for item in volume.items)]) != volume.term:
        yield Verdict(Outcome.FAIL, zh="案卷期限短于卷内最长的一件", en="shorter than the term of its longest item")


DETECTOR = Detector("V10", Scope.ITEM, _judge)
