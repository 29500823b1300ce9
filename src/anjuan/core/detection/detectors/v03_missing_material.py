"""V03 缺件: required material that is not there, by the list of the step as it held when the item was taken in.

Traps: of several one suffices, a condition that does not hold asks for nothing, paper first has no images yet.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if not item.is_imaged:
            continue
        names = "、".join(item.missing)
        yield (
            Verdict(Outcome.FAIL, item_urn=item.urn, zh=f"缺{names}", en=f"not there: {names}")
            if names
            else Verdict(Outcome.PASS, item_urn=item.urn)
        )


DETECTOR = Detector("V03", Scope.ITEM, _judge)
