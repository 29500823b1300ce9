import datetime as dt
import hashlib
import io
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import State
from anjuan.desks.certificates import actions, panels, queries
from anjuan.desks.certificates.forms import AskForm, FileForm, RevokeForm
from anjuan.desks.certificates.rules import Relation
from anjuan.facilities.signing import queries as signing
from anjuan.foundation.accounts import occasions
from anjuan.foundation.ledger import queries as ledger
from anjuan.foundation.web.middleware import at_most, refusal_words
from anjuan.foundation.web.pace import Pace

RATINGS = Pace(within=dt.timedelta(hours=1), refusal=lambda minutes: Refusal("C-023", minutes=minutes))
MOST_BYTES = 20 * 1024 * 1024  # of a certificate that a stranger shows
FORM_BYTES = 16 * 1024  # what stands round it in the form


@login_required
@require_safe
def newest(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit(actor)
    return render(request, "certificates/newest.html", {"rows": queries.newest(actor)})


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, subject: str) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.permit(actor)
    found = queries.attestable(actor, subject)
    form = AskForm(request.POST or None)
    refusal: Refusal | None = None
    held = [item for item in found.items if item.state is State.HELD]
    chosen = request.POST.getlist("item") if request.method == "POST" else [item.urn for item in held]
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            receipt = actions.request(
                occasion=occasions.of(request),
                subject_urn=subject,
                item_urns=chosen,
                reader=actions.Reader(
                    name=typed["reader_name"],
                    id_number=typed["reader_id_number"],
                    relation=Relation(typed["relation"]),
                    purpose=typed["purpose"],
                    basis=typed["basis"],
                ),
            )
        except Refusal as refused:
            refusal = refused
        else:
            return redirect("certificates:certificate", number=receipt.certificate_no)
    status = refusal.entry.status if refusal else 422 if form.errors else 200
    context = {"found": found, "held": held, "form": form, "refusal": refusal, "chosen": chosen}
    return render(request, "certificates/ask.html", context, status=status)


@login_required
@require_safe
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    return _certificate(request, number)


@login_required
@require_POST
def issue(request: HttpRequest, number: str) -> HttpResponse:
    try:
        actions.issue(occasion=occasions.of(request), certificate_no=number)
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _certificate(request, number, refusal)
    return redirect("certificates:certificate", number=number)


@login_required
@require_POST
def revoke(request: HttpRequest, number: str) -> HttpResponse:
    try:
        actions.revoke(occasion=occasions.of(request), certificate_no=number, reason=request.POST.get("reason", ""))
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _certificate(request, number, refusal)
    return redirect("certificates:certificate", number=number)


@login_required
@require_safe
def download(request: HttpRequest, number: str) -> HttpResponseBase:
    path = queries.issued_pdf(occasions.actor_of(request), number)
    return FileResponse(path.open("rb"), content_type="application/pdf", filename=path.name, as_attachment=True)


@login_required
@require_POST
def take_rating(request: HttpRequest, number: str) -> HttpResponse:
    try:
        actions.take_rating(occasion=occasions.of(request), certificate_no=number, **_rating(request))
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _certificate(request, number, refusal)
    return redirect("certificates:certificate", number=number)


@login_required
@require_safe
def ratings(request: HttpRequest) -> HttpResponse:
    return _ratings(request)


@login_required
@require_POST
def follow_up(request: HttpRequest, number: str) -> HttpResponse:
    try:
        actions.follow_up(
            occasion=occasions.of(request), certificate_no=number, words=request.POST.get("follow_up", "")
        )
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _ratings(request, refusal, number)
    return redirect("certificates:ratings")


@require_POST
def rate(request: HttpRequest, code: str) -> HttpResponse:
    """A reader without an account rates the service; wrong codes and ratings count against his network address."""
    occasion = occasions.now(actions.READER)
    try:
        _slow_down(request, occasion.at)
        actions.rate(occasion=occasion, check_code=code, **_rating(request))
    except Refusal as refusal:
        return _verified(request, code, refusal)
    return redirect(reverse("certificates:verify_code", kwargs={"code": code}) + "?rated=1")


def _slow_down(request: HttpRequest, at: dt.datetime) -> None:
    here = request.META.get("REMOTE_ADDR", "")
    RATINGS.check(here, at=at, most=settings.ANJUAN_RATINGS_PER_HOUR)
    RATINGS.note(here, at=at)


def _rating(request: HttpRequest) -> dict[str, Any]:
    return {
        "mark": request.POST.get("mark", ""),
        "reasons": [str(reason) for reason in request.POST.getlist("reason")],
        "words": request.POST.get("words", ""),
    }


def _ratings(request: HttpRequest, refusal: Refusal | None = None, number: str = "") -> HttpResponse:
    actor = occasions.actor_of(request)
    context = panels.ratings_page(actor, now=occasions.moment()) | {
        "refusal": refusal_words(refusal) if refusal else None,
        "refused_no": number,
        "typed": request.POST.get("follow_up", ""),
    }
    return render(request, "certificates/ratings.html", context, status=refusal.entry.status if refusal else 200)


def _too_large() -> Refusal:
    return Refusal("C-008", most=MOST_BYTES // 1024**2)


@at_most(MOST_BYTES + FORM_BYTES, _too_large)
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, code: str = "") -> HttpResponse:
    return _verified(request, code or request.GET.get("code", ""))


def _verified(request: HttpRequest, typed: str, refusal: Refusal | None = None) -> HttpResponse:
    row: queries.PublicRow | None = None
    was_rating = refusal is not None
    verdict: dict[str, object] | None = None
    if typed:
        try:
            row = queries.by_check_code(typed)
        except Refusal as refused:
            refusal = refused
    posted = request.method == "POST" and not was_rating
    form = FileForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        upload = form.cleaned_data["certificate"]
        if upload.size > MOST_BYTES:
            refusal = _too_large()
        else:
            octets = upload.read()
            known = queries.by_digest(hashlib.sha256(octets).hexdigest())
            verdict = {"known": known, "signature": signing.verify_pdf(octets), "name": upload.name[:80]}
    context = {
        "typed": typed,
        "row": row,
        "refusal": refusal,
        "form": form,
        "verdict": verdict,
        "is_rated": "rated" in request.GET,
        "marks": panels.mark_choices(),
        "complaints": panels.complaint_choices(),
        "chosen": _rating(request),
    }
    return render(request, "certificates/verify.html", context, status=refusal.entry.status if refusal else 200)


@require_safe
def trust(request: HttpRequest) -> HttpResponse:
    response = JsonResponse(signing.trust_file(ledger.vkey()), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = 'attachment; filename="trust.json"'
    return response


@require_safe
def verifier(request: HttpRequest) -> HttpResponseBase:
    packed = io.BytesIO(queries.verifier_program())
    return FileResponse(packed, filename="anjuan-verify.pyz", as_attachment=True, content_type="application/zip")


def _certificate(request: HttpRequest, number: str, refusal: Refusal | None = None) -> HttpResponse:
    row = queries.get_for(occasions.actor_of(request), number)
    context = {
        "row": row,
        "references": queries.references(row),
        "address": queries.verify_address(row.check_code),
        "form": RevokeForm(request.POST or None),
        "rating": panels.rating_line(row.certificate_no),
        "marks": panels.mark_choices(),
        "complaints": panels.complaint_choices(),
        "chosen": _rating(request),
        "refusal": refusal,
    }
    return render(request, "certificates/certificate.html", context, status=refusal.entry.status if refusal else 200)
