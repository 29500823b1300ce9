from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.intake import panels, queries, rules
from anjuan.desks.intake.actions import pairing
from anjuan.desks.intake.queries import counter as remembered
from anjuan.desks.intake.views.counter import show_item, take_in, to_item
from anjuan.facilities.printing import queries as printing
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts

HERE_ALONE = frozenset({"127.0.0.1", "localhost", "::1"})


@login_required
@require_POST
def pair(request: HttpRequest, urn: str) -> HttpResponse:
    """Show the code that a phone scans. The token stands on this one answer and nowhere else."""
    paired = pairing.pair_phone(occasion=occasions.of(request), urn=urn)
    address = settings.PUBLIC_URL + reverse("intake:phone", kwargs={"token": paired.token})
    phone = {
        "address": address,
        "symbol": mark_safe(printing.qr_code(address)),  # noqa: S308 - drawn by us from our own address
        "here_alone": urlsplit(address).hostname in HERE_ALONE,
    }
    return show_item(request, queries.opened(occasions.actor_of(request), urn), phone=phone)


@login_required
@require_POST
def unpair(request: HttpRequest, urn: str) -> HttpResponse:
    queries.opened(occasions.actor_of(request), urn)
    pairing.unpair_phone(occasion=occasions.of(request), urn=urn)
    return to_item(urn, done="unpair")


@login_required
@require_safe
def watch(request: HttpRequest, urn: str) -> JsonResponse:
    """Whether the phone's door is open, and how many pages lie there: what the desk asks while it waits for pages."""
    occasion = occasions.of(request)
    collected = queries.opened(occasion.actor, urn)
    is_open = remembered.phone_of(occasion.actor, urn, at=occasion.at)
    return JsonResponse({"open": is_open, "pages": collected.image_pages})


@require_safe
def phone(request: HttpRequest, token: str) -> HttpResponse:
    """The phone's page: no log-in, no names of persons; the token opens this one item for adding pages."""
    _, _, collected = _through(token)
    chosen = request.GET.get("material", "")
    context = {
        "token": token,
        "step_name": panels.name_of(collected.step),
        "lines": panels.material_lines(collected, chosen),
        "pages": collected.image_pages,
        "paper": collected.item.paper_pages,
    }
    return _private(render(request, "intake/phone.html", context))


@require_POST
def phone_capture(request: HttpRequest, token: str) -> HttpResponse:
    occasion, door, _ = _through(token)
    files = request.FILES.getlist("files")
    if not files:
        raise Refusal("I-011")
    material = request.POST.get("material", "")
    results = [
        take_in(occasion, door.item_urn, upload, upload.name or "", material, device="PHONE") for upload in files
    ]
    return _private(JsonResponse({"results": results}, json_dumps_params={"ensure_ascii": False}))


def _through(token: str) -> tuple[Occasion, remembered.Door, queries.Collected]:
    """Who opened the door acts; his rights are those of this moment.

    Raises:
        I-091: the door is closed, or he no longer may.
    """
    moment = occasions.moment()
    door = remembered.door(rules.token_digest(token), at=moment)
    try:
        occasion = occasions.now(accounts.actor_for(door.staff_code, on=occasions.today()))
        collected = queries.opened(occasion.actor, door.item_urn)
    except Refusal:
        raise Refusal("I-091") from None
    if not collected.may_capture:
        raise Refusal("I-091")
    return occasion, door, collected


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response
