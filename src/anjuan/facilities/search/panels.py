"""Find, for everyone who works with records."""

from django.utils.translation import gettext_lazy

from anjuan.core.terms import RECORD_POSTS
from anjuan.foundation.web.panels import RailEntry

RAIL = (
    RailEntry(gettext_lazy("Find"), "search:find", "search", frozenset(RECORD_POSTS), group="USE", order=10),
    RailEntry(
        gettext_lazy("Records by stage"), "search:listing", "archive", frozenset(RECORD_POSTS), group="USE", order=20
    ),
)
