"""Where edges make occasions: the one place of the web and the commands that reads the clock and draws randomness."""

import datetime as dt
import secrets
import zoneinfo

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Occasion


def now(actor: Actor) -> Occasion:
    """An occasion of this moment."""
    return Occasion(actor=actor, at=timezone.now(), fresh=secrets.token_bytes)


def of(request: HttpRequest) -> Occasion:
    """The occasion of a request: who is logged in, now.

    Raises:
        A-007: nobody is logged in.
    """
    return now(actor_of(request))


def actor_of(request: HttpRequest) -> Actor:
    """Who acts in this request.

    Raises:
        A-007: nobody is logged in.
    """
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise Refusal("A-007")
    return actor


def moment() -> dt.datetime:
    """This moment, aware: for what is judged before it is known who acts."""
    return timezone.now()


def today() -> dt.date:
    """The calendar date in the agency's zone (decision 13)."""
    return timezone.now().astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)).date()
