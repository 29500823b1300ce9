"""How the next lots are sampled and why (抽样方案), and what the re-check found in each acceptor's work."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.desks.inspection import actions, panels
from anjuan.desks.inspection.panels import plans as shapes
from anjuan.desks.inspection.queries import history, probes
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    return _plans(request)


@login_required
@require_POST
def order(request: HttpRequest) -> HttpResponse:
    try:
        actions.order_sampling(
            occasion=occasions.of(request),
            agency_code=request.POST.get("agency", ""),
            category_code=request.POST.get("category", ""),
            order=request.POST.get("order", ""),
            reason=request.POST.get("reason", ""),
        )
    except Refusal as refusal:
        return _plans(request, refusal)
    return redirect(reverse("inspection:plans") + "?done=ordered")


@login_required
@require_safe
def acceptors(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    history.enter(actor, history.RATE_POSTS)
    context = {"rows": shapes.rates(history.acceptor_rates(actor)), "may_measure": probes.is_preparer(actor)}
    return render(request, "inspection/acceptors.html", context)


def _plans(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    history.enter(actor, history.PLAN_POSTS)
    context = {
        "cards": shapes.plan_cards(actor, history.plans(actor)),
        "lots": shapes.lot_lines(history.decided(actor)),
        "terms": shapes.term_lines(),
        "sees_rates": actor.holds(*history.RATE_POSTS),
        "orders": actor.holds(Post.RECHECKER),
        "typed": request.POST,
        "refusal": refusal_words(refusal) if refusal else None,
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "inspection/plans.html", context, status=refusal.entry.status if refusal else 200)
