"""S07 缺审核或复核人签名: a place where a reviewer or leader signs is empty.

Traps: a form that has no such place is not asked for it; where one place of several is signed, the others are named. On
a page with a template its required boxes are looked at, and no label.
"""

from collections.abc import Iterator, Sequence

from anjuan.core.assurance import Outcome
from anjuan.core.detection.drawn import missing_in, named
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.told import Told, Words, scanned_form, signed
from anjuan.core.reading.marks import Presence
from anjuan.core.reading.templates import BoxKind, LaidBox

_ROLES = ("REVIEWER", "LEADER")


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        yield from missing_in(item, _is_theirs, _said)
        for page in scanned_form(item):
            if _is_drawn(page):
                continue
            for box, state, label in signed(page, _ROLES):
                if state is Presence.PRESENT:
                    yield page.passes()
                    continue
                outcome = Outcome.FAIL if state is Presence.ABSENT else Outcome.UNSURE
                words = (f"“{label}”处未见签名或印章", f"neither hand nor seal stands at {label}")
                yield page.says(outcome, words, score=1.0 if outcome is Outcome.FAIL else 0.5, boxes=[box])


def _is_theirs(one: LaidBox) -> bool:
    """Whether a box is for a reviewer's or a leader's hand or name seal."""
    return one.form.kind in (BoxKind.SIGN, BoxKind.SEAL) and one.form.name in _ROLES


def _is_drawn(page: Told) -> bool:
    """Whether a template says where people sign on this page."""
    return page.said.laid is not None and any(
        one.form.kind is BoxKind.SIGN or _is_theirs(one) for one in page.said.laid.boxes
    )


def _said(boxes: Sequence[LaidBox]) -> Words:
    zh, en = named(boxes)
    return f"{zh}处未见签名或印章", f"neither hand nor seal stands at {en}"


DETECTOR = Detector("S07", Scope.PAGE, _judge)
