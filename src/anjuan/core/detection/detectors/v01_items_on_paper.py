"""V01 实物件数与目录件数不符. Only once somebody counted: an uncounted volume says nothing."""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    if volume.counted is None:
        return
    counted, listed = len(volume.counted), volume.item_count
    if counted == listed == len(volume.items):
        yield Verdict(Outcome.PASS)
    else:
        yield Verdict(
            Outcome.FAIL,
            zh=f"实物 {counted} 件，目录 {listed} 件，在案 {len(volume.items)} 件",
            en=f"{counted} on paper, {listed} in the catalogue, {len(volume.items)} on record",
        )


DETECTOR = Detector("V01", Scope.VOLUME, _judge)
