"""V22 一表多人缺人员名单: a form for many names one person only, or none."""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if not item.concerns_many:
            continue
        persons = sum(subject.is_person for subject in item.subjects)
        if persons == 0:
            yield Verdict(Outcome.FAIL, item_urn=item.urn, zh="没有著录任何人员", en="no person is entered")
        elif persons == 1:  # a list of one is rare, not wrong
            yield Verdict(
                Outcome.UNSURE, score=0.5, item_urn=item.urn, zh="只著录了一人", en="one person only is entered"
            )
        else:
            yield Verdict(Outcome.PASS, item_urn=item.urn)


DETECTOR = Detector("V22", Scope.ITEM, _judge)
