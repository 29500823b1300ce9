"""I19: colour mode."""

from anjuan.core.detection.measures import ColourMode
from tests.detection.builders import FAIL, Sample, measures, seen

SAMPLES = (
    Sample("good", seen(measures())),
    Sample("black and white", seen(measures(mode=ColourMode.BITONAL, tint=0.0, colour=0.0)), (FAIL,)),
    Sample("grey", seen(measures(mode=ColourMode.GREY, tint=0.0, colour=0.0)), (FAIL,)),
    Sample("grey, stored as colour", seen(measures(tint=0.0, colour=0.0)), (FAIL,)),
    Sample("in colour, nothing red on it", seen(measures(colour=0.0)), (), True),
    Sample("a card needs no colour", seen(measures(mode=ColourMode.GREY, tint=0.0), material="CARD"), (), True),
)
