import math

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.assurance import Stage
from anjuan.core.refusals import Refusal
from anjuan.facilities.assurance import actions, forms, panels
from anjuan.facilities.assurance.queries import findings, reports, schemes, storage
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.facilities.signing import actions as signing
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web.middleware import is_fragment, refusal_words


@login_required
@require_safe
def detectors(request: HttpRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def set_threshold(request: HttpRequest, code: str, name: str) -> HttpResponse:
    typed = request.POST.get("value", "").strip()
    reason = request.POST.get("reason", "")
    findings.enter(occasions.actor_of(request))
    try:
        actions.set_threshold(occasion=occasions.of(request), code=code, name=name, value=_number(typed), reason=reason)
    except Refusal as refusal:
        return _page(request, refusal=refusal, typed={"code": code, "name": name, "value": typed, "reason": reason})
    return redirect(f"{reverse('assurance:detectors')}?done=set#{code}")


@login_required
@require_safe
def report(request: HttpRequest, urn: str, stage: str) -> HttpResponse:
    """The newest report of a record or a volume at a stage, signed by the archive."""
    chosen = next((one for one in Stage if one.lower() == stage), None)
    if chosen is None:
        raise Refusal("R-009", what=stage[:20])
    facts = reports.report_facts(occasions.actor_of(request), urn, chosen)
    at = timezone.now()
    printed = printing.print_form(form=FormName.FOUR_NATURE, facts=facts, at=at, practice=settings.PRACTICE)
    pdf = signing.sign_pdf(pdf=printed, at=at, reason="四性检测报告", location="", name="四性检测")
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="four-nature.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_safe
def scheme(request: HttpRequest) -> HttpResponse:
    return _scheme(request)


@login_required
@require_POST
def add_test(request: HttpRequest) -> HttpResponse:
    typed = forms.read_test(request.POST)
    try:
        actions.add_test(
            occasion=occasions.of(request),
            zh=typed.zh,
            en=typed.en,
            nature=typed.nature,
            stages=typed.stages,
            detectors=typed.detectors,
            has_veto=typed.has_veto,
            reason=typed.reason,
        )
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _scheme(request, refusal=refusal, typed=typed)
    return redirect(f"{reverse('assurance:scheme')}?done=added#added")


@login_required
@require_POST
def withdraw_test(request: HttpRequest, code: str) -> HttpResponse:
    try:
        actions.withdraw_test(occasion=occasions.of(request), code=code, reason=request.POST.get("reason", ""))
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _scheme(request, refusal=refusal)
    return redirect(f"{reverse('assurance:scheme')}?done=withdrawn#added")


@login_required
@require_safe
def record(request: HttpRequest, urn: str) -> HttpResponse:
    """How a record fared in the tests: a piece of its page, or a page of its own."""
    return _record(request, urn)


@login_required
@require_POST
def examine(request: HttpRequest, urn: str) -> HttpResponse:
    try:
        actions.examine_volume(occasion=occasions.of(request), volume_urn=urn)
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _record(request, urn, refusal=refusal)
    return redirect(f"{reverse('assurance:record', kwargs={'urn': urn})}?done=examined")


def _record(request: HttpRequest, urn: str, refusal: Refusal | None = None) -> HttpResponse:
    context = {
        **panels.record_page(occasions.actor_of(request), urn),
        "refusal": refusal_words(refusal) if refusal else None,
        "done": request.GET.get("done", "") == "examined",
    }
    name = "assurance/_record.html" if is_fragment(request) else "assurance/record.html"
    return render(request, name, context, status=refusal.entry.status if refusal else 200)


def _scheme(
    request: HttpRequest, *, refusal: Refusal | None = None, typed: forms.Typed = forms.NOTHING
) -> HttpResponse:
    actor = occasions.actor_of(request)
    findings.enter(actor)
    context = {
        **panels.scheme_page(schemes.added(withdrawn=True)),
        **(panels.storage_part(storage.standing(timezone.now())) if storage.may_see(actor) else {}),
        "may_set": findings.may_set_thresholds(actor),
        "may_start": storage.may_start(actor),
        "typed": typed,
        "refusal": refusal_words(refusal) if refusal else None,
        "done": request.GET.get("done", ""),
    }
    return render(request, "assurance/scheme.html", context, status=refusal.entry.status if refusal else 200)


def _page(request: HttpRequest, *, refusal: Refusal | None = None, typed: dict[str, str] | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    findings.enter(actor)
    context = {
        "groups": panels.detector_groups(findings.detectors(), typed or {}),
        "may_set": findings.may_set_thresholds(actor),
        "refusal": refusal_words(refusal) if refusal else None,
        "done": request.GET.get("done", "") == "set",
    }
    return render(request, "assurance/detectors.html", context, status=refusal.entry.status if refusal else 200)


def _number(text: str) -> float:
    try:
        value = float(text.replace(",", ".")) if len(text) < 20 else math.nan
    except ValueError:
        return math.nan  # no number lies in a range: refused like one that does not
    return value
