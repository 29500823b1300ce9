"""L09: paged files that will not look tomorrow as they do today."""

from anjuan.core.detection.facts import FormFacts, VolumeFacts
from tests.detection.builders import FAIL, UNSURE, Sample, file, item, volume


def _built(form: FormFacts | None) -> VolumeFacts:
    return volume(item(1, files=(file(1, form=form),)))


SAMPLES = (
    Sample("good", _built(FormFacts(2))),
    Sample("a page cannot be drawn", _built(FormFacts(2, undrawn=(2,))), (FAIL,)),
    Sample("a font is missing", _built(FormFacts(1, loose_fonts=("SimSun",), has_loose_text=True)), (FAIL,)),
    Sample("it fetches something", _built(FormFacts(1, reaches=("GoToR",))), (FAIL,)),
    Sample("searchable text under a scan", _built(FormFacts(1, loose_fonts=("SimSun",))), (UNSURE,), True),
    Sample("a plain hyperlink", _built(FormFacts(1, links=1)), (UNSURE,), True),
    Sample("longer than is looked at", _built(FormFacts(1000, is_cut=True)), (UNSURE,), True),
    Sample("nobody looked yet", _built(None), (), True),
)
