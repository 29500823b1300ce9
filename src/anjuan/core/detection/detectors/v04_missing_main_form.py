"""V04 缺主表: the step has a main form and no page of it lies there. Whether a page is that form, reading tells."""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if not item.is_imaged or not item.main_codes:
            continue
        if item.is_main_missing:
            names = "、".join(material.name for material in item.materials if material.is_main)
            yield Verdict(Outcome.FAIL, item_urn=item.urn, zh=f"应有《{names}》", en=f"{names} should be there")
        else:
            yield Verdict(Outcome.PASS, item_urn=item.urn)


DETECTOR = Detector("V04", Scope.ITEM, _judge)
