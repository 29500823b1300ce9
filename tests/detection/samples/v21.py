"""V21: copies for originals."""

from dataclasses import replace

from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.measures import ColourMode
from tests.detection.builders import CARD, FAIL, MAIN, Sample, measures
from tests.detection.reading import said, seal, told

GREY = said(seals=(seal(is_red=False),))


def _without_colour(shown: VolumeFacts) -> VolumeFacts:
    only = shown.items[0]
    files = tuple(
        replace(one, pages=(replace(one.pages[0], measures=measures(mode=ColourMode.GREY)),)) for one in only.files
    )
    return replace(shown, items=(replace(only, files=files),))


SAMPLES = (
    Sample("good", told(said())),
    Sample("all seals grey", told(GREY), (FAIL,)),
    Sample("one red", told(said(seals=(seal(), seal((0.1, 0.1, 0.3, 0.2), is_red=False)))), (), True),
    Sample("scanned without colour", _without_colour(told(GREY)), (), True),
    Sample("a copy will do", told(GREY, materials=(replace(MAIN, original_required=False), CARD)), (), True),
)
