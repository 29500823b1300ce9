"""Who may read records that are kept more closely than others (敏感、涉密材料的查阅), STD-18.

Two things open the pages of a restricted item: an authorisation that has not run out, and a post whose next move it
is: whoever must judge a record reads it where it lies. In the holdings (HELD) no post has a move, and only the first
counts. The clock is the database's, in the question itself: what ended a moment ago opens nothing.
"""

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from anjuan.core.lifecycle import states_worked_in
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Secrecy, State
from anjuan.foundation.accounts.models import Authorisation
from anjuan.foundation.accounts.queries import scopes
from anjuan.records.models import Item


def known_to(actor: Actor) -> Q:
    """A filter on items: all but secret ones that the actor may not read."""
    return ~Q(secrecy=Secrecy.SECRET) | readable_by(actor)


def readable_by(actor: Actor) -> Q:
    """A filter on items: those whose pages are open to the actor, as far as secrecy goes."""
    return Q(secrecy=Secrecy.OPEN) | Q(urn__in=_authorised(actor)) | _at_work(actor)


def closed_to(actor: Actor, item_urns: Collection[str]) -> frozenset[str]:
    """Those of these items whose pages are closed to the actor, by URN; one query for every 500."""
    urns = list(item_urns)
    closed: set[str] = set()
    for first in range(0, len(urns), 500):
        rows = Item.objects.filter(urn__in=urns[first : first + 500]).exclude(secrecy=Secrecy.OPEN)
        closed.update(rows.exclude(readable_by(actor)).values_list("urn", flat=True))
    return frozenset(closed)


def check_readable(actor: Actor, item_urns: Collection[str]) -> None:
    """Whether the pages of all these items are open to the actor.

    Raises:
        R-081: those of one are closed.
    """
    closed = closed_to(actor, item_urns)
    if closed:
        row = Item.objects.get(urn=min(closed))
        raise Refusal("R-081", reference=str(row), grade=Secrecy(row.secrecy))


def secret_among(pks: Collection[int]) -> list[int]:
    """Those of these items that are secret, by key; one query for every 500. No index knows them."""
    keys = sorted(pks)
    found: list[int] = []
    for first in range(0, len(keys), 500):
        rows = Item.objects.filter(pk__in=keys[first : first + 500], secrecy=Secrecy.SECRET)
        found += rows.order_by("pk").values_list("pk", flat=True)
    return found


def _authorised(actor: Actor) -> QuerySet[Authorisation, str]:
    rows = Authorisation.objects.filter(staff__staff_code=actor.staff_code, ended_at=None)
    return rows.filter(until__gt=Now()).values_list("unit", flat=True)


def _at_work(actor: Actor) -> Q:
    condition = Q(pk__in=[])
    for post in sorted(actor.posts):
        if states := states_worked_in(post):
            condition |= scopes(actor, post) & Q(state__in=sorted(states - {State.HELD}))
    return condition
