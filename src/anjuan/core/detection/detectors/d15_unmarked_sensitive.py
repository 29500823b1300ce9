"""D15 敏感信息未标识: what everybody would read in a list, or nobody may read here at all.

A number of a person, a bank card or a diagnosis in a title; and a page that bears a mark of secrecy (密级标志), for
which this archive has no place.

Traps: credit codes and acceptance numbers are long numbers as well; a bank card must hold by its own check (Luhn);
秘密 in a sentence is no mark, and one without its term is asked about. Standard: GB/T 7156, the mark and its term.
"""

import re
from collections.abc import Iterator

from anjuan.core import identifiers
from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.told import told_of

_LONG = re.compile(r"(?<![0-9A-Za-z])[0-9]{15,19}[Xx]?(?![0-9A-Za-z])")
_ILLNESS = re.compile("(肿瘤|癌|艾滋|HIV|精神分裂|梅毒|乙肝|抑郁症|尘肺)")

_MARK = re.compile(r"^(绝密|机密|秘密)(?:[★☆*]?(?:长期|\d{1,2}年|\d{1,2}个月)|([★☆*]?))$")


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    found = _sensitive(volume.title, "")
    yield Verdict(found[0], found[1], zh=found[2], en=found[3]) if found else Verdict(Outcome.PASS)
    for item in volume.items:
        found = _sensitive(item.title, item.acceptance_no)
        yield (
            Verdict(found[0], found[1], item.urn, zh=found[2], en=found[3])
            if found
            else Verdict(Outcome.PASS, item_urn=item.urn)
        )
        for page in told_of(item):
            if (mark := _mark(page.said.text)) is not None:
                outcome, words = mark
                yield page.says(outcome, (f"页上有密级标志“{words}”", f"the page is marked {words}"))


def _sensitive(title: str, acceptance_no: str) -> tuple[Outcome, float, str, str] | None:
    for number in _LONG.findall(identifiers.fold(title)):
        if number == identifiers.fold(acceptance_no):
            continue
        if identifiers.is_valid_id(number):
            return Outcome.FAIL, 1.0, "题名中有身份证号", "a citizen number stands in the title"
        if _is_card(number):
            return Outcome.FAIL, 0.9, "题名中有银行卡号", "a bank card stands in the title"
    illness = _ILLNESS.search(title)
    if illness:
        return Outcome.UNSURE, 0.6, f"题名中有病名“{illness.group()}”", f"an illness is named: {illness.group()}"
    return None


def _mark(text: str) -> tuple[Outcome, str] | None:
    """A line that is a mark of secrecy and nothing else: surely one with its star or term."""
    for line in text.split("\n"):
        if found := _MARK.match(line):
            is_bare = len(line) == len(found[1])
            return (Outcome.UNSURE if is_bare else Outcome.FAIL), line
    return None


def _is_card(number: str) -> bool:
    if not 16 <= len(number) <= 19 or not number.isdigit() or number[0] not in "3456":
        return False
    total = 0
    for place, sign in enumerate(reversed(number)):
        digit = int(sign) * (2 if place % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


DETECTOR = Detector("D15", Scope.ITEM, _judge, version=2)
