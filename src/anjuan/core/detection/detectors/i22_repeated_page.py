"""I22 重复扫描: two images of an item that look like scans of the same sheet; the later one is named.

Traps: lists of the same blank with other entries differ somewhere; blank backs are alike and say nothing.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.images import Seen, seen


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    by_item: dict[str, list[Seen]] = {}
    for one in seen(volume):
        by_item.setdefault(one.item.urn, []).append(one)
    for pages in by_item.values():
        for place, one in enumerate(pages):
            pairs = [
                (apart, number)
                for number, before in enumerate(pages[:place])
                if (apart := _apart(one, before)) is not None
            ]
            apart, number = min(pairs, default=(100.0, 0))
            if apart > settings["unsure"]:
                yield one.passes()
                continue
            yield one.says(
                Outcome.FAIL if apart <= settings["same"] else Outcome.UNSURE,
                f"与本件第 {number + 1} 页影像几乎相同",
                f"hardly differs from image {number + 1} of the item",
                score=min(1.0, 1 - apart / 100),
            )


def _apart(one: Seen, other: Seen) -> float | None:
    """How much two pages differ, in hundredths; none where they were not found alike. The one measured later knows."""
    if one.file.sha512 == other.file.sha512 and one.page.page_no == other.page.page_no:
        return 0.0 if one.measures.hash64 else None
    pairs = ((one, other), (other, one))
    return next(
        (
            twin.unlikeness
            for mine, theirs in pairs
            for twin in mine.measures.twins
            if (twin.sha512, twin.page_no) == (theirs.file.sha512, theirs.page.page_no)
        ),
        None,
    )


DETECTOR = Detector(
    "I22",
    Scope.PAGE,
    _judge,
    (
        Setting("same", "认定为同一页的差异", "Difference that counts as the same sheet", "%", 22.5, 1, 50),
        Setting("unsure", "差异高于此不提示", "Above this nothing is said", "%", 23.5, 1, 50),
    ),
)
