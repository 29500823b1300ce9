"""L04 电子属性不一致: format and size as the bytes have them, and as they are on record (DA/T 70-2018, 1-10)."""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for file in item.files:
            reading = file.reading
            if reading is None or not reading.is_verified or not reading.is_readable:
                continue
            wrong = []
            if reading.format_id != file.format_id:
                wrong.append(f"{file.format_id} ≠ {reading.format_id}")
            if reading.size_bytes != file.size_bytes:
                wrong.append(f"{file.size_bytes} ≠ {reading.size_bytes}")
            said = f"{file.original_name} {'; '.join(wrong)}"
            yield (
                Verdict(Outcome.FAIL, 1.0, item.urn, file.pk, zh=said, en=said)
                if wrong
                else Verdict(Outcome.PASS, 0.0, item.urn, file.pk)
            )


DETECTOR = Detector("L04", Scope.ITEM, _judge)
