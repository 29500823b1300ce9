"""S12: electronic seals on pages."""

from dataclasses import replace

from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.signatures import Flaw, FlawCode, SignatureFacts, SignatureKind
from tests.detection.builders import FAIL, SIGNATURE, UNSURE, Sample, file, item, volume

_SEAL = replace(SIGNATURE, kind=SignatureKind.SEAL, is_seal=True, version=4, seal="业务专用章")


def _with(*found: SignatureFacts) -> VolumeFacts:
    return volume(item(1, files=(file(1, reading=None, kept_signatures=found),)))


def _flawed(code: FlawCode) -> SignatureFacts:
    return replace(_SEAL, flaws=(Flaw(code),))


SAMPLES = (
    Sample("a good seal", _with(_SEAL)),
    Sample("the page was changed under it", _with(_flawed(FlawCode.CHANGED)), (FAIL,)),
    Sample("its certificate had expired", _with(_flawed(FlawCode.EXPIRED)), (FAIL,)),
    Sample("its certificate was revoked", _with(_flawed(FlawCode.REVOKED)), (FAIL,)),
    Sample("somebody used another's seal", _with(_flawed(FlawCode.NOT_SEALER)), (FAIL,)),
    Sample("a page was added outside it", _with(_flawed(FlawCode.PAGES_UNCOVERED)), (FAIL,)),
    Sample("only a picture", _with(_flawed(FlawCode.PICTURE_ONLY)), (UNSURE,)),
    Sample("a good one and a bad one", _with(_SEAL, _flawed(FlawCode.BROKEN)), (FAIL,)),
    Sample("a seal of the old version", _with(replace(_SEAL, version=1)), (), True),
    Sample("an authority nobody named yet", _with(_flawed(FlawCode.UNKNOWN_SIGNER)), (UNSURE,), True),
    Sample("a signature that nobody sees", _with(replace(_flawed(FlawCode.BROKEN), is_seal=False)), (), True),
)
