import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.core.words import word
from anjuan.desks.linkage import actions, queries, rules
from anjuan.desks.linkage.queries import Link
from anjuan.facilities.formats import actions as formats
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.journal import actions as journal

READER = "linkage_reader"
PURPOSE = "linkage"


@require_GET
def view(request: HttpRequest, token: str) -> HttpResponse:
    """The pages of one record and nothing else: no rail, no search, no way to another record."""
    occasion, link, reader = _through(request, token)
    if link.facts.opened_at is None:
        reader = secrets.token_hex(rules.TOKEN_BYTES)
        actions.open_link(occasion=occasion, link=link, reader=reader)
    case = queries.case_of(link.item_urn)
    language = get_language() or "zh"
    context = {
        "case": case,
        "state": word(case.state, language),
        "reader": occasion.actor.name,
        "purpose": link.purpose,
        "sheets": [
            (
                sheet.name if language.startswith("zh") else sheet.name_en,
                sheet.is_required,
                [
                    (place, reverse("linkage:page", kwargs={"token": token, "component": row.pk, "page": place}))
                    for row in sheet.files
                    for place in range(1, row.page_count + 1)
                ],
            )
            for sheet in case.sheets
        ],
        "minutes": settings.ANJUAN_LINK_VIEW_MINUTES,
    }
    answer = _private(render(request, "linkage/view.html", context))
    answer.set_cookie(
        READER,
        reader,
        max_age=settings.ANJUAN_LINK_VIEW_MINUTES * 60,
        path=reverse("linkage:view", kwargs={"token": token}),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return answer


@require_GET
def page_image(request: HttpRequest, token: str, component: int, page: int) -> HttpResponse:
    """One page as a JPEG, by a link that is open in this browser; put down as an opening before it is served.

    Raises:
        B-072, B-073, J-003, M-009, R-009.
    """
    occasion, link, _ = _through(request, token)
    if link.facts.opened_at is None:
        raise Refusal("B-073")  # the page comes first: it says whose link this is
    row = queries.file_of(link, component)
    if not 1 <= page <= row.page_count:
        raise Refusal("M-009", page=page)
    drawn = formats.open_page(row.item_urn, row.sha512, page, row.turns.get(page, 0))
    journal.note_opening(occasion=occasion, unit=row.item_urn, component=row.pk, page=page, purpose=PURPOSE)
    return _private(HttpResponse(drawn.view.read_bytes(), content_type="image/jpeg"))


def _through(request: HttpRequest, token: str) -> tuple[Occasion, Link, str]:
    """Whose link it is acts; his rights, and those of the system that asked, are those of this moment.

    Raises:
        A-001, B-070 to B-074: as for the question itself.
    """
    link = queries.link_of(token)
    reader = request.COOKIES.get(READER, "")
    present = getattr(request, "actor", None)
    rules.may_open(
        link.facts if link else None,
        reader=reader,
        signed_in=present.staff_code if present else "",
        at=occasions.moment(),
        view_minutes=settings.ANJUAN_LINK_VIEW_MINUTES,
    )
    if link is None:
        raise Refusal("B-072")
    today = occasions.today()
    person = accounts.actor_for(link.facts.staff_code, on=today)
    system = accounts.actor_for(link.system_code, on=today)
    facts, _ = queries.asked(system, person, link.agency_code, link.serial)
    rules.may_show(facts, settings.ANJUAN_LINK_CLOSED)
    return occasions.now(person), link, reader


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response
