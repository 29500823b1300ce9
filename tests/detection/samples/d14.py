"""D14: what belongs together."""

import datetime as dt

from tests.detection.builders import FAIL, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("a place is left out", volume(item(1), item(3)), (FAIL,)),
    Sample("the volume says three", volume(item_count=3), (FAIL,)),
    Sample("in store without a cell", volume(held_since=dt.date(2026, 1, 1), shelf=""), (FAIL,)),
    Sample("it came in yesterday", volume(held_since=dt.date(2026, 9, 30), shelf=None), (), True),
    Sample("not in store: no cell is asked for", volume(shelf=None), (), True),
    Sample("open volumes have no places yet", volume(item(1, item_no=None), sealed_on=None), (), True),
)
