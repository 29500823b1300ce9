"""S02 缺经办人章或签名: the place where the handler signs is empty.

Traps: a name seal stands for a hand; the label's own print and its line are no hand; a form without such a place is
asked about only where the step demands the handler's seal. Where a template requires his box, that box is looked at.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.drawn import is_drawn, missing_in
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.told import required_seals, scanned_form, signed
from anjuan.core.reading.marks import Presence, SealSize
from anjuan.core.reading.templates import BoxKind, LaidBox

_WORDS = ("经办人处未见签名或印章", "neither hand nor seal stands at the handler's place")
_NOWHERE = ("未找到经办人签章的位置", "no place was found where the handler signs")


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        yield from missing_in(item, _is_his, lambda _boxes: _WORDS)
        pages = scanned_form(item)
        if not pages or is_drawn(pages, _is_his):
            continue
        places = [(page, *one) for page in pages for one in signed(page, ("HANDLER",))]
        if any(state is Presence.PRESENT for _, _, state, _ in places):
            yield pages[0].passes()
        elif places:
            page, box, state, _ = places[-1]
            outcome = Outcome.FAIL if state is Presence.ABSENT else Outcome.UNSURE
            yield page.says(outcome, _WORDS, score=1.0 if outcome is Outcome.FAIL else 0.5, boxes=[box])
        elif "HANDLER" in required_seals(item):
            is_sealed = any(mark.size is SealSize.PERSON for page in pages for mark in page.said.seals)
            yield pages[0].passes() if is_sealed else pages[-1].says(Outcome.UNSURE, _NOWHERE, score=0.5)


def _is_his(one: LaidBox) -> bool:
    """Whether a box is for the handler's hand or name seal."""
    return one.form.kind in (BoxKind.SIGN, BoxKind.SEAL) and one.form.name == "HANDLER"


DETECTOR = Detector("S02", Scope.ITEM, _judge)
