"""D02: citizen numbers."""

import datetime as dt
from dataclasses import replace

from tests.detection.builders import FAIL, PERSON, UNIT, UNSURE, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample(
        "a wrong check digit", volume(item(1, subjects=(replace(PERSON, id_number="110101196501010019"),))), (FAIL,)
    ),
    Sample("a 31st of February", volume(item(1, subjects=(replace(PERSON, id_number="110101196502310012"),))), (FAIL,)),
    Sample("seventeen digits", volume(item(1, subjects=(replace(PERSON, id_number="11010119650101001"),))), (FAIL,)),
    Sample("born after the paper", volume(item(1, formed_date=dt.date(1960, 1, 1))), (FAIL,)),
    Sample(
        "fifteen digits mean the 1900s",
        volume(item(1, subjects=(replace(PERSON, id_number="110101650101001"),))),
        (),
        True,
    ),
    Sample("a small x", volume(item(1, subjects=(replace(PERSON, id_number="11010519491231002x"),))), (), True),
    Sample(
        "a passport is no citizen number",
        volume(item(1, subjects=(replace(PERSON, id_number="E12345678"),))),
        (UNSURE,),
        True,
    ),
    Sample("units have none", volume(item(1, subjects=(UNIT,))), (), True),
)
