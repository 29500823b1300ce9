"""S08: missing days."""

import datetime as dt

from tests.detection.builders import FAIL, UNSURE, Sample
from tests.detection.reading import AGENCY_PLACE, UNIT, UNIT_PLACE, day, part_of_day, said, seal, told, trace

UNIT_DAY = day("DAY", dt.date(2024, 3, 1), (0.3, 0.92))
BOTH = {"parties": (*said().parties, UNIT), "seals": (seal(), seal(UNIT_PLACE))}
SAMPLES = (
    Sample("good", told(said())),
    Sample("年月日 left empty", told(said(days=(day("DAY", None, (0.8, 0.92)),))), (FAIL,)),
    Sample(
        "a label with nothing beside it",
        told(said(days=(*said().days, day("APPLIED", None, (0.3, 0.3), "填表日期")))),
        (FAIL,),
    ),
    Sample("the agency sealed and wrote no day", told(said(days=(UNIT_DAY,), **BOTH)), (FAIL,)),
    Sample(
        "no seal and no day there", told(said(days=(UNIT_DAY,), **{**BOTH, "seals": (seal(UNIT_PLACE),)})), (UNSURE,)
    ),
    Sample("empty, far up on the page", told(said(days=(*said().days, day("DAY", None, (0.5, 0.2))))), (UNSURE,)),
    Sample(
        "figures under the seal",
        told(
            said(
                days=(UNIT_DAY,),
                parties=BOTH["parties"],
                seals=(seal(AGENCY_PLACE, words="专用章 2024"), seal(UNIT_PLACE)),
            )
        ),
        (UNSURE,),
        True,
    ),
    Sample(
        "a letter in the ring of the seal was read as a figure",
        told(
            said(
                days=(UNIT_DAY,),
                parties=BOTH["parties"],
                seals=(seal(AGENCY_PLACE, words="6稳温示市社会保险经办中心"), seal(UNIT_PLACE)),
            )
        ),
        (FAIL,),
    ),
    Sample("one party alone, sealed and without a day", told(said(days=())), (FAIL,)),
    Sample(
        "ink that was not read stands at the place",
        told(said(days=(UNIT_DAY,), traces=(trace((0.7, 0.9, 0.1, 0.02)),), **BOTH)),
        (UNSURE,),
        True,
    ),
    Sample(
        "a grey seal cannot be lifted off",
        told(
            said(days=(UNIT_DAY,), parties=BOTH["parties"], seals=(seal(AGENCY_PLACE, is_red=False), seal(UNIT_PLACE)))
        ),
        (UNSURE,),
        True,
    ),
    Sample("a page that can hardly be read", told(said(days=(UNIT_DAY,), sure=0.6, **BOTH)), (UNSURE,), True),
    Sample(
        "figures by hand between 年 月 日",
        told(said(days=(day("DAY", None, (0.8, 0.92)),), traces=(trace((0.78, 0.92, 0.1, 0.02)),))),
        (),
        True,
    ),
    Sample(
        "a stroke between 年 月 日",
        told(said(days=(day("DAY", None, (0.8, 0.92)),), traces=(trace((0.82, 0.92, 0.01, 0.02), 0.45),))),
        (UNSURE,),
        True,
    ),
    Sample(
        "the sign that was not read is no day",
        told(said(days=(part_of_day((0.8, 0.92)),), traces=(trace((0.78, 0.92, 0.015, 0.02)),))),
        (FAIL,),
    ),
    Sample("a form without places and days", told(said(days=(), parties=())), (), True),
)
