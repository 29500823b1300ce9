"""D16: codes of nobody."""

from tests.detection.builders import FAIL, Sample, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("an agency nobody knows", volume(reference_code="J001-ZY·SB·03·2024·XX-0001"), (FAIL,)),
    Sample("another agency's code stays after a move", volume(reference_code="J001-ZY·SB·03·2024·BH-0001"), (), True),
    Sample("a code that cannot be read is V11's", volume(reference_code="?"), (), True),
)
