"""I01: tilt."""

from dataclasses import replace

from tests.detection.builders import BLANK, FAIL, UNSURE, Sample, measures, seen, volume

SAMPLES = (
    Sample("good", seen(measures())),
    Sample("tilted to the right", seen(measures(skew=4.2)), (FAIL,)),
    Sample("tilted to the left", seen(measures(skew=-3.1)), (FAIL,)),
    Sample("tilted as far as can be told", seen(measures(skew=3.0, skew_sure=0.2)), (UNSURE,)),
    Sample("a feeder's slight tilt", seen(measures(skew=-0.7)), (), True),
    Sample("hardly a line on it", seen(measures(skew=6.0, letters=4)), (), True),
    Sample(
        "the lines of the other side shine through",
        seen(replace(BLANK, skew=4.0, skew_sure=1.0, letters=300, faint_ink=0.03, faint_sharpness=0.18)),
        (),
        True,
    ),
    Sample("not measured yet", volume(), (), True),
)
