"""D10 错人: a page names somebody else, and nowhere the person or unit of the record.

Traps: papers of relatives, heirs and agents name others by right, and the person beside them; lists of many name
everybody; a page that names nobody says nothing.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.comparing import Agreement, agreements
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.told import Told, told_of

_OF_OTHERS = (
    "亲属",
    "配偶",
    "子女",
    "父母",
    "户口",
    "结婚",
    "离婚",
    "继承",
    "受益",
    "委托",
    "代办",
    "代理",
    "抚恤",
    "遗属",
    "供养",
)
_PAGE_OF_OTHERS = frozenset(("MARRIAGE", "HOUSEHOLD", "KIN", "AGENT", "POWER_OF_ATTORNEY"))


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if item.concerns_many or not item.subjects:
            continue
        for page in told_of(item):
            if page.is_legible and (verdict := _of_page(page)) is not None:
                yield verdict


def _of_page(page: Told) -> Verdict | None:
    # Where the record has persons, they decide: their employer's name stands on other people's papers too.
    persons = [one for one in page.item.subjects if one.is_person]
    every = [row for rows in agreements(page, persons or page.item.subjects) for row in rows]
    if any(row.agreement is Agreement.SAME for row in every):
        return page.passes()
    others = [row for row in every if row.agreement is Agreement.OTHER]
    doubtful = [row for row in every if row.agreement is Agreement.DOUBTFUL]
    if not others and len(doubtful) < 2:
        return None
    first = (others or doubtful)[0]
    is_main = page.file.material_code in page.item.main_codes
    is_clear = len(others) >= 2 or (bool(others) and is_main)
    outcome = Outcome.FAIL if is_clear and not _names_others(page) else Outcome.UNSURE
    zh, en = first.entry
    words = (
        f"本页{zh}为“{first.seen}”，不是本件的“{first.wanted}”",
        f"the page's {en} is {first.seen}, not {first.wanted} of the record",
    )
    boxes = [row.box for row in (others or doubtful) if row.box]
    return page.says(outcome, words, score=1.0 if outcome is Outcome.FAIL else 0.6, boxes=boxes)


def _names_others(page: Told) -> bool:
    """Whether papers of this kind name others by right."""
    material = next((one for one in page.item.materials if one.code == page.file.material_code), None)
    name = material.name if material else ""
    titles = "".join(title.text for title in page.said.titles)
    return page.file.material_code in _PAGE_OF_OTHERS or any(word in name + titles for word in _OF_OTHERS)


DETECTOR = Detector("D10", Scope.PAGE, _judge)
