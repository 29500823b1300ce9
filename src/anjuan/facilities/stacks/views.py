from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.facilities.stacks import actions, queries, rules
from anjuan.foundation.accounts import occasions


@login_required
@require_safe
def rooms(request: HttpRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def shelve(request: HttpRequest, urn: str) -> HttpResponse:
    cell = request.POST.get("cell", "")
    try:
        shelved = actions.shelve(occasion=occasions.of(request), volume_urn=urn, cell_code=cell)
    except Refusal as refusal:
        if refusal.entry.status in (403, 404) and refusal.code != "S-002":
            raise
        return _page(request, refusal=refusal, typed=(urn, cell))
    return redirect(f"{reverse('stacks:rooms')}?lit={shelved.cell_code}")


def _page(request: HttpRequest, refusal: Refusal | None = None, typed: tuple[str, str] = ("", "")) -> HttpResponse:
    actor = occasions.actor_of(request)
    if not actor.holds(Post.KEEPER):
        raise Refusal("A-001", posts=Post.KEEPER)
    waiting = queries.to_shelve(actor)
    shown = queries.rooms_for(actor)
    free = queries.first_free(shown, [rules.thickness_mm(volume.page_count) for volume in waiting])
    return render(
        request,
        "stacks/rooms.html",
        {
            "rooms": [queries.plan(room) for room in shown],
            "waiting": [
                {"volume": volume, "needed": rules.thickness_mm(volume.page_count), "cell": cell}
                for volume, cell in zip(waiting, free, strict=True)
            ],
            "lit": request.GET.get("lit", ""),
            "refusal": refusal,
            "typed_urn": typed[0],
            "typed_cell": typed[1],
        },
        status=refusal.entry.status if refusal else 200,
    )
