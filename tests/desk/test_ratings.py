"""Satisfaction with the service (满意度): rated once a certificate, by reader or desk; bad ones are followed up."""

import datetime as dt
import html
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post, State
from anjuan.desks.certificates import actions, queries, rules, views
from anjuan.desks.certificates.models import Certificate, Rating
from anjuan.foundation.accounts import occasions
from anjuan.foundation.journal import queries as journal
from tests import builders
from tests.builders import at_state, one_line, refused, requested
from tests.cast import Cast
from tests.desk.test_deeds_at_once import between

WHO = builders.person(1, "林晓")
RATINGS = "/certificates/ratings/"


@pytest.fixture(autouse=True)
def fresh_pace() -> Iterator[None]:
    """What is counted in the process is counted anew."""
    yield
    views.RATINGS.clear()


def issued(cast: Cast) -> queries.CertificateRow:
    walk = at_state(cast, State.HELD, persons=(WHO,))
    number = requested(cast, WHO, *walk.item_urns)
    actions.issue(occasion=cast.occasion(Post.READING_DESK), certificate_no=number)
    return queries.get_for(cast.actor(Post.READING_DESK), number)


def reader() -> Occasion:
    return occasions.now(actions.READER)


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def rate(row: queries.CertificateRow, mark: str, *reasons: str, words: str = "") -> None:
    actions.rate(occasion=reader(), check_code=row.check_code, mark=mark, reasons=reasons, words=words)


# --- judging


@pytest.mark.parametrize(
    ("mark", "reasons", "kept"),
    [
        ("GOOD", ["WAITED"], ()),
        ("FAIR", [], ()),
        ("FAIR", ["WAITED", "WAITED"], (rules.Complaint.WAITED,)),
        ("BAD", ["MANNER", "OTHER"], (rules.Complaint.MANNER, rules.Complaint.OTHER)),
    ],
)
def test_a_rating_is_read_as_it_was_chosen(mark: str, reasons: list[str], kept: tuple[rules.Complaint, ...]) -> None:
    assert rules.read_rating(mark, reasons) == (rules.Mark(mark), kept)


@pytest.mark.parametrize(
    ("code", "mark", "reasons"), [("C-020", "", []), ("C-020", "BAD", ["WEATHER"]), ("C-021", "BAD", [])]
)
def test_what_was_not_offered_and_a_bad_one_without_reason_are_refused(
    code: str, mark: str, reasons: list[str]
) -> None:
    with pytest.raises(Refusal) as caught:
        rules.read_rating(mark, reasons)

    assert caught.value.code == code


# --- the deeds


@pytest.mark.acceptance("S0-P4")
def test_the_reader_rates_once_without_an_account(cast: Cast) -> None:
    row = issued(cast)

    with refused("C-005"):
        actions.rate(occasion=reader(), check_code="2222-2222-2222", mark="GOOD", reasons=())
    with refused("R-010"):
        rate(row, "BAD", "WAITED", words="长" * 201)
    with one_line("certificates.rate"):
        rate(row, "BAD", "WAITED", words="等了一上午")
    with refused("C-022"):
        rate(row, "GOOD")
    with refused("C-022"):
        actions.take_rating(
            occasion=cast.occasion(Post.READING_DESK), certificate_no=row.certificate_no, mark="GOOD", reasons=()
        )

    said = queries.rating_of(row.certificate_no)
    assert said is not None and (said.mark, said.reasons, said.taken_by) == ("BAD", (rules.Complaint.WAITED,), "")
    (line,) = journal.story_of(f"rating:{row.certificate_no}")
    assert line.values["words"] == "等了一上午" and line.staff_code == "READER"


def test_of_two_ratings_at_once_the_second_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = issued(cast)

    between(monkeypatch, rules, "read_rating", lambda: rate(row, "GOOD"))
    with pytest.raises(Refusal) as caught:
        rate(row, "BAD", "WAITED")

    assert caught.value.code == "C-022" and Rating.objects.get().mark == "GOOD"


@pytest.mark.acceptance("S0-P4")
def test_the_desk_writes_down_what_the_reader_says(cast: Cast) -> None:
    row = issued(cast)
    officer = cast.occasion(Post.READING_DESK)

    with refused("R-009"):
        actions.take_rating(
            occasion=cast.occasion(Post.KEEPER), certificate_no=row.certificate_no, mark="GOOD", reasons=()
        )
    with one_line("certificates.take_rating"):
        actions.take_rating(occasion=officer, certificate_no=row.certificate_no, mark="FAIR", reasons=("ERRANDS",))

    assert Rating.objects.get().taken_by == officer.actor.staff_code
    assert not queries.by_check_code(row.check_code).may_be_rated


def test_what_was_not_issued_or_is_revoked_is_not_rated(cast: Cast) -> None:
    row = issued(cast)
    officer = cast.occasion(Post.READING_DESK)
    actions.revoke(occasion=officer, certificate_no=row.certificate_no, reason="写错了")
    with refused("C-022"):
        rate(row, "GOOD")
    Certificate.objects.update(status="REQUESTED", issued_at=None)
    with refused("C-022"):
        actions.take_rating(occasion=officer, certificate_no=row.certificate_no, mark="GOOD", reasons=())


@pytest.mark.acceptance("S0-P4")
def test_the_leader_follows_a_bad_rating_up(cast: Cast) -> None:
    row = issued(cast)
    rate(row, "BAD", "MANNER")
    leader = cast.hire("sj-lead", Post.SUPERVISOR, "SJ")
    occasion = cast.occasion_of(leader)

    assert [one.certificate_no for one in queries.ratings(occasion.actor, to_follow_up=True)] == [row.certificate_no]
    assert queries.count_to_follow_up(occasion.actor) == 1
    assert queries.count_to_follow_up(cast.actor(Post.ARCHIVIST)) == 0  # of another office
    with refused("A-001"):
        actions.follow_up(occasion=cast.occasion(Post.READING_DESK), certificate_no=row.certificate_no, words="已致歉")
    with refused("R-010"):
        actions.follow_up(occasion=occasion, certificate_no=row.certificate_no, words=" ")
    with one_line("certificates.follow_up"):
        actions.follow_up(occasion=occasion, certificate_no=row.certificate_no, words="已致歉")
    with refused("C-024"):
        actions.follow_up(occasion=occasion, certificate_no=row.certificate_no, words="再次")
    with refused("R-009"):
        actions.follow_up(occasion=occasion, certificate_no="CZ-none", words="x")

    found = queries.rating_for(occasion.actor, row.certificate_no)
    assert (found.follow_up, found.followed_by) == ("已致歉", leader)
    assert queries.ratings(occasion.actor, to_follow_up=True) == [] and queries.count_to_follow_up(occasion.actor) == 0
    Rating.objects.update(mark="FAIR", followed_at=None)
    with refused("C-024"):
        actions.follow_up(occasion=occasion, certificate_no=row.certificate_no, words="x")


@pytest.mark.acceptance("S0-P4")
def test_ratings_are_counted_by_month_and_office(cast: Cast) -> None:
    row = issued(cast)
    rate(row, "GOOD")
    leader = cast.actor(Post.READING_DESK)
    year = dt.timedelta(days=366)

    (month,) = queries.months_of_ratings(leader, since=cast.clock.at - year)

    assert (month.agency_code, month.issued, month.rated, month.good, month.bad) == (leader.agency_code, 1, 1, 1, 0)
    assert queries.months_of_ratings(leader, since=cast.clock.at + year) == []


# --- the pages


@pytest.mark.acceptance("S0-P4")
def test_a_stranger_rates_on_the_page_where_he_verifies(cast: Cast) -> None:
    row = issued(cast)
    page, stranger = f"/verify/{row.check_code}/", Client()

    before = text_of(stranger.get(page))
    empty = stranger.post(page + "rate/", {"mark": "BAD", "words": "等太久"})
    sent = stranger.post(page + "rate/", {"mark": "BAD", "reason": ["WAITED", "MANNER"], "words": "等太久"})
    thanks = text_of(stranger.get(sent["Location"]))
    again = stranger.post(page + "rate/", {"mark": "GOOD"})

    assert "服务怎么样" in before and "满意" in before
    assert empty.status_code == 422 and "C-021" in text_of(empty) and 'value="等太久"' in text_of(empty)
    assert sent.status_code == 302 and "您的评价已经记录" in thanks and "服务怎么样" not in thanks
    assert again.status_code == 409 and "C-022" in text_of(again)
    assert "服务怎么样" not in text_of(stranger.get(page))
    assert stranger.post("/verify/2222-2222-2222/rate/", {"mark": "GOOD"}).status_code == 404
    assert stranger.get(page + "rate/").status_code == 405
    assert Client(enforce_csrf_checks=True).post(page + "rate/", {"mark": "GOOD"}).status_code == 403


def test_a_network_address_rates_so_often_an_hour(cast: Cast, settings: Settings) -> None:
    row = issued(cast)
    settings.ANJUAN_RATINGS_PER_HOUR = 2
    stranger = Client()

    tries = [stranger.post("/verify/2222-2222-2222/rate/", {"mark": "GOOD"}).status_code for _ in range(2)]
    refused_ = stranger.post(f"/verify/{row.check_code}/rate/", {"mark": "GOOD"})
    elsewhere = Client(REMOTE_ADDR="203.0.113.9").post(f"/verify/{row.check_code}/rate/", {"mark": "GOOD"})

    assert tries == [404, 404] and refused_.status_code == 429 and "C-023" in text_of(refused_)
    assert elsewhere.status_code == 302


def test_the_desk_and_the_leader_see_and_follow(cast: Cast) -> None:
    row = issued(cast)
    officer = cast.client(Post.READING_DESK)
    leader = cast.client_of(cast.hire("sj-lead", Post.SUPERVISOR, "SJ"))
    page = reverse("certificates:certificate", kwargs={"number": row.certificate_no})
    follow = reverse("certificates:follow_up", kwargs={"number": row.certificate_no})

    assert "记下利用人对服务的评价" in text_of(officer.get(page))
    assert officer.post(page + "rate/", {"mark": ""}).status_code == 422
    assert officer.post(page + "rate/", {"mark": "BAD", "reason": "UNCLEAR"}).status_code == 302
    shown = text_of(officer.get(page))
    assert "说明不清楚" in shown and "记下利用人对服务的评价" not in shown
    assert "待回访的不满意评价" in text_of(leader.get("/"))
    waiting = text_of(leader.get(RATINGS))
    assert row.certificate_no in waiting and follow in waiting
    assert WHO.name not in waiting and follow not in text_of(officer.get(RATINGS))
    empty = leader.post(follow, {"follow_up": ""})
    assert empty.status_code == 422 and "R-010" in text_of(empty)
    assert leader.post(follow, {"follow_up": "已说明"}).status_code == 302
    assert "已说明" in text_of(leader.get(RATINGS)) and "已说明" in text_of(officer.get(page))


def test_ratings_are_shown_to_their_posts_only(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    row = issued(cast)
    rate(row, "BAD", "MANNER")
    follow = reverse("certificates:follow_up", kwargs={"number": row.certificate_no})
    take = reverse("certificates:take_rating", kwargs={"number": row.certificate_no})

    assert [cast.client(post).get(RATINGS).status_code for post in (Post.READING_DESK, Post.SUPERVISOR)] == [200, 200]
    assert cast.client(Post.KEEPER).get(RATINGS).status_code == 403
    assert cast.client(Post.SYSTEM_ADMIN).get(RATINGS).status_code == 404
    assert Client().get(RATINGS).status_code == 302
    for post, status in ((Post.READING_DESK, 403), (Post.KEEPER, 403), (Post.SYSTEM_ADMIN, 404)):
        assert cast.client(post).post(follow, {"follow_up": "x"}).status_code == status
    assert cast.client(Post.KEEPER).post(take, {"mark": "GOOD"}).status_code == 404
    assert Client().post(follow).status_code == Client().post(take).status_code == 302
    stranger = outsider(Post.SUPERVISOR)
    assert row.certificate_no not in text_of(stranger.get(RATINGS))
    assert stranger.post(follow, {"follow_up": "x"}).status_code == 404


def test_the_list_is_read_in_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    row = issued(cast)
    rate(row, "BAD", "MANNER")
    leader = cast.client_of(cast.hire("sj-lead", Post.SUPERVISOR, "SJ"))

    with django_assert_max_num_queries(34):
        assert row.certificate_no in text_of(leader.get(RATINGS))


def test_the_api_takes_lists_and_follows(cast: Cast) -> None:
    row = issued(cast)
    desk = cast.program(cast.actor(Post.READING_DESK).staff_code)
    leader = cast.program(cast.hire("sj-lead", Post.SUPERVISOR, "SJ"))
    base = "/api/v1"

    def post(program: Any, address: str, body: dict[str, Any]) -> Any:
        return program.post(base + address, body, content_type="application/json")

    refused_ = post(desk, f"/certificates/{row.certificate_no}/rating", {"mark": "BAD"})
    taken = post(desk, f"/certificates/{row.certificate_no}/rating", {"mark": "BAD", "reasons": ["OTHER"]})
    listed = leader.get(f"{base}/ratings?to_follow_up=true").json()
    followed = post(leader, f"/ratings/{row.certificate_no}/follow-up", {"words": "已说明"})

    assert refused_.json()["code"] == "C-021" and taken.status_code == followed.status_code == 204
    assert [(one["certificate_no"], one["mark"], one["reasons"]) for one in listed] == [
        (row.certificate_no, "BAD", ["OTHER"])
    ]
    assert leader.get(f"{base}/ratings").json()[0]["follow_up"] == "已说明"
