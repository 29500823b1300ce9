"""The practice city's time (演示城市的时钟): office hours on working days, seconds an act, seeded identifiers.

Two loads draw the same times and the same bytes, so they write the same journal.
"""

import datetime as dt
import hashlib
import zoneinfo

from anjuan.core.terms import Actor, Occasion
from anjuan.foundation.accounts import queries

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
SEED = hashlib.sha256("案卷演示市 Anjuan practice city 1".encode()).digest()
_OPENS, _CLOSES = dt.time(8, 30), dt.time(17, 30)


class Clock:
    """Makes occasions one after another. Nothing of it depends on the machine's clock or chance."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at
        self._drawn = 0
        self._actors: dict[str, Actor] = {}

    def fresh(self, count: int) -> bytes:
        """Bytes that are never the same twice, and the same in every load."""
        self._drawn += 1
        return hashlib.shake_256(SEED + self._drawn.to_bytes(8, "big")).digest(count)

    def of(self, actor: Actor) -> Occasion:
        """The next occasion of an actor: some seconds later, within office hours."""
        self._drawn += 1
        pause = 5 + SEED[self._drawn % len(SEED)] % 25
        local = (self.at + dt.timedelta(seconds=pause)).astimezone(ZONE)
        if local.time() > _CLOSES or local.time() < _OPENS or local.weekday() > 4:
            day = local.date() + dt.timedelta(days=local.time() > _CLOSES)
            while day.weekday() > 4:
                day += dt.timedelta(days=1)
            local = dt.datetime.combine(day, _OPENS, ZONE) + dt.timedelta(seconds=pause)
        self.at = local.astimezone(dt.UTC)
        return Occasion(actor=actor, at=self.at, fresh=self.fresh)

    def by(self, staff_code: str) -> Occasion:
        """The next occasion of a person of the city."""
        if staff_code not in self._actors:
            self._actors[staff_code] = queries.actor_for(staff_code, on=self.at.astimezone(ZONE).date())
        return self.of(self._actors[staff_code])

    def actor(self, staff_code: str) -> Actor:
        """A person of the city, without letting time pass."""
        if staff_code not in self._actors:
            self.by(staff_code)
        return self._actors[staff_code]

    def go_to(self, day: dt.date) -> None:
        """Go on at the opening of a later day."""
        later = dt.datetime.combine(day, _OPENS, ZONE).astimezone(dt.UTC)
        self.at = max(self.at, later)
