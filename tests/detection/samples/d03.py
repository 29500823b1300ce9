"""D03: names."""

from dataclasses import replace

from tests.detection.builders import FAIL, PERSON, UNSURE, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("a question mark", volume(item(1, subjects=(replace(PERSON, name="张?国"),))), (FAIL,)),
    Sample("a box", volume(item(1, subjects=(replace(PERSON, name="张□"),))), (FAIL,)),
    Sample("a private-use character", volume(item(1, subjects=(replace(PERSON, name="张\ue863"),))), (FAIL,)),
    Sample("a digit", volume(item(1, subjects=(replace(PERSON, name="张3"),))), (FAIL,)),
    Sample("one character", volume(item(1, subjects=(replace(PERSON, name="张"),))), (UNSURE,)),
    Sample("a dot in the name", volume(item(1, subjects=(replace(PERSON, name="买买提·吐尔逊"),))), (), True),
    Sample(
        "a rare character outside the basic plane",
        volume(item(1, subjects=(replace(PERSON, name="张\U00020bb7"),))),
        (),
        True,
    ),
    Sample("Latin letters", volume(item(1, subjects=(replace(PERSON, name="MARIA LOPEZ"),))), (), True),
)
