import datetime as dt

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.facilities.evidence import actions, panels, queries
from anjuan.facilities.evidence.forms import ConnectForm, EntryForm
from anjuan.foundation.accounts import occasions
from anjuan.foundation.ledger import queries as ledger
from anjuan.foundation.web.middleware import is_fragment
from anjuan.foundation.web.panels import address


class Day:
    """A calendar date in an address."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date) -> str:
        return value.isoformat()


@login_required
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def take_root(request: HttpRequest) -> HttpResponse:
    try:
        actions.take_root(occasion=occasions.of(request))
    except Refusal as refusal:
        if refusal.entry.status in (403, 404):
            raise
        return _page(request, refusal=refusal)
    return redirect("evidence:log")


@login_required
@require_safe
def day_sheet(request: HttpRequest, day: dt.date, no: int) -> HttpResponse:
    pdf = queries.day_sheet(occasions.actor_of(request), day, no, at=timezone.now())
    return _file(pdf, "application/pdf", f"root-{queries.name_of(day, no)}.pdf", shown=True)


@login_required
@require_safe
def day_note(request: HttpRequest, day: dt.date, no: int) -> HttpResponse:
    row = queries.day_root(occasions.actor_of(request), day, no)
    note = ledger.checkpoint_of(row.size).note
    return _file(note.encode(), "text/plain; charset=utf-8", f"checkpoint-{row.name}.txt")


@login_required
@require_safe
def day_stamp(request: HttpRequest, day: dt.date, no: int) -> HttpResponse:
    octets = queries.day_stamp(occasions.actor_of(request), day, no)
    return _file(octets, "application/timestamp-reply", f"{queries.name_of(day, no)}.tsr")


@login_required
@require_safe
def record(request: HttpRequest, urn: str) -> HttpResponse:
    found = queries.record_proof(occasions.actor_of(request), urn)
    template = "evidence/_record.html" if is_fragment(request) else "evidence/record.html"
    return render(request, template, {"found": found, "words": panels.record_words(found)})


@login_required
@require_safe
def line_proof(request: HttpRequest, urn: str, position: int) -> HttpResponse:
    return _proof(queries.prove_line(occasions.actor_of(request), urn, position))


@login_required
@require_safe
def proof_file(request: HttpRequest) -> HttpResponse:
    return _proof(queries.prove(occasions.actor_of(request), request.GET.get("entry", "")))


def _proof(proof: queries.Proof) -> HttpResponse:
    response = JsonResponse(proof.as_json(), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="proof-{proof.position}.json"'
    return response


@require_safe
def published(request: HttpRequest, path: str) -> HttpResponse:
    actor = getattr(request, "actor", None)
    octets = queries.published_file(actor, path)
    kind = "text/plain; charset=utf-8" if path == "checkpoint" else "application/octet-stream"
    response = HttpResponse(octets, content_type=kind)
    # A full tile never changes; the checkpoint is what is asked for again and again.
    is_full = path != "checkpoint" and ".p/" not in path
    response["Cache-Control"] = f"{queries.cache_scope()}, max-age={31_536_000 if is_full else 5}"
    return response


def _file(octets: bytes, content_type: str, name: str, *, shown: bool = False) -> HttpResponse:
    response = HttpResponse(octets, content_type=content_type)
    response["Content-Disposition"] = f'{"inline" if shown else "attachment"}; filename="{name}"'
    return response


def _page(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = occasions.actor_of(request)
    standing = queries.standing(actor)
    days = queries.days(actor)
    entry, connect = EntryForm(request.GET), ConnectForm(request.GET)
    proof = consistency = None
    asked: Refusal | None = None
    try:
        if entry.is_valid() and entry.cleaned_data["entry"]:
            proof = queries.prove(actor, entry.cleaned_data["entry"])
        if connect.is_valid() and connect.is_asked():
            consistency = queries.connect(actor, connect.cleaned_data["old"], connect.cleaned_data["new"])
    except Refusal as refused:
        asked = refused
    told = refusal or asked
    context = {
        "standing": standing,
        "tiles": panels.tiles(standing, days),
        "picture": panels.picture(standing),
        "days": days,
        "keys": panels.key_lines(queries.keys(actor)),
        "trust_url": address("certificates:trust"),
        "entry": request.GET.get("entry", ""),
        "old": request.GET.get("old", ""),
        "new": request.GET.get("new", ""),
        "proof": proof,
        "consistency": consistency,
        "refusal": told,
        "steps": panels.proof_words(proof) if proof else (),
    }
    return render(request, "evidence/log.html", context, status=told.entry.status if told else 200)
