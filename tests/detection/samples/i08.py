"""I08: pale writing."""

from dataclasses import replace

from tests.detection.builders import BLANK, FAIL, UNSURE, Sample, measures, seen

SAMPLES = (
    Sample("good", seen(measures())),
    Sample("hardly to be read", seen(measures(ink=0.0, faint_ink=0.02, faint_sharpness=0.35, contrast=16.0)), (FAIL,)),
    Sample("at the limit", seen(measures(contrast=45.0)), (UNSURE,)),
    Sample(
        "the back shines through",
        seen(replace(BLANK, letters=400, faint_ink=0.03, faint_sharpness=0.18, contrast=14.0)),
        (),
        True,
    ),
    Sample("a blank page", seen(BLANK), (), True),
)
