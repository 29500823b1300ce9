"""I20 文件损坏或格式不符: it cannot be decoded whole, or is not of the format on record."""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for file in item.files:
            if file.reading is None or not file.reading.is_verified:  # of bytes that changed, I28 speaks
                continue
            if file.reading.is_readable:
                yield Verdict(Outcome.PASS, item_urn=item.urn, component_pk=file.pk)
            else:
                yield Verdict(
                    Outcome.FAIL,
                    item_urn=item.urn,
                    component_pk=file.pk,
                    zh=f"{file.original_name} 不能完整解码",
                    en=f"{file.original_name} cannot be decoded whole",
                )


DETECTOR = Detector("I20", Scope.ITEM, _judge)
