from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Occasion, Post
from anjuan.desks.intake import actions, forms, panels, queries
from anjuan.desks.intake.panels import counter as offered
from anjuan.desks.intake.panels import likeness as beside
from anjuan.desks.intake.queries import business_cases, likeness
from anjuan.desks.intake.queries import counter as remembered
from anjuan.facilities.drafts import actions as drafting
from anjuan.facilities.drafts import queries as drafts
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.web import labels
from anjuan.foundation.web.middleware import refusal_words, wants_json
from anjuan.records import queries as records

ROWS = 50
FORM = "intake:"  # how a draft names the form of a business step
DEVICES = frozenset({"CAMERA", "SCANNER_FOLDER", "PHONE", "PASTE", "FILE"})


@login_required
@require_safe
def counter(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit_counter(actor)
    items = queries.collecting(actor)
    page = Paginator(items, ROWS).get_page(request.GET.get("page"))
    rows = [panels.queue_row(one) for one in queries.waiting(list(page.object_list))]
    context = {
        "rows": rows,
        "page": page,
        "count": queries.count_collecting(actor) if len(items) >= 200 else len(items),
        "oldest": items[0].state_since if items else None,
        "done": request.GET.get("done", ""),
        "tabs": panels.tabs(actor, "intake:counter"),
        "drafts": offered.draft_lines(drafts.drafts_of(actor, FORM)),
    }
    return render(request, "intake/counter.html", context)


@login_required
@require_safe
def choose_step(request: HttpRequest) -> HttpResponse:
    queries.permit_registering(occasions.actor_of(request))
    names = schedule.category_names()
    groups: dict[str, list[dict[str, Any]]] = {}
    for step in schedule.steps():
        if step.is_retired:
            continue
        line = {
            "step": step,
            "name": panels.name_of(step),
            "materials": [panels.name_of(one) for one in step.materials if one.is_required or one.is_main],
        }
        groups.setdefault(names.get(step.category_code, step.category_code), []).append(line)
    return render(request, "intake/choose_step.html", {"groups": groups})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, step: str) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit_registering(actor)
    chosen = schedule.step(step)
    posted = request.method == "POST"
    adding = "add_row" in request.POST or "fetch" in request.POST
    draft = None if posted else drafts.draft_of(actor, FORM + step)
    kept = forms.of_draft(draft.fields) if draft else None
    form = forms.RegisterForm(
        request.POST if posted else None, agencies=own_agencies(actor), initial=kept.dict() if kept else None
    )
    rows = forms.person_rows(request.POST if posted else kept, many=chosen.concerns_many, more=adding)
    refusal: Refusal | None = None
    if "fetch" in request.POST:
        try:
            found = _fetched(request, step)
        except Refusal as said:
            refusal = said
        else:
            form = forms.RegisterForm(found, agencies=own_agencies(actor))
            rows = forms.person_rows(found, many=chosen.concerns_many)
    if posted and not adding and form.is_valid():
        try:
            receipt = actions.register(
                occasion=occasions.of(request),
                agency_code=form.cleaned_data["agency"],
                registration=form.registration(step, forms.persons_of(rows)),
            )
        except Refusal as said:
            refusal = said
        else:
            drafting.discard(occasion=occasions.of(request), form_code=FORM + step)
            return to_item(receipt.urn, done="register")
    if adding:
        form.errors.clear()
    status = refusal.entry.status if refusal else 422 if posted and not adding and not form.is_valid() else 200
    context = {
        "step": chosen,
        "step_name": panels.name_of(chosen),
        "form": form,
        "rows": rows,
        "draft": draft,
        "routes": [(route, words, form["route"].value() == route) for route, words in forms.ROUTES.items()],
        "refusal": refusal_words(refusal) if refusal else None,
        "wrong_field": forms.FIELD_OF.get(refusal.code, "") if refusal else "",
        "materials": [{"row": one, "name": panels.name_of(one)} for one in chosen.materials],
        **_retention(chosen),
    }
    return render(request, "intake/register.html", context, status=status)


@login_required
@require_safe
def described(request: HttpRequest, step: str) -> HttpResponse:
    """What the business system holds of a number, for the fields that are still empty."""
    actor = occasions.actor_of(request)
    queries.permit_registering(actor)
    serial, agency = request.GET.get("acceptance_no", ""), request.GET.get("agency", "")
    try:
        fields = business_cases.described(actor, agency, serial, schedule.step(step).code)
    except Refusal as refusal:
        if refusal.code != "I-076":
            raise
        fields = {}  # nothing was stated: to somebody who types on, that is an answer and no refusal
    return JsonResponse({"fields": fields}, json_dumps_params={"ensure_ascii": False})


def _fetched(request: HttpRequest, step: str) -> QueryDict:
    """What was typed, and where nothing was, what the business system holds."""
    typed = request.POST.copy()
    serial, agency = typed.get("acceptance_no", ""), typed.get("agency", "")
    for field, text in business_cases.described(occasions.actor_of(request), agency, serial, step).items():
        if not str(typed.get(field, "")).strip():
            typed[field] = text
    return typed


@login_required
@require_POST
def draft(request: HttpRequest, step: str) -> HttpResponse:
    """Keep a form as it stands, or throw it away."""
    occasion = occasions.of(request)
    queries.permit_registering(occasion.actor)
    form_code = FORM + schedule.step(step).code
    if "discard" in request.POST:
        drafting.discard(occasion=occasion, form_code=form_code)
        return redirect("intake:register", step=step)
    drafting.keep(occasion=occasion, form_code=form_code, fields=forms.to_draft(request.POST))
    return JsonResponse({"ok": True})


@login_required
@require_safe
def item(request: HttpRequest, urn: str) -> HttpResponse:
    collected = queries.opened(occasions.actor_of(request), urn)
    return show_item(request, collected, done=request.GET.get("done", ""))


@login_required
@require_POST
def capture(request: HttpRequest, urn: str) -> HttpResponse:
    """Every file is a deed of its own: one that is refused says why and keeps none of the others out."""
    collected = queries.opened(occasions.actor_of(request), urn)
    files = request.FILES.getlist("files")
    names = request.POST.getlist("name")
    material = request.POST.get("material", "")
    before = request.POST.get("before", "")
    place = int(before) if before.isdecimal() and len(before) < 19 else None
    if not files:
        return _refused_capture(request, collected, Refusal("I-011"))
    results = [
        take_in(
            occasions.of(request),
            urn,
            upload,
            names[at] if at < len(names) else upload.name or "",
            material,
            before=place,
            device=_device(request),
            repeats="repeats" in request.POST,
        )
        for at, upload in enumerate(files)
    ]
    good = [result for result in results if result["ok"]]
    if wants_json(request):
        return JsonResponse({"results": results}, json_dumps_params={"ensure_ascii": False})
    if len(good) == len(results):
        return to_item(urn, done="capture", material=material)
    status = 200 if good else 422
    return show_item(request, queries.opened(occasions.actor_of(request), urn), results=results, status=status)


@login_required
@require_POST
def replace_page(request: HttpRequest, component: int) -> HttpResponse:
    row = records.get_component_for(occasions.actor_of(request), component)
    collected = queries.opened(occasions.actor_of(request), row.item_urn)
    upload = request.FILES.get("files")
    if upload is None:
        return _refused_capture(request, collected, Refusal("I-011"))
    name = request.POST.get("name") or upload.name or ""
    device = _device(request)
    result = take_in(
        occasions.of(request), row.item_urn, upload, name, row.material_code, replaces=component, device=device
    )
    if wants_json(request):
        return JsonResponse({"results": [result]}, json_dumps_params={"ensure_ascii": False})
    if result["ok"]:
        return to_item(row.item_urn, done="replace", page=request.POST.get("page", ""))
    return show_item(request, collected, results=[result], page=request.POST.get("page", ""), status=result["status"])


@login_required
@require_POST
def withdraw_page(request: HttpRequest, component: int) -> HttpResponse:
    row = records.get_component_for(occasions.actor_of(request), component)
    actions.withdraw_page(occasion=occasions.of(request), component_pk=component)
    return to_item(row.item_urn, done="withdraw", material=row.material_code)


@login_required
@require_POST
def correct_page_count(request: HttpRequest, urn: str) -> HttpResponse:
    form = forms.PaperPagesForm(request.POST)
    pages = form.cleaned_data["paper_pages"] if form.is_valid() else 0
    try:
        actions.correct_page_count(occasion=occasions.of(request), urn=urn, paper_pages=pages)
    except Refusal as said:
        if said.entry.status in (403, 404):
            raise
        collected = queries.opened(occasions.actor_of(request), urn)
        typed = request.POST.get("paper_pages", "")[:12]
        return show_item(request, collected, refusal=said, typed_pages=typed)
    return to_item(urn, done="paper_pages")


@login_required
@require_POST
def submit(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.submit(occasion=occasions.of(request), urn=urn)
    except Refusal as said:
        if said.entry.status == 404:
            raise
        return show_item(request, queries.opened(occasions.actor_of(request), urn), refusal=said)
    return redirect(f"{reverse('intake:counter')}?done=submit")


@login_required
@require_POST
def close(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.close(occasion=occasions.of(request), urn=urn)
    except Refusal as said:
        if said.entry.status in (403, 404):
            raise
        collected = queries.opened(occasions.actor_of(request), urn)
        tests: dict[str, Any] = {}
        if said.code == "Z-001":
            tests["tests"] = panels.nature_lines(queries.examined(collected))
        return show_item(request, collected, refusal=said, **tests)
    return redirect(f"{reverse('intake:counter')}?done=close")


def show_item(
    request: HttpRequest,
    collected: queries.Collected,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
    page: str = "",
    **more: Any,
) -> HttpResponse:
    actor, moment = occasions.actor_of(request), occasions.moment()
    context = panels.item_page(
        collected,
        page=page or request.GET.get("page", ""),
        material=request.GET.get("material", "") or request.POST.get("material", ""),
    )
    context |= offered.at_hand(
        collected,
        offers=remembered.offers(actor, collected, at=moment) if collected.may_capture else (),
        reused=remembered.reused([row.pk for row in collected.components]),
        phone_is_open=collected.may_capture and remembered.phone_of(actor, collected.item.urn, at=moment),
    )
    twins = likeness.twins(actor, collected.item.urn, collected.components)
    context |= beside.beside_pages(collected, twins, context["current"])
    if not actor.covers(collected.item.agency_path, Post.HANDLER):  # a helper scans; the case is its handler's
        context |= {"may_submit": False, "may_close": False}
    context |= more
    if refusal is not None:
        context["refusal"] = refusal_words(refusal)
        status = refusal.entry.status
    return render(request, "intake/item.html", context, status=status)


def take_in(
    occasion: Occasion,
    urn: str,
    upload: "UploadedFile[bytes]",
    name: str,
    material: str,
    *,
    replaces: int | None = None,
    before: int | None = None,
    device: str = "",
    repeats: bool = False,
) -> dict[str, Any]:
    """One file, one deed, one result in words."""
    called = forms.file_name(name)
    try:
        with forms.staged(upload) as path:
            file = actions.Upload(path, called, material)
            if replaces is None:
                receipt = actions.capture(
                    occasion=occasion, urn=urn, uploads=[file], before=before, device=device, repeats=repeats
                )
            else:
                receipt = actions.replace_page(occasion=occasion, component_pk=replaces, upload=file, device=device)
    except Refusal as said:
        language = get_language() or "zh"
        return {
            "name": called,
            "ok": False,
            "pages": 0,
            "code": said.code,
            "message": said.message(language),
            "remedy": said.remedy(language),
            "status": said.entry.status,
        }
    return {"name": called, "ok": True, "pages": receipt.pages, "code": "", "message": "", "remedy": "", "status": 200}


def _device(request: HttpRequest) -> str:
    """What the page says the file came from; kept with the capture, believed by nobody."""
    said = request.POST.get("device", "")
    return said if said in DEVICES else ""


def _refused_capture(request: HttpRequest, collected: queries.Collected, refusal: Refusal) -> HttpResponse:
    if wants_json(request):
        raise refusal
    return show_item(request, collected, refusal=refusal)


def to_item(urn: str, **query: str) -> HttpResponseRedirect:
    kept = urlencode({key: value for key, value in query.items() if value})
    return redirect(f"{reverse('intake:item', kwargs={'urn': urn})}?{kept}")


def own_agencies(actor: Actor) -> list[tuple[str, str]]:
    held = {one.agency_code for one in actor.appointments if one.post is Post.HANDLER}
    names = accounts.agency_names()
    return [(code, names[code]) for code in sorted(held)]


def _retention(step: schedule.StepRow) -> dict[str, Any]:
    """The rule that a record formed today would be kept by; the form's date may ask for another version."""
    try:
        rule = schedule.rule_for(step, occasions.today())
    except Refusal as said:
        return {"rule": None, "term": "", "is_confirmed": False, "no_rule": refusal_words(said)}
    return {"rule": rule, "term": labels.term_words(rule.term), "is_confirmed": rule.is_confirmed}
