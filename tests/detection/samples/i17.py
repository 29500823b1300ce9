"""I17: blank pages."""

from dataclasses import replace

from tests.detection.builders import BLANK, FAIL, UNSURE, Sample, measures, seen

SAMPLES = (
    Sample("good", seen(measures())),
    Sample("empty", seen(BLANK), (FAIL,)),
    Sample("the back shines through", seen(replace(BLANK, letters=400, faint_ink=0.03, faint_sharpness=0.18)), (FAIL,)),
    Sample("a figure in the corner", seen(replace(BLANK, ink=0.0001)), (UNSURE,)),
    Sample("pencil", seen(replace(BLANK, faint_ink=0.002, faint_sharpness=0.4)), (UNSURE,)),
    Sample("a stamp alone", seen(replace(BLANK, ink=0.002, letters=5)), (), True),
    Sample("pale writing all over is I08's", seen(measures(ink=0.0, faint_ink=0.02, faint_sharpness=0.35)), (), True),
)
