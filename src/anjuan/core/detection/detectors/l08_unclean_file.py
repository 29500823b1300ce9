"""L08 病毒、多余文件或加密压缩: encrypted, or something rides along (DA/T 70-2018, 4-2, 4-3, 3-8)."""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for file in item.files:
            if file.reading is None:
                continue
            if file.reading.is_clean:
                yield Verdict(Outcome.PASS, 0.0, item.urn, file.pk)
            else:
                yield Verdict(
                    Outcome.FAIL,
                    1.0,
                    item.urn,
                    file.pk,
                    zh=f"{file.original_name} 已加密，或夹带其他内容",
                    en=f"{file.original_name} is encrypted, or something rides along",
                )


DETECTOR = Detector("L08", Scope.ITEM, _judge)
