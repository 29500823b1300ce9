"""Form templates: the list, drawing on a sample page, trying on other pages, putting into use (表单模板)."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anjuan.core.reading.templates import MOST_FILE_BYTES, lacking
from anjuan.core.refusals import Refusal
from anjuan.desks.rulebook import forms, panels, queries
from anjuan.desks.rulebook.queries import templates as shown
from anjuan.desks.rulebook.views import answers
from anjuan.facilities.formats import serving
from anjuan.facilities.reading.actions import templates as actions
from anjuan.facilities.reading.queries import templates
from anjuan.facilities.reading.queries.templates import TemplateRow
from anjuan.foundation.accounts import occasions
from anjuan.foundation.schedule.actions import permit
from anjuan.foundation.web.middleware import refusal_words

MOST_BLANK_BYTES = 30 << 20


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    return _listing(request)


@login_required
@require_POST
def open_template(request: HttpRequest) -> HttpResponse:
    step, _, material = request.POST.get("form", "").partition(".")
    try:
        pk = actions.open_template(
            occasion=occasions.of(request), step_code=step, material_code=material, name=request.POST.get("name", "")
        )
    except Refusal as refusal:
        return _listing(request, refusal)
    return redirect(reverse("rulebook:draw_template", kwargs={"pk": pk}) + "?done=template")


@login_required
@require_POST
def take_template(request: HttpRequest) -> HttpResponse:
    step, _, material = request.POST.get("form", "").partition(".")
    upload = request.FILES.get("file")
    try:
        pk = actions.take_template(
            occasion=occasions.of(request),
            step_code=step,
            material_code=material,
            name=request.POST.get("name", ""),
            content=upload.read(MOST_FILE_BYTES + 1) if upload else b"",
        )
    except Refusal as refusal:
        return _listing(request, refusal)
    return redirect(reverse("rulebook:draw_template", kwargs={"pk": pk}) + "?done=template")


@login_required
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    return _one(request, pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft on its sample page. What was typed stands on the page again where it could not be saved."""
    row = _permitted(request, pk)
    draft = row.draft
    if draft is None:
        return redirect("rulebook:template", pk=pk)
    permit(occasions.of(request))
    typed, refusal = shown.drawing(draft.shape), None
    where: Mapping[str, int] = _where(request.GET) or draft.sample
    note = draft.note
    if request.method == "POST":
        typed, note, where = request.POST.get("shape", ""), request.POST.get("note", ""), _where(request.POST)
        try:
            actions.revise_edition(
                occasion=occasions.of(request),
                template=pk,
                edition=draft.edition,
                seen_at=forms.moment_of(request.POST.get("seen_at", ""), row.name),
                shape=_json(typed),
                note=note,
                sample=where,
            )
        except Refusal as said:
            refusal = said
        else:
            onward = "rulebook:try_template" if "try" in request.POST else "rulebook:draw_template"
            kwargs = {"pk": pk, "edition": draft.edition} if "try" in request.POST else {"pk": pk}
            return redirect(reverse(onward, kwargs=kwargs) + "?done=drawn")
    sample, samples = None, []
    if where and "choose" not in request.GET:
        try:
            sample, component = shown.sample_of(occasions.actor_of(request), row, where)
            if component is not None:  # its words are shown, which is as much as its image
                serving.note_opening(request, occasions.of(request), component, where["page"])
        except Refusal as said:
            refusal = refusal or said
    if sample is None:
        samples = shown.samples(occasions.actor_of(request), row)
    context = {
        **_named(row),
        "row": row,
        "draft": draft,
        "sample": sample,
        "samples": samples,
        "where": where,
        "shape": typed,
        "note": note,
        "choices": shown.choices(),
        "done": panels.done_words(request.GET.get("done", "")),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "rulebook/draw.html", context, status=refusal.entry.status if refusal else 200)


@login_required
@require_POST
def send_blank(request: HttpRequest, pk: int) -> HttpResponse:
    row = _permitted(request, pk)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise Refusal("Y-086", what="—")
        with _staged(upload) as path:
            blank = actions.send_blank(occasion=occasions.of(request), template=pk, path=path)
    except Refusal as refusal:
        return _one(request, row.pk, refusal)
    return redirect(reverse("rulebook:draw_template", kwargs={"pk": pk}) + f"?blank={blank}")


@login_required
@require_safe
def blank_image(request: HttpRequest, pk: int, blank: int) -> HttpResponse:
    queries.permit_rulebook(occasions.actor_of(request))
    answer = HttpResponse(templates.blank_image(pk, blank), content_type="image/png")
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


@login_required
@require_safe
def edition(request: HttpRequest, pk: int, edition: int) -> HttpResponse:
    row = _permitted(request, pk)
    chosen = row.edition(edition)
    context = {
        **_named(row),
        "row": row,
        "edition": chosen,
        "state": shown.STATES[chosen.state],
        "boxes": [
            (shown.KINDS[box.kind], shown.NAMES[box.kind][box.name], box, [round(1000 * part) for part in box.box])
            for box in chosen.shape.boxes
        ],
        "ratio": chosen.shape.width_mm / chosen.shape.height_mm,
        "anchors": [(one.words, [round(1000 * part) for part in one.box]) for one in chosen.shape.anchors],
        "may_write": answers.may_write(request),
    }
    return render(request, "rulebook/template_edition.html", context)


@login_required
@require_safe
def template_file(request: HttpRequest, pk: int, edition: int) -> HttpResponse:
    row = _permitted(request, pk)
    answer = HttpResponse(templates.template_file(row, edition), content_type="application/json")
    name = quote(f"{row.name}-{edition}.json")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


@login_required
@require_safe
def trial(request: HttpRequest, pk: int, edition: int) -> HttpResponse:
    """What the saved edition finds on the newest pages of its form, beside what is found today."""
    return _trial(request, pk, edition)


@login_required
@require_POST
def draft_edition(request: HttpRequest, pk: int, edition: int) -> HttpResponse:
    try:
        actions.draft_edition(occasion=occasions.of(request), template=pk, edition=edition)
    except Refusal as refusal:
        return _one(request, pk, refusal)
    return redirect(reverse("rulebook:draw_template", kwargs={"pk": pk}) + "?done=edition")


@login_required
@require_POST
def adopt_edition(request: HttpRequest, pk: int, edition: int) -> HttpResponse:
    try:
        actions.adopt_edition(
            occasion=occasions.of(request),
            template=pk,
            edition=edition,
            seen_at=forms.moment_of(request.POST.get("seen_at", ""), str(pk)),
            since_date=forms.date_of(request.POST.get("since_date", ""), "启用日期 since"),
        )
    except Refusal as refusal:
        return _trial(request, pk, edition, refusal)
    return redirect(reverse("rulebook:template", kwargs={"pk": pk}) + "?done=in_use")


@login_required
@require_POST
def withdraw_edition(request: HttpRequest, pk: int, edition: int) -> HttpResponse:
    try:
        actions.withdraw_edition(occasion=occasions.of(request), template=pk, edition=edition)
    except Refusal as refusal:
        return _one(request, pk, refusal)
    return redirect(reverse("rulebook:template", kwargs={"pk": pk}) + "?done=withdrawn")


def _permitted(request: HttpRequest, pk: int) -> TemplateRow:
    queries.permit_rulebook(occasions.actor_of(request))
    return templates.template(pk, occasions.today())


def _named(row: TemplateRow) -> dict[str, str]:
    step, material = shown.step_materials().get((row.step_code, row.material_code), (row.step_code, row.material_code))
    return {"step_name": step, "material_name": material}


def _listing(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    queries.permit_rulebook(occasions.actor_of(request))
    step = request.GET.get("step", "")[:40]
    context = {
        "lines": shown.lines(occasions.today(), step),
        "step": step,
        "forms": shown.forms(step),
        "may_write": answers.may_write(request),
        "typed": request.POST,
        "done": panels.done_words(request.GET.get("done", "")),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    status = refusal.entry.status if refusal else 200
    return render(request, "rulebook/templates.html", context, status=status)


def _one(request: HttpRequest, pk: int, refusal: Refusal | None = None) -> HttpResponse:
    row = _permitted(request, pk)
    context = {
        **_named(row),
        "row": row,
        "editions": shown.edition_lines(row),
        "may_write": answers.may_write(request),
        "done": panels.done_words(request.GET.get("done", "")),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "rulebook/template.html", context, status=refusal.entry.status if refusal else 200)


def _trial(request: HttpRequest, pk: int, edition: int, refusal: Refusal | None = None) -> HttpResponse:
    row = _permitted(request, pk)
    permit(occasions.of(request))
    chosen = row.edition(edition)
    occasion = occasions.of(request)
    pages = templates.pages_to_try(occasion.actor, row.step_code, row.material_code, shown.TRIED_PAGES)
    laid = []
    for file, page in pages:
        serving.note_opening(request, occasion, file, page)
        laid.append(actions.try_on(shape=chosen.shape, name=row.name, edition=edition, row=file, page=page))
    context: dict[str, Any] = {
        **_named(row),
        "row": row,
        "edition": chosen,
        "pages": shown.tried(row, pages, laid) if pages else [],
        "fitting": sum(one is not None for one in laid),
        "today": occasions.today(),
        "lacking": [actions.LACKING[one] for one in lacking(chosen.shape)],
        "done": panels.done_words(request.GET.get("done", "")),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "rulebook/trial.html", context, status=refusal.entry.status if refusal else 200)


def _where(data: Mapping[str, Any]) -> dict[str, int]:
    """Which page is drawn on, as an address or a form says it."""

    def number(name: str) -> int | None:
        text = str(data.get(name, ""))
        return int(text) if text.isdecimal() and len(text) < 18 else None

    blank, component, page = number("blank"), number("component"), number("page")
    if blank is not None:
        return {"blank": blank}
    return {"component": component, "page": page} if component is not None and page is not None else {}


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal("Y-080", what="JSON") from error


@contextmanager
def _staged(upload: "UploadedFile[bytes]") -> Iterator[Path]:
    """A file that was sent, on disk while it is looked at."""
    if (upload.size or 0) > MOST_BLANK_BYTES:
        raise Refusal("Y-086", what=f"> {MOST_BLANK_BYTES >> 20} MiB")
    with tempfile.NamedTemporaryFile(suffix=Path(upload.name or "").suffix[:6]) as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        yield Path(file.name)
