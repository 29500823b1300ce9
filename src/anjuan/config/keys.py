"""``anjuan keys``: who holds the machine sees the generations; who holds the post changes them under his own name."""

import getpass
import sys

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.core.words import word
from anjuan.facilities.signing import actions, queries
from anjuan.facilities.signing.rules import KeyKind, KeyRow
from anjuan.foundation.accounts import actions as people
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts


def listing() -> list[str]:
    """A line for each generation, in two languages."""
    return [_line(row) for row in queries.all_keys()]


def rotate(kind: str, staff_code: str) -> str:
    """Begin the next generation.

    Raises: A-001, K-001, K-005 see `signing.actions.rotate`; A-004, A-008 not that person.
    """
    return _line(actions.rotate(occasion=occasion_of(staff_code, terminal="anjuan keys"), kind=KeyKind(kind.upper())))


def revoke(kind: str, staff_code: str, generation: int, reason: str) -> str:
    """Revoke an earlier generation.

    Raises: A-001, K-006 to K-009 see `signing.actions.revoke`; A-004, A-008 not that person.
    """
    occasion = occasion_of(staff_code, terminal="anjuan keys")
    return _line(actions.revoke(occasion=occasion, kind=KeyKind(kind.upper()), generation=generation, reason=reason))


def occasion_of(staff_code: str, *, terminal: str) -> Occasion:
    """The line in the journal names a person: so it must be that person who types.

    Raises: A-004 no such person; A-008 the password is not his.
    """
    password = getpass.getpass("密码 password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not accounts.knows_password(staff_code, password):
        people.refuse_log_in(occasion=occasions.now(people.FOUNDER), staff_code=staff_code, terminal=terminal)
        raise Refusal("A-008")
    return occasions.now(accounts.actor_for(staff_code, on=occasions.today()))


def _line(row: KeyRow) -> str:
    begun = f"{row.begun_at:%Y-%m-%d}" if row.begun_at else "—"
    state = "在用 signs now" if row.is_current else "停用 rests"
    if row.revoked_at:
        state = f"已吊销 revoked {row.revoked_at:%Y-%m-%d %H:%M:%S} UTC: {row.reason}"
    return f"{word(row.kind)} {word(row.kind, 'en')}  #{row.generation}  {begun}  {state}  {row.name}"
