"""D04 单位代码错: the check character of the unified social credit code.

Traps: units registered before 2015 may have no code, which is no fault; letters I, O, S, V, Z are not in the alphabet.
"""

from collections.abc import Iterator

from anjuan.core import identifiers
from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.refusals import Refusal

_REASONS = {
    "R-004": ("位数或字符不对", "not of the right length or characters"),
    "R-005": ("校验位不对", "the check character is wrong"),
}


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for subject in item.subjects:
            if subject.is_person or not subject.credit_code:
                continue
            try:
                identifiers.credit_code(subject.credit_code)
            except Refusal as refusal:
                zh, en = _REASONS[refusal.code]
                yield Verdict(
                    Outcome.FAIL,
                    item_urn=item.urn,
                    zh=f"{subject.credit_code} {zh}",
                    en=f"{subject.credit_code}: {en}",
                )
            else:
                yield Verdict(Outcome.PASS, item_urn=item.urn)


DETECTOR = Detector("D04", Scope.ITEM, _judge)
