"""I26: sizes."""

from tests.detection.builders import UNSURE, Sample, measures, seen

SAMPLES = (
    Sample("good", seen(*(measures() for _ in range(4)))),
    Sample("a page cut to a slip", seen(*(measures() for _ in range(3)), measures(height_mm=180.0)), (UNSURE,)),
    Sample(
        "landscape among upright",
        seen(*(measures() for _ in range(3)), measures(width_mm=297.0, height_mm=210.0)),
        (),
        True,
    ),
    Sample("two pages tell nothing", seen(measures(), measures(height_mm=180.0)), (), True),
    Sample(
        "no resolution stated",
        seen(*(measures() for _ in range(3)), measures(height_mm=180.0, is_size_known=False)),
        (),
        True,
    ),
)
