"""Terms that follow a new version of the schedule: of what is not sealed, inside the deed that adopts it."""

from collections.abc import Mapping, Sequence

from anjuan.core.terms import State
from anjuan.foundation.journal.actions import Line
from anjuan.records.actions import volumes
from anjuan.records.models import Item, Volume

CHUNK = 500


def apply_rules(*, line: Line, changes: Mapping[tuple[str, str], Sequence[int]]) -> int:
    """Put items that are not sealed under other rows of the schedule; open volumes follow. Returns how many items.

    Args:
        line: the open journal line of the deed.
        changes: keys of items by rule code and term, as they shall be.

    Concurrency: an item that was sealed meanwhile is left alone: only those without a 档号 are written.
    """
    moved = 0
    for (rule_code, term), pks in changes.items():
        for first in range(0, len(pks), CHUNK):
            some = Item.objects.filter(pk__in=pks[first : first + CHUNK], reference_code=None)
            moved += some.update(rule_code=rule_code, term=term)
    keys = [pk for pks in changes.values() for pk in pks]
    touched: set[str] = set()
    for first in range(0, len(keys), CHUNK):
        lying = Volume.objects.filter(
            pk__in=Item.objects.filter(pk__in=keys[first : first + CHUNK]).values("volume_id"), state=State.FILING
        )
        touched |= set(lying.values_list("urn", flat=True))
    for urn in sorted(touched):
        volumes.count_volume(volume_urn=urn)
    return moved
