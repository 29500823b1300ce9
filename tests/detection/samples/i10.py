"""I10: uneven light."""

from tests.detection.builders import FAIL, UNSURE, Sample, measures, seen

SAMPLES = (
    Sample("good", seen(measures())),
    Sample("lit from one side", seen(measures(light_range=105.0, light_fit=0.98)), (FAIL,)),
    Sample("dark somewhere", seen(measures(light_range=80.0, light_fit=0.4)), (UNSURE,)),
    Sample("a picture", seen(measures(light_range=120.0, light_fit=0.5, picture=0.5)), (), True),
)
