"""The reading desk's door and queue."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anjuan.core.terms import Actor, Post
from anjuan.desks.certificates import queries
from anjuan.foundation.web.panels import DeskQueue, RailEntry
from anjuan.foundation.web.shapes import QueueRow

_READING_DESK = frozenset({Post.READING_DESK})


def _rows(actor: Actor) -> Sequence[QueueRow]:
    return [
        QueueRow(
            code=row.certificate_no,
            title=row.purpose,
            url=reverse("certificates:certificate", args=[row.certificate_no]),
            stuck=_("asked for, not issued yet"),
            since=row.requested_at,
            words=_("asked for"),
            tone="wait",
        )
        for row in queries.newest(actor)
        if not row.issued_at
    ][:8]


RAIL = (
    RailEntry(
        gettext_lazy("Certificates"),
        "certificates:newest",
        "certificate",
        _READING_DESK,
        order=70,
        count=queries.count_requested,
    ),
)
QUEUES = (
    DeskQueue(
        gettext_lazy("Certificates asked for"),
        "certificates:newest",
        _READING_DESK,
        _rows,
        queries.count_requested,
        icon="certificate",
        order=70,
        verb=gettext_lazy("Issue"),
    ),
)
