"""D06: required fields."""

from dataclasses import replace

from tests.detection.builders import FAIL, PERSON, UNIT, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("no title", volume(item(1, title=" ")), (FAIL,)),
    Sample("nobody is concerned", volume(item(1, subjects=())), (FAIL,)),
    Sample("a person without a number", volume(item(1, subjects=(replace(PERSON, id_number=""),))), (FAIL,)),
    Sample(
        "a unit without a code is called by its name",
        volume(item(1, subjects=(replace(UNIT, credit_code=""),))),
        (),
        True,
    ),
)
