"""The business system's page shows what lies on record: asked by serial, linked for one person, all written down."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, Post
from anjuan.desks.linkage import actions, queries, rules
from anjuan.desks.linkage.models import ViewLink
from anjuan.facilities.business.queries import reconciliation
from anjuan.facilities.business.queries.reconciliation import Gap
from anjuan.foundation.accounts.models import Appointment
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.models import Entry
from anjuan.records.models import Category
from tests import builders
from tests.cast import Cast

SYSTEM = "yw01"
QUESTION = {"agency_code": "BH", "serial": "SL-001", "staff_code": "bh01", "purpose": "核对待遇资格"}


def ask(cast: Cast, door: str = "look-ups", *, system: str = SYSTEM, **other: str) -> Any:
    return cast.program(system).post(f"/api/v1/linkage/{door}", {**QUESTION, **other}, content_type="application/json")


def linked(cast: Cast, **other: str) -> str:
    answer = ask(cast, "links", **other)
    assert answer.status_code == 201
    return str(answer.json()["url"]).removeprefix(settings.PUBLIC_URL)


def images(page: Any) -> list[str]:
    return [part.split('"')[0] for part in page.content.decode().split('src="') if ".jpg" in part.split('"')[0]]


@pytest.fixture
def urn(cast: Cast) -> str:
    return builders.submitted(cast)


@pytest.mark.acceptance("S4-W7")
def test_the_business_page_lists_and_shows_a_record_and_every_question_and_page_is_on_record(
    cast: Cast, urn: str
) -> None:
    listed = ask(cast).json()
    browser = Client()
    page = browser.get(linked(cast))
    first = browser.get(images(page)[0])

    assert (listed["serial"], listed["pages"]) == ("SL-001", 2)
    assert {row["code"]: row["pages"] for row in listed["materials"] if row["pages"]} == {"MAIN_FORM": 1, "ID_CARD": 1}
    assert first.status_code == 200 and first["Content-Type"] == "image/jpeg"
    acts = [(line.act, line.staff_code) for line in journal.story_of(urn) if line.act.startswith("linkage.")]
    assert sorted(acts) == [("linkage.issue_link", SYSTEM), ("linkage.look_up", SYSTEM), ("linkage.open_link", "bh01")]
    said = next(line for line in journal.story_of(urn) if line.act == "linkage.look_up").values
    assert (said["asked_by"], said["purpose"], said["serial"]) == ("bh01", "核对待遇资格", "SL-001")
    (visit,) = journal.visits([urn])
    assert (visit.staff_code, visit.purpose) == ("bh01", "linkage")
    who = cast.client(Post.SUPERVISOR).get(reverse("search:openings", kwargs={"urn": urn}))
    assert "业务系统页面" in who.content.decode()


@pytest.mark.acceptance("S4-W7")
def test_no_case_goes_unrecorded_a_completed_one_without_a_record_is_refused_and_stands_among_the_gaps(
    cast: Cast,
) -> None:
    builders.completed(cast, "SL-404")

    answer = ask(cast, serial="SL-404")

    assert (answer.status_code, answer.json()["code"]) == (404, "B-070")
    (gap,) = reconciliation.listed(cast.actor(Post.HANDLER), Gap.NO_RECORD)
    assert gap.number == "SL-404"
    assert Entry.objects.filter(act="linkage.note_refusal").count() == 1


def test_the_page_has_no_way_to_anything_else_and_stays_in_no_cache(cast: Cast, urn: str) -> None:
    page = Client().get(linked(cast))
    text = page.content.decode()

    assert 'class="rail"' not in text and "<form" not in text and "<a " not in text
    assert page["Cache-Control"] == "no-store" and page["Referrer-Policy"] == "no-referrer"
    assert builders.person(1).id_number not in text


def test_a_link_is_one_browsers_and_nobody_elses(cast: Cast, urn: str) -> None:
    at = linked(cast)
    browser = Client()
    shown = browser.get(at)

    stranger = Client().get(at)
    assert stranger.status_code == 403 and "B-073" in stranger.content.decode()
    assert Client().get(images(shown)[0]).status_code == 403
    assert cast.client_of("bh02").get(linked(cast)).status_code == 403  # another person is signed in at that browser
    assert cast.client_of("bh01").get(linked(cast)).status_code == 200
    assert browser.get(at).status_code == 200  # reading on is not opening anew
    assert Client().get(linked(cast) + "1/1.jpg").status_code == 403  # a page before the link was opened
    assert Client().post(at).status_code == 405


def test_a_link_ends_by_itself_and_an_invented_one_opens_nothing(cast: Cast, urn: str) -> None:
    unopened, opened = linked(cast), linked(cast)
    browser = Client()
    browser.get(opened)
    long_ago = timezone.now() - dt.timedelta(hours=1)
    ViewLink.objects.filter(opened_at=None).update(expires_at=long_ago)
    ViewLink.objects.exclude(opened_at=None).update(opened_at=long_ago)

    for answer in (Client().get(unopened), browser.get(opened), Client().get("/linked/invented/")):
        assert answer.status_code == 404 and "B-072" in answer.content.decode()


def test_rights_are_those_of_the_moment(cast: Cast, urn: str) -> None:
    at = linked(cast)
    browser = Client()
    page = browser.get(at)
    yesterday = cast.today() - dt.timedelta(days=1)

    Appointment.objects.filter(staff__staff_code="bh01").update(until_date=yesterday)
    assert browser.get(images(page)[0]).status_code == 403
    Appointment.objects.filter(staff__staff_code="bh01").update(until_date=None)
    assert browser.get(images(page)[0]).status_code == 200
    Appointment.objects.filter(staff__staff_code=SYSTEM).update(until_date=yesterday)
    assert browser.get(images(page)[0]).status_code == 403


def test_a_page_of_another_record_does_not_come_by_this_link(cast: Cast, urn: str) -> None:
    other = builders.submitted(cast, "SL-002")
    browser = Client()
    at = linked(cast)
    browser.get(at)
    pk = next(row.pk for sheet in queries.case_of(other).sheets for row in sheet.files)

    assert browser.get(f"{at}{pk}/1.jpg").status_code == 404
    assert browser.get(images(browser.get(at))[0].replace("/1.jpg", "/9.jpg")).status_code in (404, 422)


@pytest.mark.parametrize("door", ["look-ups", "links"])
def test_who_may_not_ask_is_refused_and_the_question_is_on_record(
    cast: Cast, urn: str, outsider: Callable[[Post], Client], door: str
) -> None:
    outsider(Post.HANDLER)
    cast.hire("hx-yw", Post.INTERFACE, "HX")
    cases = {
        "A-001": ask(cast, door, system="hx-yw"),  # a system of another agency
        "B-070": ask(cast, door, serial="SL-999"),
        "B-071": ask(cast, door, staff_code="hx-handler"),  # a person of another agency
        "A-004": ask(cast, door, staff_code="nobody"),
        "B-075": ask(cast, door, purpose="  "),
    }
    before = Entry.objects.filter(act="linkage.note_refusal").count()

    assert {code: answer.json()["code"] for code, answer in cases.items()} == {code: code for code in cases}
    assert before == len(cases)
    assert ask(cast, door, system="bh01").json()["code"] == "A-001"  # a person's account is no business system
    assert ask(cast, door, agency_code="HX").json()["code"] == "B-070"
    assert not ViewLink.objects.exists()
    assert Client().post(f"/api/v1/linkage/{door}", QUESTION, content_type="application/json").status_code == 401


def test_a_kind_that_is_read_at_the_archive_only_is_b_074(cast: Cast, urn: str, settings: Any) -> None:
    at = linked(cast)
    Category.objects.update(arrangement=Arrangement.PERSON_DOSSIER)

    assert ask(cast).json()["code"] == "B-074"
    assert Client().get(at).status_code == 403
    settings.ANJUAN_LINK_CLOSED = ()
    assert ask(cast).status_code == 200


def test_of_two_browsers_at_once_one_is_refused(cast: Cast, urn: str) -> None:
    person = cast.actor(Post.HANDLER)
    issued = actions.issue_link(
        occasion=cast.occasion_of(SYSTEM), person=person, agency_code="BH", serial="SL-001", purpose="核对"
    )
    link = queries.link_of(issued.token)
    assert link is not None
    actions.open_link(occasion=cast.occasion(Post.HANDLER), link=link, reader="one")

    with pytest.raises(Refusal) as caught:
        actions.open_link(occasion=cast.occasion(Post.HANDLER), link=link, reader="other")
    assert caught.value.code == "B-073"
    row = ViewLink.objects.get()
    assert issued.token not in (row.token_digest, row.reader_digest)
    assert row.token_digest == rules.digest(issued.token)


def test_the_deeds_may_be_done_by_name(cast: Cast, urn: str) -> None:
    found = actions.look_up(
        occasion=cast.occasion_of(SYSTEM),
        person=cast.actor(Post.HANDLER),
        agency_code="BH",
        serial="SL-001",
        purpose="核对",
    )
    assert found.pages == 2
    actions.note_refusal(
        occasion=cast.occasion_of(SYSTEM), staff_code="x\x00", agency_code="BH", serial="9" * 80, code="B-070"
    )
    (line,) = Entry.objects.filter(act="linkage.note_refusal")
    assert line.staff_code == SYSTEM
