from typing import TypeVar

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refcode import DEFAULT_TEMPLATE
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, Classification, Post
from anjuan.desks.rulebook import panels, queries
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.middleware import refusal_words
from anjuan.records import actions as records
from anjuan.records import numbering
from anjuan.records.actions import fonds as fonds_actions

AGENCIES_SHOWN = 3
Chosen = TypeVar("Chosen", Arrangement, Classification)


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    return _listing(request)


@login_required
@require_POST
def open_fonds(request: HttpRequest) -> HttpResponse:
    data = request.POST
    try:
        records.open_fonds(
            occasion=occasions.of(request),
            code=data.get("code", "").strip().upper(),
            name=data.get("name", "").strip(),
            agency_code=data.get("agency", ""),
            categories={},
            classification=_one_of(Classification, data.get("classification", ""), Classification.YEAR_LINE_STEP),
        )
    except Refusal as refusal:
        return _listing(request, refusal)
    return redirect(reverse("rulebook:one_fonds", kwargs={"code": data["code"].strip().upper()}) + "?done=opened")


@login_required
@require_safe
def one(request: HttpRequest, code: str) -> HttpResponse:
    return _one(request, code)


@login_required
@require_POST
def set_numbering(request: HttpRequest, code: str) -> HttpResponse:
    """Without ``apply`` it is a preview: the next numbers, and whether any number that stands is in the way."""
    template = request.POST.get("template", "").strip()
    reason = request.POST.get("reason", "")
    try:
        if "apply" in request.POST:
            fonds_actions.set_numbering(
                occasion=occasions.of(request), fonds_code=code, template=template, reason=reason
            )
            return redirect(reverse("rulebook:one_fonds", kwargs={"code": code}) + "?done=numbered")
        numbering.may_number(code, template)
    except Refusal as refusal:
        return _one(request, code, refusal, template=template, reason=reason)
    return _one(request, code, template=template, reason=reason)


@login_required
@require_POST
def add_category(request: HttpRequest, code: str) -> HttpResponse:
    data = request.POST
    try:
        fonds_actions.add_category(
            occasion=occasions.of(request),
            fonds_code=code,
            code=data.get("category_code", "").strip(),
            name=data.get("name", ""),
            kind=_one_of(Arrangement, data.get("kind", ""), Arrangement.BY_VOLUME),
        )
    except Refusal as refusal:
        return _one(request, code, refusal)
    return redirect(reverse("rulebook:one_fonds", kwargs={"code": code}) + "?done=category")


@login_required
@require_POST
def arrange_category(request: HttpRequest, code: str, category: str) -> HttpResponse:
    try:
        fonds_actions.arrange_category(
            occasion=occasions.of(request),
            fonds_code=code,
            code=category,
            kind=_one_of(Arrangement, request.POST.get("kind", ""), Arrangement.BY_VOLUME),
        )
    except Refusal as refusal:
        return _one(request, code, refusal)
    return redirect(reverse("rulebook:one_fonds", kwargs={"code": code}) + "?done=category")


def _one_of(terms: type[Chosen], text: str, usual: Chosen) -> Chosen:
    return terms(text) if text in {term.value for term in terms} else usual


def _listing(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit_rulebook(actor)
    agencies = [(one.code, one.name) for one in accounts.agencies().values() if actor.covers(one.path, Post.ARCHIVIST)]
    context = {
        "fonds": numbering.fonds_rows(),
        "agencies": agencies,
        "classifications": list(Classification),
        "typed": request.POST,
        "may_write": bool(agencies),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "rulebook/fonds.html", context, status=refusal.entry.status if refusal else 200)


def _one(
    request: HttpRequest, code: str, refusal: Refusal | None = None, *, template: str = "", reason: str = ""
) -> HttpResponse:
    queries.permit_rulebook(occasions.actor_of(request))
    row = numbering.fonds_row(code)
    below = sorted(one.code for one in accounts.agencies().values() if one.path.startswith(row.agency_path))
    shown = [one for one in below if one != row.agency_code][:AGENCIES_SHOWN] or below[:1]
    year = occasions.today().year
    preview = None
    if template and refusal is None:
        preview = numbering.next_codes(row, template=template, agency_codes=shown, year=year)
    context = {
        "fonds": row,
        "next": numbering.next_codes(row, template=row.template, agency_codes=shown, year=year),
        "preview": preview,
        "template": template or row.template,
        "reason": reason,
        "default": DEFAULT_TEMPLATE,
        "loses_agency": bool(template) and "{agency}" not in template,
        "kinds": list(Arrangement),
        "may_write": occasions.actor_of(request).covers(row.agency_path, Post.ARCHIVIST),
        "done": panels.done_words(request.GET.get("done", "")),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "rulebook/one_fonds.html", context, status=refusal.entry.status if refusal else 200)
