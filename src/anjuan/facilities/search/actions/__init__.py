"""Showing what is masked, with a reason (显示隐去的号码). Keeping the index, saved questions, exports stand beside."""

from anjuan.core.terms import Occasion
from anjuan.facilities.search import queries
from anjuan.facilities.search.actions.exports import (
    export_list,
    finish_export,
    forget_question,
    make_part,
    stop_export,
)
from anjuan.facilities.search.actions.keeping import follow, notice_readings, tend
from anjuan.facilities.search.actions.questions import (
    drop_question,
    open_question,
    rename_question,
    restore_question,
    save_question,
)
from anjuan.facilities.search.actions.repairing import check_window, keep_reconciled, open_check, reconcile
from anjuan.foundation.journal import actions as journal
from anjuan.records import rules as record_rules

__all__ = [
    "check_window",
    "drop_question",
    "export_list",
    "finish_export",
    "follow",
    "forget_question",
    "keep_reconciled",
    "make_part",
    "notice_readings",
    "open_check",
    "open_question",
    "reconcile",
    "rename_question",
    "restore_question",
    "reveal",
    "save_question",
    "stop_export",
    "tend",
]


def reveal(*, occasion: Occasion, subject_urn: str, reason: str) -> str:
    """Show the full number of a person or unit, with the reason in the journal. Returns the number.

    Raises:
        R-009: the actor may see no record of this subject.
        R-010: no reason is given.

    Standard: 个人信息保护法 (minimum display); ux law 10.
    """
    subject = queries.subject_for(occasion.actor, subject_urn)
    said = record_rules.text("事由 reason", reason, limit=120)

    with journal.writing(occasion=occasion, act="search.reveal", unit=subject_urn) as line:
        line.say(reason=said)
    return subject.id_number or subject.credit_code
