"""I04: dark borders."""

from tests.detection.builders import FAIL, Sample, measures, seen

SAMPLES = (
    Sample("good", seen(measures())),
    Sample("on two sides", seen(measures(borders_mm=(0.0, 9.0, 12.0, 0.0))), (FAIL,)),
    Sample("a hairline at the edge", seen(measures(borders_mm=(0.0, 0.9, 0.0, 0.0))), (), True),
)
