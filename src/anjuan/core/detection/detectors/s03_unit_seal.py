"""S03 缺单位公章: the main form must bear the employer's seal, and none is there.

Traps: the agency's seal is not the employer's; individuals without an employer seal nothing.
"""

from collections.abc import Iterator

from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.sealing import office_seal_missing


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    yield from office_seal_missing(
        volume, "EMPLOYER", "UNIT", ("未见单位公章", "no seal of the employer is to be seen")
    )


DETECTOR = Detector("S03", Scope.ITEM, _judge)
