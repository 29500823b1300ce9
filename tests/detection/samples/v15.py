"""V15: filed in time."""

import datetime as dt

from tests.detection.builders import FAIL, Sample, dossier, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("sealed half a year later", volume(sealed_on=dt.date(2024, 9, 1)), (FAIL, FAIL)),
    Sample("one of two is late", volume(item(1, completed_on=dt.date(2024, 1, 2)), item(2)), (FAIL,)),
    Sample("on the last day", volume(item(1), sealed_on=dt.date(2024, 4, 5)), (), True),
    Sample(
        "without a completion the registration counts",
        volume(item(1, completed_on=None, registered_on=dt.date(2024, 3, 20))),
        (),
        True,
    ),
    Sample("a dossier grows for years", dossier(sealed_on=dt.date(2026, 9, 1)), (), True),
)
