"""What the clock brings about: helpers who worked elsewhere yesterday or today are noted."""

import contextlib
import datetime as dt

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Post
from anjuan.facilities.workload import actions, queries, rules
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts

WORKER = Actor("WORKER", "WORKER", "", "")  # no person notes it: the calendar does
DAYS_BACK = 3  # a worker that stood still over a weekend


def scan() -> int:
    """Note each helper and day of other work once. Returns how many were noted."""
    today = occasions.today()
    first, until = today - dt.timedelta(days=DAYS_BACK), today + dt.timedelta(days=1)
    stations = accounts.stations_of(None, Post.ASSISTANT, first, until)
    if not stations:
        return 0
    acts, _ = queries.acts(list(stations), first, until)
    found = rules.diversions(acts, stations, queries.known_since(first))
    noted = 0
    for (staff_code, date), count in sorted(found.items()):
        with contextlib.suppress(Refusal):
            actions.note_diversion(
                occasion=occasions.now(WORKER),
                staff_code=staff_code,
                agency_code=stations[staff_code],
                date=date,
                acts=count,
            )
            noted += 1
    return noted
