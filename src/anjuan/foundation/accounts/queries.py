"""Seeing people and agencies."""

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from anjuan.core import terms
from anjuan.core.refusals import Refusal
from anjuan.foundation.accounts.models import AccessToken, Agency, Appointment, Staff
from anjuan.foundation.prepared import Given, prepared


@dataclass(frozen=True)
class AgencyRow:
    """An agency as pages see it."""

    code: str
    name: str
    kind: str
    profile: str
    path: str


def actor_for(staff_code: str, *, on: dt.date) -> terms.Actor:
    """The acting person with the posts held on a day.

    Raises:
        A-004: no such active person.
    """
    found = _at_work(staff_code=staff_code)
    if not found:
        raise Refusal("A-004", staff=staff_code)
    ((name, agency_code, agency_path),) = found
    return terms.Actor(
        staff_code=staff_code,
        name=name,
        agency_code=agency_code,
        agency_path=agency_path,
        appointments=tuple(
            terms.Appointment(terms.Post(post), code, path) for post, code, path in _held(staff_code=staff_code, on=on)
        ),
    )


@prepared(staff_code=Given.text)
def _at_work(*, staff_code: Given) -> QuerySet[Staff, tuple[str, str, str]]:
    rows = Staff.objects.filter(staff_code=staff_code, is_active=True)
    return rows.values_list("name", "agency__code", "agency__path")


@prepared(staff_code=Given.text, on=Given.day)
def _held(*, staff_code: Given, on: Given) -> QuerySet[Appointment, tuple[str, str, str]]:
    rows = Appointment.objects.filter(staff__staff_code=staff_code, since_date__lte=on)
    rows = rows.filter(Q(until_date=None) | Q(until_date__gte=on)).order_by("post", "id")
    return rows.values_list("post", "agency__code", "agency__path")


def permit(actor: terms.Actor, agency_path: str, *posts: terms.Post) -> None:
    """The one permission check of a deed: one of these posts is held over that agency.

    Raises:
        A-001: none is.
    """
    if not actor.covers(agency_path, *posts):
        raise Refusal("A-001", posts=posts)


def scopes(actor: terms.Actor, *posts: terms.Post) -> Q:
    """A filter on a field ``agency__path`` for what the actor may see by these posts (any post, if none named)."""
    return scopes_on("agency__path", actor, *posts)


def scopes_on(field: str, actor: terms.Actor, *posts: terms.Post) -> Q:
    """A filter on a field that holds an agency's path, for what the actor's posts cover."""
    condition = Q(pk__in=[])
    for path in sorted({held.agency_path for held in actor.appointments if not posts or held.post in posts}):
        condition |= Q(**{f"{field}__startswith": path})
    return condition


def people_under(actor: terms.Actor, *posts: terms.Post) -> list[str]:
    """Staff codes of everybody appointed at an agency that these posts of the actor cover, now or before."""
    rows = Appointment.objects.filter(scopes_on("agency__path", actor, *posts))
    return sorted(set(rows.values_list("staff__staff_code", flat=True)))


def stations_of(
    staff_codes: Collection[str] | None, post: terms.Post, first: dt.date, until: dt.date
) -> Mapping[str, str]:
    """At which agency these people (or all) held a post in some days, by staff code; the first, if there were two."""
    rows = Appointment.objects.filter(post=post, since_date__lt=until).filter(
        Q(until_date=None) | Q(until_date__gte=first)
    )
    if staff_codes is not None:
        rows = rows.filter(staff__staff_code__in=staff_codes)
    return dict(rows.order_by("-since_date", "-pk").values_list("staff__staff_code", "agency__code"))


def holders_of(posts: Collection[terms.Post], agency_path: str, *, on: dt.date) -> list[str]:
    """Names of those who hold one of these posts over an agency on a day, the nearest first."""
    if not posts:
        return []
    held = (
        Appointment.objects.filter(post__in=posts, since_date__lte=on, staff__is_active=True)
        .filter(Q(until_date=None) | Q(until_date__gte=on))
        .select_related("staff", "agency")
        .order_by("staff__staff_code", "id")
    )
    covering = [row for row in held if agency_path.startswith(row.agency.path)]
    nearest = max((len(row.agency.path) for row in covering), default=0)
    return list(dict.fromkeys(row.staff.name for row in covering if len(row.agency.path) == nearest))


def posted_at(post: terms.Post, *, on: dt.date) -> Mapping[str, str]:
    """Who holds a post at each agency on a day: name by the agency's path, the first where there are several."""
    held = Appointment.objects.filter(post=post, since_date__lte=on, staff__is_active=True)
    rows = held.filter(Q(until_date=None) | Q(until_date__gte=on)).order_by("-staff__staff_code", "-id")
    return dict(rows.values_list("agency__path", "staff__name"))


def paths_with(post: terms.Post, *, on: dt.date) -> tuple[str, ...]:
    """Where somebody holds a post on a day: it is held over these paths and what lies below them; one query."""
    rows = Appointment.objects.filter(post=post, since_date__lte=on, staff__is_active=True)
    held = rows.filter(Q(until_date=None) | Q(until_date__gte=on))
    return tuple(sorted(set(held.values_list("agency__path", flat=True))))


def agency(code: str) -> AgencyRow:
    """One agency.

    Raises:
        R-009: there is none of that code.
    """
    row = Agency.objects.filter(code=code).first()
    if row is None:
        raise Refusal("R-009", what=code)
    return _agency(row)


def agencies() -> Mapping[str, AgencyRow]:
    """All agencies by code; one query."""
    return {row.code: _agency(row) for row in Agency.objects.order_by("code")}


def archive_path() -> str:
    """Where the archive itself stands among the agencies: what is the whole house's is judged there.

    Raises:
        R-009: the archive is not founded yet.
    """
    path = Agency.objects.filter(kind=terms.AgencyKind.ARCHIVE).order_by("path").values_list("path", flat=True).first()
    if path is None:
        raise Refusal("R-009", what=terms.AgencyKind.ARCHIVE)
    return path


def _agency(row: Agency) -> AgencyRow:
    return AgencyRow(row.code, row.name, row.kind, row.profile, row.path)


def agency_names() -> Mapping[str, str]:
    """Names of all agencies by code."""
    return dict(Agency.objects.order_by("code").values_list("code", "name"))


def staff_names(codes: set[str]) -> Mapping[str, str]:
    """Names of people by staff code; a code that is gone from the table simply has no name."""
    return dict(Staff.objects.filter(staff_code__in=codes).order_by("staff_code").values_list("staff_code", "name"))


def people_at(agency_path: str) -> Mapping[str, str]:
    """Names of the people who work at an agency, by staff code; those who left are not there."""
    rows = Staff.objects.filter(agency__path=agency_path, is_active=True)
    return dict(rows.order_by("staff_code").values_list("staff_code", "name"))


def staff_codes() -> list[str]:
    """Everybody's staff code, in order."""
    return list(Staff.objects.order_by("staff_code").values_list("staff_code", flat=True))


def staff_by_token(token: str, *, at: dt.datetime) -> str | None:
    """The staff code that a bearer token stands for, if it has not expired."""
    found = _bearer(digest=hashlib.sha256(token.encode()).hexdigest(), at=at)
    return found[0] if found else None


@prepared(digest=Given.text, at=Given.moment)
def _bearer(*, digest: Given, at: Given) -> QuerySet[AccessToken, str]:
    found = AccessToken.objects.filter(token_digest=digest, expires_at__gt=at, staff__is_active=True)
    return found.order_by("id").values_list("staff__staff_code", flat=True)[:1]


def knows_password(staff_code: str, password: str) -> bool:
    """Whether a person is at work here and this is his password: for commands, where nobody is logged in."""
    staff = Staff.objects.filter(staff_code=staff_code, is_active=True).first()
    return staff is not None and staff.check_password(password)


def is_empty() -> bool:
    """Whether nobody has been enrolled yet: a fresh archive."""
    return not Staff.objects.exists()
