"""V13 封面、目录、备考表不一致: a page that is the volume's own cover, list or reference note says other figures.

Whether these papers are there is seen on paper; of their images it is judged what they say: items, pages, 档号.

Traps: a contents list names items by their own codes; what was printed before a supplement says the figures of then
and is asked about only where it names another volume.
"""

import re
from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.told import Told, told
from anjuan.core.reading.words import bare

_PAPERS = ("卷内备考表", "备考表", "卷内文件目录", "卷内目录", "案卷封面")
_COVER = ("案卷号", "保管期限", "件数")  # a cover bears no name of its own
_ITEMS = re.compile(r"(?:件数|共有?|本卷)\n?(\d{1,4})件")
_PAGES = re.compile(r"(?:页数|共有?|件)\n?(\d{1,5})页")
_CODE = re.compile(r"档号\n?([A-Z0-9]{6,40})")


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for page in told(volume):
        if not page.is_legible or not _is_of_volume(page):
            continue
        figures = (
            (_ITEMS, volume.item_count, "件数", "items"),
            (_PAGES, volume.page_count, "页数", "pages"),
        )
        for pattern, known, zh, en in figures:
            said = pattern.search(page.said.text)
            if said and int(said[1]) != known:
                words = (
                    f"{zh}：本页写{said[1]}，目录为{known}",
                    f"{en}: the page says {said[1]}, the catalogue {known}",
                )
                yield page.says(Outcome.FAIL, words)
                break
        else:
            code, own = _CODE.search(page.said.text), bare(volume.reference_code)
            codes = {own, *(bare(item.reference_code) for item in volume.items)}
            if code and own and code[1] not in codes and own not in page.said.text:
                words = (f"档号：本页为{code[1]}，案卷为{volume.reference_code}", f"the page says the 档号 {code[1]}")
                yield page.says(Outcome.UNSURE, words, score=0.5)
            else:
                yield page.passes()


def _is_of_volume(page: Told) -> bool:
    titled = any(title.text.endswith(_PAPERS) for title in page.said.titles)
    return titled or all(word in page.said.text for word in _COVER)


DETECTOR = Detector("V13", Scope.PAGE, _judge)
