"""The cast: who acts in tests, and occasions of a moment that is passed in.

The permission question is asked with four: the one whose post it is, a colleague with another post, someone of another
agency, and an administrator who may not see records at all.
"""

import datetime as dt
import hashlib
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.test import Client

from anjuan.core.terms import Actor, AgencyKind, AgencyProfile, Occasion, Post
from anjuan.demo import office as practice
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.accounts import queries


@dataclass
class Clock:
    """Time that passes a second an act, and fresh bytes that are never the same twice."""

    at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC).replace(microsecond=0))
    drawn: int = 0

    def fresh(self, count: int) -> bytes:
        self.drawn += 1
        return hashlib.shake_256(f"cast {self.drawn}".encode()).digest(count)

    def occasion(self, actor: Actor) -> Occasion:
        self.at += dt.timedelta(seconds=1)
        return Occasion(actor=actor, at=self.at, fresh=self.fresh)


@dataclass
class Cast:
    """Everybody by post."""

    clock: Clock = field(default_factory=Clock)

    def today(self) -> dt.date:
        """The calendar date in the agency's zone, as appointments reckon it: in UTC it may still be yesterday."""
        return self.clock.at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()

    def actor(self, post: Post) -> Actor:
        who = next(who for who in practice.STAFF if who.post is post)
        return queries.actor_for(who.staff_code, on=self.today())

    def occasion(self, post: Post) -> Occasion:
        return self.clock.occasion(self.actor(post))

    def occasion_of(self, staff_code: str) -> Occasion:
        return self.clock.occasion(queries.actor_for(staff_code, on=self.today()))

    def rule_keeper(self) -> Occasion:
        """An occasion of the archivist who keeps the rules of the whole house."""
        return self.occasion_of(practice.RULE_KEEPER)

    def client(self, post: Post) -> Client:
        return self.client_of(next(who for who in practice.STAFF if who.post is post).staff_code)

    def client_of(self, staff_code: str) -> Client:
        from django.contrib.auth import get_user_model

        client = Client()
        client.force_login(get_user_model()._default_manager.get(staff_code=staff_code))
        return client

    def program(self, staff_code: str) -> Client:
        """A program that acts for somebody, with a bearer token."""
        token = accounts.issue_token(occasion=self.occasion_of(staff_code), terminal="test").text
        return Client(headers={"Authorization": f"Bearer {token}"})

    def hire(self, staff_code: str, post: Post, agency_code: str) -> str:
        """One more person, for tests of separation and of other agencies."""
        founder = accounts.FOUNDER
        accounts.enrol(
            occasion=self.clock.occasion(founder),
            staff_code=staff_code,
            name=f"演员{staff_code}",
            agency_code=agency_code,
            password_hash=accounts.hash_password("long-enough"),
        )
        self.promote(staff_code, post, agency_code)
        return staff_code

    def promote(self, staff_code: str, post: Post, agency_code: str) -> None:
        accounts.appoint(
            occasion=self.clock.occasion(accounts.FOUNDER),
            staff_code=staff_code,
            post=post,
            agency_code=agency_code,
            since_date=self.today() - dt.timedelta(days=2),
        )

    def found_elsewhere(self) -> str:
        """Another centre, whose people must not see the first one's records."""
        accounts.found_agency(
            occasion=self.clock.occasion(accounts.FOUNDER),
            code="HX",
            name="河西分中心（演示）",
            kind=AgencyKind.CENTRE,
            profile=AgencyProfile.FULL,
            parent_code="SJ",
        )
        return "HX"


@pytest.fixture
def cast(office: None) -> Cast:
    return Cast()


@pytest.fixture
def outsider(cast: Cast) -> Callable[[Post], Client]:
    """A client of the same post at another centre."""
    agency = cast.found_elsewhere()

    def log_in(post: Post) -> Client:
        return cast.client_of(cast.hire(f"hx-{post.value.lower()}", post, agency))

    return log_in
