"""L07 签名或时间戳失效: a signature of the file, or a time stamp, that does not hold over it (DA/T 70-2018, 1-1).

What is shown on a page as a seal is S12, so nothing is said twice. Traps: a signer whom the machine does not know is
left to a person; files that carry no signature are not asked for one.
"""

from collections.abc import Iterator

from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.signing import verdicts


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    yield from verdicts(volume, seals=False)


DETECTOR = Detector("L07", Scope.ITEM, _judge, version=2)
