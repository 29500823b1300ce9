"""Ask in a sentence, for everyone who works with records; only where the house has it on."""

from django.utils.translation import gettext_lazy

from anjuan.core.terms import RECORD_POSTS
from anjuan.facilities.answers import queries
from anjuan.foundation.web.panels import RailEntry, Way

RAIL = (
    RailEntry(
        gettext_lazy("Ask in a sentence"),
        "answers:ask",
        "message",
        frozenset(RECORD_POSTS),
        group="USE",
        order=12,
        is_hung=queries.is_on,
    ),
)
WAYS = (
    Way(
        slot="search.find",
        title=gettext_lazy("Ask in a sentence"),
        url_name="answers:ask",
        icon="message",
        is_open=lambda actor: actor.may_search and queries.is_on(),
        order=20,
    ),
)
