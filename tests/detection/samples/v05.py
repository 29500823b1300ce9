"""V05: missing pages."""

from dataclasses import replace

from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.reading.said import PageSaid
from tests.detection.builders import FAIL, UNSURE, Sample
from tests.detection.reading import mark, said, told


def _marked(*places: tuple[int, int] | None) -> list[PageSaid | None]:
    return [said(mark=mark(*one) if one else None) for one in places]


def _over_item() -> VolumeFacts:
    """Page 2 of 2 is another material: pages are counted over the whole item."""
    shown = told(*_marked((1, 2), (2, 2)))
    only = shown.items[0]
    first, second = only.files
    return replace(shown, items=(replace(only, files=(first, replace(second, material_code="CARD"))),))


SAMPLES = (
    Sample("good", told(*_marked((1, 3), (2, 3), (3, 3)))),
    Sample("one is missing", told(*_marked((1, 3), (3, 3))), (FAIL,)),
    Sample("the last is missing", told(*_marked((1, 2))), (FAIL,)),
    Sample("one bears no mark that was read", told(*_marked((1, 3), None, (3, 3))), (UNSURE,)),
    Sample("one was not read", told(said(mark=mark(1, 2)), None), (UNSURE,)),
    Sample("two papers of two pages", told(*_marked((1, 2), (2, 2), (1, 2), (2, 2))), (), True),
    Sample(
        "a blank back between",
        told(said(mark=mark(1, 2)), PageSaid(1, unread="BLANK"), said(mark=mark(2, 2))),
        (),
        True,
    ),
    Sample("counted over the item", _over_item(), (), True),
    Sample("no marks at all", told(*_marked(None, None)), (), True),
)
