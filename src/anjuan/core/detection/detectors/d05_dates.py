"""D05 日期不合理: in the future, before there was any social insurance, another year than the item's, or before birth.

Traps: labour insurance began in 1951, personnel papers in a dossier are older.
"""

import datetime as dt
from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        formed = item.formed_date
        if formed > volume.today:
            said = (f"{formed} 在未来", f"{formed} lies in the future")
        elif formed < dt.date(int(settings["earliest"]), 1, 1):
            said = (f"{formed} 早于 {settings['earliest']:.0f} 年", f"{formed} is before {settings['earliest']:.0f}")
        elif formed.year != item.year and not volume.kind.closes:
            said = (f"形成于 {formed.year} 年，归在 {item.year} 年", f"made in {formed.year}, filed under {item.year}")
        elif item.completed_on is not None and item.completed_on < formed - dt.timedelta(days=1):
            said = (f"办结 {item.completed_on} 早于形成 {formed}", f"completed {item.completed_on}, made {formed}")
        else:
            yield Verdict(Outcome.PASS, item_urn=item.urn)
            continue
        yield Verdict(Outcome.FAIL, item_urn=item.urn, zh=said[0], en=said[1])


DETECTOR = Detector(
    "D05", Scope.ITEM, _judge, (Setting("earliest", "最早年份", "Earliest year", "", 1911, 1800, 2000),)
)
