from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.lives import actions, forms, panels, queries
from anjuan.facilities.lives.queries.life import somebody
from anjuan.facilities.lives.rules import change_of, name_kind_of
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def doubts(request: HttpRequest) -> HttpResponse:
    context = panels.doubts_page(occasions.actor_of(request), request.GET.get("after", "")[:120])
    return render(request, "lives/doubts.html", context)


@login_required
@require_safe
def life(request: HttpRequest, urn: str) -> HttpResponse:
    return _page(request, urn)


@login_required
@require_POST
def join(request: HttpRequest, urn: str) -> HttpResponse:
    typed = forms.read("join", request.POST)

    def act() -> None:
        occasion = occasions.of(request)
        other = somebody(occasion.actor, typed.other)
        actions.join(occasion=occasion, one=urn, other=other, reason=typed.reason, evidence=typed.evidence)

    return _acted(request, urn, typed, act)


@login_required
@require_POST
def apart(request: HttpRequest, urn: str) -> HttpResponse:
    typed = forms.read("apart", request.POST)

    def act() -> None:
        occasion = occasions.of(request)
        other = somebody(occasion.actor, typed.other)
        actions.keep_apart(occasion=occasion, one=urn, other=other, reason=typed.reason, evidence=typed.evidence)

    return _acted(request, urn, typed, act)


@login_required
@require_POST
def name(request: HttpRequest, urn: str) -> HttpResponse:
    typed = forms.read("name", request.POST)

    def act() -> None:
        actions.add_name(
            occasion=occasions.of(request),
            subject=urn,
            name=typed.name,
            kind=name_kind_of(typed.kind),
            changed=typed.date(),
            reason=typed.reason,
            evidence=typed.evidence,
        )

    return _acted(request, urn, typed, act)


@login_required
@require_POST
def part(request: HttpRequest, urn: str) -> HttpResponse:
    typed = forms.read("part", request.POST)

    def act() -> None:
        actions.part(
            occasion=occasions.of(request),
            subject=urn,
            items=typed.items,
            name=typed.name,
            reason=typed.reason,
            evidence=typed.evidence,
        )

    return _acted(request, urn, typed, act)


@login_required
@require_POST
def succession(request: HttpRequest, urn: str) -> HttpResponse:
    typed = forms.read("succession", request.POST)

    def act() -> None:
        occasion = occasions.of(request)
        actions.record_succession(
            occasion=occasion,
            predecessor=urn,
            successor=somebody(occasion.actor, typed.other) if typed.other.strip() else "",
            kind=change_of(typed.kind),
            day=typed.date() or occasions.today(),
            reason=typed.reason,
            evidence=typed.evidence,
        )

    return _acted(request, urn, typed, act)


@login_required
@require_POST
def withdraw(request: HttpRequest, uid: str) -> HttpResponse:
    typed = forms.read("withdraw", request.POST, uid=uid)
    row = queries.decision(uid)

    def act() -> None:
        actions.withdraw(occasion=occasions.of(request), uid=uid, reason=typed.reason)

    return _acted(request, row.subjects[0], typed, act)


def _acted(request: HttpRequest, urn: str, typed: forms.Typed, act: Callable[[], None]) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        if refusal.entry.status == 403:
            raise
        return _page(request, urn, refusal, typed)
    return redirect(f"{reverse('lives:life', kwargs={'urn': urn})}?done={typed.verb}")


def _page(
    request: HttpRequest, urn: str, refusal: Refusal | None = None, typed: forms.Typed | None = None
) -> HttpResponse:
    occasion = occasions.of(request)
    context = panels.life_page(occasion.actor, actions.open_life(occasion=occasion, urn=urn)) | {
        "refusal": refusal_words(refusal) if refusal else None,
        "typed": typed or forms.Typed(),
        "done": panels.DONE.get(request.GET.get("done", ""), ""),
    }
    return render(request, "lives/life.html", context, status=refusal.entry.status if refusal else 200)
