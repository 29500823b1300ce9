"""I14: stripes."""

from tests.detection.builders import FAIL, Sample, measures, seen

SAMPLES = (
    Sample("good", seen(measures(), measures())),
    Sample("on three pages", seen(*(measures(stripes=(0.31,)) for _ in range(3))), (FAIL, FAIL, FAIL)),
    Sample(
        "on two, a clean one between",
        seen(measures(stripes=(0.31,)), measures(), measures(stripes=(0.312,))),
        (FAIL, FAIL),
    ),
    Sample("on one page alone", seen(measures(stripes=(0.31,)), measures()), (), True),
    Sample("on two, each at its own place", seen(measures(stripes=(0.31,)), measures(stripes=(0.7,))), (), True),
)
