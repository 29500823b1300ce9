"""Find, for everyone who works with records; the index, for who looks after it; the register of exports."""

from django.utils.translation import gettext_lazy

from anjuan.core.terms import RECORD_POSTS, Post
from anjuan.facilities.search.queries.kept import READERS
from anjuan.foundation.web.panels import Panel, RailEntry

RAIL = (
    RailEntry(gettext_lazy("Find"), "search:find", "search", frozenset(RECORD_POSTS), group="USE", order=10),
    RailEntry(
        gettext_lazy("Records by stage"), "search:listing", "archive", frozenset(RECORD_POSTS), group="USE", order=20
    ),
    RailEntry(
        gettext_lazy("Search index"),
        "search:standing",
        "database",
        frozenset({Post.SYSTEM_ADMIN}),
        group="USE",
        order=75,
    ),
    RailEntry(
        gettext_lazy("Register of exports"),
        "search:register",
        "download",
        frozenset({Post.AUDITOR, Post.SECURITY_OFFICER}),
        group="USE",
        order=72,
    ),
)
PANELS = (
    Panel(
        slot="evidence.log",
        title=gettext_lazy("Register of exports"),
        url_name="search:register",
        posts=frozenset(READERS),
        order=10,
    ),
)
