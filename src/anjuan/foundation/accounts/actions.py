"""Founding agencies, enrolling people, giving posts, logging in."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from anjuan.core import terms
from anjuan.core.refusals import Refusal
from anjuan.core.terms import AgencyKind, AgencyProfile, Occasion, Post
from anjuan.foundation.accounts import rules
from anjuan.foundation.accounts.models import AccessToken, Agency, Appointment, Authorisation, Staff
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal.actions import Line

TOKEN_LIFE = dt.timedelta(hours=12)
FOUNDER = terms.Actor("SYSTEM", "SYSTEM", "", "")


@dataclass(frozen=True)
class Token:
    """A fresh bearer token; its text is shown once."""

    text: str
    expires_at: dt.datetime


def found_agency(
    *,
    occasion: Occasion,
    code: str,
    name: str,
    kind: AgencyKind,
    profile: AgencyProfile,
    parent_code: str | None = None,
) -> str:
    """Enter an agency into the tree (设立机构). Returns its path.

    Raises:
        A-001: only the system administrator founds agencies; the first of all is founded by the installation.
        A-005: the code is taken.
        A-011: the code is not 1 to 12 capitals and digits.
    """
    _permit_administrator(occasion)
    rules.check_agency_code(code)
    parent = Agency.objects.get(code=parent_code) if parent_code else None
    if Agency.objects.filter(code=code).exists():
        raise Refusal("A-005", code=code)
    path = f"{parent.path if parent else '/'}{code}/"

    with journal.writing(occasion=occasion, act="accounts.found_agency", unit=f"agency:{code}") as line:
        Agency.objects.create(code=code, name=name, kind=kind, profile=profile, parent=parent, path=path)
        line.say(code=code, name=name, kind=kind, profile=profile, path=path)
    return path


def hash_password(password: str) -> str:
    """A password as it is kept. Slow on purpose; hash once where many accounts share one, as in a practice office.

    Raises:
        A-006: the password is shorter than eight characters.
    """
    if len(password) < 8:
        raise Refusal("A-006")
    return make_password(password)


def enrol(*, occasion: Occasion, staff_code: str, name: str, agency_code: str, password_hash: str) -> str:
    """Enrol a person (人员登记). Returns the staff code.

    Args:
        occasion: the system administrator, or the installation.
        staff_code: what the journal keeps, for ever.
        name: how people call the person.
        agency_code: where the person works.
        password_hash: from `hash_password`.

    Raises:
        A-001: only the system administrator enrols.
        A-005: the staff code is taken.
    """
    _permit_administrator(occasion)
    if Staff.objects.filter(staff_code=staff_code).exists():
        raise Refusal("A-005", code=staff_code)

    with journal.writing(occasion=occasion, act="accounts.enrol", unit=f"staff:{staff_code}") as line:
        Staff.objects.create(
            staff_code=staff_code, name=name, agency=Agency.objects.get(code=agency_code), password=password_hash
        )
        line.say(staff_code=staff_code, name=name, agency=agency_code)
    return staff_code


def appoint(*, occasion: Occasion, staff_code: str, post: Post, agency_code: str, since_date: dt.date) -> None:
    """Give a person a post at an agency (任职). Granting is the security officer's act, not the administrator's.

    Raises:
        A-001: only the security officer appoints; the first appointments are made by the installation.
        A-002, A-003: see `rules.may_appoint`.
    """
    if occasion.actor != FOUNDER and not occasion.actor.holds(Post.SECURITY_OFFICER):
        raise Refusal("A-001", posts=Post.SECURITY_OFFICER)
    staff = Staff.objects.get(staff_code=staff_code)
    agency = Agency.objects.get(code=agency_code)
    held = frozenset(
        Post(post) for post in Appointment.objects.filter(staff=staff, until_date=None).values_list("post", flat=True)
    )
    rules.may_appoint(staff_code, post, held, AgencyProfile(agency.profile), AgencyKind(agency.kind))

    with journal.writing(occasion=occasion, act="accounts.appoint", unit=f"staff:{staff_code}") as line:
        Appointment.objects.create(staff=staff, agency=agency, post=post, since_date=since_date)
        line.say(post=post, agency=agency_code, since=since_date)


def authorise(*, line: Line, uid: str, staff_code: str, unit: str, reason: str, until: dt.datetime) -> None:
    """Let a person read one restricted item from this deed on until a moment (限时授权), inside the deed that decides.

    Whatever leave he holds for it ends with the new one.
    """
    occasion = line.occasion
    held = Authorisation.objects.filter(staff__staff_code=staff_code, unit=unit, ended_at=None)
    held.update(ended_at=occasion.at, ended_by=occasion.actor.staff_code)
    Authorisation.objects.create(
        uid=uid,
        staff=Staff.objects.get(staff_code=staff_code),
        unit=unit,
        reason=reason,
        since=occasion.at,
        until=until,
        given_by=occasion.actor.staff_code,
    )
    line.say(leave=uid, staff=staff_code, until=until.isoformat())


def end_authorisation(*, line: Line, uid: str) -> None:
    """End a leave before its time (收回授权), inside the deed that says why.

    Raises:
        L-001: it was ended already.
    """
    occasion = line.occasion
    held = Authorisation.objects.filter(uid=uid, ended_at=None)
    if held.update(ended_at=occasion.at, ended_by=occasion.actor.staff_code) != 1:
        raise Refusal("L-001", reference=uid)


def set_password(*, occasion: Occasion, staff_code: str, password_hash: str) -> None:
    """Give a person another password (重设口令). The journal keeps that it was done, never the password.

    Args:
        occasion: the person himself, the system administrator, or whoever stands at the server.
        staff_code: whose.
        password_hash: from `hash_password`.

    Raises:
        A-001: somebody else's password, and the actor is no system administrator.
        A-012: nobody has this staff code.
    """
    if occasion.actor.staff_code != staff_code:
        _permit_administrator(occasion)

    with journal.writing(occasion=occasion, act="accounts.set_password", unit=f"staff:{staff_code}"):
        if not Staff.objects.filter(staff_code=staff_code).update(password=password_hash):
            raise Refusal("A-012", code=staff_code)


def log_in(*, occasion: Occasion, terminal: str) -> None:
    """Note that a person has logged in (登录)."""
    with journal.writing(occasion=occasion, act="accounts.log_in", unit=f"staff:{occasion.actor.staff_code}") as line:
        line.say(terminal=terminal)


def refuse_log_in(*, occasion: Occasion, staff_code: str, terminal: str) -> None:
    """Note that a log-in failed (登录失败): failed attempts belong to the audit trail too."""
    with journal.writing(occasion=occasion, act="accounts.refuse_log_in", unit="staff:unknown") as line:
        # What was typed is kept as it can be read: whoever has no account must not write signs nobody sees.
        line.say(staff_code="".join(sign if sign.isprintable() else "�" for sign in staff_code[:40]), terminal=terminal)


def issue_token(*, occasion: Occasion, terminal: str) -> Token:
    """Give the acting person a bearer token for the API, valid for twelve hours (接口令牌)."""
    text = occasion.fresh(32).hex()
    expires_at = occasion.at + TOKEN_LIFE

    with journal.writing(
        occasion=occasion, act="accounts.issue_token", unit=f"staff:{occasion.actor.staff_code}"
    ) as line:
        AccessToken.objects.create(
            token_digest=hashlib.sha256(text.encode()).hexdigest(),
            staff=Staff.objects.get(staff_code=occasion.actor.staff_code),
            issued_at=occasion.at,
            expires_at=expires_at,
        )
        line.say(terminal=terminal, expires_at=expires_at.isoformat())
    return Token(text, expires_at)


def _permit_administrator(occasion: Occasion) -> None:
    if occasion.actor != FOUNDER and not occasion.actor.holds(Post.SYSTEM_ADMIN):
        raise Refusal("A-001", posts=Post.SYSTEM_ADMIN)
