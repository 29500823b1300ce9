"""Names by their sound (拼音): whole and by initials, blanks optional, ``v`` for ü; surnames as surnames are read."""

import itertools
import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from anjuan.core.asking.folding import atoms

MOST_READINGS = 16  # of one name
_LONGEST = 12  # characters of a name that are read
_DOUBLE_SURNAMES = {
    "尉迟": ("yu", "chi"),
    "万俟": ("mo", "qi"),
    "长孙": ("zhang", "sun"),
    "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"),
}


def _table(written: str) -> dict[str, tuple[str, ...]]:
    return {entry[0]: tuple(entry[1:].split("/")) for entry in written.split()}


# How a character is read as a surname, where that differs from how it is mostly read; the usual reading finds it too.
_SURNAMES = _table(
    "单shan 仇qiu 曾zeng 解xie 查zha 任ren 朴piao 区ou 盖ge 乐yue 尉yu 翟zhai 覃qin 缪miao 卜bu 华hua "
    "员yun 祭zhai 种chong 召shao 黑he 折she 逄pang 洗xian 冼xian 秘bi 那na 薄bo 柏bai 贾jia 纪ji 宁ning "
    "应ying 葛ge 隗wei 牟mu 谌chen 句gou 重chong 繁po 盛sheng 哈ha 车che 石shi 都du 曲qu 过guo 晟cheng "
    "郇xun 乜nie 佘she 占zhan 燕yan 令ling"
)
# Characters of given names that people read in two ways.
_TWICE = _table(
    "乐le/yue 茜qian/xi 行xing/hang 长chang/zhang 朝chao/zhao 晟sheng/cheng 盛sheng/cheng "
    "娜na/nuo 重chong/zhong 调diao/tiao 藏cang/zang 参can/shen 曾zeng/ceng 柏bai/bo 翟zhai/di "
    "传chuan/zhuan 单dan/shan 佛fo/fu 隽jun/juan 荨xun/qian 省sheng/xing"
)


@lru_cache(maxsize=65_536)
def readings(name: str) -> frozenset[tuple[str, str]]:
    """How a name may be spelled: whole, and by initials. A sign that has no reading stands for itself."""
    parts = atoms(name)[:_LONGEST]
    ways: list[tuple[str, ...]] = []
    start = "".join(part.text for part in parts[:2])
    if start in _DOUBLE_SURNAMES:
        ways = [(reading,) for reading in _DOUBLE_SURNAMES[start]]
    for place, part in enumerate(parts[len(ways) :], len(ways)):
        usual = _usual(part.text)
        found = (usual, *_TWICE.get(part.text, ()))
        if place == 0 and part.text in _SURNAMES:
            found = (*_SURNAMES[part.text], *found)
        ways.append(tuple(dict.fromkeys(found)))
    spelled_out = itertools.islice(itertools.product(*ways), MOST_READINGS)
    return frozenset(("".join(way), "".join(part[:1] for part in way)) for way in spelled_out if way)


@lru_cache(maxsize=16_384)
def _usual(sign: str) -> str:
    return _plain(lazy_pinyin(sign, style=Style.NORMAL)[0])


def spelled(asked: str) -> str:
    """What was typed as pinyin: Latin letters without blanks and tones, ü as v; empty if it is anything else."""
    folded = _plain(asked)
    return folded if re.fullmatch(r"[a-z]+", folded) else ""


def _plain(text: str) -> str:
    """Lower case without tones; ü, and the u: of old keyboards, as v."""
    parted = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    kept = parted.replace("u\u0308", "v").replace("u:", "v")
    return "".join(sign for sign in kept if not unicodedata.combining(sign) and sign not in " '’-")
