"""V06: page numbers of volumes and items."""

from anjuan.core.reading.said import PageSaid
from anjuan.core.terms import Route
from tests.detection.builders import FAIL, UNSURE, Sample
from tests.detection.reading import said, stamp, told


def _stamped(*numbers: int | None, sure: float = 0.99) -> list[PageSaid]:
    return [said(stamp=stamp(one, sure) if one is not None else None) for one in numbers]


LEGACY = {"route": Route.LEGACY}
SAMPLES = (
    Sample("good", told(*_stamped(1, 2, 3, 4), **LEGACY)),
    Sample("one is left out", told(*_stamped(1, 2, 4, 5, 6), **LEGACY), (FAIL,)),
    Sample("one twice", told(*_stamped(11, 12, 12, 13, 14), **LEGACY), (FAIL,)),
    Sample("one out of order", told(*_stamped(1, 2, 9, 4, 5), **LEGACY), (FAIL,)),
    Sample("by hand, read badly", told(*_stamped(1, 2, 8, 4, 5, sure=0.7), **LEGACY), (UNSURE,)),
    Sample("in an item of the image route", told(*_stamped(1, 3, 4, 5)), (FAIL,)),
    Sample("one was not read", told(*_stamped(1, None, 3, 4), **LEGACY), (), True),
    Sample("a stray figure in a corner", told(*_stamped(None, None, 7, None, None), **LEGACY), (), True),
    Sample("the volume begins in the middle", told(*_stamped(31, 32, 33), **LEGACY), (), True),
)
