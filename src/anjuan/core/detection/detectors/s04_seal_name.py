"""S04 章与单位名称不符: the words of the employer's seal are another name than the catalogue's.

Traps: a seal that can hardly be read says nothing; 人事专用章 and the like belong to the name; a branch seals with the
name of its head office at times, so a name that holds the other is asked about.
"""

import re
from collections.abc import Iterator, Sequence

from anjuan.core.assurance import Outcome
from anjuan.core.detection.comparing import PLACE
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.sealing import is_agencys
from anjuan.core.detection.told import office_seals, scanned_form, seals_by_party
from anjuan.core.reading.marks import SealMark, SealShape
from anjuan.core.reading.words import bare, holds, likeness

_FORM = re.compile(r"(?:股份|责任)?有限(?:责任)?公司.*$|公司.*$|集团.*$|(?:人事|财务|合同|业务)?专用章.*$")
_RINGS = frozenset((SealShape.ROUND, SealShape.OVAL))
_OWN = 2  # letters
_LEAST = 5  # letters of a seal that name anybody


def _own(name: str) -> str:
    """What of a name is its own: without place and legal form, which many share."""
    own = _FORM.sub("", PLACE.sub("", name))
    return own if len(own) >= _OWN else name


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        units = [bare(subject.name) for subject in item.subjects if not subject.is_person and subject.name]
        if not units:
            continue
        for page in scanned_form(item):
            mark = seals_by_party(page).get("UNIT")
            if mark is None or len(bare(mark.words)) < _LEAST:
                continue
            # Where a label was lost its place is taken for the unit's: the unit's own seal may stand beside.
            best = max(_alike(one, units) for one in (mark, *office_seals(page)))
            if best >= settings["same"]:
                yield page.passes()
                continue
            is_sure = best < settings["other"] and not is_agencys(mark)
            outcome = Outcome.FAIL if is_sure else Outcome.UNSURE
            said = (f"印文为“{mark.words}”，与单位名称不同", f"the seal says {mark.words}, not the employer's name")
            yield page.says(outcome, said, score=1 - best, boxes=[mark.box])


def _alike(mark: SealMark, units: Sequence[str]) -> float:
    """How well the words of a seal go with the best of these names."""
    words = bare(mark.words)
    # A ring has no beginning: what was unrolled may start in the middle of the name.
    ring = bare(mark.words.partition(" ")[0]) * 2 if mark.shape in _RINGS else ""
    return max(
        max(holds(words, _own(name)), holds(ring, _own(name)), likeness(_own(words), _own(name))) for name in units
    )


DETECTOR = Detector(
    "S04",
    Scope.PAGE,
    _judge,
    (
        Setting("same", "印文与名称相同的程度", "Likeness that counts as the same name", "", 0.7, 0.3, 1),
        Setting("other", "低于此为另一单位", "Below this it is another's", "", 0.55, 0.1, 1),
    ),
)
