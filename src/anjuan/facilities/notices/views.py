from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anjuan.facilities.notices import actions, panels
from anjuan.facilities.notices.queries import Shown
from anjuan.foundation.accounts import occasions


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    return _list(request, Shown.OPEN)


@login_required
@require_safe
def overdue(request: HttpRequest) -> HttpResponse:
    return _list(request, Shown.OVERDUE)


@login_required
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    return _list(request, Shown.DONE)


@login_required
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    actions.read(actor=occasions.actor_of(request), pk=pk, at=timezone.now())
    return redirect("notices:mine")


def _list(request: HttpRequest, shown: Shown) -> HttpResponse:
    actor = occasions.actor_of(request)
    return render(request, "notices/mine.html", panels.page(actor, shown, occasions.today()))
