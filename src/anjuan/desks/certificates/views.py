import hashlib
import io

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import State
from anjuan.desks.certificates import actions, queries
from anjuan.desks.certificates.forms import AskForm, FileForm, RevokeForm
from anjuan.desks.certificates.rules import Relation
from anjuan.facilities.signing import queries as signing
from anjuan.foundation.accounts import occasions
from anjuan.foundation.ledger import queries as ledger
from anjuan.foundation.web.middleware import at_most

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


def _too_large() -> Refusal:
    return Refusal("C-008", most=MOST_BYTES // 1024**2)


@at_most(MOST_BYTES + FORM_BYTES, _too_large)
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, code: str = "") -> HttpResponse:
    typed = code or request.GET.get("code", "")
    row: queries.PublicRow | None = None
    refusal: Refusal | None = None
    verdict: dict[str, object] | None = None
    if typed:
        try:
            row = queries.by_check_code(typed)
        except Refusal as refused:
            refusal = refused
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["certificate"]
        if upload.size > MOST_BYTES:
            refusal = _too_large()
        else:
            octets = upload.read()
            known = queries.by_digest(hashlib.sha256(octets).hexdigest())
            verdict = {"known": known, "signature": signing.verify_pdf(octets), "name": upload.name[:80]}
    context = {"typed": typed, "row": row, "refusal": refusal, "form": form, "verdict": verdict}
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
        "refusal": refusal,
    }
    return render(request, "certificates/certificate.html", context, status=refusal.entry.status if refusal else 200)
