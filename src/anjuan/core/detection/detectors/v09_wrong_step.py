"""V09 归入错误类别: the main form calls itself by the name of another step's form.

Traps: forms of one family share most of their letters, so only a name that is clearly another's is told; local names
differ from the list's. It is always left to a person.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.told import main_form
from anjuan.core.reading.titles import called, is_form


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        pages = main_form(item)
        if not pages or not pages[0].said.titles:
            continue
        page = pages[0]
        own = max(
            (called(page.said.titles, name) for one in item.materials if one.is_main for name in (one.name,)),
            default=0.0,
        )
        if own >= settings["own"] or not is_form(page.said.titles):  # the names of all others are not held against it
            yield page.passes()
            continue
        others = {name: called(page.said.titles, name) for name in item.other_forms}
        name, other = max(others.items(), key=lambda one: one[1], default=("", 0.0))
        if other < settings["other"] or other <= own:
            yield page.passes()
            continue
        words = (
            f"题名“{page.said.titles[0].text}”像是《{name}》",
            f"its title {page.said.titles[0].text} is like that of {name}",
        )
        yield page.says(Outcome.UNSURE, words, score=other)


DETECTOR = Detector(
    "V09",
    Scope.ITEM,
    _judge,
    (
        Setting(
            "own", "与本环节主表题名相符的程度", "Likeness to the step's own form that is enough", "", 0.75, 0.3, 1
        ),
        Setting("other", "与其他环节主表题名相符的程度", "Likeness to another's form that is told", "", 0.9, 0.5, 1),
    ),
)
