"""V12 案卷题名不规范: year, who, and what must stand in it; vague words, blanks and length are looked for.

Traps: a dossier is called by its person, without a year; a year may be written 2024 or 二〇二四.
"""

from collections.abc import Iterator

from anjuan.core.arrangement import Facet
from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict

_VAGUE = ("其他材料", "杂件", "未命名", "无题", "测试", "xxx", "XXX", "待定")
_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    title = volume.title.strip()
    if len(title) < settings["least"]:
        yield Verdict(Outcome.FAIL, zh=f"只有 {len(title)} 字", en=f"it has {len(title)} characters only")
        return
    if len(title) > settings["most"]:
        yield Verdict(Outcome.FAIL, zh=f"长达 {len(title)} 字", en=f"it has {len(title)} characters")
        return
    vague = next((word for word in _VAGUE if word in title), "")
    if vague:
        yield Verdict(Outcome.FAIL, zh=f"含“{vague}”", en=f"it says {vague!r}")
        return
    year = str(volume.year)
    if Facet.YEAR in volume.kind.shares and year not in title and year.translate(_DIGITS) not in title:
        yield Verdict(Outcome.FAIL, zh=f"没有年度 {year}", en=f"the year {year} is not in it")
        return
    yield Verdict(Outcome.PASS)


DETECTOR = Detector(
    "V12",
    Scope.VOLUME,
    _judge,
    (
        Setting("least", "题名最少字数", "Least characters of a title", "characters", 6, 1, 40),
        Setting("most", "题名最多字数", "Most characters of a title", "characters", 100, 20, 200),
    ),
)
