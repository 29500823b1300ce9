"""D14 件、卷、盒、库位关联错: places of items that do not run 1, 2, 3 …, and a volume in store without a cell.

Traps: what came in yesterday waits to be shelved; a single set has nothing to shelve.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    if volume.sealed_on is None:
        return
    wrong = []
    places = [item.item_no for item in volume.items]
    if sorted(places, key=lambda place: place or 0) != list(range(1, len(places) + 1)):
        wrong.append((f"件的次序为 {places[:8]}", f"the places of the items are {places[:8]}"))
    if volume.item_count != len(volume.items):
        wrong.append(
            (
                f"案卷记 {volume.item_count} 件，关联 {len(volume.items)} 件",
                f"{volume.item_count} ≠ {len(volume.items)}",
            )
        )
    if volume.held_since and not volume.shelf and (volume.today - volume.held_since).days > settings["days"]:
        wrong.append(("在库而无库位", "in store, but without a cell"))
    yield (
        Verdict(Outcome.FAIL, zh="；".join(zh for zh, _ in wrong), en="; ".join(en for _, en in wrong))
        if wrong
        else Verdict(Outcome.PASS)
    )


DETECTOR = Detector(
    "D14", Scope.VOLUME, _judge, (Setting("days", "上架期限", "Days until it is shelved", "days", 30, 1, 365),)
)
