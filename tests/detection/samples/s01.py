"""S01: the agency's seal."""

from dataclasses import replace
from typing import Any

from anjuan.core.detection.facts import VolumeFacts
from tests.detection.builders import FAIL, MAIN, UNSURE, Sample
from tests.detection.reading import AGENCY_PLACE, BOTH_SEALS, UNIT, UNIT_PLACE, name_seal, said, seal, told

BOTH: dict[str, Any] = {"materials": (BOTH_SEALS,)}
PLACES = (*said().parties, UNIT)


def _no_scan() -> VolumeFacts:
    shown = told(said(seals=()))
    only = shown.items[0]
    return replace(shown, items=(replace(only, files=tuple(replace(one, is_scan=False) for one in only.files)),))


SAMPLES = (
    Sample("good", told(said())),
    Sample("no seal at all", told(said(seals=())), (FAIL,)),
    Sample("the employer's only", told(said(parties=PLACES, seals=(seal(UNIT_PLACE),)), **BOTH), (FAIL,)),
    Sample("hardly a seal", told(said(seals=(seal(sure=0.4),))), (UNSURE,)),
    Sample("a seal in nobody's place", told(said(seals=(seal((0.1, 0.05, 0.3, 0.2)),))), (UNSURE,)),
    Sample("no place was found, and no seal", told(said(parties=(), seals=())), (FAIL,)),
    Sample("a name seal is none", told(said(seals=(name_seal(),))), (FAIL,)),
    Sample(
        "pieces of a large seal between red rules",
        told(
            said(
                seals=(
                    name_seal((0.6, 0.75, 0.1, 0.05), width_mm=22.0, height_mm=14.0),
                    name_seal((0.72, 0.8, 0.1, 0.05), width_mm=22.0, height_mm=14.0),
                )
            )
        ),
        (UNSURE,),
        True,
    ),
    Sample(
        "two name seals side by side",
        told(said(seals=(name_seal((0.6, 0.8, 0.1, 0.05)), name_seal((0.85, 0.8, 0.1, 0.05))))),
        (FAIL,),
    ),
    Sample("both are there", told(said(parties=PLACES, seals=(seal(UNIT_PLACE), seal(AGENCY_PLACE))), **BOTH)),
    Sample("no place was found, and the seal is there", told(said(parties=())), (), True),
    Sample("it stands on the last page", told(said(seals=(), parties=()), said()), (), True),
    Sample(
        "it stands elsewhere and names itself",
        told(said(seals=(seal((0.1, 0.05, 0.3, 0.2), words="津南区社会保险 业务专用章"),))),
        (),
        True,
    ),
    Sample("a page of the form was not read", told(said(seals=()), None), (), True),
    Sample("made on a computer", _no_scan(), (), True),
    Sample("a seal over the edge is no seal of the form", told(said(seals=(seal((0.8, 0.4, 0.38, 0.2)),))), (FAIL,)),
    Sample("the step asks for none", told(said(seals=()), materials=(replace(MAIN, required_seals=()),)), (), True),
)
