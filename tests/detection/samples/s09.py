"""S09: days in an order that cannot be."""

import datetime as dt
from typing import Any

from anjuan.core.reading.said import PageSaid
from tests.detection.builders import FAIL, TODAY, UNSURE, Sample
from tests.detection.reading import UNIT, day, said, told

PLACES = (*said().parties, UNIT)
APPLIED, DECIDED = (0.3, 0.92), (0.8, 0.92)


def _days(applied: dt.date, decided: dt.date, **changed: Any) -> PageSaid:
    return said(parties=PLACES, days=(day("DAY", applied, APPLIED), day("DAY", decided, DECIDED)), **changed)


MARCH, APRIL = dt.date(2024, 3, 5), dt.date(2024, 4, 5)
SAMPLES = tuple(
    Sample(says, told(page), found, is_trap)
    for says, page, found, is_trap in (
        ("good", _days(MARCH, APRIL), (), False),
        ("decided before it was asked for", _days(APRIL, MARCH), (FAIL,), False),
        ("a day to come", _days(MARCH, TODAY + dt.timedelta(days=9)), (FAIL,), False),
        ("read badly", _days(APRIL, MARCH, sure=0.6), (UNSURE,), False),
        (
            "labelled days",
            said(
                days=(
                    day("APPLIED", APRIL, (0.3, 0.2), "申报日期"),
                    day("DONE", MARCH, (0.6, 0.2), "办结日期"),
                )
            ),
            (FAIL,),
            False,
        ),
        (
            "a day of birth in the body",
            said(days=(*said().days, day("DAY", dt.date(2030, 1, 1), (0.3, 0.2)))),
            (),
            True,
        ),
        ("the same day", _days(MARCH, MARCH), (), True),
    )
)
