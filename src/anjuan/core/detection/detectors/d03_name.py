"""D03 姓名错或生僻字丢失: a question mark, a box, a private-use character or a digit where a character was lost.

Traps: the dot in names of minorities, a single-character given name, rare characters outside the basic plane, names in
Latin letters.
"""

import unicodedata
from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict

_LOST = "?？□■◇◆*＊\ufffd〓"


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for subject in item.subjects:
            wrong = _wrong(subject.name, is_person=subject.is_person)
            yield (
                Verdict(wrong[0], score=wrong[1], item_urn=item.urn, zh=wrong[2], en=wrong[3])
                if wrong
                else Verdict(Outcome.PASS, item_urn=item.urn)
            )


def _wrong(name: str, *, is_person: bool) -> tuple[Outcome, float, str, str] | None:
    if any(sign in _LOST for sign in name):
        return Outcome.FAIL, 1.0, "姓名中有“?”或“□”一类的占位符", "a sign stands in for a lost character"
    if any(unicodedata.category(sign) == "Co" for sign in name):
        return Outcome.FAIL, 1.0, "姓名中有自造字，应换为标准编码", "a private-use character; it has a standard code"
    if is_person and any(sign.isdigit() for sign in name):
        return Outcome.FAIL, 1.0, "姓名中有数字", "a digit stands in the name"
    if len(name.strip()) < 2:
        return Outcome.UNSURE, 0.5, "名称只有一个字", "the name has one character only"
    return None


DETECTOR = Detector("D03", Scope.ITEM, _judge)
