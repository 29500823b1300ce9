"""V06 页码错编: numbers stamped on the pages of a volume skip, repeat or run backwards.

On the image route pages bear no number of the volume: there the numbers of an item count, 件内页号, from one. Traps:
numbers by hand are read worse and asked about; blank backs are not numbered; a page without any number that was read is
passed over, but not two in a row.
"""

from collections.abc import Iterator, Sequence

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.told import Told, told, told_of
from anjuan.core.reading.said import Stamp
from anjuan.core.terms import Route

_CLEAR = 0.95


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    if all(item.route is Route.TARGET for item in volume.items):
        for item in volume.items:
            yield from _of_run(told_of(item), settings)
    else:
        yield from _of_run(list(told(volume)), settings)


def _of_run(pages: Sequence[Told], settings: Settings) -> Iterator[Verdict]:
    stamped = [(place, page, page.said.stamp) for place, page in enumerate(pages) if page.said.stamp is not None]
    if len(stamped) < max(2, settings["share"] * len(pages)):
        return  # too few to be a run: stray figures in a corner
    steps = {stamp.number - place for place, _, stamp in stamped}
    if len(steps) == 1:
        yield stamped[0][1].passes()
        return
    # What most pages agree on is the run; whoever falls out of it is named.
    usual = max(sorted(steps), key=lambda step: sum(stamp.number - place == step for place, _, stamp in stamped))
    for number, (place, page, stamp) in enumerate(stamped):
        if stamp.number - place == usual:
            continue
        before = stamped[number - 1][2].number if number else None
        yield page.says(
            Outcome.FAIL if _is_clear(stamped, number, usual) else Outcome.UNSURE,
            (
                f"页码为 {stamp.number}，应为 {place + usual}" + (f"（前页 {before}）" if before is not None else ""),
                f"numbered {stamp.number}, it should be {place + usual}",
            ),
            score=stamp.sure,
            boxes=[stamp.box],
        )
        return  # the first one: all behind it may follow from it


def _is_clear(stamped: Sequence[tuple[int, Told, Stamp]], number: int, usual: int) -> bool:
    """Whether the number is read well, and its neighbours keep to the run or go on from it."""
    place, _, stamp = stamped[number]
    follows = [other.number - at for at, _, other in stamped[number + 1 : number + 2]]
    return stamp.sure >= _CLEAR and all(step in (usual, stamp.number - place) for step in follows)


DETECTOR = Detector(
    "V06",
    Scope.PAGE,
    _judge,
    (
        Setting(
            "share",
            "有页码的页所占比例，低于此不判",
            "Share of numbered pages, below which nothing is said",
            "",
            0.5,
            0.1,
            1,
        ),
    ),
)
