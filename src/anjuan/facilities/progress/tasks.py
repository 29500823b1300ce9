"""What the clock brings about: agencies are told once a week what of theirs is late."""

import contextlib

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.facilities.notices import queries as notices
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.facilities.progress import actions
from anjuan.facilities.progress.queries import deadlines
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts

WORKER = Actor("WORKER", "WORKER", "", "")  # no person tells them: the calendar does


def scan() -> int:
    """Tell each agency what is late there, and end what was told where nothing is any more. Returns how many acts."""
    agencies = accounts.agencies()
    found: dict[str, list[deadlines.Lateness]] = {}
    for one in deadlines.lateness(occasions.today()):
        found.setdefault(one.agency_code, []).append(one)
    told = {unit.removeprefix("agency:") for unit in notices.open_units(NoticeKind.RECORDS_LATE)}
    acts = 0
    for code in sorted({*found, *told} & agencies.keys()):
        with contextlib.suppress(Refusal):  # told less than a week ago
            actions.tell_late(
                occasion=occasions.now(WORKER),
                agency_code=code,
                agency_path=agencies[code].path,
                found=found.get(code, ()),
            )
            acts += 1
    return acts
