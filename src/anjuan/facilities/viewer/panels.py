"""The viewer's page, its list of pages, and the manifests that say the same to other programs."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor, Occasion
from anjuan.facilities.viewer import queries, rules
from anjuan.facilities.viewer.queries import Viewed
from anjuan.facilities.viewer.rules import images, presentation
from anjuan.facilities.viewer.rules.presentation import Described, Said, ViewedPage
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web import labels
from anjuan.foundation.web.shapes import Fact, Key, KeyGroup
from anjuan.records.rows import ItemRow

OVERLAYS = 12  # how often the line stands over the page
MODES = ("single", "catalogue", "two")

KEYS = KeyGroup(
    gettext_lazy("Viewer"),
    (
        Key(("J", "K"), gettext_lazy("Next page, previous page")),
        Key(("Home", "End"), gettext_lazy("First page, last page")),
        Key(("]", "["), gettext_lazy("Next record, previous record")),
        Key(("+", "-"), gettext_lazy("Zoom in, zoom out")),
        Key(("0", "W"), gettext_lazy("Fit the page, fit the width")),
        Key(("R",), gettext_lazy("Turn the view")),
        Key(("G",), gettext_lazy("Go to a page")),
        Key(("C",), gettext_lazy("Catalogue beside the page")),
        Key(("D",), gettext_lazy("Two pages side by side")),
        Key(("L",), gettext_lazy("Move both pages together")),
        Key(("P",), gettext_lazy("Print this page")),
    ),
)


def view_page(occasion: Occasion, shown: Viewed, asked: QueryDict, beside: str) -> dict[str, Any]:
    """What the viewer's template draws.

    Args:
        occasion: who looks, and when.
        shown: the record.
        asked: ``page`` from 1, ``mark`` words to be marked, ``mode``, ``beside_page``.
        beside: URN of the record to be laid beside it; empty for none.
    """
    record, actor = shown.record, occasion.actor
    words = rules.words_to_mark(asked.getlist("mark"))
    current = _number(asked.get("page", ""), len(shown.pages))
    mode = asked.get("mode", "")
    page = shown.pages[current - 1] if shown.pages else None
    agency = accounts.agency_names().get(actor.agency_code, actor.agency_code)
    may_print = queries.may_print(actor, record.agency_path)
    return {
        "shown": shown,
        "record": record,
        "page": page,
        "current": current,
        "image_url": reverse("iiif:image", args=[page.image, images.first_look(page.size)]) if page else "",
        "print_url": _place("viewer:print", page) if page and may_print else "",
        "print_posts": "、".join(labels.label(post) for post in queries.print_posts()),
        "words": words,
        "mode": "two" if beside else mode if mode in MODES else "single",
        "beside": beside,
        "beside_page": _number(asked.get("beside_page", ""), 1 << 20),
        "facts": facts(shown),
        "overlay": rules.overlay_line(
            actor.name, actor.staff_code, agency, f"{timezone.localtime(occasion.at):%Y-%m-%d %H:%M}"
        ),
        "overlays": range(OVERLAYS),
        "iiif": reverse("iiif:base", args=["0"])[:-1],
        "page_keys": KEYS,
    }


def page_list(shown: Viewed) -> dict[str, Any]:
    """The pages of a record as the viewer's script reads them: short rows, for there may be thousands."""
    return {
        "title": shown.record.title,
        "parts": [[item.urn, item.title, item.reference] for item in shown.parts],
        "pages": [
            [page.image.component, page.image.page, page.image.turn, page.size.width, page.size.height, page.part]
            for page in shown.pages
        ],
    }


def facts(shown: Viewed) -> list[Fact]:
    """The catalogue of a record, as its own page says it, in the reader's language."""
    record = shown.record
    found = [Fact(_("Reference code"), record.reference_code or "—", code=True), Fact(_("Title"), record.title)]
    if isinstance(record, ItemRow):
        if shown.step is not None:
            found.append(Fact(_("Business step"), _either(shown.step.name, shown.step.name_en)))
        found += [
            Fact(_("Acceptance no."), record.acceptance_no, code=True),
            Fact(_("Formed"), record.formed_date.isoformat()),
        ]
    else:
        found += [
            Fact(_("Category"), record.category_name),
            Fact(_("Items / pages"), f"{record.item_count} / {record.page_count}"),
        ]
    found += [
        Fact(_("Year"), str(record.year)),
        Fact(_("Retention"), labels.term_words(record.term)),
        Fact(_("Agency"), shown.agency_name),
    ]
    found += [Fact(_("Concerns"), subject.name, note=subject.masked_id) for subject in shown.subjects]
    return found


def manifest(actor: Actor, urn: str, base: str) -> presentation.Json:
    """The manifest of an item (清单).

    Raises:
        R-009: there is no such item, or he may not see it.
    """
    shown = queries.viewed(actor, urn)
    if not shown.is_item:
        raise Refusal("R-009", what=urn)
    return presentation.manifest(base, _described(shown), shown.pages, queries.LIMITS)


def collection(actor: Actor, urn: str, base: str) -> presentation.Json:
    """The collection of a volume (集合).

    Raises:
        R-009: there is no such volume, or he may not see it.
    """
    shown = queries.viewed(actor, urn)
    if shown.is_item:
        raise Refusal("R-009", what=urn)
    items = [
        (item.urn, Said(f"{item.reference} {item.title}", f"{item.reference} {item.title}")) for item in shown.parts
    ]
    return presentation.collection(base, _described(shown), items)


def iiif_base(request: HttpRequest) -> str:
    """The address at which IIIF begins, as the asker sees it."""
    return request.build_absolute_uri(reverse("iiif:base", args=["0"])).removesuffix("/3/0")


def _described(shown: Viewed) -> Described:
    record = shown.record
    spoken: list[list[Fact]] = []
    heads: list[tuple[str, str]] = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            spoken.append(facts(shown))
            heads.append((_("Kept by"), _("For use by those who may; what is made of it names who made it")))
    pairs = [
        (Said(str(zh.term), str(en.term)), Said(_valued(zh), _valued(en)))
        for zh, en in zip(spoken[0], spoken[1], strict=True)
    ]
    step = shown.step
    materials: Mapping[str, Said] = (
        {row.code: Said(row.name, row.name_en) for row in step.materials} if step is not None else {}
    )
    reference = record.reference if isinstance(record, ItemRow) else record.reference_code or record.title
    return Described(
        urn=record.urn,
        title=Said(record.title, record.title),
        summary=Said(reference, reference),
        facts=pairs,
        attribution=(
            Said(heads[0][0], heads[1][0]),
            Said(f"{shown.agency_name}。{heads[0][1]}", f"{shown.agency_name}. {heads[1][1]}"),
        ),
        materials=materials,
    )


def _valued(fact: Fact) -> str:
    return f"{fact.value} ({fact.note})" if fact.note else str(fact.value)


def _place(name: str, page: ViewedPage) -> str:
    return reverse(name, kwargs={"component": page.image.component, "page": page.image.page})


def _number(text: str, most: int) -> int:
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1
    return min(max(wanted, 1), max(most, 1))


def _either(zh: str, en: str) -> str:
    return zh if (get_language() or "zh").startswith("zh") else en
