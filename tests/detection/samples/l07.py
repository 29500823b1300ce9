"""L07: signatures."""

from dataclasses import replace

from tests.detection.builders import FAIL, GOOD, UNSURE, Sample, file, item, volume

SAMPLES = (
    Sample("good", volume(item(1, files=(file(1, reading=replace(GOOD, signatures=1, is_signature_valid=True)),)))),
    Sample(
        "it does not hold",
        volume(item(1, files=(file(1, reading=replace(GOOD, signatures=1, is_signature_valid=False)),))),
        (FAIL,),
    ),
    Sample(
        "a signer nobody knows", volume(item(1, files=(file(1, reading=replace(GOOD, signatures=1)),))), (UNSURE,), True
    ),
    Sample(
        "no signature is asked for", volume(item(1, files=(file(1, reading=replace(GOOD, signatures=0)),))), (), True
    ),
)
