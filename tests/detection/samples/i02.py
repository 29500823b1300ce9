"""I02: turned pages."""

from dataclasses import replace

from anjuan.core.detection.facts import VolumeFacts
from tests.detection.builders import FAIL, UNSURE, Sample, measures, seen


def turned(shown: VolumeFacts, degrees: int) -> VolumeFacts:
    """The same, each page shown turned."""
    only = shown.items[0]
    files = tuple(replace(one, pages=tuple(replace(page, turn=degrees) for page in one.pages)) for one in only.files)
    return replace(shown, items=(replace(only, files=files),))


SAMPLES = (
    Sample("good", seen(measures())),
    Sample("upside down", seen(measures(turn=180, turn_sure=0.99)), (FAIL,)),
    Sample(
        "an upright page on its side", seen(measures(turn=90, turn_sure=0.99, width_mm=297.0, height_mm=210.0)), (FAIL,)
    ),
    Sample("perhaps upside down", seen(measures(turn=180, turn_sure=0.7)), (UNSURE,)),
    Sample("a landscape list bound on end", seen(measures(turn=270, turn_sure=0.99)), (UNSURE,)),
    Sample("a landscape list that lies as it is read", seen(measures(width_mm=297.0, height_mm=210.0)), (), True),
    Sample("turned on the screen already", turned(seen(measures(turn=180, turn_sure=0.99)), 180), (), True),
    Sample("turned on the screen, though it stood upright", turned(seen(measures()), 180), (FAIL,)),
    Sample("nobody could tell", seen(measures(turn=180, turn_sure=0.4)), (), True),
    Sample("a few letters only", seen(measures(turn=180, turn_sure=0.99, letters=5)), (), True),
)
