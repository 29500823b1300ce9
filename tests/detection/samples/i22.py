"""I22: repeated pages."""

from dataclasses import replace

from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.measures import Twin
from tests.detection.builders import BLANK, FAIL, UNSURE, Sample, measures, seen


def same_bytes(shown: VolumeFacts) -> VolumeFacts:
    """The same, every file with the bytes of the first."""
    only = shown.items[0]
    files = tuple(replace(one, sha512=only.files[0].sha512) for one in only.files)
    return replace(shown, items=(replace(only, files=files),))


SAMPLES = (
    Sample("good", seen(measures(), measures())),
    Sample("scanned twice", seen(measures(), measures(twins=(Twin(f"{1:0128x}", 1, 12.0),))), (FAIL,)),
    Sample("the first was measured later", seen(measures(twins=(Twin(f"{2:0128x}", 1, 12.0),)), measures()), (FAIL,)),
    Sample("the same bytes twice", same_bytes(seen(measures(), measures())), (FAIL,)),
    Sample("nearly", seen(measures(), measures(twins=(Twin(f"{1:0128x}", 1, 23.0),))), (UNSURE,)),
    Sample("lists of one blank", seen(measures(), measures()), (), True),
    Sample("blank backs, equal to the byte", same_bytes(seen(BLANK, BLANK)), (), True),
    Sample("looks like a page of another item", seen(measures(twins=(Twin(f"{9:0128x}", 1, 5.0),))), (), True),
)
