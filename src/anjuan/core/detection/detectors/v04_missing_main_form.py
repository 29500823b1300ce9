"""V04 缺主表: the step has a main form and no page of it lies there, or what lies in its place is another paper.

Traps: local titles differ from the list's names; a form whose title was not read says nothing; the form may lie among
the other papers of the item.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import ItemFacts, VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.told import Told, main_form, told_of
from anjuan.core.reading.titles import called


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if not item.is_imaged or not item.main_codes:
            continue
        names = [material.name for material in item.materials if material.is_main]
        if item.is_main_missing:
            told = "、".join(names)
            yield Verdict(Outcome.FAIL, item_urn=item.urn, zh=f"应有《{told}》", en=f"{told} should be there")
            continue
        other = _another_paper(item, names, settings)
        if other is None:
            yield Verdict(Outcome.PASS, item_urn=item.urn)
            continue
        page, title, outcome = other
        words = (f"主表处的题名是“{title}”", f"in the place of the main form lies {title}")
        yield page.says(outcome, words, score=1.0 if outcome is Outcome.FAIL else 0.5)


def _another_paper(item: ItemFacts, names: list[str], settings: Settings) -> tuple[Told, str, Outcome] | None:
    """What lies in the place of the main form, if it is another paper of the item's list by its own title."""
    pages = main_form(item)
    titled = [page for page in pages if page.said.titles]
    if not titled:
        return None
    own = max(called(page.said.titles, name) for page in told_of(item) for name in names)
    if own >= settings["own"]:
        return None
    page = titled[0]
    others = [material.name for material in item.materials if not material.is_main]
    likeness = max((called(page.said.titles, name) for name in others), default=0.0)
    if likeness >= settings["other"]:
        return page, page.said.titles[0].text, Outcome.FAIL
    return (page, page.said.titles[0].text, Outcome.UNSURE) if own < settings["strange"] else None


DETECTOR = Detector(
    "V04",
    Scope.ITEM,
    _judge,
    (
        Setting("own", "与主表题名相符的程度", "Likeness to the main form's name that is enough", "", 0.6, 0.2, 1),
        Setting("other", "与其他材料题名相符的程度", "Likeness to another paper's name that is told", "", 0.85, 0.5, 1),
        Setting("strange", "低于此请人看", "Below this a person is asked", "", 0.25, 0, 1),
    ),
    version=2,
)
