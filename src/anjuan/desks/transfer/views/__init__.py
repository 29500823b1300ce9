from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post
from anjuan.desks.transfer import actions, forms, panels, queries
from anjuan.desks.transfer.queries import house as scheduling
from anjuan.facilities.corrections.panels import fault_choices
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.enter(actor)
    context = {
        "lanes": panels.lanes(actor),
        "may_apply": queries.count_may_apply(actor),
        "is_archivist": actor.holds(Post.ARCHIVIST),
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "transfer/board.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.enter(actor, Post.ARCHIVIST)
    refusal: Refusal | None = None
    chosen: list[str] | None = None
    if request.method == "POST":
        chosen = [str(urn) for urn in request.POST.getlist("volume")]
        try:
            applied = actions.apply(occasion=occasions.of(request), volume_urns=chosen)
        except Refusal as refused:
            refusal = refused
        else:
            return _to_batch(applied.batch_no, "applied")
    volumes = queries.may_apply(actor)
    context = {
        "volumes": panels.ticks(volumes, chosen, timezone.localdate()),
        "count": queries.count_may_apply(actor),
        "pages": sum(volume.page_count for volume in volumes[: panels.VOLUMES_SHOWN]),
        "agencies": accounts.agency_names(),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "transfer/apply.html", context, status=refusal.entry.status if refusal else 200)


@login_required
@require_safe
def batch(request: HttpRequest, batch_no: str) -> HttpResponse:
    return _batch(request, batch_no)


@login_required
@require_POST
def draw(request: HttpRequest, batch_no: str) -> HttpResponse:
    try:
        actions.draw_sample(occasion=occasions.of(request), batch_no=batch_no)
    except Refusal as refusal:
        return _batch(request, batch_no, refusal)
    return _to_batch(batch_no, "drawn")


@login_required
@require_POST
def witness(request: HttpRequest, batch_no: str) -> HttpResponse:
    references = _references(request, batch_no)
    looks, counted = forms.read_looks(request.POST, references), forms.read_pages(request.POST, references)
    try:
        actions.witness(occasion=occasions.of(request), batch_no=batch_no, looks=looks, counted=counted)
    except Refusal as refusal:
        return _batch(request, batch_no, refusal, looks=looks, seen=counted)
    return _to_batch(batch_no, "witnessed")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: HttpRequest, batch_no: str, urn: str) -> HttpResponse:
    actor = occasions.actor_of(request)
    sheet, row, items = queries.member(actor, batch_no, urn)
    permit(actor, sheet.batch.agency_path, Post.SUPERVISOR)
    form = forms.read_refusal(request.POST)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            actions.refuse_witness(
                occasion=occasions.of(request),
                batch_no=batch_no,
                volume_urn=urn,
                faults=form.faults([item.urn for item in items]),
            )
        except Refusal as refused:
            refusal = refused
        else:
            return _to_batch(batch_no, "refused")
    context = {
        "batch": sheet.batch,
        "row": row,
        "items": items,
        "faults": fault_choices(),
        "form": form,
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "transfer/refuse.html", context, status=refusal.entry.status if refusal else 200)


@login_required
@require_POST
def dispatch(request: HttpRequest, batch_no: str) -> HttpResponse:
    vehicle = request.POST.get("vehicle", "").strip()
    try:
        actions.dispatch(occasion=occasions.of(request), batch_no=batch_no, vehicle=vehicle)
    except Refusal as refusal:
        return _batch(request, batch_no, refusal, vehicle=vehicle)
    return _to_batch(batch_no, "dispatched")


@login_required
@require_POST
def receive(request: HttpRequest, batch_no: str) -> HttpResponse:
    form = forms.read_counts(request.POST, _references(request, batch_no))
    try:
        actions.receive(occasion=occasions.of(request), batch_no=batch_no, counted=form.counted)
    except Refusal as refusal:
        return _batch(request, batch_no, refusal, count=form)
    return _to_batch(batch_no, "received")


@login_required
@require_safe
def register(request: HttpRequest, batch_no: str) -> HttpResponse:
    sheet = queries.sheet(occasions.actor_of(request), batch_no)
    return _printed(FormName.HANDOVER, queries.register_facts(sheet), f"register-{batch_no}")


@login_required
@require_safe
def witness_record(request: HttpRequest, batch_no: str) -> HttpResponse:
    sheet = queries.sheet(occasions.actor_of(request), batch_no)
    return _printed(FormName.WITNESS, queries.witness_facts(sheet), f"witness-{batch_no}")


def _printed(form: FormName, facts: Mapping[str, object], name: str) -> HttpResponse:
    pdf = printing.print_form(form=form, facts=facts, at=timezone.now(), practice=settings.PRACTICE)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _references(request: HttpRequest, batch_no: str) -> dict[str, str]:
    sheet = queries.sheet(occasions.actor_of(request), batch_no)
    return {row.volume.urn: row.volume.reference for row in sheet.present}


def _to_batch(batch_no: str, done: str) -> HttpResponse:
    return redirect(reverse("transfer:batch", kwargs={"batch_no": batch_no}) + f"?done={done}")


def _batch(
    request: HttpRequest,
    batch_no: str,
    refusal: Refusal | None = None,
    *,
    looks: Mapping[str, Mapping[str, bool]] | None = None,
    seen: Mapping[str, int] | None = None,
    count: forms.CountForm | None = None,
    vehicle: str = "",
) -> HttpResponse:
    actor = occasions.actor_of(request)
    sheet = queries.sheet(actor, batch_no)
    mine = panels.rights(actor, sheet)
    told = panels.told(sheet)
    coming = scheduling.trip_of(actor, batch_no)
    rows = panels.members(sheet, looks=looks, seen=seen, typed=count.typed if count else None, reveal=count is not None)
    tone, icon = panels.STAGE_LOOKS[sheet.batch.stage]
    context = {
        "sheet": sheet,
        "batch": sheet.batch,
        "agency_name": accounts.agency_names().get(sheet.batch.agency_code, sheet.batch.agency_code),
        "stage_words": panels.STAGE_WORDS[sheet.batch.stage],
        "stage_tone": tone,
        "stage_icon": icon,
        "steps": panels.steps(sheet, told),
        "told": told,
        "members": rows,
        "drawn": [row for row in rows if row.row.is_drawn and not row.row.has_left],
        "present": [row for row in rows if not row.row.has_left],
        "mine": mine,
        "blind": mine.counts_blind and count is None,
        "counted": count,
        "trip": coming,
        "vehicle": vehicle or (f"{coming.plate} {coming.driver}" if coming else ""),
        "missing": panels.missing(sheet),
        "refusal": refusal_words(refusal) if refusal else None,
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "transfer/batch.html", context, status=refusal.entry.status if refusal else 200)
