"""Pages that several requests answer with: the pool, a volume, the list of numbers."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anjuan.core.refusals import Refusal
from anjuan.core.terms import CORRECTING, Route, State
from anjuan.desks.filing import forms, panels, queries, rules
from anjuan.facilities.printing.rules import VOLUME_FORMS
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web import labels
from anjuan.foundation.web.middleware import refusal_words


def as_pdf(octets: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(octets, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def pool_page(
    request: HttpRequest, refusal: Refusal | None = None, typed: forms.OpenForm | None = None
) -> HttpResponse:
    actor = occasions.actor_of(request)
    queries.enter(actor)
    rows = queries.proposals(actor)
    shown, left = (
        panels.cards(rows, key=typed.proposal, title=typed.title, ticked=typed.items) if typed else panels.cards(rows)
    )
    opened, returned = queries.open_volumes(actor), queries.returned_volumes(actor)
    context = {
        "tabs": panels.tabs(actor, "filing:pool"),
        "cards": shown,
        "left": left,
        "bundles": panels.bundles(rows),
        "bundle_count": len(rows),
        "pool": queries.count_pool(actor),
        "opened": panels.volume_rows(opened),
        "sealable": panels.sealable(opened) if actor.holds(*rules.SEALING_POSTS) else [],
        "opened_count": len(opened),
        "returned": panels.volume_rows(returned),
        "returned_count": len(returned),
        "refusal": refusal_words(refusal) if refusal else None,
        "refused": typed.proposal if typed else "",
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "filing/pool.html", context, status=refusal.entry.status if refusal else 200)


def volume_page(
    request: HttpRequest,
    urn: str,
    refusal: Refusal | None = None,
    *,
    typed: Mapping[str, object] | None = None,
    template: str = "filing/volume.html",
) -> HttpResponse:
    actor = occasions.actor_of(request)
    sheet = queries.bench(actor, urn)
    state = sheet.volume.state
    whole = template == "filing/volume.html"
    takes = state is State.FILING or state is State.RETURNED or state in rules.RECEIVED
    kin = queries.kin_in_pool(actor, sheet.volume) if whole and takes else []
    context = {
        "sheet": sheet,
        "volume": sheet.volume,
        "places": panels.places(sheet),
        "is_open": state is State.FILING,
        "may_seal": actor.covers(sheet.volume.agency_path, *rules.SEALING_POSTS),
        "is_returned": state in CORRECTING,
        "in_archive": state is State.MENDING and sheet.volume.route is not Route.SINGLE_SET,
        "closings": panels.closings(str((typed or {}).get("closing", ""))),
        "is_sealed": bool(sheet.volume.reference_code),
        "missing": panels.missing(sheet),
        "faults": panels.fault_lines(sheet) if whole else [],
        "undoable": queries.undoable(urn, [item.urn for item in sheet.items]) if state is State.FILING else 0,
        "papers": panels.papers(sheet),
        "previews": panels.previews(sheet) if whole and state is State.FILING and sheet.items else [],
        "issues": queries.issues_of(urn) if whole else [],
        "notes": panels.note_lines(queries.notes_of(urn)) if whole else [],
        "note_kinds": panels.note_kinds(),
        "supplement_of": panels.reference_of(first) if whole and (first := queries.supplements_of(urn)[0]) else None,
        "supplements": [panels.reference_of(one) for one in queries.supplements_of(urn)[1]] if whole else [],
        "is_received": state in rules.RECEIVED,
        "may_forward": panels.may_forward(sheet.volume),
        "kin": kin[: panels.KIN_SHOWN],
        "kin_left": max(0, len(kin) - panels.KIN_SHOWN),
        "term": labels.term_words(sheet.volume.term),
        "share": min(100, round(100 * sheet.pages / sheet.page_limit)) if sheet.page_limit else 0,
        "refusal": refusal_words(refusal) if refusal else None,
        "typed": typed or {},
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, template, context, status=refusal.entry.status if refusal else 200)


def numbers_page(
    request: HttpRequest, refusal: Refusal | None = None, *, typed: Mapping[str, str] | None = None
) -> HttpResponse:
    actor = occasions.actor_of(request)
    years = queries.years(actor)
    asked = request.GET.get("year", "") or request.POST.get("run", "").partition("/")[2].partition("/")[0]
    year = int(asked) if asked.isdigit() else (years[0] if years else 0)
    runs = queries.runs_of(actor, year)
    context = {
        "tabs": panels.tabs(actor, "filing:numbers"),
        "years": years,
        "year": year,
        "runs": [panels.run_card(run) for run in runs],
        "print_forms": panels.print_forms(VOLUME_FORMS),
        "prints": panels.print_lines(queries.prints_of(actor)),
        "may_renumber": panels.may_renumber(actor),
        "typed": typed or {},
        "refusal": refusal_words(refusal) if refusal else None,
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "filing/numbers.html", context, status=refusal.entry.status if refusal else 200)
