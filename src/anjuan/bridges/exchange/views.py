from collections.abc import Mapping
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from anjuan.bridges.exchange import actions, queries
from anjuan.bridges.exchange.rules import ReplyOutcome
from anjuan.core.refusals import Refusal
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web import labels
from anjuan.foundation.web.middleware import is_fragment
from anjuan.foundation.web.shapes import Tone

LOOKS: Mapping[ReplyOutcome, tuple[Tone, str]] = {
    ReplyOutcome.ANSWERED: ("good", "circle-check"),
    ReplyOutcome.TIMED_OUT: ("wait", "hourglass"),
    ReplyOutcome.UNREACHABLE: ("bad", "alert-triangle"),
    ReplyOutcome.BUSY: ("wait", "hourglass"),
    ReplyOutcome.NOT_LET_IN: ("bad", "lock"),
    ReplyOutcome.REFUSED: ("bad", "ban"),
    ReplyOutcome.UNREADABLE: ("bad", "alert-triangle"),
}
NEXT: Mapping[ReplyOutcome, Promise] = {
    ReplyOutcome.TIMED_OUT: gettext_lazy("Ask it again; if it stays silent, ring them up."),
    ReplyOutcome.UNREACHABLE: gettext_lazy(
        "Ask it again; if it stays so, the system administrator looks at the network and at archives.toml."
    ),
    ReplyOutcome.BUSY: gettext_lazy("Ask it again in a moment."),
    ReplyOutcome.NOT_LET_IN: gettext_lazy(
        "The system administrator puts account and password in archives.toml right; it is not tried for ten minutes."
    ),
    ReplyOutcome.REFUSED: gettext_lazy("What it says stands beside; ask another question, or ring them up."),
    ReplyOutcome.UNREADABLE: gettext_lazy("The system administrator looks whether the address is that of an archive."),
}


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form, and what the archives said: it is asked by POST alone, since every question is put down."""
    actor = occasions.actor_of(request)
    sites = queries.sites_for(actor)
    given = request.POST if request.method == "POST" else request.GET
    asked, purpose = given.get("q", ""), given.get("purpose", "")
    ticked = request.POST.getlist("site") if request.method == "POST" else [site.key for site in sites]
    refusal: Refusal | None = None
    gathered: actions.Gathered | None = None
    if request.method == "POST":
        try:
            gathered = actions.ask(occasion=occasions.of(request), asked=asked, purpose=purpose, sites=ticked)
        except Refusal as refused:
            if refused.entry.status == 403:
                raise
            refusal = refused
    replies = gathered.replies if gathered else ()
    told = {
        "asked": asked,
        "purpose": purpose,
        "refusal": refusal,
        "sites": [(site, site.key in ticked) for site in sites],
        "most_seconds": max(site.seconds for site in sites),
        "gathered": gathered,
        "missing": [(reply, _spoken(reply.outcome), NEXT[reply.outcome]) for reply in replies if not reply.found],
        "answered": [(reply, reply.found) for reply in replies if reply.found],
        "here_url": f"{reverse('search:find')}?{urlencode({'q': asked})}",
        "may_read_register": queries.may_read_register(actor),
    }
    return render(request, "exchange/ask.html", told, status=refusal.entry.status if refusal else 200)


@login_required
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    names = queries.site_names()
    asked = [
        (row, [(names.get(key, key), _spoken(outcome), rows) for key, outcome, rows in row.replies])
        for row in queries.register_asked(actor)
    ]
    told = {"asked": asked, "answered": queries.register_answered(actor)}
    return render(request, "exchange/_register.html" if is_fragment(request) else "exchange/register.html", told)


def _spoken(outcome: ReplyOutcome) -> tuple[str, Tone, str]:
    return (labels.label(outcome), *LOOKS[outcome])
