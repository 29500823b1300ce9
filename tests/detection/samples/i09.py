"""I09: grey ground."""

from tests.detection.builders import FAIL, UNSURE, Sample, measures, seen

SAMPLES = (
    Sample("good", seen(measures())),
    Sample("grey", seen(measures(paper=120.0)), (FAIL,)),
    Sample("a picture all over", seen(measures(paper=120.0, picture=0.7)), (UNSURE,)),
    Sample("yellowed", seen(measures(paper=205.0)), (), True),
)
