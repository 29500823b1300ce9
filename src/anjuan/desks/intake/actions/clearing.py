"""Clearing what was brought to the spool and lies in the store by now (清理待整理区)."""

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.queries import clearing as queries
from anjuan.foundation.journal import actions as journal


def clear_delivery(*, occasion: Occasion, spent: queries.Spent) -> None:
    """Clear the bytes of a delivery that is through (清理). The worker does this.

    The row says so first and the line with it: killed in between, the bytes are found by `queries.leftovers`, while a
    row never stands for bytes that are gone without a word.

    Raises:
        L-001: it was cleared meanwhile, or a declaration moved.

    Standard: 个人信息保护法 第十九条 (kept no longer than needed); the days are a setting (待核实).
    Concurrency: of two workers the second is refused.
    """
    with journal.writing(occasion=occasion, act="intake.clear_delivery", unit=spent.unit) as line:
        rows = queries.TABLES[spent.kind]._default_manager.filter(uid=spent.uid, cleared_at=None)
        change: dict[str, object] = {"cleared_at": occasion.at}
        if spent.kind is queries.Kind.DECLARATION:
            rows = rows.filter(moved_at=spent.since)
            change |= {"facts": {}, "files": [], "returned": {}, "note": ""}  # a person who is no party to any record
        if rows.update(**change) != 1:
            raise Refusal("L-001", reference=spent.unit)
        line.say(files=spent.files)
    spool.clear(spent.kind, spent.uid)
