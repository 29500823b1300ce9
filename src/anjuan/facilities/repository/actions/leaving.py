"""Taking an object out of the archive: a capture that is purged, a record that is destroyed.

The rows go in the caller's transaction, the bytes after its commit: never a row without bytes. A marker made before the
rows go lets ``recover`` finish what was cut off between the two, or take it back where the transaction was.
"""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from anjuan.facilities.repository.backends.store import Doomed
from anjuan.facilities.repository.models import StoredFile, StoredObject
from anjuan.facilities.repository.queries import inventory_of, store
from anjuan.facilities.repository.rules import CustodyFacts, may_destroy, may_purge, tombstone


def purge(*, urn: str, facts: CustodyFacts) -> None:
    """Take a capture that was never accepted out of the archive (清除采集件), in the caller's transaction.

    The rows go with the transaction, the bytes after its commit; a cut between the two is finished by ``recover``. The
    deed that calls has the line in the journal.

    Args:
        urn: identifier of the object.
        facts: gathered by the caller.

    Raises: B-005 no such object; B-006 damaged inventory; B-011 it was accepted or is held.
    """
    may_purge(urn, facts)
    doomed = Doomed(urn, inventory_of(urn).head, None)
    store().doom(doomed)
    _forget(urn)
    transaction.on_commit(lambda: store().purge(doomed), robust=True)


def destroy(
    *, urn: str, facts: CustodyFacts, at: dt.datetime, today: dt.date, by: str, authority: str
) -> Mapping[str, Any]:
    """Destroy an object whose time has come (销毁), in the caller's transaction: a tombstone stays in the store.

    Rows and bytes go as in ``purge``. Nothing is ever written under the identifier again.

    Args:
        urn: identifier of the object.
        facts: gathered by the caller.
        at: aware time.
        today: in the agency's zone.
        by: a URI that names who.
        authority: number or URN of the approved destruction register.

    Returns:
        The tombstone, for the line in the journal.

    Raises: B-005 no such object; B-006 damaged inventory; B-011 retention has not ended, or a hold or lock stands.
    """
    may_destroy(urn, facts, today=today)
    inventory = inventory_of(urn)
    stone = tombstone(inventory, at=at, by=by, authority=authority)
    doomed = Doomed(urn, inventory.head, stone)
    store().doom(doomed)
    _forget(urn)
    transaction.on_commit(lambda: store().destroy(doomed), robust=True)
    return dict(json.loads(stone))


def _forget(urn: str) -> None:
    """Take the rows of an object away."""
    StoredFile.objects.filter(stored_object__urn=urn).delete()
    StoredObject.objects.filter(urn=urn).delete()
