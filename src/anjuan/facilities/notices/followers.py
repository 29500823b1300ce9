"""Notices follow the journal: what moved on needs no reminder."""

from collections.abc import Sequence

from anjuan.facilities.notices import actions, rules
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries
from anjuan.foundation.journal.rules import Facts


def _consume(entries: Sequence[Facts]) -> None:
    ending = [entry for entry in entries if rules.kinds_ended_by(entry.act)]
    # A certificate's line stands with the person it concerns; which certificate it was is one of its values.
    numbers = queries.values_of([entry.uid for entry in ending if entry.act.startswith("certificates.")])
    for entry in ending:
        unit = entry.unit
        if entry.uid in numbers and "certificate_no" in numbers[entry.uid]:
            unit = f"certificate:{numbers[entry.uid]['certificate_no'][1]}"
        actions.settle(act=entry.act, unit=unit, at=entry.at)


FOLLOWER = journal.Follower("notices", _consume)
