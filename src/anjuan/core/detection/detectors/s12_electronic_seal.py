"""S12 电子签章无效: a seal on a page of an OFD or PDF that does not hold, or is only a picture (S4-C2).

Traps: a seal of an old version is as good as one of today; who vouches for nobody here is left to a person; a signature
that nobody sees is L07.
"""

from collections.abc import Iterator

from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.signing import verdicts


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    yield from verdicts(volume, seals=True)


DETECTOR = Detector("S12", Scope.ITEM, _judge)
