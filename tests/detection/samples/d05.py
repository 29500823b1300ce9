"""D05: dates."""

import datetime as dt

from tests.detection.builders import FAIL, Sample, dossier, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("in the future", volume(item(1, formed_date=dt.date(2027, 1, 1), year=2027)), (FAIL,)),
    Sample("in the year 24", volume(item(1, formed_date=dt.date(24, 3, 5), year=24)), (FAIL,)),
    Sample("filed under another year", volume(item(1, formed_date=dt.date(2023, 12, 31))), (FAIL,)),
    Sample("completed before it was made", volume(item(1, completed_on=dt.date(2024, 2, 1))), (FAIL,)),
    Sample(
        "a dossier holds old papers", dossier(item(1, formed_date=dt.date(1962, 5, 1), completed_on=None)), (), True
    ),
    Sample("completed the day before the form was dated", volume(item(1, completed_on=dt.date(2024, 3, 4))), (), True),
)
