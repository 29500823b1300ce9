"""V15 归档不及时: sealed later than the step's days after the business ended.

Traps: where the business system says nothing, the day the item was registered counts; a dossier grows for years.
"""

import datetime as dt
from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    if volume.sealed_on is None or volume.kind.closes:
        return
    for item in volume.items:
        since = item.completed_on or item.registered_on
        due = since + dt.timedelta(days=item.filing_days + int(settings["grace"]))
        late = (volume.sealed_on - due).days
        if late > 0:
            yield Verdict(
                Outcome.FAIL, item_urn=item.urn, zh=f"超期 {late} 天（应于 {due} 前）", en=f"{late} days after {due}"
            )
        else:
            yield Verdict(Outcome.PASS, item_urn=item.urn)


DETECTOR = Detector("V15", Scope.ITEM, _judge, (Setting("grace", "宽限", "Days of grace", "days", 0, 0, 365),))
