"""I20: damaged files."""

from dataclasses import replace

from tests.detection.builders import FAIL, GOOD, Sample, file, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("cut off", volume(item(1, files=(file(1, reading=replace(GOOD, is_readable=False)),))), (FAIL,)),
    Sample("not read this time", volume(item(1, files=(file(1, reading=None),))), (), True),
    Sample(
        "altered bytes are I28's",
        volume(item(1, files=(file(1, reading=replace(GOOD, is_verified=False, is_readable=False)),))),
        (),
        True,
    ),
)
