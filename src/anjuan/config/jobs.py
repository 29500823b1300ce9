"""All kinds of job: what the desks bring, and the work that belongs to no desk.

Facilities do not know one another, so work that needs two of them stands in a desk, or here.
"""

import datetime as dt
import importlib
import importlib.util
from collections.abc import Iterator, Mapping, Sequence

from django.conf import settings

from anjuan.core.terms import Post
from anjuan.facilities.jobs.rules import Kind, Named, Params
from anjuan.facilities.repository import queries as repository
from anjuan.records import queries as records


def _count(params: Params) -> int:
    return repository.count_files()


def _after(params: Params, key: str, limit: int) -> Sequence[str]:
    return [str(pk) for pk in repository.files_after(int(key or 0), limit)]


def _check(key: str) -> None:
    repository.check_file(int(key))


def _name(key: str) -> Named:
    urn = repository.object_of_file(int(key))
    return Named("".join(records.references_of([urn])) or urn, urn)


FIXITY_SWEEP = Kind(
    code="FIXITY_SWEEP",
    zh="全库固定性检查",
    en="Fixity sweep of the store",
    posts=frozenset({Post.KEEPER, Post.SYSTEM_ADMIN}),
    within=dt.timedelta(days=7),
    count=_count,
    after=_after,
    do=_check,
    name=_name,
    is_standing=True,
)


def _kinds() -> Iterator[Kind]:
    yield FIXITY_SWEEP
    for app in settings.INSTALLED_APPS:
        if app.startswith("anjuan.desks.") and importlib.util.find_spec(f"{app}.tasks") is not None:
            yield from importlib.import_module(f"{app}.tasks").JOBS


KINDS: Mapping[str, Kind] = {kind.code: kind for kind in _kinds()}
