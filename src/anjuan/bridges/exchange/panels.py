"""The way to other archives from the search page, and the register for those who watch over it."""

from django.utils.translation import gettext_lazy

from anjuan.bridges.exchange import queries
from anjuan.facilities.search.queries.kept import READERS
from anjuan.foundation.web.panels import Panel, Way

WAYS = (
    Way(
        slot="search.find",
        title=gettext_lazy("Other archives"),
        url_name="exchange:ask",
        icon="building",
        is_open=queries.may_ask,
    ),
)
PANELS = (
    Panel(
        slot="evidence.log",
        title=gettext_lazy("Questions between archives"),
        url_name="exchange:register",
        posts=frozenset(READERS),
        order=20,
    ),
)
