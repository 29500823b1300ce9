from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from anjuan.core.asking.grammar import Note
from anjuan.core.refusals import Refusal
from anjuan.core.retention import Term
from anjuan.core.terms import Post, State
from anjuan.facilities.search import actions, queries
from anjuan.facilities.search.queries import kept
from anjuan.facilities.search.queries.known import known_of
from anjuan.facilities.search.queries.matching import Hit, Pieces
from anjuan.facilities.search.rules import Order
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
    "lives": gettext_lazy("the life line"),
    "view": gettext_lazy("looking at the record"),
}

_RECOGNISED = {
    "ID_CARD": gettext_lazy("read as an ID card number"),
    "CREDIT_CODE": gettext_lazy("read as a credit code"),
    "REFERENCE_CODE": gettext_lazy("read as a reference code"),
    "ACCEPTANCE_NO": gettext_lazy("read as an acceptance number"),
    "NUMBER": gettext_lazy("read as a number on a page"),
    "PART_OF_NUMBER": gettext_lazy("read as digits, and as a part of an ID card number"),
    "PHONE": gettext_lazy("read as a telephone number on a page"),
    "NAME": gettext_lazy("read as a name"),
    "PINYIN": gettext_lazy("read as pinyin of a name"),
    "WORDS": gettext_lazy("read as words"),
    "QUESTION": gettext_lazy("read as a question with operators or fields"),
    "NOTHING": "",
}
_NOTES = {
    "CLOSED_QUOTE": gettext_lazy("A quote was left open; it was closed at the end."),
    "CLOSED_BRACKET": gettext_lazy("A bracket was left open; it was closed at the end."),
    "STRAY_BRACKET": gettext_lazy("A bracket that was never opened was left out."),
    "LEFT_OUT": gettext_lazy("“%(about)s” has nothing that can be looked for; it was left out."),
    "LOWER_CASE": gettext_lazy("“%(about)s” was looked for as a word; an operator is written in capitals."),
}
_WHERE = {
    "TITLE": gettext_lazy("Title"),
    "STEP": gettext_lazy("Business step"),
    "NAMES": gettext_lazy("Concerns"),
    "CODES": gettext_lazy("Code"),
    "NUMBER": gettext_lazy("Personal number"),
    "PAGE": gettext_lazy("Page text"),
}
_ORDERS = {
    Order.NEWEST: gettext_lazy("newest first"),
    Order.OLDEST: gettext_lazy("oldest first"),
    Order.FORMED: gettext_lazy("latest date first"),
    Order.FORMED_FIRST: gettext_lazy("earliest date first"),
}
_FACETS = {
    "YEAR": gettext_lazy("Year"),
    "CATEGORY": gettext_lazy("Category"),
    "STEP": gettext_lazy("Business step"),
    "AGENCY": gettext_lazy("Agency"),
    "STATE": gettext_lazy("Stage"),
}
_FIELD_OF = {"YEAR": "year", "CATEGORY": "class", "STEP": "step", "AGENCY": "agency", "STATE": "state"}
_EXAMPLES = (
    ("王伟 退休", gettext_lazy("all of them, anywhere in the catalogue or on the pages of one item")),
    ("退休 OR 工伤", gettext_lazy("any of them; | means the same")),
    ("王伟 NOT 退休", gettext_lazy("not this; -退休 means the same. NOT binds before AND, AND before OR")),
    ("(退休 OR 工伤) 2019", gettext_lazy("brackets first")),
    ("“待遇 核定表”", gettext_lazy("next to one another; blanks and line ends do not matter, other signs do")),
    ("姓名:王伟   题名:退休   正文:证明", gettext_lazy("the whole name; in the title; on pages")),
    ("日期:2019..2021   年度:2020   门类:03", gettext_lazy("from and to, both included; 2019-03 is a whole month")),
    ("SL2024*", gettext_lazy("whatever begins so: numbers and Latin words")),
    ("1101**********1234   身份证:110105*", gettext_lazy("an ID card number known in part")),
    ("wangwei   ww   拼音:wang*", gettext_lazy("a name by its pinyin or its initials; v for ü")),
)
MOST_VALUES = 8  # of one kind on one page


@login_required
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    typed = request.GET.get("q", "")
    wanted = request.GET.get("order", "")
    order = Order(wanted) if wanted in Order.__members__ else Order.NEWEST
    told = {
        "typed": typed,
        "order": order,
        "orders": _orders(typed, order),
        "examples": _EXAMPLES,
        "may_export": kept.row_limit(actor) > 0,
    }
    try:
        result = queries.find(actor, typed, order=order, after=request.GET.get("after", ""))
    except Refusal as refusal:
        return render(request, "search/find.html", {**told, "refusal": refusal}, status=refusal.entry.status)
    persons = () if request.GET.get("after") else result.persons  # they stand on the first page
    known = known_of(actor, [hit.subject for hit in persons])
    places = queries.places(result)
    return render(
        request,
        "search/find.html",
        {
            **told,
            "result": result,
            "persons": [(hit, known[hit.subject.urn]) for hit in persons],
            "recognised": _RECOGNISED[result.recognised],
            "notes": [_note(note) for note in result.notes],
            "places": places,
            "rows": [(item, _reasons(result.hits.get(item.urn)), places.get(item.urn, "")) for item in result.items],
            "facets": _facets(result),
            "next_url": _address(typed, order, after=result.following) if result.following else "",
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


def _orders(typed: str, order: Order) -> list[tuple[Promise, str, bool]]:
    return [(words, _address(typed, each), each is order) for each, words in _ORDERS.items()]


def _address(typed: str, order: Order, after: str = "") -> str:
    asked = {"q": typed, **({"order": order.value} if order is not Order.NEWEST else {})}
    return f"{reverse('search:find')}?{urlencode({**asked, 'after': after} if after else asked)}"


def _note(note: Note) -> str:
    words = _NOTES[note.code]
    return str(words) % {"about": note.about}


def _reasons(hit: Hit | None) -> list[tuple[str, int, Pieces]]:
    if hit is None:
        return []
    return [(str(_WHERE[reason.field or reason.kind]), reason.page, reason.pieces) for reason in hit.reasons]


def _facets(result: queries.SearchResult) -> list[tuple[Promise, list[tuple[str, int, str]]]]:
    """For each kind with more than one value: what it is called, and words, count and address of each value."""
    names = queries.facet_names()
    found: list[tuple[Promise, list[tuple[str, int, str]]]] = []
    for column, words in _FACETS.items():
        counts = result.facets.get(column, {})
        if len(counts) < 2:
            continue
        most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_VALUES]
        values = []
        for value, count in most:
            spoken = labels.label(State(value)) if column == "STATE" else names.get(column, {}).get(value, value)
            asked = f"{result.narrowing} {_FIELD_OF[column]}:{value}"
            values.append((spoken, count, _address(asked, result.order)))
        found.append((words, values))
    return found


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
