from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import State
from anjuan.desks.filing import actions, forms, queries
from anjuan.desks.filing.views.pages import as_pdf, pool_page, volume_page
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import SPINE_WIDTHS, VOLUME_FORMS, FormName
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment

PRINTED = {form.value: form for form in VOLUME_FORMS}


@login_required
@require_safe
def pool(request: HttpRequest) -> HttpResponse:
    return pool_page(request)


@login_required
@require_POST
def open_volume(request: HttpRequest) -> HttpResponse:
    form = forms.read_open(request.POST)
    try:
        opened = actions.open_volume(occasion=occasions.of(request), item_urns=form.items, title=form.title)
    except Refusal as refusal:
        return pool_page(request, refusal, form)
    return _to_volume(opened.urn, "opened")


@login_required
@require_safe
def volume(request: HttpRequest, urn: str) -> HttpResponse:
    return volume_page(request, urn)


@login_required
@require_POST
def arrange(request: HttpRequest, urn: str) -> HttpResponse:
    order = forms.read_order(request.POST)
    if is_fragment(request):
        actions.arrange(occasion=occasions.of(request), volume_urn=urn, item_urns=order)
        return volume_page(request, urn, template="filing/_items.html")
    try:
        actions.arrange(occasion=occasions.of(request), volume_urn=urn, item_urns=order)
    except Refusal as refusal:
        return volume_page(request, urn, refusal)
    return _to_volume(urn, "arranged", "items")


@login_required
@require_POST
def add(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.add_item(occasion=occasions.of(request), volume_urn=urn, item_urn=request.POST.get("item_urn", ""))
    except Refusal as refusal:
        return volume_page(request, urn, refusal)
    return _to_volume(urn, "added", "pool")


@login_required
@require_POST
def release(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.release(occasion=occasions.of(request), item_urn=request.POST.get("item_urn", ""))
    except Refusal as refusal:
        return volume_page(request, urn, refusal)
    return _to_volume(urn, "released", "items")


@login_required
@require_POST
def seal(request: HttpRequest, urn: str) -> HttpResponse:
    closing, closed_date = forms.read_closing(request.POST)
    try:
        actions.seal(occasion=occasions.of(request), volume_urn=urn, closing=closing, closed_date=closed_date)
    except Refusal as refusal:
        typed = {"closing": request.POST.get("closing", ""), "closed_date": request.POST.get("closed_date", "")[:10]}
        return volume_page(request, urn, refusal, typed=typed)
    return _to_volume(urn, "sealed")


@login_required
@require_POST
def resubmit(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        moved = actions.resubmit(occasion=occasions.of(request), volume_urn=urn)
    except Refusal as refusal:
        return volume_page(request, urn, refusal)
    return _to_volume(urn, "resubmitted_in_archive" if moved.source is State.MENDING else "resubmitted")


@login_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    urn, said = request.POST.get("volume", ""), request.POST.get("answer", "")
    try:
        corrections.answer_fault(occasion=occasions.of(request), pk=pk, answer=said)
    except Refusal as refusal:
        return volume_page(request, urn, refusal, typed={"pk": pk, "answer": said})
    return _to_volume(urn, "answered", "faults")


@login_required
@require_POST
def undo(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.undo(occasion=occasions.of(request), volume_urn=urn)
    except Refusal as refusal:
        return volume_page(request, urn, refusal)
    if is_fragment(request):
        return volume_page(request, urn, template="filing/_items.html")
    return _to_volume(urn, "undone", "items")


@login_required
@require_POST
def insert(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.insert_item(
            occasion=occasions.of(request),
            volume_urn=urn,
            item_urn=request.POST.get("item_urn", ""),
            correction_pk=forms.read_number(request.POST.get("correction", "")),
        )
    except Refusal as refusal:
        return volume_page(request, urn, refusal)
    return _to_volume(urn, "inserted", "items")


@login_required
@require_POST
def annotate(request: HttpRequest, urn: str) -> HttpResponse:
    kind, text = request.POST.get("kind", ""), request.POST.get("text", "")
    try:
        actions.annotate(occasion=occasions.of(request), volume_urn=urn, kind=kind, text=text)
    except Refusal as refusal:
        return volume_page(request, urn, refusal, typed={"kind": kind, "text": text})
    return _to_volume(urn, "noted", "notes")


@login_required
@require_POST
def supplement(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        opened = actions.open_supplement(
            occasion=occasions.of(request), of_urn=urn, item_urns=[str(one) for one in request.POST.getlist("item")]
        )
    except Refusal as refusal:
        return volume_page(request, urn, refusal)
    return _to_volume(opened, "opened")


@login_required
@require_safe
def printed(request: HttpRequest, urn: str, form: str) -> HttpResponse:
    """A paper of a sealed volume; ``?mm=`` chooses the width of its spine."""
    if form not in PRINTED:
        raise Http404
    facts = queries.printed_facts(occasions.actor_of(request), urn, PRINTED[form])
    width = forms.read_number(request.GET.get("mm", ""))
    if form == FormName.SPINE and width in SPINE_WIDTHS:
        facts = {**facts, "width_mm": str(width)}
    pdf = printing.print_form(form=PRINTED[form], facts=facts, at=timezone.now(), practice=settings.PRACTICE)
    return as_pdf(pdf, form)


@login_required
@require_safe
def labels_sheet(request: HttpRequest, urn: str) -> HttpResponse:
    """Barcode labels of a volume and, with ``?items=1``, of its items."""
    rows = queries.label_rows(occasions.actor_of(request), urn, with_items=request.GET.get("items") == "1")
    pdf = printing.print_form(form=FormName.LABELS, facts={"rows": rows}, at=timezone.now(), practice=settings.PRACTICE)
    return as_pdf(pdf, "labels")


@login_required
@require_safe
def issue(request: HttpRequest, urn: str, issue_no: int) -> HttpResponse:
    facts = queries.issue_facts(occasions.actor_of(request), urn, issue_no)
    pdf = printing.print_form(form=FormName.CONTENTS, facts=facts, at=timezone.now(), practice=settings.PRACTICE)
    return as_pdf(pdf, f"contents-{issue_no}")


@login_required
@require_safe
def preview(request: HttpRequest, urn: str, form: str) -> HttpResponse:
    """A page of a paper as an image, before anything is final."""
    if form not in PRINTED:
        raise Http404
    facts = {
        "filed_by": "",
        **queries.printed_facts(occasions.actor_of(request), urn, PRINTED[form]),
    }
    if not facts.get("reference_code"):
        facts["reference_code"] = _("numbered at the seal")
    page = forms.read_number(request.GET.get("page", "1"))
    png = printing.preview_form(form=PRINTED[form], facts=facts, page=page, practice=settings.PRACTICE)
    answer = HttpResponse(png, content_type="image/png")
    answer["Cache-Control"] = "private, no-store"
    return answer


def _to_volume(urn: str, done: str, place: str = "") -> HttpResponse:
    return redirect(reverse("filing:volume", kwargs={"urn": urn}) + f"?done={done}" + (f"#{place}" if place else ""))
