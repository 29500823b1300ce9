from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import RECORD_POSTS, Secrecy
from anjuan.facilities.secrecy import actions, panels, queries, rules
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return _home(request)


@login_required
@require_safe
def standing(request: HttpRequest, urn: str) -> HttpResponse:
    return _standing(request, urn)


@login_required
@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    urn = request.POST.get("urn", "")

    def deed() -> None:
        item = queries.get_named_for(occasions.actor_of(request), urn or request.POST.get("name", ""))
        wanted = request.POST.get("secrecy", "")
        if wanted not in Secrecy.__members__:
            raise Refusal("R-010", field="密级 grade", reason=wanted[:20])
        actions.mark(
            occasion=occasions.of(request),
            item_urn=item.urn,
            secrecy=Secrecy(wanted),
            reason=request.POST.get("reason", ""),
        )

    return _done(request, deed, urn)


@login_required
@require_POST
def grant(request: HttpRequest) -> HttpResponse:
    def deed() -> None:
        actions.grant_leave(
            occasion=occasions.of(request),
            item_urn=queries.get_named_for(occasions.actor_of(request), request.POST.get("name", "")).urn,
            staff_code=request.POST.get("staff", "").strip(),
            reason=request.POST.get("reason", ""),
            days=_days(request),
        )

    return _done(request, deed)


@login_required
@require_POST
def ask(request: HttpRequest, urn: str) -> HttpResponse:
    def deed() -> None:
        actions.ask_leave(
            occasion=occasions.of(request), item_urn=urn, reason=request.POST.get("reason", ""), days=_days(request)
        )

    return _done(request, deed, urn)


@login_required
@require_POST
def give(request: HttpRequest, uid: str) -> HttpResponse:
    return _done(request, lambda: actions.give_leave(occasion=occasions.of(request), uid=uid, days=_days(request)))


@login_required
@require_POST
def decline(request: HttpRequest, uid: str) -> HttpResponse:
    answer = request.POST.get("answer", "")
    return _done(request, lambda: actions.decline_leave(occasion=occasions.of(request), uid=uid, answer=answer))


@login_required
@require_POST
def end(request: HttpRequest, uid: str) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _done(request, lambda: actions.end_leave(occasion=occasions.of(request), uid=uid, reason=reason))


def _days(request: HttpRequest) -> int:
    typed = request.POST.get("days", "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0


def _done(request: HttpRequest, deed: Callable[[], object], urn: str = "") -> HttpResponse:
    try:
        deed()
    except Refusal as refusal:
        if refusal.entry.status == 401 or (refusal.entry.status == 404 and not request.POST.get("name")):
            raise
        return _standing(request, urn, refusal) if urn else _home(request, refusal)
    return redirect("secrecy:standing", urn=urn) if urn else redirect("secrecy:home")


def _home(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    if not actor.holds(*RECORD_POSTS, *rules.REGISTER_READERS):
        raise Refusal("A-001", posts=rules.REGISTER_READERS)
    context = panels.home_page(actor)
    context["refusal"] = refusal_words(refusal) if refusal else None
    context["typed"] = request.POST
    return render(request, "secrecy/home.html", context, status=refusal.entry.status if refusal else 200)


def _standing(request: HttpRequest, urn: str, refusal: Refusal | None = None) -> HttpResponse:
    context = panels.standing_page(occasions.actor_of(request), urn)
    context["refusal"] = refusal_words(refusal) if refusal else None
    context["typed"] = request.POST
    is_part = request.headers.get("HX-Request") == "true"
    template = "secrecy/_standing.html" if is_part else "secrecy/standing.html"
    return render(request, template, context, status=refusal.entry.status if refusal else 200)
