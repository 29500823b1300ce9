import contextlib

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.desks.intake import forms, receiving
from anjuan.desks.intake import panels as room
from anjuan.desks.intake.actions import attaching as actions
from anjuan.desks.intake.panels import attaching as panels
from anjuan.desks.intake.queries import attaching as queries
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def image_sets(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    panels.permit(actor)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            return redirect("intake:image_set", uid=_lay(request))
        except Refusal as said:
            refusal = said
    context = {
        "tabs": room.tabs(actor, "intake:image_sets"),
        "sets": queries.sets_of(actor),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "intake/image_sets.html", context, status=refusal.entry.status if refusal else 200)


def _lay(request: HttpRequest) -> str:
    sendings = request.POST.getlist("sending")
    actor = occasions.actor_of(request)
    with contextlib.ExitStack() as stack:
        files = [
            (stack.enter_context(forms.staged(upload)), forms.file_name(upload.name or ""))
            for upload in request.FILES.getlist("files")
        ]
        files += stack.enter_context(receiving.unpacked(actor, sendings, folders=True))
        name = request.POST.get("title", "")
        return actions.lay_images(occasion=occasions.of(request), files=files, name=name, sendings=sendings)


@login_required
@require_safe
def image_set(request: HttpRequest, uid: str) -> HttpResponse:
    return _one(request, uid)


@login_required
@require_POST
def attach(request: HttpRequest, uid: str) -> HttpResponse:
    try:
        job = actions.attach_images(occasion=occasions.of(request), uid=uid)
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _one(request, uid, refusal)
    return redirect("jobs:one", uid=job)


@login_required
@require_POST
def keep_twins(request: HttpRequest, uid: str) -> HttpResponse:
    try:
        actions.keep_twins(occasion=occasions.of(request), uid=uid)
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _one(request, uid, refusal)
    return redirect("intake:image_set", uid=uid)


def _one(request: HttpRequest, uid: str, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    row = queries.get_set_for(actor, uid)
    report, targets = queries.report(actor, row)
    context = panels.set_page(row, report, targets)
    context["refusal"] = refusal_words(refusal) if refusal else None
    return render(request, "intake/image_set.html", context, status=refusal.entry.status if refusal else 200)
