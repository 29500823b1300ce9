from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.condition import actions, forms, panels, queries
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment, refusal_words


@login_required
@require_safe
def damages(request: HttpRequest) -> HttpResponse:
    return render(request, "condition/damages.html", panels.list_page(occasions.actor_of(request)))


@login_required
@require_safe
def record(request: HttpRequest, urn: str) -> HttpResponse:
    if is_fragment(request):
        context = panels.record_page(occasions.actor_of(request), urn)
        return render(request, "condition/_record.html", context)
    return _page(request, urn)


@login_required
@require_POST
def note(request: HttpRequest, urn: str) -> HttpResponse:
    typed = forms.read_note(request.POST)
    try:
        actions.note_damage(
            occasion=occasions.of(request), unit=urn, kind=typed.kind, note=typed.note, place=typed.place
        )
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _page(request, urn, refusal, typed=typed)
    return redirect(f"{reverse('condition:record', kwargs={'urn': urn})}?done=noted")


@login_required
@require_POST
def repair(request: HttpRequest, pk: int) -> HttpResponse:
    entry = queries.get_for(occasions.actor_of(request), pk)
    done = request.POST.get("repair", "")
    try:
        actions.repair(occasion=occasions.of(request), pk=pk, done=done)
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _page(request, entry.unit, refusal, repairing=pk, repair_typed=done)
    return redirect(f"{reverse('condition:record', kwargs={'urn': entry.unit})}?done=repaired")


def _page(
    request: HttpRequest,
    urn: str,
    refusal: Refusal | None = None,
    *,
    typed: forms.NoteForm | None = None,
    repairing: int = 0,
    repair_typed: str = "",
) -> HttpResponse:
    context = panels.record_page(occasions.actor_of(request), urn) | {
        "refusal": refusal_words(refusal) if refusal else None,
        "typed": typed or forms.NoteForm(),
        "repairing": repairing,
        "repair_typed": repair_typed,
        "done": request.GET.get("done", ""),
    }
    return render(request, "condition/record.html", context, status=refusal.entry.status if refusal else 200)
