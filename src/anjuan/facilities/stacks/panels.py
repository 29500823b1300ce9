"""The keeper's door and queue."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anjuan.core.terms import Actor, Post
from anjuan.facilities.stacks import queries
from anjuan.foundation.web.panels import DeskQueue, RailEntry
from anjuan.foundation.web.shapes import QueueRow

_KEEPER = frozenset({Post.KEEPER})


def _rows(actor: Actor) -> Sequence[QueueRow]:
    return [
        QueueRow(
            code=volume.reference_code,
            title=volume.title,
            url=f"{reverse('stacks:rooms')}#{volume.urn}",
            state=volume.state,
            stuck=_("waits for a shelf"),
            since=volume.state_since,
        )
        for volume in queries.to_shelve(actor)[:8]
    ]


RAIL = (
    RailEntry(
        gettext_lazy("Store room"),
        "stacks:rooms",
        "building-warehouse",
        _KEEPER,
        order=60,
        count=queries.count_to_shelve,
    ),
)
QUEUES = (
    DeskQueue(
        gettext_lazy("To shelve"),
        "stacks:rooms",
        _KEEPER,
        _rows,
        queries.count_to_shelve,
        icon="scan",
        order=60,
        verb=gettext_lazy("Put on the shelf"),
    ),
)
