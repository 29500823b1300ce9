"""What was read on a page, beside its image: may, may not, may not even see; reading it counts as opening it."""

import datetime as dt

import pytest
from django.urls import reverse

from anjuan.core.reading.pages import VERSION
from anjuan.core.reading.said import as_kept
from anjuan.core.terms import Post
from anjuan.facilities.reading.models import PageReading
from anjuan.foundation.journal import queries as journal
from anjuan.records import queries as records
from tests import builders
from tests.cast import Cast
from tests.detection.builders import PERSON
from tests.detection.reading import said, seal

AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


def read(urn: str) -> int:
    """Keep what was read on the first page of an item. Returns its file."""
    row = records.components_of([urn])[urn][0]
    told = as_kept(said(version=VERSION, seals=(seal(words="北河区社会保险 业务专用章"),)))
    lines = [["申请表", [0.4, 0.1, 0.2, 0.03], 0.99, []], [f"姓名{PERSON.name}", [0.1, 0.2, 0.2, 0.02], 0.7, []]]
    PageReading.objects.create(
        sha512=row.sha512, page_no=1, version=VERSION, model="none", lines=lines, said=told, read_at=AT
    )
    return row.pk


def address(component: int, page: int = 1) -> str:
    return reverse("reading:page", kwargs={"component": component, "page": page})


def test_the_page_shows_what_detectors_go_by_and_every_line(cast: Cast) -> None:
    component = read(builders.captured(cast))

    shown = cast.client(Post.HANDLER).get(address(component)).content.decode()

    for words in ("业务专用章", PERSON.name, "经办人", "申请表", "70 %"):
        assert words in shown
    assert shown.count("<rect") > 5


@pytest.mark.parametrize("is_program", [False, True])
def test_reading_the_words_counts_as_opening_the_page(cast: Cast, is_program: bool) -> None:
    component = read(builders.captured(cast))
    assert not journal.openings().after(0, 500)

    if is_program:
        cast.program("bh01").get(f"/api/v1/components/{component}/pages/1/reading")
    else:
        cast.client(Post.HANDLER).get(address(component))

    ((_, opening),) = journal.openings().after(0, 500)
    assert (opening.component, opening.page, opening.staff_code) == (component, 1, "bh01")


def test_the_api_tells_the_same_and_a_page_not_read_is_told_as_such(cast: Cast) -> None:
    urn = builders.captured(cast)
    component = read(urn)
    other = records.components_of([urn])[urn][1].pk

    told = cast.program("bh01").get(f"/api/v1/components/{component}/pages/1/reading").json()
    unread = cast.program("bh01").get(f"/api/v1/components/{other}/pages/1/reading").json()

    assert told["is_read"] and told["fields"]["PERSON"] == [PERSON.name]
    assert told["lines"][0]["text"] == "申请表"
    assert not unread["is_read"] and unread["lines"] == []


def test_the_record_lists_its_pages_with_what_they_are(cast: Cast) -> None:
    urn = builders.captured(cast)
    read(urn)

    listed = cast.client(Post.HANDLER).get(reverse("reading:record", kwargs={"urn": urn})).content.decode()

    assert "申请表" in listed and "印章 1 枚" in listed and "尚未识读" in listed


@pytest.mark.parametrize(("post", "status"), [(Post.HANDLER, 200), (Post.REVIEWER, 200), (Post.SYSTEM_ADMIN, 404)])
def test_who_may_not_see_the_item_sees_nothing_of_it(cast: Cast, post: Post, status: int) -> None:
    urn = builders.captured(cast)
    component = read(urn)

    assert cast.client(post).get(address(component)).status_code == status
    assert cast.client(post).get(reverse("reading:record", kwargs={"urn": urn})).status_code == status


def test_there_is_no_page_beyond_the_last_and_no_record_of_another_name(cast: Cast) -> None:
    component = read(builders.captured(cast))
    client = cast.client(Post.HANDLER)

    assert client.get(address(component, 2)).status_code == 404
    assert client.get(address(component + 999)).status_code == 404
    assert client.get(reverse("reading:record", kwargs={"urn": "urn:none"})).status_code == 404
