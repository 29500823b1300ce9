"""L05 元数据缺项、超长或类型错: what a sealed record must say of itself, and how long it may be.

Standard: DA/T 70-2018, 1-2 to 1-4.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    if volume.sealed_on is None:
        return
    for item in volume.items:
        wrong = []
        if len(item.title) > settings["title"]:
            wrong.append((f"题名 {len(item.title)} 字", f"title of {len(item.title)} characters"))
        if item.item_no is None:
            wrong.append(("缺件号", "no place in the volume"))
        if not item.reference_code:
            wrong.append(("缺档号", "no code"))
        if any(len(file.sha512) != 128 for file in item.files):
            wrong.append(("缺摘要", "no digest"))
        yield (
            Verdict(
                Outcome.FAIL,
                item_urn=item.urn,
                zh="、".join(zh for zh, _ in wrong),
                en=", ".join(en for _, en in wrong),
            )
            if wrong
            else Verdict(Outcome.PASS, item_urn=item.urn)
        )


DETECTOR = Detector(
    "L05", Scope.ITEM, _judge, (Setting("title", "题名最长", "Longest title", "characters", 200, 50, 200),)
)
