"""All kinds of job: what the desks bring, what looks after the copies, what measures and reads pages, and the audit."""

import importlib
import importlib.util
from collections.abc import Iterator, Mapping

from django.conf import settings

from anjuan.config import auditing
from anjuan.facilities.assurance import tasks as assurance
from anjuan.facilities.copies import tasks as copies
from anjuan.facilities.jobs.rules import Kind
from anjuan.facilities.reading import tasks as reading
from anjuan.facilities.sealing import tasks as sealing
from anjuan.facilities.search import tasks as search


def _kinds() -> Iterator[Kind]:
    yield from copies.JOBS
    yield from assurance.JOBS
    yield from reading.JOBS
    yield from sealing.JOBS
    yield from search.JOBS
    yield auditing.AUDIT
    for app in settings.INSTALLED_APPS:
        if app.startswith("anjuan.desks.") and importlib.util.find_spec(f"{app}.tasks") is not None:
            yield from importlib.import_module(f"{app}.tasks").JOBS


KINDS: Mapping[str, Kind] = {kind.code: kind for kind in _kinds()}
