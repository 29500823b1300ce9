"""What the machine sees while the paper is still in hand: a page a question, rights, a busy reader. S3-C3, S3-W14."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from anjuan.core.reading.pages import VERSION
from anjuan.core.reading.said import as_kept
from anjuan.core.terms import Post
from anjuan.facilities.assurance import actions
from anjuan.facilities.reading import actions as reading
from anjuan.facilities.reading import queries
from anjuan.facilities.reading.backends.residents import NoAnswer, Pool
from anjuan.facilities.reading.models import PageReading
from anjuan.records import queries as records
from tests import builders
from tests.cast import Cast
from tests.detection.reading import said

AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


class Reader:
    """Every page is a form without any seal."""

    silent = False

    def ask(self, question: dict[str, Any], within: float) -> dict[str, Any]:
        if self.silent:
            raise NoAnswer
        return {"lines": [], "said": as_kept(said(version=VERSION, seals=())), "model": "none"}


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    pool, one = Pool(1), Reader()
    pool._free.get()
    pool._free.put(one)  # type: ignore[arg-type]
    monkeypatch.setattr(reading, "_pool", lambda: pool)
    return one


def address(urn: str) -> str:
    return reverse("intake:read", kwargs={"urn": urn})


@pytest.mark.acceptance("S3-C3", "S3-P2")
def test_a_missing_seal_is_told_at_the_counter_a_page_a_question(cast: Cast, reader: Reader) -> None:
    urn = builders.captured(cast)
    client = cast.client(Post.HANDLER)
    assert 'hx-get="' + address(urn) in client.get(reverse("intake:item", kwargs={"urn": urn})).content.decode()

    first = client.get(address(urn)).content.decode()
    assert "还有 1 页" in first and "缺分中心经办专用章" in first and "hx-trigger" in first
    second = client.get(address(urn)).content.decode()

    assert "hx-trigger" not in second and "缺分中心经办专用章" in second
    assert "补盖经办专用章" in second
    rows = records.components_of([urn])[urn]
    assert queries.unread(rows) == 0


def test_a_page_is_looked_at_only_while_the_reader_is_free_and_nobody_waits(cast: Cast, reader: Reader) -> None:
    urn = builders.captured(cast)
    with reading._pool().one():
        assert actions.look_now(item_urn=urn, at=AT) == 2
    assert not PageReading.objects.exists()
    assert actions.look_now(item_urn=urn, at=AT) == 1
    (page,) = [one for _, pages in queries.waiting(queries.KEY, 0) for one in pages]
    assert reading.read_now(page=page, at=AT)
    assert actions.look_now(item_urn=urn, at=AT) == 0


def test_a_page_that_cannot_be_read_is_not_tried_for_ever(cast: Cast, reader: Reader) -> None:
    reader.silent = True
    urn = builders.captured(cast)

    assert actions.look_now(item_urn=urn, at=AT) == 1
    assert actions.look_now(item_urn=urn, at=AT) == 0
    assert {row.said["unread"] for row in PageReading.objects.all()} == {"FAILED"}


def test_where_reading_is_off_nothing_is_shown_or_read(cast: Cast, reader: Reader, settings: Any) -> None:
    settings.ANJUAN_READ = "off"
    urn = builders.captured(cast)

    page = cast.client(Post.HANDLER).get(reverse("intake:item", kwargs={"urn": urn})).content.decode()

    assert address(urn) not in page
    assert actions.look_now(item_urn=urn, at=AT) == 0 and not PageReading.objects.exists()


@pytest.mark.parametrize(("post", "status"), [(Post.HANDLER, 200), (Post.REVIEWER, 200), (Post.SYSTEM_ADMIN, 404)])
def test_who_may_not_see_the_item_does_not_see_what_is_on_its_pages(
    cast: Cast, reader: Reader, post: Post, status: int
) -> None:
    urn = builders.captured(cast)

    assert cast.client(post).get(address(urn)).status_code == status
