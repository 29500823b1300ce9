"""D02 身份证号错: check digit, birth date, region; and a birth after the paper was made.

Traps: 15 digits are read as the 1900s; a foreigner's permit and a passport are no citizen numbers; X may be small.
"""

import re
from collections.abc import Iterator

from anjuan.core import identifiers
from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.refusals import Refusal

_REASONS = {
    "R-001": ("位数或字符不对", "not of the right length or characters"),
    "R-002": ("出生日期不存在", "the birth date does not exist"),
    "R-003": ("校验位不对", "the check digit is wrong"),
}
_FOREIGN = re.compile(r"9\d{17}|[A-Z]{1,3}\d{6,12}")  # 外国人永久居留证 begins with 9; passports and older permits


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for subject in item.subjects:
            if not subject.is_person or not subject.id_number:
                continue
            masked = identifiers.mask_id(subject.id_number)
            try:
                born = identifiers.birth_date(identifiers.citizen_id(subject.id_number))
            except Refusal as refusal:
                zh, en = _REASONS[refusal.code]
                foreign = bool(_FOREIGN.fullmatch(identifiers.fold(subject.id_number)))
                yield Verdict(
                    Outcome.UNSURE if foreign else Outcome.FAIL,
                    score=0.5 if foreign else 1.0,
                    item_urn=item.urn,
                    zh=f"{masked} {zh}",
                    en=f"{masked}: {en}",
                )
                continue
            if born > item.formed_date:
                yield Verdict(
                    Outcome.FAIL, item_urn=item.urn, zh=f"{masked} 出生晚于文件", en=f"{masked}: born after the paper"
                )
            else:
                yield Verdict(Outcome.PASS, item_urn=item.urn)


DETECTOR = Detector("D02", Scope.ITEM, _judge)
