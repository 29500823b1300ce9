"""S09 日期逻辑错: days that cannot be: the decision before the application, a hand after its day, a day to come.

Traps: days of birth, work and insurance in the form's body are no days of handling; a day that was read badly is asked
about.
"""

import datetime as dt
from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.told import Told, main_form
from anjuan.core.reading.fields import DayPlace
from anjuan.core.reading.marks import is_at

_CLEAR = 0.97  # sureness of a line whose every figure is taken for what it is
_ORDER = ("APPLICANT", "UNIT", "HANDLER", "REVIEWER", "LEADER", "AGENCY")
_ROLES = {"APPLIED": "UNIT", "ACCEPTED": "HANDLER", "CHECKED": "REVIEWER", "DONE": "AGENCY"}
_ZH = dict(zip(_ORDER, ("申请人", "单位", "经办人", "复核人", "负责人", "经办机构"), strict=True))


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for page in main_form(item):
            days = sorted(_handled(page), key=lambda one: _ORDER.index(one[0]))
            latest = max(volume.today, item.registered_on) + dt.timedelta(days=settings["ahead"])
            faults = [
                (first, later, f"{_ZH[later[0]]}日期 {later[1]} 早于{_ZH[first[0]]}日期 {first[1]}")
                for place, first in enumerate(days)
                for later in days[place + 1 :]
                if first[0] != later[0] and later[1] < first[1]
            ]
            faults += [(one, one, f"日期 {one[1]} 尚未到来") for one in days if one[1] > latest]
            if not faults:
                if days:
                    yield page.passes()
                continue
            (_, _, before), (_, day, place), zh = faults[0]
            is_clear = page.is_legible and min(before.read.sure, place.read.sure) >= _CLEAR
            outcome = Outcome.FAIL if is_clear else Outcome.UNSURE  # a figure by hand is easily taken for another
            yield page.says(outcome, (zh, f"the day {day} cannot be in its order"), boxes=[place.read.box])


def _handled(page: Told) -> Iterator[tuple[str, dt.date, DayPlace]]:
    """Days on which the form was handled: whose, which, and where."""
    for one in page.said.days:
        if one.read.day is None:
            continue
        role = _ROLES.get(one.role)
        if role is None:
            zones = [place for place in page.said.parties if place.role in _ORDER and is_at(one.read.box, place.box)]
            role = min(zones, key=lambda place: place.box[2] * place.box[3]).role if zones else None
        if role is not None:
            yield role, one.read.day, one


DETECTOR = Detector(
    "S09",
    Scope.PAGE,
    _judge,
    (Setting("ahead", "允许晚于登记的天数", "Days that may lie after today", "days", 0, 0, 60),),
)
