"""An item of five hundred pages pages smoothly: no more queries than for two, and bytes within a bound."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anjuan.core.terms import Post
from anjuan.records import models
from tests import builders
from tests.cast import Cast

KB = 1024


def thicken(item_urn: str, pages: int) -> None:
    """Let the main form of an item have so many pages."""
    models.Component.objects.filter(item__urn=item_urn, ordinal=1).update(
        page_count=pages - 1, pages=[[1240, 1754, 150]] * (pages - 1)
    )
    models.Item.objects.filter(urn=item_urn).update(paper_pages=pages)


def asked(client: object, address: str) -> tuple[int, int]:
    """How many queries and bytes a page takes."""
    client.get(address)  # type: ignore[attr-defined]
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address)  # type: ignore[attr-defined]
    assert answer.status_code == 200, address
    return len(seen), len(answer.content)


# What a page of so many may weigh, uncompressed; it grows by a line a page of paper, and by no query.
MOST_KB = {
    "search:item": 200,
    "search:volume": 200,
    "filing:volume": 50,
    "inspection:self_check": 360,
}  # thirty doubts among them


@pytest.mark.parametrize("name", sorted(MOST_KB))
def test_five_hundred_pages_ask_no_more_of_the_database_than_two(cast: Cast, name: str) -> None:
    walk = builders.sealed(cast, "SL-1")
    who = cast.client(Post.CHECKER if name == "inspection:self_check" else Post.FILER)
    address = reverse(name, kwargs={"urn": walk.item_urn if name == "search:item" else walk.volume_urn})
    thin_queries, _ = asked(who, address)

    thicken(walk.item_urn, 500)
    queries, size = asked(who, address)

    assert queries <= thin_queries
    assert size <= MOST_KB[name] * KB
