"""I05: cut pages."""

from tests.detection.builders import FAIL, UNSURE, Sample, measures, seen

SAMPLES = (
    Sample("good", seen(measures())),
    Sample(
        "cut through the writing",
        seen(measures(cut=(0, 0, 0, 14), cut_boxes=tuple((0.0, 0.2 + 0.03 * n, 0.01, 0.01) for n in range(14)))),
        (FAIL,),
    ),
    Sample(
        "half a seal, scanned grey",
        seen(measures(cut=(0, 9, 0, 0), cut_boxes=tuple((0.98, 0.4 + 0.01 * n, 0.01, 0.01) for n in range(9)))),
        (UNSURE,),
    ),
    Sample("a few strokes", seen(measures(cut=(0, 5, 0, 0))), (UNSURE,)),
    Sample("specks at the edge", seen(measures(cut=(1, 2, 1, 0))), (), True),
    Sample("no writing, but marks", seen(measures(cut=(0, 9, 0, 0), letters=3)), (), True),
)
