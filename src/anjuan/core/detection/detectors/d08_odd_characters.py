"""D08 特殊字符、全半角或空格: control and zero-width characters, full-width letters and digits, blanks at the ends.

Traps: one blank between Latin words and the middle dot of a name are right; book-title marks are full width.
"""

import re
import unicodedata
from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict

_HIDDEN = {"Cc", "Cf", "Co", "Cs"}
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_BLANKS = re.compile(r"^\s|\s$|\s{2,}|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])|\u3000")


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    said = _odd(volume.title)
    yield Verdict(Outcome.FAIL, zh=f"题名{said[0]}", en=f"title: {said[1]}") if said else Verdict(Outcome.PASS)
    for item in volume.items:
        fields = [("题名", "title", item.title), ("流水号", "acceptance number", item.acceptance_no)]
        fields += [("姓名", "name", subject.name) for subject in item.subjects]
        odd = [(zh, en, found) for zh, en, text in fields if (found := _odd(text))]
        yield (
            Verdict(
                Outcome.FAIL,
                item_urn=item.urn,
                zh="；".join(f"{zh}{found[0]}" for zh, _, found in odd),
                en="; ".join(f"{en}: {found[1]}" for _, en, found in odd),
            )
            if odd
            else Verdict(Outcome.PASS, item_urn=item.urn)
        )


def _odd(text: str) -> tuple[str, str] | None:
    if any(unicodedata.category(sign) in _HIDDEN for sign in text):
        return "含看不见的字符", "a character that cannot be seen"
    if _WIDE.search(text):
        return "含全角数字或字母", "full-width digits or letters"
    if _BLANKS.search(text):
        return "含多余空格", "a blank too many"
    return None


DETECTOR = Detector("D08", Scope.ITEM, _judge)
