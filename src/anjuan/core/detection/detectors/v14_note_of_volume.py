"""V14 备考表缺立卷人或检查人，或为同一人."""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    if volume.sealed_on is None:
        return
    if not volume.filed_by:
        yield Verdict(Outcome.FAIL, zh="没有立卷人", en="nobody signed as filer")
    elif not volume.checked_by:
        return  # the self-check is yet to be signed: the lifecycle lets nothing pass without it
    elif volume.filed_by & volume.checked_by:
        yield Verdict(Outcome.FAIL, zh="立卷人与检查人为同一人", en="filer and checker are one person")
    else:
        yield Verdict(Outcome.PASS)


DETECTOR = Detector("V14", Scope.VOLUME, _judge)
