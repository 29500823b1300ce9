"""I28 影像被改动: the bytes differ from the digests taken at capture. Nothing else is proof of it."""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for file in item.files:
            if file.reading is None:
                continue
            if file.reading.is_verified:
                yield Verdict(Outcome.PASS, item_urn=item.urn, component_pk=file.pk)
            else:
                yield Verdict(
                    Outcome.FAIL,
                    item_urn=item.urn,
                    component_pk=file.pk,
                    zh=f"{file.original_name} 的字节与采集时的摘要不符",
                    en=f"the bytes of {file.original_name} are not those that were captured",
                )


DETECTOR = Detector("I28", Scope.ITEM, _judge)
