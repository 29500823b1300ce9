"""S01 缺分中心经办专用章: the main form must bear the agency's seal, and none is there.

Traps: red rules and red heads are no seals; the employer's seal that lies near is not the agency's; a seal may stand on
the last page of the form; a photocopied seal is another fault (V21).
"""

from collections.abc import Iterator

from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.sealing import office_seal_missing


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    yield from office_seal_missing(
        volume, "AGENCY", "AGENCY", ("未见经办机构印章", "no seal of the agency is to be seen")
    )


DETECTOR = Detector("S01", Scope.ITEM, _judge)
