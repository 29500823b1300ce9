"""V22: forms for many."""

from tests.detection.builders import FAIL, OTHER, PERSON, UNIT, UNSURE, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("a list of two", volume(item(1, concerns_many=True, subjects=(UNIT, PERSON, OTHER)))),
    Sample("the unit alone", volume(item(1, concerns_many=True, subjects=(UNIT,))), (FAIL,)),
    Sample("a list of one is rare", volume(item(1, concerns_many=True, subjects=(UNIT, PERSON))), (UNSURE,), True),
)
