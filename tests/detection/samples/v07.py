"""V07: order of the papers."""

from tests.detection.builders import FAIL, Sample, file, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("the card lies before the form", volume(item(1, files=(file(1, "CARD"), file(2, "MAIN")))), (FAIL,)),
    Sample(
        "an unlisted paper lies first",
        volume(item(1, files=(file(1, "OTHER"), file(2, "MAIN"), file(3, "CARD")))),
        (),
        True,
    ),
    Sample("no main form: that is V04", volume(item(1, files=(file(1, "CARD"),))), (), True),
    Sample("files come unsorted", volume(item(1, files=(file(2, "CARD"), file(1, "MAIN")))), (), True),
)
