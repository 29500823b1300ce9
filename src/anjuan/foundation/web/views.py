import datetime as dt
import hashlib
import logging
import ssl
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from anjuan.core.refusals import Refusal, catalogue
from anjuan.core.terms import CORRECTING, Actor, State
from anjuan.foundation.web import labels, panels, rules
from anjuan.foundation.web.context import actor_of
from anjuan.foundation.web.middleware import is_fragment, problem, reference, wants_json
from anjuan.foundation.web.shapes import First, QueueRow, Tile, Tone, Words

log = logging.getLogger(__name__)

ROWS_SHOWN = 8
FIRSTS_SHOWN = 3


@dataclass(frozen=True)
class QueueView:
    """A queue as *my desk* draws it."""

    title: Words
    url: str
    icon: str
    count: int
    rows: list[QueueRow]
    oldest: dt.datetime | None
    overdue: int
    verb: Words

    @property
    def more(self) -> int:
        return max(0, self.count - len(self.rows))


@dataclass(frozen=True)
class FlowBar:
    """One bar of the flow: a state, how many stand in it, and how long to draw it."""

    state: State
    words: str
    count: int
    share: int
    url: str


def _queues(actor: Actor, today: dt.date) -> list[QueueView]:
    seen = []
    for queue in panels.queues_for(actor):
        count = queue.count(actor)
        rows = list(queue.rows(actor))[:ROWS_SHOWN] if count else []
        since = [row.since for row in rows if row.since]
        oldest = queue.oldest(actor) if queue.oldest and count else min(since, default=None)
        seen.append(
            QueueView(
                title=queue.title,
                url=panels.address(queue.url_name),
                icon=queue.icon,
                count=count,
                rows=rows,
                oldest=oldest,
                overdue=sum(1 for row in rows if row.due and rules.days_left(row.due, today) < 0),
                verb=queue.verb,
            )
        )
    return seen


def _first_of(queue: QueueView, today: dt.date) -> First:
    """What a queue itself puts forward, when its room has named nothing."""
    row = queue.rows[0]
    due = [each.due for each in queue.rows if each.due]
    left = rules.days_left(min(due), today) if due else None
    if left is not None and left < 0:
        kicker, tone, rank = ngettext("overdue by %(n)s day", "overdue by %(n)s days", -left) % {"n": -left}, "bad", 0
    elif left == 0:
        kicker, tone, rank = _("due today"), "bad", 0
    elif any(each.state in CORRECTING for each in queue.rows):
        kicker, tone, rank = _("returned"), "wait", 1
    else:
        kicker, tone, rank = _("waiting"), "", 2
    return First(
        kicker=f"{queue.title} · {kicker}",
        title=ngettext("%(n)s waits", "%(n)s wait", queue.count) % {"n": queue.count},
        text=f"{row.title}：{row.stuck}"
        if row.stuck and (get_language() or "").startswith("zh")
        else (f"{row.title}: {row.stuck}" if row.stuck else row.title),
        url=queue.url,
        verb=queue.verb,
        tone=tone,  # type: ignore[arg-type]
        rank=rank,
    )


def _firsts(actor: Actor, queues: list[QueueView], today: dt.date) -> list[First]:
    named = panels.firsts_for(actor)
    taken = {first.url for first in named}
    own = [_first_of(queue, today) for queue in queues if queue.rows and queue.url not in taken]
    return sorted(named + own, key=lambda first: first.rank)[:FIRSTS_SHOWN]


def _flow(actor: Actor) -> list[FlowBar]:
    flow = panels.flow_for(actor)
    shares = rules.shares([count for _state, count, _url in flow])
    return [
        FlowBar(state, labels.label(state), count, share, url)
        for (state, count, url), share in zip(flow, shares, strict=True)
    ]


def _tile(number: panels.DeskNumber, count: int | str) -> Tile:
    tone: Tone = "bad" if number.is_bad and count else ""
    return Tile(number.title, count, panels.address(number.url_name), tone=tone, icon=number.icon)


def _greeting(hour: int) -> str:
    if hour < 6 or hour >= 18:
        return _("Good evening")
    return _("Good morning") if hour < 12 else _("Good afternoon")


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    now = timezone.localtime()
    actor = actor_of(request)
    today = now.date()
    context: dict[str, object] = {"greeting": _greeting(now.hour), "now": now, "actor": actor}
    if actor is not None:
        queues = _queues(actor, today)
        context |= {
            "alarms": panels.alarms_for(actor),
            "queues": queues,
            "waiting": sum(queue.count for queue in queues),
            "full": [queue for queue in queues if queue.count],
            "idle": [queue for queue in queues if not queue.count],
            "firsts": _firsts(actor, queues, today),
            "flow": _flow(actor),
            "tiles": [_tile(number, number.number(actor, today)) for number in panels.numbers_for(actor)],
        }
    return render(request, "web/desk.html", context)


@require_GET
def refusal(request: HttpRequest, code: str) -> HttpResponse:
    """What a refusal code means: the address that problem details give as their type."""
    if code not in catalogue():
        raise Http404
    language = get_language() or "zh"
    general = Refusal(code)
    words = {
        "code": code,
        "message": general.message(language),
        "clause": general.clause,
        "remedy": general.remedy(language),
        "status": general.entry.status,
    }
    return render(request, "web/refusal_code.html", {"refusal": words})


# Error pages: named in config/urls.py as handler400, handler403, handler404, handler500 and as CSRF_FAILURE_VIEW.


def _error(request: HttpRequest, status: int, title: str, number: str = "") -> HttpResponse:
    if wants_json(request):
        return problem(request, status=status, title=title, **({"reference": number} if number else {}))
    context = {"title": title, "reference": number, "status": status}
    template = "web/_error.html" if is_fragment(request) else f"web/{status}.html"
    return render(request, template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 400, _("The request could not be understood"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 403, _("This page is not open to your post"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 404, _("There is nothing here"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if wants_json(request):
        return problem(request, status=403, title=_("The form has expired"))
    template = "web/_error.html" if is_fragment(request) else "web/csrf.html"
    return render(request, template, {"title": _("The form has expired"), "status": 403}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    number = getattr(request, "fault_reference", "") or reference("F")
    if not hasattr(request, "fault_reference"):
        log.error("%s %s %s: fault outside the views", number, request.method, request.path)
    request.actor = None  # type: ignore[attr-defined]  # no rail: its counts may be what fails
    try:
        return _error(request, 500, _("Something went wrong on our side"), number)
    except Exception:  # the outermost edge: the page of last resort draws nothing that could fail again
        log.exception("%s the error page itself failed", number)
        return HttpResponse(f"500 {number}", status=500, content_type="text/plain; charset=utf-8")


@require_safe
def trust(request: HttpRequest) -> HttpResponse:
    """How a device of the office comes to trust this server; only where it answers with a certificate of its own."""
    octets = ssl.PEM_cert_to_DER_cert(_lan_root().decode("ascii"))
    digits = hashlib.sha256(octets).hexdigest().upper()
    fingerprint = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    return render(request, "web/trust.html", {"fingerprint": fingerprint})


@require_safe
def trust_root(request: HttpRequest) -> HttpResponse:
    octets = ssl.PEM_cert_to_DER_cert(_lan_root().decode("ascii"))
    response = HttpResponse(octets, content_type="application/x-x509-ca-cert")
    response["Content-Disposition"] = 'attachment; filename="anjuan-root.crt"'
    return response


def _lan_root() -> bytes:
    path = Path(settings.ANJUAN_LAN_ROOT)
    if not settings.ANJUAN_LAN_ROOT or not path.is_file():
        raise Http404
    return path.read_bytes()
