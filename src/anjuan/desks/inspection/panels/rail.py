"""The doors of inspection in the rail."""

from django.utils.translation import gettext_lazy

from anjuan.core.terms import Post
from anjuan.desks.inspection import queries
from anjuan.desks.inspection.queries import campaigns
from anjuan.foundation.web.panels import RailEntry

LEARNING_POSTS = (*queries.INSPECTING_POSTS, Post.HANDLER, Post.REVIEWER, Post.FILER, Post.ARCHIVIST)
RAIL = (
    RailEntry(
        title=gettext_lazy("Faults and remedies"),
        url_name="inspection:faults",
        icon="photo",
        posts=frozenset(LEARNING_POSTS),
        group="USE",
        order=60,
    ),
    RailEntry(
        title=gettext_lazy("Self-check"),
        url_name="inspection:self_checks",
        icon="clipboard-check",
        posts=frozenset({Post.CHECKER}),
        order=40,
        count=queries.count_to_self_check,
    ),
    RailEntry(
        title=gettext_lazy("Pre-acceptance"),
        url_name="inspection:pre_acceptances",
        icon="eye-check",
        posts=frozenset({Post.ACCEPTOR}),
        order=41,
        count=queries.count_to_pre_accept,
    ),
    RailEntry(
        title=gettext_lazy("Spot check"),
        url_name="inspection:spots",
        icon="files",
        posts=frozenset({Post.ACCEPTOR}),
        order=43,
        count=queries.count_to_spot_check,
    ),
    RailEntry(
        title=gettext_lazy("Acceptance on paper"),
        url_name="inspection:acceptances",
        icon="clipboard-check",
        posts=frozenset({Post.ACCEPTOR}),
        order=44,
        count=queries.count_to_accept,
    ),
    RailEntry(
        title=gettext_lazy("Sampling plans"),
        url_name="inspection:plans",
        icon="adjustments",
        posts=frozenset({Post.ACCEPTOR, Post.RECHECKER, Post.SUPERVISOR}),
        order=45,
    ),
    RailEntry(
        title=gettext_lazy("Re-inspection"),
        url_name="inspection:campaigns",
        icon="history",
        posts=frozenset(campaigns.CAMPAIGN_POSTS),
        order=46,
    ),
    RailEntry(
        title=gettext_lazy("Exercises on samples"),
        url_name="inspection:probe_sets",
        icon="school",
        posts=frozenset({Post.ACCEPTOR, Post.RECHECKER}),
        order=47,
    ),
    RailEntry(
        title=gettext_lazy("Re-check"),
        url_name="inspection:rechecks",
        icon="repeat",
        posts=frozenset({Post.RECHECKER}),
        order=42,
        count=queries.count_to_recheck,
    ),
)
