"""S07 缺审核或复核人签名: a place where a reviewer or leader signs is empty.

Traps: a form that has no such place is not asked for it; where one place of several is signed, the others are named.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.told import scanned_form, signed
from anjuan.core.reading.marks import Presence


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for page in scanned_form(item):
            for box, state, label in signed(page, ("REVIEWER", "LEADER")):
                if state is Presence.PRESENT:
                    yield page.passes()
                    continue
                outcome = Outcome.FAIL if state is Presence.ABSENT else Outcome.UNSURE
                words = (f"“{label}”处未见签名或印章", f"neither hand nor seal stands at {label}")
                yield page.says(outcome, words, score=1.0 if outcome is Outcome.FAIL else 0.5, boxes=[box])


DETECTOR = Detector("S07", Scope.PAGE, _judge)
