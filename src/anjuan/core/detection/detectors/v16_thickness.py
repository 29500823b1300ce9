"""V16 装订问题, as far as a count tells: a volume too thick to be bound well; the rest people see.

Traps: records without paper have no thickness; a volume not sealed yet may still be divided.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.terms import Route


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    if volume.sealed_on is None:
        return
    pages = sum(item.paper_pages for item in volume.items if item.route is not Route.SINGLE_SET)
    thick = pages * settings["sheet"]
    if thick <= settings["thick"]:
        yield Verdict(Outcome.PASS, 0.0)
        return
    yield Verdict(
        Outcome.UNSURE,
        0.5,
        zh=f"{pages} 页，单面约厚 {thick:.0f} 毫米，请看装订是否牢固",
        en=f"{pages} pages, about {thick:.0f} mm thick if printed on one side: see whether the binding holds",
    )


DETECTOR = Detector(
    "V16",
    Scope.VOLUME,
    _judge,
    (
        Setting("thick", "厚度不超过", "Greatest thickness", "mm", 30, 5, 100),
        Setting("sheet", "每张纸厚", "Thickness of a sheet", "mm", 0.1, 0.05, 0.3),
    ),
)
