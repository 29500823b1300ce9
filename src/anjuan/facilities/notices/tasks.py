"""What the clock brings about: overdue notices go to the supervisor."""

import contextlib

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.facilities.notices import actions, queries, rules
from anjuan.foundation.accounts import occasions

WORKER = Actor("WORKER", "WORKER", "", "")  # no person tells the supervisor: the calendar does


def scan() -> int:
    """Escalate what has been overdue for long enough. Returns how many; those that another worker took are his."""
    told = 0
    for pk in queries.to_escalate(due_until=rules.late_since(occasions.today(), settings.ANJUAN_ESCALATE_DAYS)):
        with contextlib.suppress(Refusal):
            actions.escalate(occasion=occasions.now(WORKER), pk=pk)
            told += 1
    return told
