"""Long work of this room: what was read of sealed items since is added to their objects (补存识读层)."""

import datetime as dt
import itertools

from anjuan.core.terms import Actor, Post
from anjuan.facilities.jobs.rules import Kind, Named
from anjuan.facilities.sealing import actions, queries
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records

WORKER = Actor("WORKER", "WORKER", "", "")  # no person reads pages


def _add(urn: str) -> None:
    actions.add_readings(occasion=occasions.now(WORKER), urn=urn)


JOBS = (
    Kind(
        code=actions.LAYER_JOB,
        zh="补存识读层",
        en="Add what was read to sealed records",
        posts=frozenset({Post.ARCHIVIST, Post.RECHECKER}),
        within=dt.timedelta(days=60),
        count=lambda params: sum(1 for _ in queries.ready_after("")),
        after=lambda params, key, limit: list(itertools.islice(queries.ready_after(key), limit)),
        do=_add,
        name=lambda urn: Named("".join(records.references_of([urn])) or urn, urn),
        is_standing=True,
    ),
)


def keep_up() -> None:
    """What the calendar asks for: sealed items whose pages were read since."""
    actions.keep_added(occasion=occasions.now(WORKER))
