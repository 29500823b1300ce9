"""L10: the text that a PDF page carries is not what its image shows."""

from dataclasses import replace

from anjuan.core.detection.facts import FormFacts, OwnText, VolumeFacts
from anjuan.core.reading.said import PageSaid
from tests.detection.builders import FAIL, UNSURE, Sample, file, item, page, volume
from tests.detection.reading import said

PRINTED = ("基本养老保险待遇申请表", "姓名 张建国 性别 男", "公民身份号码 110101196501010018", "参加工作时间 1984年7月")
OTHER = ("城乡居民医疗保险登记表", "姓名 李秀英 性别 女", "公民身份号码 110101197002020021", "联系电话 02212345678")
SLIPS = ("基木养老保险待遇申清表", "姓名 张建囯 性别 男", "公民身份号码 11010l96501010018", "参加工作时间 1984年7月")
STRAYS = ("基木养老俣险侍遇申清裹", "姓名 张建囯 性别 男", "公民身份号码 1101O1l965O1O1OO18", "参加工怍吋间 l984年7月")
BELOW = (
    "本人承诺以上所填内容真实有效，如有虚假愿意承担相应法律责任",
    "经办机构审核意见：同意自下月起按月发放，由经办人、复核人签字盖章",
)


def _page(*lines: str, **changed: object) -> PageSaid:
    """A page of which these lines were read."""
    words = ["".join(line.split()) for line in lines]
    return said(text="\n".join(words), letters=sum(map(len, words)), **changed)


def _built(own: tuple[str, ...] | None, seen: PageSaid | None) -> VolumeFacts:
    texts = () if own is None else (OwnText(1, tuple((line, (0.1, 0.1, 0.5, 0.02)) for line in own)),)
    made = replace(file(1, form=FormFacts(1, texts=texts)), pages=(replace(page(1), said=seen),))
    return volume(item(1, files=(made,)))


SAMPLES = (
    Sample("made on a computer, with the text that it shows", _built(PRINTED, _page(*PRINTED))),
    Sample("the image was replaced and not read again", _built(OTHER, _page(*PRINTED)), (FAIL,)),
    Sample("the image is an empty page now", _built(PRINTED, said(unread="BLANK", text="", letters=0)), (FAIL,)),
    Sample("read badly by whoever made it", _built(STRAYS, _page(*PRINTED)), (UNSURE,)),
    Sample("lines in another order", _built(PRINTED[::-1], _page(*PRINTED)), (), True),
    Sample(
        "cells of a row in another order",
        _built(PRINTED, _page("男", "性别", *PRINTED[:1], "张建国姓名", *PRINTED[2:])),
        (),
        True,
    ),
    Sample("two columns that were read as one line each", _built(PRINTED, _page("".join(PRINTED))), (), True),
    Sample("a few slips of the one reader or the other", _built(SLIPS, _page(*PRINTED)), (), True),
    Sample("a line of the scanner's own", _built(("Scanned by X200",), _page(*PRINTED)), (), True),
    Sample("a page without text", _built(None, _page(*PRINTED)), (), True),
    Sample("a page that was not read yet", _built(OTHER, None), (), True),
    Sample("a page that nobody could read", _built(OTHER, said(unread="FAILED", text="", letters=0)), (), True),
    Sample("a page that is hardly legible", _built(OTHER, _page(*PRINTED, sure=0.6)), (UNSURE,), True),
    Sample("a layer of the heading alone", _built(PRINTED[:3], _page(*PRINTED, *BELOW)), (UNSURE,), True),
)
