from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from anjuan.core.refusals import Refusal
from anjuan.desks.intake import forms, receiving
from anjuan.desks.intake.actions import sendings as actions
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import at_most


@login_required
@require_POST
def begin(request: HttpRequest) -> JsonResponse:
    """Begin, or hear how much of the same file is here already."""
    size = request.POST.get("size", "")
    row = actions.begin_sending(
        occasion=occasions.of(request),
        name=forms.file_name(request.POST.get("name", "")),
        size_bytes=int(size) if size.isascii() and size.isdigit() and len(size) < 16 else 0,
    )
    return JsonResponse({"uid": row.uid, "received": row.received})


@at_most(receiving.MOST_PIECE, lambda: Refusal("I-082", name="—", received=0, size_bytes=receiving.MOST_PIECE))
@login_required
@require_POST
def piece(request: HttpRequest, uid: str, offset: int) -> JsonResponse:
    actor = occasions.actor_of(request)
    return JsonResponse({"received": receiving.add_piece(actor, uid, offset, request.body)})


@login_required
@require_POST
def finish(request: HttpRequest, uid: str) -> JsonResponse:
    return JsonResponse({"sha256": actions.finish_sending(occasion=occasions.of(request), uid=uid)})


@login_required
@require_POST
def drop(request: HttpRequest, uid: str) -> HttpResponse:
    actions.drop_sending(occasion=occasions.of(request), uid=uid)
    return redirect("intake:piles")
