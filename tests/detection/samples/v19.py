"""V19: sizes of sheets."""

from dataclasses import replace

from tests.detection.builders import UNSURE, Sample, file, item, page, volume

A3 = replace(file(1), pages=(page(width_px=3508, height_px=4961),))
SCRAP = replace(file(1), pages=(page(width_px=900, height_px=700),))
LANDSCAPE = replace(file(1), pages=(page(width_px=3508, height_px=2480),))
SILENT = replace(file(1), pages=(page(width_px=5000, height_px=7000, dpi=0),))

SAMPLES = (
    Sample("good", volume()),
    Sample("an A3 sheet", volume(item(1, files=(A3,))), (UNSURE,)),
    Sample("a scrap", volume(item(1, files=(SCRAP,))), (UNSURE,)),
    Sample("landscape A4", volume(item(1, files=(LANDSCAPE,))), (), True),
    Sample("no resolution stated", volume(item(1, files=(SILENT,))), (), True),
)
