"""D09: catalogued twice."""

from tests.detection.builders import FAIL, OTHER, UNSURE, Sample, file, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("the same files", volume(item(1), item(2, files=item(1).files, subjects=(OTHER,), title="另一件")), (FAIL,)),
    Sample("the same number", volume(item(1), item(2, acceptance_no="HX2024-00001", subjects=(OTHER,))), (UNSURE,)),
    Sample("title, day and person agree", volume(item(1), item(2, title=item(1).title)), (UNSURE,)),
    Sample(
        "batch lists of two units look alike",
        volume(item(1, title="缴费名单"), item(2, title="缴费名单", subjects=(OTHER,))),
        (),
        True,
    ),
    Sample(
        "one card taken over into two cases",
        volume(item(1), item(2, files=(file(21), item(1).files[1]), subjects=(OTHER,))),
        (),
        True,
    ),
)
