"""Handing the pages of samples to a browser or a program: who may see, and what counts as a look.

A look is no deed. The opening is put down under the record that the page was copied from, for it shows what that page
shows: whoever saw a person's papers stands in the openings, exercise or not.
"""

import io

from django.http import HttpRequest, HttpResponse
from PIL import Image

from anjuan.core.terms import Occasion
from anjuan.desks.inspection.models import ProbeLook
from anjuan.desks.inspection.queries import probes
from anjuan.desks.inspection.queries.probes import ProbeRow
from anjuan.foundation.accounts import occasions
from anjuan.foundation.journal import actions as journal

_THUMB_PX = 150


def open_page(request: HttpRequest, set_no: str, place: int, page: int) -> HttpResponse:
    """One whole page of a sample as a JPEG; opening it is a look, unless it is fetched ahead.

    Raises:
        J-003: the opening cannot be put down.
        M-009: it has no such page.
        R-009: there is no such sample that he may see.
    """
    occasion = occasions.of(request)
    probe, path = probes.page_file(occasion.actor, set_no, place, page)
    if request.method != "HEAD":
        _note_opening(occasion, probe, page)
        if request.method == "GET" and "ahead" not in request.GET:
            _look(occasion, probe, page)
    response = HttpResponse(path.read_bytes(), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"  # who sits here next is measured too, and the copies are deleted
    return response


def thumbnail(request: HttpRequest, set_no: str, place: int, page: int) -> HttpResponse:
    """A page of a sample, too small to be read.

    Raises:
        M-009: it has no such page.
        R-009: there is no such sample that he may see.
    """
    _, path = probes.page_file(occasions.actor_of(request), set_no, place, page)
    with Image.open(path, formats=["JPEG"]) as image:
        image.draft(image.mode, (_THUMB_PX * 2, _THUMB_PX * 2))
        image.thumbnail((_THUMB_PX, _THUMB_PX * 2))
        octets = io.BytesIO()
        image.save(octets, "JPEG", quality=70)
    response = HttpResponse(octets.getvalue(), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


def _note_opening(occasion: Occasion, probe: ProbeRow, page: int) -> None:
    source = probe.source[probe.copies[page - 1].source]
    journal.note_opening(
        occasion=occasion,
        unit=source.item_urn,
        component=source.component_pk,
        page=source.page_no,
        purpose="inspection",
    )


def _look(occasion: Occasion, probe: ProbeRow, page: int) -> None:
    if probe.is_closed or probes.knows_truth(occasion.actor, probe.made_by):
        return
    if occasion.actor.covers(probe.agency_path, *probes.TAKING_POSTS):
        ProbeLook.objects.get_or_create(
            probe_id=probe.pk, staff_code=occasion.actor.staff_code, page_no=page, defaults={"at": occasion.at}
        )
