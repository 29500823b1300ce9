"""What is late and what is due: the board, its lists, the share on time, the imaging rate, and who is told."""

import datetime as dt
import html
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from anjuan.core.terms import Post, State
from anjuan.facilities.notices import followers as notice_followers
from anjuan.facilities.notices.models import Notice
from anjuan.facilities.progress import actions, rules, tasks
from anjuan.facilities.progress.queries import deadlines
from anjuan.facilities.progress.rules import Deadline
from anjuan.foundation.accounts.actions import FOUNDER
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.schedule import actions as schedule_actions
from anjuan.foundation.schedule import queries as schedule
from anjuan.records.models import Item, Volume
from tests import builders
from tests.builders import Walked, register, sealed
from tests.cast import Cast


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode()).replace("<wbr>", "")


def aged(cast: Cast, acceptance_no: str, days: int, serial: int = 1, **registered: Any) -> str:
    """An item on the counter that was registered so many days ago."""
    urn = register(cast, acceptance_no, persons=(builders.person(serial),), **registered)
    Item.objects.filter(urn=urn).update(registered_at=cast.clock.at - dt.timedelta(days=days))
    return urn


def old_volume(cast: Cast, days: int, *, year: int = 2024) -> Walked:
    walk = sealed(cast, "SL-9")
    Volume.objects.filter(urn=walk.volume_urn).update(opened_at=cast.clock.at - dt.timedelta(days=days), year=year)
    return walk


@pytest.mark.acceptance("S2-P1", "S3-P1")
def test_an_item_is_late_on_the_day_after_the_days_of_its_step(cast: Cast) -> None:
    today = cast.today()
    aged(cast, "SL-1", 30)
    late = aged(cast, "SL-2", 31, 2)
    aged(cast, "SL-3", 5, 3)
    aged(cast, "SL-4", 31, 4, step="COLLECTION_SUMMARY")
    actor = cast.actor(Post.FILER)

    rows = {(row.deadline, row.key): row for row in deadlines.board(actor, today)}
    (found,) = deadlines.due_list(actor, Deadline.FILING, today)

    row = rows[Deadline.FILING, "PERSON_REGISTRATION"]
    assert (row.agency_code, row.waiting, row.late, row.soon) == ("BH", 3, 1, 1)
    assert rows[Deadline.FILING, "COLLECTION_SUMMARY"].late == 0, "sixty days are not over"
    assert (found.urn, found.days_late, found.posts) == (late, 1, frozenset({Post.HANDLER}))
    assert found.due_date == today - dt.timedelta(days=1)
    assert deadlines.count_late(actor, today) == 1 and deadlines.count_soon(actor, today) == 1
    assert deadlines.late_counts(actor, today) == {Deadline.FILING: 1, Deadline.TRANSFER: 0, Deadline.AGE: 0}


def test_the_clock_may_start_on_the_day_of_the_record(cast: Cast, settings: Settings) -> None:
    urn = register(cast, "SL-1")
    actor, today = cast.actor(Post.HANDLER), cast.today()

    assert not deadlines.due_list(actor, Deadline.FILING, today)
    settings.ANJUAN_FILING_FROM = "formed"

    (found,) = deadlines.due_list(actor, Deadline.FILING, today)
    assert (found.urn, found.due_date) == (urn, builders.FORMED + dt.timedelta(days=30))


def test_a_record_is_due_by_the_edition_it_was_registered_under(cast: Cast) -> None:
    before = register(cast, "SL-1")
    (step,) = [row for row in schedule.steps() if row.code == "PERSON_REGISTRATION"]
    shorter = schedule.StepRow(**{**vars(step), "filing_days": 3})
    schedule_actions.revise_steps(occasion=cast.rule_keeper(), steps=[shorter])
    after = register(cast, "SL-2", persons=(builders.person(2),))

    found = deadlines.due_list(cast.actor(Post.HANDLER), Deadline.FILING, cast.today() + dt.timedelta(days=4))

    assert [row.urn for row in found] == [after]
    assert before not in {row.urn for row in found}


@pytest.mark.acceptance("S4-N1", "S4-W3")
@pytest.mark.parametrize(
    ("today", "due", "newest"),
    [
        (dt.date(2026, 3, 31), "03-31", 2024),
        (dt.date(2026, 4, 1), "03-31", 2025),
        (dt.date(2026, 12, 31), "03-31", 2025),
        (dt.date(2026, 1, 1), "01-01", 2024),
        (dt.date(2026, 1, 2), "01-01", 2025),
    ],
)
def test_last_years_volumes_are_due_at_the_start_of_the_year(today: dt.date, due: str, newest: int) -> None:
    assert rules.newest_year_due(today, due) == newest
    assert rules.transfer_due(newest, due) < today <= rules.transfer_due(newest + 1, due)


@pytest.mark.acceptance("S4-N1", "S4-W3", "S3-P1")
def test_a_volume_that_has_not_left_is_late_until_it_leaves(cast: Cast) -> None:
    today = cast.today()
    walk = old_volume(cast, 400)
    actor = cast.actor(Post.ARCHIVIST)

    (transfer,) = deadlines.due_list(actor, Deadline.TRANSFER, today)
    (age,) = deadlines.due_list(actor, Deadline.AGE, today)

    assert (transfer.urn, transfer.due_date) == (walk.volume_urn, dt.date(2025, 3, 31))
    assert (age.urn, age.days_late, age.posts) == (walk.volume_urn, 5, frozenset({Post.CHECKER}))
    for state in (State.SELF_CHECKED, State.APPLIED, State.PRE_ACCEPTED, State.WITNESSED, State.IN_TRANSIT):
        builders.step_to(cast, state, walk)
    assert not deadlines.due_list(actor, Deadline.TRANSFER, today)
    assert not deadlines.due_list(actor, Deadline.AGE, today)


@pytest.mark.acceptance("S3-P1")
def test_the_page_of_a_record_says_until_when_it_is_due(cast: Cast) -> None:
    item = aged(cast, "SL-1", 45)
    walk = old_volume(cast, 400)
    archivist = cast.client(Post.ARCHIVIST)

    on_counter = text_of(archivist.get(f"/progress/{item}/"))
    at_agency = text_of(archivist.get(f"/progress/{walk.volume_urn}/"))

    assert "应归档期限" in on_counter and "15" in on_counter
    assert "应移交期限" in at_agency
    told = cast.program(cast.actor(Post.ARCHIVIST).staff_code).get(f"/api/v1/progress/{walk.volume_urn}").json()
    assert (told["due_for"], told["due_date"]) == ("TRANSFER", "2025-03-31")
    for state in (State.SELF_CHECKED, State.APPLIED, State.PRE_ACCEPTED, State.WITNESSED, State.IN_TRANSIT):
        builders.step_to(cast, state, walk)
    assert "应移交期限" not in text_of(archivist.get(f"/progress/{walk.volume_urn}/"))


def test_a_volume_of_this_year_is_not_due_yet(cast: Cast) -> None:
    old_volume(cast, 1, year=cast.today().year)

    assert not [row for row in deadlines.board(cast.actor(Post.ARCHIVIST), cast.today()) if row.deadline == "TRANSFER"]


@pytest.mark.acceptance("S1-C3")
def test_the_share_on_time_counts_what_is_still_open_and_late(cast: Cast) -> None:
    sealed(cast, "SL-1")
    slow = sealed(cast, "SL-2", persons=(builders.person(2),))
    Item.objects.filter(urn=slow.item_urn).update(registered_at=cast.clock.at - dt.timedelta(days=40))
    aged(cast, "SL-3", 50, 3)

    (found,) = deadlines.on_time(cast.actor(Post.SUPERVISOR), cast.clock.at)

    assert (found.agency_code, found.on_time, found.late, found.still_open, found.percent) == ("BH", 1, 1, 1, 33)
    assert rules.OnTime("BH", 0, 0, 0).percent == 100


@pytest.mark.acceptance("S4-P3")
def test_the_imaging_rate_is_counted_by_agency_category_and_year(cast: Cast) -> None:
    builders.captured(cast, "SL-1")
    register(cast, "SL-2", persons=(builders.person(2),), paper_pages=6)
    register(cast, "SL-3", persons=(builders.person(3),), step="UNEMPLOYMENT_BENEFIT")

    found = deadlines.imaging(cast.actor(Post.SUPERVISOR))

    assert [
        (row.category_code, row.year, row.items, row.paper_pages, row.image_pages, row.percent) for row in found
    ] == [
        ("01", 2024, 2, 8, 2, 25),
        ("05", 2024, 1, 2, 0, 0),
    ]


@pytest.mark.acceptance("S2-P1", "S1-C3", "S4-P3")
def test_each_number_of_the_board_opens_its_list(cast: Cast) -> None:
    aged(cast, "SL-1", 45)
    filer = cast.client(Post.FILER)

    board = text_of(filer.get("/progress/deadlines/"))
    link = "/progress/deadlines/filing/?agency=BH&of=PERSON_REGISTRATION"
    listed = text_of(filer.get(link))
    desk = text_of(filer.get("/"))

    assert link in board and "待核实" in board and "按期归档率" in board
    assert "SL-001" not in listed and "SL-1" in listed and "业务经办" in listed
    assert "归档、移交逾期" in desk
    assert "影像化率" in text_of(filer.get("/progress/imaging/"))
    assert filer.get("/progress/deadlines/nothing/").status_code == 404
    api = cast.program(cast.actor(Post.FILER).staff_code)
    assert api.get("/api/v1/progress/deadlines").json()[0]["late"] == 1
    assert api.get("/api/v1/progress/deadlines/FILING").json()[0]["reference"] == "SL-1"
    assert api.get("/api/v1/progress/on-time").json()[0]["still_open"] == 1
    assert api.get("/api/v1/progress/imaging").json()[0]["percent"] == 0


def test_the_board_is_of_those_who_work_there(cast: Cast, outsider: Any) -> None:
    aged(cast, "SL-1", 45)
    elsewhere: Client = outsider(Post.FILER)

    assert "PERSON_REGISTRATION" not in text_of(elsewhere.get("/progress/deadlines/"))
    assert not elsewhere.get("/progress/deadlines/filing/?agency=BH").context["lines"]
    assert cast.client(Post.SYSTEM_ADMIN).get("/progress/deadlines/").status_code == 403
    assert cast.client(Post.READING_DESK).get("/progress/imaging/").status_code == 403


def test_a_long_list_goes_on_from_its_mark_and_asks_no_more_for_more(cast: Cast) -> None:
    for serial in range(1, 6):
        aged(cast, f"SL-{serial}", 40 + serial, serial)
    actor, today = cast.actor(Post.FILER), cast.today()

    first = deadlines.due_list(actor, Deadline.FILING, today, limit=2)
    second = deadlines.due_list(actor, Deadline.FILING, today, limit=2, after=first[-1].mark)

    assert [row.reference for row in (*first, *second)] == ["SL-5", "SL-4", "SL-3", "SL-2"]
    with CaptureQueriesContext(
        connection,
    ) as many:
        deadlines.due_list(actor, Deadline.FILING, today)
    with CaptureQueriesContext(connection) as few:
        deadlines.due_list(actor, Deadline.FILING, today, limit=1)
    assert len(many) == len(few) <= 6
    with CaptureQueriesContext(connection) as board:
        deadlines.board(actor, today)
    assert len(board) <= 12


@pytest.mark.acceptance("S2-P1", "S3-P1")
def test_an_agency_is_told_once_a_week_and_until_nothing_is_late(cast: Cast) -> None:
    urn = aged(cast, "SL-1", 45)
    old_volume(cast, 400)

    assert (tasks.scan(), tasks.scan()) == (1, 0)
    notices = {notice.post: notice for notice in Notice.objects.filter(kind="RECORDS_LATE", params__deadline="FILING")}
    assert set(Notice.objects.values_list("post", flat=True)) >= {Post.FILER, Post.ARCHIVIST, Post.SUPERVISOR}
    assert notices[Post.FILER].params["count"] == 1 and notices[Post.FILER].params["days"] == 45
    with builders.refused("O-003"):
        actions.tell_late(
            occasion=cast.clock.occasion(FOUNDER),
            agency_code="BH",
            agency_path=cast.actor(Post.FILER).agency_path,
            found=deadlines.lateness(cast.today()),
        )
    told = text_of(cast.client(Post.FILER).get("/notices/"))
    assert "1 件（卷）逾期未归档，最长已等 45 天" in told and "/progress/deadlines/?agency=BH" in told

    Item.objects.filter(urn=urn).update(registered_at=cast.clock.at)
    Volume.objects.update(opened_at=cast.clock.at, year=cast.today().year)
    actions.tell_late(
        occasion=cast.clock.occasion(FOUNDER),
        agency_code="BH",
        agency_path=cast.actor(Post.FILER).agency_path,
        found=(),
    )
    journal.sequence()
    journal.follow(notice_followers.FOLLOWER, at=cast.clock.at)
    assert not Notice.objects.filter(kind="RECORDS_LATE", done_at=None).exists()
