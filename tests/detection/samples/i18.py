"""I18: resolution."""

from dataclasses import replace

from tests.detection.builders import FAIL, UNSURE, Sample, file, item, page, volume

SAMPLES = (
    Sample("good", volume()),
    Sample(
        "150 dpi",
        volume(item(1, files=(replace(file(1), pages=(page(dpi=150, width_px=1240, height_px=1754),)),))),
        (FAIL,),
    ),
    Sample(
        "a camera's small picture",
        volume(item(1, files=(replace(file(1), pages=(page(dpi=0, width_px=900, height_px=1280),)),))),
        (FAIL,),
    ),
    Sample(
        "a camera's middling picture",
        volume(item(1, files=(replace(file(1), pages=(page(dpi=0, width_px=1500, height_px=2000),)),))),
        (UNSURE,),
    ),
    Sample(
        "a camera's good picture",
        volume(item(1, files=(replace(file(1), pages=(page(dpi=0, width_px=3000, height_px=4000),)),))),
        (),
        True,
    ),
    Sample("200 stated as 199.9", volume(item(1, files=(replace(file(1), pages=(page(dpi=199),)),))), (), True),
    Sample(
        "a PDF has pages of its own",
        volume(
            item(
                1,
                files=(
                    replace(file(1), logical_name="capture/1.pdf", pages=(page(dpi=72, width_px=595, height_px=842),)),
                ),
            )
        ),
        (),
        True,
    ),
)
