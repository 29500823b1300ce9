"""Keeping sealed bytes from being removed, where the store itself can (对象锁定).

What forbids a removal is the rule and the restraints above it; the lock of a bucket stands beneath them, for whoever
goes past the program. It ends with the retention at the latest.
"""

import datetime as dt
import functools
import logging
from collections.abc import Mapping

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.facilities.repository.queries import inventory_of, read_verified, sealed_urns, store
from anjuan.facilities.repository.rules import RECORD_NAME, LockReport, lock_ends

logger = logging.getLogger(__name__)


def hold(*, urn: str, is_on: bool) -> bool:
    """Lay a legal hold on every file of an object or lift it (法律保留), where the store can.

    Returns:
        Whether the store can; the restraint above it counts all the same.
    """
    return store().hold(urn, is_on=is_on)


def renew_locks(*, at: dt.datetime) -> LockReport:
    """Lock every sealed object until its retention end, as far ahead as the setting lets (续锁); to be run yearly.

    Args:
        at: aware time.

    Returns:
        How many were locked, and which could not be read.
    """
    if not store().can_lock():
        return LockReport(can_lock=False)
    locked, damaged = 0, []
    for urn in sealed_urns():
        try:
            locked += lock_sealed(urn, inventory_of(urn).state, at)
        except Refusal:
            damaged.append(urn)
    return LockReport(can_lock=True, locked=locked, damaged=tuple(damaged))


def lock_sealed(urn: str, state: Mapping[str, str], at: dt.datetime) -> bool:
    """Lock a sealed object by what its own record says; False where it is not."""
    here = store()
    if not here.can_lock():
        _say_once("the store has no object lock: sealed objects are kept by permissions alone")
        return False
    names = [name for name in state if name.rpartition("/")[2] == RECORD_NAME]
    if not names:
        return False
    longest = dt.timedelta(days=settings.ANJUAN_LOCK_DAYS)
    until = lock_ends(read_verified(urn, state[names[0]]), at=at, longest=longest)
    return until is not None and here.lock_until(urn, until)


@functools.cache
def _say_once(text: str) -> None:
    logger.info(text)
