"""V08 混装: what the arrangement kind says all items of a volume share, one of them does not.

Traps: in a dossier years and categories mix by right; whether lines stay apart is the fonds's order of classification.
"""

from collections.abc import Iterator

from anjuan.core import arrangement
from anjuan.core.arrangement import Facet
from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import ItemFacts, VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.retention import longest

_WORDS = {
    Facet.AGENCY: ("机构", "agency"),
    Facet.YEAR: ("年度", "year"),
    Facet.CATEGORY: ("类别", "category"),
    Facet.LINE: ("险种", "insurance line"),
    Facet.TERM: ("保管期限", "term"),
}


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    shared = arrangement.shared(volume.kind, volume.classification)
    for item in volume.items:
        wrong = [facet for facet in _WORDS if facet in shared and _differs(volume, item, facet)]
        if not wrong:
            yield Verdict(Outcome.PASS, item_urn=item.urn)
            continue
        zh = "、".join(_WORDS[facet][0] for facet in wrong)
        en = ", ".join(_WORDS[facet][1] for facet in wrong)
        yield Verdict(Outcome.FAIL, item_urn=item.urn, zh=f"{zh}与本卷不同", en=f"another {en} than its volume")


def _differs(volume: VolumeFacts, item: ItemFacts, facet: Facet) -> bool:
    if facet is Facet.AGENCY:
        return item.agency_code != volume.agency_code
    if facet is Facet.YEAR:
        return item.year != volume.year
    if facet is Facet.CATEGORY:
        return item.category_code != volume.category_code
    if facet is Facet.LINE:
        return item.insurance_line != volume.insurance_line
    return item.term != volume.term and longest([item.term, volume.term]) != volume.term


DETECTOR = Detector("V08", Scope.ITEM, _judge)
