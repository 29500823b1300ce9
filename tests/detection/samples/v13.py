"""V13: the volume's own papers."""

from dataclasses import replace

from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.reading.titles import Title
from tests.detection.builders import FAIL, UNSURE, Sample
from tests.detection.reading import said, told

CODE = "J001-ZY·SB·03·2024·HX-0001"


def _paper(*lines: str, title: str = "卷内备考表", letters: int = 300) -> VolumeFacts:
    page = said(
        titles=(Title(title, 0.03),) if title else (), text="\n".join((title, *lines)), letters=letters, citizens=()
    )
    return replace(told(page, material="OTHER"), reference_code=CODE, item_count=5, page_count=31)


SAMPLES = (
    Sample("good", _paper("档号J001ZYSB032024HX0001", "本卷共有5件31页")),
    Sample("other items", _paper("本卷共有6件31页"), (FAIL,)),
    Sample("other pages", _paper("本卷共有5件33页"), (FAIL,)),
    Sample(
        "a cover of another count",
        _paper("保管期限", "50年", "件数", "4件", "页数", "31页", "案卷号", "1", title=""),
        (FAIL,),
    ),
    Sample("a cover", _paper("保管期限", "50年", "件数", "5件", "页数", "31页", "案卷号", "1", title="")),
    Sample("another volume's", _paper("档号J001ZYSB032024HX0002"), (UNSURE,)),
    Sample("no figures on it", _paper("卷内情况说明", "缺损", "无"), (), True),
    Sample("a form that counts its own pages", _paper("本表共6件33页", title="申请表"), (), True),
    Sample("hardly to be read", _paper("本卷共有6件31页", letters=8), (), True),
)
