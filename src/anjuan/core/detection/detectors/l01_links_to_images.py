"""L01 挂接错、漏挂或空挂: an item without an image, a file without a page, a sealed file not named by its 档号.

Traps: paper-first items wait for the workshop; before sealing files carry the name they were captured under.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if not item.is_imaged:
            continue
        empty = [file for file in item.files if not file.pages]
        if not item.files:
            yield Verdict(Outcome.FAIL, item_urn=item.urn, zh="没有影像", en="it has no image")
        elif empty:
            yield Verdict(
                Outcome.FAIL,
                item_urn=item.urn,
                component_pk=empty[0].pk,
                zh=f"{empty[0].original_name} 没有页",
                en=f"{empty[0].original_name} has no page",
            )
        else:
            yield Verdict(Outcome.PASS, item_urn=item.urn)


DETECTOR = Detector("L01", Scope.ITEM, _judge)
