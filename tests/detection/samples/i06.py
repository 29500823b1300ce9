"""I06: blur."""

from dataclasses import replace

from tests.detection.builders import BLANK, FAIL, UNSURE, Sample, measures, seen

SAMPLES = (
    Sample("good", seen(measures())),
    Sample("out of focus", seen(measures(sharpness=0.17)), (FAIL,)),
    Sample("at the limit", seen(measures(sharpness=0.27)), (UNSURE,)),
    Sample("a soft photograph fills the page", seen(measures(sharpness=0.2, picture=0.6)), (UNSURE,)),
    Sample("specks all over", seen(replace(BLANK, unmeasured="NOISE")), (UNSURE,)),
    Sample("pale writing is another fault", seen(measures(sharpness=0.2, contrast=20.0)), (), True),
    Sample("a carbon copy", seen(measures(sharpness=0.315, contrast=109.0)), (), True),
    Sample("a copy of a card", seen(measures(sharpness=0.4, ink=0.006, letters=107, contrast=95.0)), (), True),
    Sample("a blank page has no edges", seen(BLANK), (), True),
)
