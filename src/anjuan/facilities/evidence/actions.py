"""Writing down the day's root (每日根结账): checkpoint first, then its time stamp, then one line for all days."""

import datetime as dt
import hashlib
import zoneinfo
from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Max

from anjuan.core import canonical
from anjuan.core.terms import Occasion
from anjuan.facilities.evidence import queries, rules
from anjuan.facilities.evidence.models import DayRoot
from anjuan.facilities.evidence.rules import DayFacts
from anjuan.facilities.signing import actions as signing
from anjuan.facilities.signing import queries as signatures
from anjuan.foundation.accounts.queries import archive_path, permit
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.ledger import actions as ledger
from anjuan.foundation.ledger import queries as log


def close_days(*, occasion: Occasion) -> list[queries.DayRow]:
    """Write down the root of every day that is over and has none (每日根), in one line; days that were missed too.

    The root of a day is the last checkpoint published before its end. The time stamp is of now, so a day that is made
    up late says how late.

    Raises: K-001, K-002, K-003, K-010 no time stamp can be had; nothing is written down then.
    Concurrency: of two workers the second meets the row of the day and writes nothing.
    """
    zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    first = log.first_checkpoint()
    wanted = rules.days_missing(
        first=first.published_at.astimezone(zone).date() if first else None,
        closed=queries.last_closed_day(),
        today=occasion.at.astimezone(zone).date(),
    )
    found = []
    for day in wanted:
        end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
        if (checkpoint := log.checkpoint_until(end)) is not None:
            found.append(DayFacts(day, 0, checkpoint.size, checkpoint.root))
    if not found:
        return []
    rows = [_stamped(occasion, facts) for facts in found]

    try:
        with journal.writing(
            occasion=occasion, act="evidence.close_days", unit=f"days:{found[0].name}/{found[-1].name}"
        ) as line:
            DayRoot.objects.bulk_create(rows)
            line.include([(f"day:{facts.name}", canonical.digest(facts.spelled())) for facts in found])
            line.say(count=len(found))
    except IntegrityError:  # another worker was first
        return []
    return _read(rows)


def take_root(*, occasion: Occasion) -> queries.DayRow:
    """Write down the root as it is now, on demand (即时取根): everything done so far is under it.

    Raises: A-001 not the auditor's or the security officer's post; G-001 nothing is in the log; K-001, K-002, K-003,
        K-010 no time stamp can be had.
    """
    permit(occasion.actor, archive_path(), *queries.READERS)
    checkpoint = ledger.catch_up(at=occasion.at)
    day = occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
    last = DayRoot.objects.filter(day=day).aggregate(last=Max("no"))["last"] or 0
    facts = DayFacts(day, last + 1, checkpoint.size, checkpoint.root)
    row = _stamped(occasion, facts)

    with journal.writing(occasion=occasion, act="evidence.take_root", unit=f"day:{facts.name}") as line:
        row.save()
        line.say(size=facts.size, root=facts.root, stamp=row.stamp_digest)
    return _read([row])[0]


def _stamped(occasion: Occasion, facts: DayFacts) -> DayRoot:
    """The row of a root, its time stamp lying beside the log; one left by an attempt that was cut off is taken."""
    note = log.checkpoint_of(facts.size).note.encode()
    stamp = log.stamp(facts.name)
    if stamp is None or signatures.read_stamp(stamp).imprint != hashlib.sha256(note).hexdigest():
        stamp = signing.stamp(occasion=occasion, octets=note)
        ledger.keep_stamp(name=facts.name, octets=stamp)
    said = signatures.read_stamp(stamp)
    return DayRoot(
        day=facts.day,
        no=facts.no,
        size=facts.size,
        root=facts.root,
        stamp_digest=hashlib.sha256(stamp).hexdigest(),
        stamp_authority=said.authority,
        stamped_at=said.at,
        is_own_stamp=not settings.ANJUAN_TSA_URL,
        made_at=occasion.at,
    )


def _read(rows: Sequence[DayRoot]) -> list[queries.DayRow]:
    return [queries.row_of(row) for row in rows]
