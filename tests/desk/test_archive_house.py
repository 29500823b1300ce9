"""Scheduling of the archive house (档案馆调度): room on the shelves, what to receive first, vehicles."""

import datetime as dt
import html
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from anjuan.core.terms import Post, State
from anjuan.desks.transfer import actions, queries, rules
from anjuan.desks.transfer.models import Trip, TripStop
from anjuan.desks.transfer.queries import house
from anjuan.facilities.stacks import actions as stacks
from anjuan.facilities.stacks.models import Cell, Placement
from anjuan.facilities.stacks.rules import estimated_mm, thickness_mm
from anjuan.records.models import Volume
from tests import builders
from tests.builders import at_state, on_paper, one_line, refused
from tests.cast import Cast

HOUSE = "/transfer/house/"


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode()).replace("<wbr>", "")


def tomorrow(cast: Cast) -> dt.date:
    return cast.today() + dt.timedelta(days=1)


def batch(cast: Cast, n: int, state: State = State.WITNESSED) -> str:
    return at_state(cast, state, f"SL-{n:03}", persons=(builders.person(n),)).batch_no


def plan(cast: Cast, *batch_nos: str, who: Post = Post.RECEIVER, **more: Any) -> house.TripRow:
    said: dict[str, Any] = {
        "on_date": tomorrow(cast),
        "plate": "津A·12345",
        "driver": "李师傅",
        "seats": 2,
        "load_mm": 900,
        "stops": dict.fromkeys(batch_nos, "王专职"),
    }
    return actions.plan_trip(occasion=cast.occasion(who), **{**said, **more})


def board(cast: Cast, who: Post = Post.RECEIVER) -> house.House:
    return house.board(cast.actor(who), now=cast.clock.at)


# --- the order


WAITING = st.lists(
    st.builds(
        rules.Waiting,
        st.uuids().map(str),
        st.booleans(),
        st.integers(0, 400),
        st.integers(1, 2000),
    ),
    max_size=30,
    unique_by=lambda one: one.batch_no,
)


@pytest.mark.acceptance("S3-R11")
@given(waiting=WAITING, free=st.integers(0, 10_000))
def test_the_order_is_ready_first_then_longest_and_never_fills_more_than_is_free(
    waiting: list[rules.Waiting], free: int
) -> None:
    by_no = {one.batch_no: one for one in waiting}

    found = rules.propose(waiting, free)

    keys = [(not by_no[one.batch_no].is_ready, -by_no[one.batch_no].waited_days) for one in found]
    assert sorted(one.batch_no for one in found) == sorted(by_no) and keys == sorted(keys)
    taken = sum(by_no[one.batch_no].thickness_mm for one in found if one.fits)
    assert taken <= free and (not found or found[-1].free_mm == free - taken)
    left = free
    for one in found:
        assert one.fits == (by_no[one.batch_no].thickness_mm <= left)
        left -= by_no[one.batch_no].thickness_mm if one.fits else 0


@pytest.mark.parametrize(("free", "grown", "days"), [(900, 90, 900), (0, 5, 0), (500, 0, None), (100, 300, 30)])
def test_a_room_is_full_when_it_goes_on_growing_as_it_did(free: int, grown: int, days: int | None) -> None:
    assert rules.days_to_full(free, grown, 90) == days


def test_the_thickness_of_many_is_that_of_each_but_for_the_rounding() -> None:
    pages = [12, 200, 7]

    assert estimated_mm(3, sum(pages)) <= sum(thickness_mm(one) for one in pages) <= estimated_mm(3, sum(pages)) + 3


# --- the board


@pytest.mark.acceptance("S3-R11", "S3-F15", "S3-P9")
def test_the_board_tells_room_growth_floor_and_what_waits(cast: Cast) -> None:
    walk = at_state(cast, State.HELD, "SL-001")
    stacks.shelve(occasion=cast.occasion(Post.KEEPER), volume_urn=walk.volume_urn, cell_code="K1-01A-01-1")
    at_state(cast, State.RECEIVED, "SL-002", persons=(builders.person(2),))
    ready = batch(cast, 3)
    early = batch(cast, 4, State.APPLIED)
    placed = Placement.objects.get()

    found = board(cast)

    (shelf,) = (one for one in found.rooms if one.code == "K1")
    assert (shelf.used_mm, shelf.grown_mm, shelf.volumes) == (placed.thickness_mm, placed.thickness_mm, 1)
    assert shelf.categories == ((Volume.objects.get(urn=walk.volume_urn).category.name, 1, placed.thickness_mm),)
    assert found.floor[0] == 1 and found.free_mm == sum(one.free_mm for one in found.rooms) - found.floor[1]
    assert [row.batch_no for row in found.waiting] == [ready, early]
    assert [row.is_ready for row in found.waiting] == [True, False]
    (load,) = found.agencies
    assert (load.code, load.volumes, load.filed) == ("BH", 2, 4)
    Placement.objects.update(placed_at=cast.clock.at - dt.timedelta(days=91))
    assert next(one for one in board(cast).rooms if one.code == "K1").grown_mm == 0


def test_what_no_longer_fits_is_said(cast: Cast) -> None:
    waiting = batch(cast, 3)
    Cell.objects.exclude(code="K1-01A-01-1").delete()
    Cell.objects.update(width_mm=1)

    found = board(cast)
    page = text_of(cast.client(Post.RECEIVER).get(HOUSE))

    assert found.free_mm == 1 and not found.proposed[waiting].fits and found.proposed[waiting].free_mm == 1
    assert "只剩 0.00 米" in page


def test_paper_first_is_ready_once_the_spot_check_has_passed(cast: Cast, settings: Any) -> None:
    settings.ANJUAN_LEGACY_KEEP_DAYS = 0
    checked = on_paper(cast, State.PRE_ACCEPTED, "SL-010").batch_no
    unchecked = on_paper(cast, State.APPLIED, "SL-011", persons=(builders.person(2),)).batch_no

    assert [(row.batch_no, row.is_ready) for row in board(cast).waiting] == [(checked, True), (unchecked, False)]


def test_the_board_is_read_in_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for n in (1, 2, 3):
        batch(cast, n)
    receiver = cast.client(Post.RECEIVER)

    with django_assert_max_num_queries(36):
        answer = receiver.get(HOUSE)

    assert text_of(answer).count('name="batch"') == 3


# --- vehicles


@pytest.mark.acceptance("S3-R11")
def test_one_trip_fetches_several_batches_and_who_hands_over_sees_the_day(cast: Cast) -> None:
    one, two = batch(cast, 1), batch(cast, 2)

    with one_line("transfer.plan_trip"):
        trip = plan(cast, stops={two: "王专职", one: "赵专职"}, note="走海滨大道")

    assert [(stop.batch_no, stop.hands_over) for stop in trip.stops] == [(two, "王专职"), (one, "赵专职")]
    assert trip.trip_no == f"PC-{tomorrow(cast):%Y%m%d}-01" and not trip.is_over
    archivist = cast.client(Post.ARCHIVIST)
    shown = text_of(archivist.get(f"/transfer/{one}/"))
    assert trip.trip_no in shown and 'value="津A·12345 李师傅"' in shown
    assert f"{tomorrow(cast)} 来车" in text_of(archivist.get("/"))
    actions.dispatch(occasion=cast.occasion(Post.ARCHIVIST), batch_no=one, vehicle="津A·12345 李师傅")
    assert house.trip(cast.actor(Post.RECEIVER), trip.trip_no).is_over


def test_a_trip_that_cannot_be_is_refused(cast: Cast) -> None:
    one = batch(cast, 1)

    wrong: dict[str, dict[str, Any]] = {
        "T-020": {"stops": {}},
        "T-021": {"load_mm": 1},
        "T-022": {"on_date": cast.today() - dt.timedelta(days=1)},
        "T-023": {"stops": {one: " "}},
        "R-009": {"stops": {"YJ-none": "王专职"}},
        "R-010": {"plate": " "},
    }
    for code, more in wrong.items():
        with refused(code):
            plan(cast, one, **more)
    for name, value in (("seats", 0), ("seats", 61), ("load_mm", 100_001)):
        particulars: dict[str, Any] = {name: value}
        with refused("T-022"):
            plan(cast, one, **particulars)
    for post in (Post.ARCHIVIST, Post.SUPERVISOR, Post.KEEPER):
        with refused("A-001"):
            plan(cast, one, who=post)
    plan(cast, one)
    with refused("T-024"):
        plan(cast, one)
    assert TripStop.objects.count() == 1


def test_what_has_left_is_not_fetched(cast: Cast) -> None:
    gone = batch(cast, 1, State.IN_TRANSIT)

    with refused("T-024"):
        plan(cast, gone)


def test_a_trip_called_off_frees_its_batches_and_its_number_stays(cast: Cast) -> None:
    one = batch(cast, 1)
    trip = plan(cast, one)

    with refused("R-010"):
        actions.cancel_trip(occasion=cast.occasion(Post.RECEIVER), trip_no=trip.trip_no, reason="")
    with refused("A-001"):
        actions.cancel_trip(occasion=cast.occasion(Post.ARCHIVIST), trip_no=trip.trip_no, reason="车坏了")
    with one_line("transfer.cancel_trip"):
        actions.cancel_trip(occasion=cast.occasion(Post.RECEIVER), trip_no=trip.trip_no, reason="车坏了")
    with refused("L-001"):
        actions.cancel_trip(occasion=cast.occasion(Post.RECEIVER), trip_no=trip.trip_no, reason="车坏了")
    again = plan(cast, one)

    assert again.trip_no.endswith("-02") and Trip.objects.count() == 2
    assert [row.trip_no for row in house.trips(cast.actor(Post.RECEIVER))] == [again.trip_no, trip.trip_no]
    assert house.trip_of(cast.actor(Post.ARCHIVIST), one) == house.trip(cast.actor(Post.ARCHIVIST), again.trip_no)


def test_the_pages_order_a_vehicle_print_it_and_call_it_off(cast: Cast) -> None:
    one = batch(cast, 1)
    receiver = cast.client(Post.RECEIVER)
    form = {"batch": one, f"hands_{one}": "王专职", "date": f"{tomorrow(cast)}", "plate": "津A·1", "driver": "李师傅"}

    waiting = text_of(receiver.get(HOUSE))
    assert cast.actor(Post.ARCHIVIST).name in waiting.split(f'name="hands_{one}"')[1].split(">")[0]
    assert one in waiting and "K1" in waiting and f'value="{one}" aria-label="{one}" checked' in waiting
    for wrong in ({"date": "2026-02-30"}, {"date": ""}, {"load": "x"}):
        refused_ = receiver.post(f"{HOUSE}trips/", {**form, "seats": "2", "load": "900", **wrong})
        assert refused_.status_code == 422 and "T-022" in text_of(refused_) and 'value="李师傅"' in text_of(refused_)
    planned = receiver.post(f"{HOUSE}trips/", {**form, "seats": "2", "load": "900"})
    address = planned["Location"].split("?")[0]
    shown = text_of(receiver.get(planned["Location"]))
    assert planned.status_code == 302 and "王专职" in shown and "津A·1" in shown
    pdf = receiver.get(address.rstrip("/") + ".pdf")
    assert pdf.status_code == 200 and pdf.content.startswith(b"%PDF")
    assert receiver.post(address + "cancel/", {"reason": ""}).status_code == 422
    assert receiver.post(address + "cancel/", {"reason": "改日"}).status_code == 302
    assert "改日" in text_of(receiver.get(address)) and "已取消" in text_of(receiver.get(HOUSE))


def test_the_house_is_shown_to_its_posts_only(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    one = batch(cast, 1)
    trip = plan(cast, one)
    page = reverse("transfer:trip", kwargs={"trip_no": trip.trip_no})
    pdf = reverse("transfer:trip_order", kwargs={"trip_no": trip.trip_no})
    posts = (Post.RECEIVER, Post.KEEPER, Post.SUPERVISOR, Post.ARCHIVIST, Post.FILER)

    assert [cast.client(post).get(HOUSE).status_code for post in posts] == [200, 200, 200, 403, 403]
    assert [cast.client(post).get(page).status_code for post in posts] == [200, 200, 200, 200, 403]
    assert [cast.client(post).get(pdf).status_code for post in posts] == [200, 200, 200, 200, 403]
    assert cast.client(Post.SYSTEM_ADMIN).get(HOUSE).status_code == 404
    assert cast.client(Post.SYSTEM_ADMIN).get(page).status_code == 404
    stranger = outsider(Post.RECEIVER)
    assert stranger.get(page).status_code == 404 and stranger.get(pdf).status_code == 404
    assert one not in text_of(stranger.get(HOUSE)) and trip.trip_no not in text_of(stranger.get(HOUSE))
    form = {"batch": one, f"hands_{one}": "x", "date": "2099-01-01", "plate": "x", "driver": "x", "seats": 1, "load": 9}
    assert stranger.post(f"{HOUSE}trips/", form).status_code == 404
    assert stranger.post(page + "cancel/", {"reason": "x"}).status_code == 404
    for post, status in ((Post.ARCHIVIST, 403), (Post.SYSTEM_ADMIN, 404)):
        assert cast.client(post).post(f"{HOUSE}trips/", form).status_code == status
        assert cast.client(post).post(page + "cancel/", {"reason": "x"}).status_code == status
    assert [Client().get(address).status_code for address in (HOUSE, page, pdf)] == [302, 302, 302]
    assert Client().post(f"{HOUSE}trips/").status_code == Client().post(page + "cancel/").status_code == 302


def test_the_api_tells_the_board_and_orders(cast: Cast) -> None:
    one = batch(cast, 1)
    program = cast.program(cast.actor(Post.RECEIVER).staff_code)
    body = {
        "on_date": tomorrow(cast).isoformat(),
        "plate": "津A·1",
        "driver": "李师傅",
        "seats": 2,
        "load_mm": 900,
        "stops": [{"batch_no": one, "hands_over": "王专职"}],
    }

    told = program.get("/api/v1/transfer/house").json()
    planned = program.post("/api/v1/transfer/trips", body, content_type="application/json")
    listed = program.get("/api/v1/transfer/trips").json()
    away = program.post(
        f"/api/v1/transfer/trips/{planned.json()['trip_no']}/cancel",
        {"reason": "改日"},
        content_type="application/json",
    )

    assert told["waiting"][0]["batch_no"] == one and told["waiting"][0]["is_ready"] is True
    assert planned.status_code == 201 and planned.json()["stops"][0]["hands_over"] == "王专职"
    assert [row["trip_no"] for row in listed] == [planned.json()["trip_no"]] and away.status_code == 204
    assert timezone.is_aware(house.trips(cast.actor(Post.RECEIVER))[0].planned_at)
    assert queries.batches(cast.actor(Post.ARCHIVIST))[0].fetched_on is None
