"""Handing out regions of pages (影像区域): who may see, what counts as an opening, which bytes are decoded."""

import functools

from django.conf import settings
from django.http import HttpRequest
from PIL import Image

from anjuan.core.refusals import Refusal
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.formats import serving as formats_serving
from anjuan.facilities.viewer import queries
from anjuan.facilities.viewer.backends import cutting
from anjuan.facilities.viewer.backends.decoded import DecodedPages
from anjuan.facilities.viewer.rules import images
from anjuan.facilities.viewer.rules.images import PageId, PageSize, Plan
from anjuan.foundation.accounts import occasions
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow


def page_named(request: HttpRequest, name: str) -> tuple[ComponentRow, PageId, PageSize]:
    """The page that an identifier names, if whoever asks may see it.

    Raises:
        A-007: nobody is logged in.
        M-009: there is no such page.
        R-009: it names nothing, or nothing he may see.
    """
    actor = occasions.actor_of(request)
    page_id = images.read_id(name)
    if page_id is None:
        raise Refusal("R-009", what=name[:40])
    row = records.get_component_for(actor, page_id.component)
    return row, page_id, queries.size_of(row, page_id.page, page_id.turn)


def region(request: HttpRequest, row: ComponentRow, page_id: PageId, size: PageSize, plan: Plan) -> bytes:
    """What a plan asks for; whatever can be read is put down as an opening before it is given.

    Raises:
        B-005, B-007, B-008: the store has no such file, or its bytes changed.
        J-003: the opening cannot be put down; then nothing is given.
    """

    def decode(times: int) -> Image.Image:
        image = formats.decode_page(urn=row.item_urn, sha512=row.sha512, page=page_id.page, times=times)
        return cutting.turned(image, page_id.turn)

    image = decoded_pages().get((row.sha512, page_id.page, page_id.turn), plan.shrink, decode)
    octets = cutting.cut(image, size, plan)
    if not plan.is_thumbnail_of(size):
        formats_serving.note_opening(request, occasions.of(request), row, page_id.page)
    return octets


@functools.cache
def decoded_pages() -> DecodedPages:
    """The decoded pages of this process."""
    return DecodedPages(settings.ANJUAN_VIEW_CACHE_MB << 20)
