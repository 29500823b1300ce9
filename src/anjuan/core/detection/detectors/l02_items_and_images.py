"""L02 影像件数与纸质件数不一一对应: items with images against items on paper, and places taken twice."""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    if not volume.is_imaged or not volume.items:
        return
    imaged = sum(bool(item.files) for item in volume.items)
    on_paper = len(volume.counted) if volume.counted is not None else len(volume.items)
    if imaged == on_paper:
        yield Verdict(Outcome.PASS)
    else:
        yield Verdict(
            Outcome.FAIL, zh=f"纸质 {on_paper} 件，影像 {imaged} 件", en=f"{on_paper} on paper, {imaged} with images"
        )


DETECTOR = Detector("L02", Scope.VOLUME, _judge)
