"""L08: unclean files."""

from dataclasses import replace

from tests.detection.builders import FAIL, GOOD, Sample, file, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("encrypted", volume(item(1, files=(file(1, reading=replace(GOOD, is_clean=False)),))), (FAIL,)),
    Sample("not read this time", volume(item(1, files=(file(1, reading=None),))), (), True),
)
