"""Printing a page (打印副本): the copy bears who made it, when, of what and what for; the journal says the same."""

import zoneinfo

from django.conf import settings

from anjuan.core.terms import Occasion
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.viewer import queries, rules
from anjuan.facilities.viewer.backends import cutting
from anjuan.facilities.viewer.rules.images import within
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import queries as records
from anjuan.records import rules as record_rules

_MOST_REASON = 60


def print_page(*, occasion: Occasion, component: int, page: int, reason: str) -> bytes:
    """Make a copy of a page for printing, with a mark burnt into it (打印副本). Returns a PDF of one page.

    Args:
        occasion: who prints, and when.
        component: the file.
        page: from 1.
        reason: what the copy is for; it stands on the copy.

    Raises:
        A-001: his post does not print pages of this agency.
        B-005, B-007, B-008: the store has no such file, or its bytes changed.
        M-009: there is no such page.
        R-009: there is no such file, or he may not see it.
        R-010: no reason is given.

    Standard: S4 复制与散布控制: whoever makes a copy is named on it.
    """
    row = records.get_component_for(occasion.actor, component)
    item = records.get_item_for(occasion.actor, row.item_urn)
    permit(occasion.actor, item.agency_path, *queries.print_posts())
    turn = row.turns.get(page, 0)
    size = queries.size_of(row, page, turn)
    said = record_rules.text("用途 reason", reason, limit=_MOST_REASON)
    at = occasion.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE))
    who = f"{occasion.actor.name} {occasion.actor.staff_code} {at:%Y-%m-%d %H:%M}"
    lines = rules.copy_lines(who=who, reference=item.reference, page=str(page), reason=said, practice=settings.PRACTICE)
    image = cutting.turned(formats.decode_page(urn=row.item_urn, sha512=row.sha512, page=page), turn)
    shape = within(size.width, size.height, queries.LIMITS)
    copy = cutting.printed(image if image.size == shape else image.resize(shape), lines, title=item.reference)

    with journal.writing(occasion=occasion, act="viewer.print_page", unit=row.item_urn) as line:
        line.say(component=component, page=page, reason=said)
    return copy
