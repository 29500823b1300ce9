"""Numbers that are given to nobody (作废号)."""

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.desks.filing import queries
from anjuan.facilities.numbering import actions as numbering
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import rules as record_rules


def void_number(*, occasion: Occasion, run_key: str, number: int, reason: str) -> None:
    """Void a number that no record bears (作废卷号): it stays in the list with its reason, and is never given again.

    Args:
        occasion: a filing clerk or the archivist.
        run_key: the run it belongs to.
        number: a number of that run, held or missing.
        reason: why.

    Raises:
        A-001: the actor holds neither post over the run's agency; over the fonds's, where agencies share the run.
        F-015: it is voided already, a record bears it, or it was never reached.
        R-009: there is no such run, or the actor may not see it.
        R-010: no reason is given.

    Standard: DA/T 13-2022, 4 (a number is given once).
    Concurrency: judged again while the run is held; a sealing under way that held the number is refused (L-001).
    """
    run = queries.run_for(occasion.actor, run_key)
    permit(occasion.actor, run.agency_path, Post.FILER, Post.ARCHIVIST)
    said = record_rules.text("事由 reason", reason, limit=200)
    _is_free(run, number)

    with journal.writing(occasion=occasion, act="filing.void_number", unit=f"run:{run_key}"[:60]) as line:
        numbering.hold_run(run_key=run_key)
        _is_free(queries.run_for(occasion.actor, run_key), number)
        numbering.void(line=line, run_key=run_key, number=number, code="", reason=said)
        line.say(run=run_key, number=number, reason=said)


def _is_free(run: queries.RunRow, number: int) -> None:
    if number not in (*run.standing.reserved, *run.standing.missing):
        raise Refusal("F-015", number=number, run=run.key)
