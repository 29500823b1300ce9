"""What ``anjuan audit`` and ``anjuan rebuild`` do: the rooms that keep proof, one after the other."""

from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from anjuan.core.refusals import Refusal
from anjuan.facilities.repository import restoring
from anjuan.facilities.sealing import actions as sealing
from anjuan.facilities.sealing import queries as layers
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as account_queries
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import followers as segments
from anjuan.foundation.journal import kept
from anjuan.foundation.journal import queries as journal_queries
from anjuan.foundation.ledger import audit as ledger_audit
from anjuan.foundation.ledger import queries as ledger
from anjuan.foundation.ledger import rebuild as ledger_rebuild
from anjuan.foundation.ledger.audit import Difference

Say = Callable[[str, int, int], None]


def must_not_be_lost() -> None:
    """Refuse to begin anew over an archive whose database is gone.

    Raises:
        G-009: the database is empty, the journal on disk or the log is not.
    """
    on_disk = max(journal_queries.segments().end(), ledger.log().size)
    if on_disk and not journal_queries.head() and not journal_queries.waiting():
        raise Refusal("G-009", entries=on_disk)


def audit(say: Say) -> Iterator[Difference]:
    """Every difference between database, journal, log and store (审计)."""
    catch_up()
    yield from ledger_audit.differences(say)
    for urn, path in restoring.differing(say):
        yield Difference("FILES_CHANGED", urn, (path,))
    for urn, path in layers.differing():
        yield Difference("FILES_CHANGED", urn, (path,))


def catch_up() -> None:
    """Let the journal on disk and the log take what is written, so that nothing is called missing that is only late.

    A refusal of the log is no reason to stop: the audit is about to say what is wrong.
    """
    journal.sequence()
    try:
        while journal.follow(segments.FOLLOWER, at=timezone.now()):
            pass
    except (OSError, ValueError, Refusal):  # it is named by the comparison
        return


def adopt() -> int:
    """Take rows into the journal that were written before it kept rows. Returns how many."""
    taken = 0
    for name in kept.tables():
        while count := journal.adopt_rows(occasion=occasions.now(accounts.FOUNDER), table_name=name):
            taken += count
    return taken


def rebuild(say: Say) -> ledger_rebuild.Rebuilt:
    """An empty database made whole from store, journal and log (重建).

    Raises:
        G-004, G-005, G-008: see `ledger_rebuild.rebuild`.
    """
    try:
        found = ledger_rebuild.rebuild(work=Path(settings.ANJUAN_HOME) / "staging", at=timezone.now(), say=say)
    except Refusal as refusal:
        if refusal.code != "G-004" or not restoring.is_incomplete():
            raise
        found = ledger_rebuild.Rebuilt()  # an earlier one was cut off when only the files were left to do
    found.lost += restoring.restore_files(say)
    found.lost += sealing.restore_readings(say)
    return found


def set_password(staff_code: str, password: str) -> None:
    """Give a person a new password, as whoever stands at the server.

    Raises:
        A-006: it is too short.
        A-012: nobody has this staff code.
    """
    if staff_code not in account_queries.staff_names({staff_code}):
        raise Refusal("A-012", code=staff_code)
    accounts.set_password(
        occasion=occasions.now(accounts.FOUNDER),
        staff_code=staff_code,
        password_hash=accounts.hash_password(password),
    )


def open_practice_accounts() -> int:
    """After a rebuild of a practice archive: its one password for all its people again. Returns how many."""
    from anjuan.demo import office

    password_hash = accounts.hash_password(office.password())
    codes = account_queries.staff_codes()
    for staff_code in codes:
        accounts.set_password(
            occasion=occasions.now(accounts.FOUNDER), staff_code=staff_code, password_hash=password_hash
        )
    return len(codes)
