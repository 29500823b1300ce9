"""L07: signatures of the file, which nobody sees on a page."""

from dataclasses import replace

from anjuan.core.signatures import Flaw, FlawCode
from tests.detection.builders import FAIL, GOOD, SIGNATURE, UNSURE, Sample, file, item, volume

_CHANGED = replace(SIGNATURE, flaws=(Flaw(FlawCode.EDITED, "p2"),))
_UNKNOWN = replace(SIGNATURE, flaws=(Flaw(FlawCode.UNKNOWN_SIGNER),))

SAMPLES = (
    Sample("good", volume(item(1, files=(file(1, reading=replace(GOOD, signatures=(SIGNATURE,))),)))),
    Sample(
        "it does not hold", volume(item(1, files=(file(1, reading=replace(GOOD, signatures=(_CHANGED,))),))), (FAIL,)
    ),
    Sample(
        "one of two does not hold",
        volume(item(1, files=(file(1, reading=replace(GOOD, signatures=(SIGNATURE, _CHANGED))),))),
        (FAIL,),
    ),
    Sample(
        "as it was last verified", volume(item(1, files=(file(1, reading=None, kept_signatures=(_CHANGED,)),))), (FAIL,)
    ),
    Sample(
        "a signer nobody knows",
        volume(item(1, files=(file(1, reading=replace(GOOD, signatures=(_UNKNOWN,))),))),
        (UNSURE,),
        True,
    ),
    Sample(
        "no signature is asked for", volume(item(1, files=(file(1, reading=replace(GOOD, signatures=())),))), (), True
    ),
    Sample(
        "a bad seal is another fault",
        volume(item(1, files=(file(1, reading=replace(GOOD, signatures=(replace(_CHANGED, is_seal=True),))),))),
        (),
        True,
    ),
)
