from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.retention import Term
from anjuan.core.terms import Post, State
from anjuan.facilities.search import actions, queries
from anjuan.foundation.accounts import occasions
from anjuan.foundation.web import labels
from anjuan.foundation.web.shapes import Count, Fact, Judging, PageImage
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow, PageLedger

_PURPOSES = {
    "intake": gettext_lazy("at the counter"),
    "review": gettext_lazy("review"),
    "filing": gettext_lazy("filing"),
    "inspection": gettext_lazy("inspection"),
    "transfer": gettext_lazy("transfer"),
    "certificates": gettext_lazy("certificates"),
    "corrections": gettext_lazy("corrections"),
    "linkage": gettext_lazy("the business system's page"),
    "view": gettext_lazy("looking at the record"),
}


@login_required
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    typed = request.GET.get("q", "")
    try:
        result = queries.find(actor, typed)
    except Refusal as refusal:
        return render(request, "search/find.html", {"refusal": refusal, "typed": typed}, status=refusal.entry.status)
    return render(
        request,
        "search/find.html",
        {
            "result": result,
            "typed": typed,
            "places": queries.places(result),
            "steps": records.step_names(),
            "may_certify": actor.holds(Post.READING_DESK),
        },
    )


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    wanted = request.GET.get("state", "")
    state = State(wanted) if wanted in State.__members__ else None
    flow = records.flow(actor)
    listed = queries.listing(actor, state) if state else None
    return render(
        request,
        "search/listing.html",
        {
            "state": state,
            "flow": flow,
            "records": listed,
            "total": dict(flow).get(state, 0) if state else 0,
        },
    )


@login_required
@require_safe
def item(request: HttpRequest, urn: str) -> HttpResponse:
    actor = occasions.actor_of(request)
    shown = queries.item_page(actor, urn)
    pages = _pages(shown.components, reverse("search:item", args=[urn]))
    return render(
        request,
        "search/record.html",
        {
            "shown": shown,
            "record": shown.item,
            "is_item": True,
            "judging": Judging(pages=pages, current=_current(request, pages), facts=_item_facts(shown)),
            "counts": _ledger(shown.ledger),
            "may_certify": actor.holds(Post.READING_DESK),
            "may_see_openings": queries.may_see_openings(actor, shown.item.agency_path),
        },
    )


@login_required
@require_safe
def openings(request: HttpRequest, urn: str) -> HttpResponse:
    visitors = [(row, _PURPOSES[row.visit.purpose]) for row in queries.visitors(occasions.actor_of(request), urn)]
    return render(request, "search/openings.html", {"urn": urn, "visitors": visitors})


@login_required
@require_safe
def volume(request: HttpRequest, urn: str) -> HttpResponse:
    actor = occasions.actor_of(request)
    shown = queries.volume_page(actor, urn)
    pages = _pages(shown.components, reverse("search:volume", args=[urn]))
    return render(
        request,
        "search/record.html",
        {
            "shown": shown,
            "record": shown.volume,
            "is_item": False,
            "judging": Judging(pages=pages, current=_current(request, pages), facts=_volume_facts(shown)),
            "counts": _ledger(shown.ledger),
            "may_see_openings": queries.may_see_openings(actor, shown.volume.agency_path),
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def reveal(request: HttpRequest, subject: str) -> HttpResponse:
    actor = occasions.actor_of(request)
    row = queries.subject_for(actor, subject)
    refusal: Refusal | None = None
    number = ""
    if request.method == "POST":
        try:
            number = actions.reveal(
                occasion=occasions.of(request), subject_urn=subject, reason=request.POST.get("reason", "")
            )
        except Refusal as refused:
            refusal = refused
    return render(
        request,
        "search/reveal.html",
        {"subject": row, "number": number, "refusal": refusal, "reason": request.POST.get("reason", "")},
        status=refusal.entry.status if refusal else 200,
    )


def _current(request: HttpRequest, pages: Sequence[PageImage]) -> int:
    wanted = request.GET.get("page", "1")
    return min(max(int(wanted), 1), max(len(pages), 1)) - 1 if wanted.isascii() and wanted.isdigit() else 0


def _pages(components: Sequence[ComponentRow], here: str) -> list[PageImage]:
    pages: list[PageImage] = []
    for row in components:
        for number in range(1, row.page_count + 1):
            where = {"component": row.pk, "page": number}
            pages.append(
                PageImage(
                    number=f"{len(pages) + 1:03}",
                    url=f"{here}?page={len(pages) + 1}",
                    image_url=reverse("formats:view", kwargs=where),
                    thumb_url=reverse("formats:thumb", kwargs=where),
                    tiles_url=reverse("formats:tiles", kwargs=where),
                    component=str(row.pk),
                )
            )
    return pages


def _ledger(ledger: PageLedger) -> list[Count]:
    return [
        Count(_("Paper"), ledger.paper),
        Count(_("Images"), ledger.images),
        Count(_("Catalogue entries"), ledger.catalogue),
    ]


def _item_facts(shown: queries.ItemPage) -> list[Fact]:
    item = shown.item
    facts = [
        Fact(_("Reference code"), item.reference_code or "—", was="、".join(shown.former), code=True),
        Fact(_("Title"), item.title),
        Fact(_("Business step"), shown.step.name if _zh() else shown.step.name_en),
        Fact(_("Acceptance no."), item.acceptance_no, code=True),
        Fact(_("Formed"), item.formed_date.isoformat()),
        *_retention(item.term, item.rule_code, str(item.retention_ends_date or "")),
        Fact(_("Where the paper lies"), shown.place or _("not on a shelf yet")),
    ]
    for subject in shown.subjects:
        facts.append(Fact(_("Concerns"), subject.name, note=subject.masked_id))
    return facts


def _volume_facts(shown: queries.VolumePage) -> list[Fact]:
    volume = shown.volume
    return [
        Fact(_("Reference code"), volume.reference_code or "—", was="、".join(shown.former), code=True),
        Fact(_("Title"), volume.title),
        Fact(_("Category"), volume.category_name),
        Fact(_("Year"), str(volume.year)),
        *_retention(volume.term, "", ""),
        Fact(_("Items / pages"), f"{volume.item_count} / {volume.page_count}"),
        Fact(_("Where the paper lies"), shown.place or _("not on a shelf yet")),
    ]


def _retention(term: Term, rule: str, ends: str) -> list[Fact]:
    words, settled = labels.term_words(term), term.is_settled
    note = " · ".join(part for part in (rule, ends and _("due %(day)s") % {"day": ends}) if part)
    return [Fact(_("Retention"), words, note=note, tone="" if settled else "wait")]


def _zh() -> bool:
    return (get_language() or "zh").startswith("zh")
