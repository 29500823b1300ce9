"""D04: credit codes."""

from dataclasses import replace

from tests.detection.builders import FAIL, PERSON, UNIT, Sample, item, volume

SAMPLES = (
    Sample("good", volume(item(1, subjects=(UNIT,)))),
    Sample(
        "a wrong check character", volume(item(1, subjects=(replace(UNIT, credit_code="91110000600037341K"),))), (FAIL,)
    ),
    Sample(
        "a letter that is not in the alphabet",
        volume(item(1, subjects=(replace(UNIT, credit_code="9111000060003734IL"),))),
        (FAIL,),
    ),
    Sample("units of old days have none", volume(item(1, subjects=(replace(UNIT, credit_code=""),))), (), True),
    Sample("persons have none", volume(item(1, subjects=(PERSON,))), (), True),
)
