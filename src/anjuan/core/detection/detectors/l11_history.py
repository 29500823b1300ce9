"""L11 过程信息缺失: who took the item in and who reviewed it do not stand on record (DA/T 70-2018, 2-5).

Traps: paper-first records were handled before there was a system; their history is the batch they came with.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.terms import Route


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if item.route is Route.LEGACY:
            continue
        yield (
            Verdict(Outcome.PASS, item_urn=item.urn)
            if item.has_step_history
            else Verdict(Outcome.FAIL, item_urn=item.urn, zh="没有经办或审核的记录", en="nobody is on record for it")
        )


DETECTOR = Detector("L11", Scope.ITEM, _judge)
