"""Places, policies and the calendar of copies: who may enter what, offline sets, what the worker starts by itself."""

import datetime as dt

import pytest
from pytest_django import Settings

from anjuan.core.terms import Post, State
from anjuan.facilities.copies import actions, queries
from anjuan.facilities.copies.backends.shelf import FolderShelf, Room
from anjuan.facilities.copies.models import Incident, ObjectCopy, Place
from anjuan.facilities.copies.rules import Medium, Outcome, Policy
from anjuan.facilities.jobs.models import Job
from anjuan.facilities.notices import queries as notices
from anjuan.facilities.notices.queries import Shown
from anjuan.facilities.notices.rules import NoticeKind
from anjuan.foundation.journal.models import Entry
from tests import builders
from tests import copies_stage as stage
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.contract.test_copies import WORKER, now, page_of, pk
from tests.contract.test_jobs_shipped import work_off

# --- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S0-C6")
def test_an_offline_set_is_taken_away_counts_by_its_last_look_and_is_named_when_bytes_must_go(cast: Cast) -> None:
    urn = stage.replicated(cast).item_urn
    with one_line("copies.detach_place"):
        actions.detach_place(occasion=cast.occasion(Post.KEEPER), code="local-b", label="B-07", lies_at="2 库防磁柜")
    drawer = stage.object_folder(urn, "local-b").parents[3]
    drawer.rename(drawer.with_name("drawer"))

    stage.sweep(cast)
    assert Incident.objects.count() == 0
    assert queries.item_copies(cast.actor(Post.KEEPER), urn, now() + dt.timedelta(days=300)).verdict.counted == (
        "local-b",
    )
    assert {row.code: row.lies_at for row in queries.still_held([urn])[urn]}["local-b"] == "2 库防磁柜"
    with refused("N-006"):
        actions.detach_place(occasion=cast.occasion(Post.KEEPER), code="local-b", label="B-07", lies_at="x")
    with refused("N-006"):  # nothing is mounted there
        actions.attach_place(occasion=cast.occasion(Post.KEEPER), code="local-b")
    drawer.with_name("drawer").rename(drawer)
    actions.attach_place(occasion=cast.occasion(Post.KEEPER), code="local-b")
    assert queries.place("local-b").is_attached
    with refused("N-006"):
        actions.detach_place(occasion=cast.occasion(Post.KEEPER), code="far", label="x", lies_at="y")


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("far", "copies/new"),
        ("new", "copies/far"),
        ("new", "copies/far/"),
        ("new", "store"),
        ("new", "../elsewhere"),
        ("new", ""),
        ("无", "copies/new"),
        ("new", "s3://user:secret@bucket/x"),
    ],
)
def test_a_place_that_would_be_no_place_of_its_own_is_refused(cast: Cast, code: str, address: str) -> None:
    with refused("N-005"):
        actions.open_place(
            occasion=cast.occasion(Post.SYSTEM_ADMIN),
            code=code,
            name="x",
            agency_code="SJ",
            medium=Medium.TAPE,
            site="x",
            address=address,
        )


def test_places_are_entered_by_the_administrator_and_the_primary_by_itself(cast: Cast) -> None:
    said = {"name": "磁带", "agency_code": "SJ", "medium": Medium.TAPE, "site": "x", "address": "copies/t"}
    for post in (Post.KEEPER, Post.AUDITOR, Post.HANDLER):
        with refused("A-001"):
            actions.open_place(occasion=cast.occasion(post), code="t", **said)  # type: ignore[arg-type]
    with one_line("copies.open_place"):
        actions.open_place(occasion=cast.occasion(Post.SYSTEM_ADMIN), code="t", **said)  # type: ignore[arg-type]
    assert not actions.ensure_primary(occasion=cast.clock.occasion(WORKER))
    Place.objects.all().delete()
    assert actions.ensure_primary(occasion=cast.clock.occasion(WORKER))
    assert [row.code for row in queries.places()] == ["local"]


def test_a_policy_is_set_on_record_with_its_reason(cast: Cast) -> None:
    policy = Policy(2, 1, 0)
    for post in (Post.AUDITOR, Post.HANDLER):
        with refused("A-001"):
            actions.set_policy(occasion=cast.occasion(post), fonds_code="J001", policy=policy, basis="x")
    with refused("N-007"):
        actions.set_policy(occasion=cast.occasion(Post.KEEPER), fonds_code="J001", policy=policy, basis=" ")
    with refused("R-009"):
        actions.set_policy(occasion=cast.occasion(Post.KEEPER), fonds_code="NONE", policy=policy, basis="x")
    with one_line("copies.set_policy"):
        actions.set_policy(
            occasion=cast.occasion(Post.KEEPER), fonds_code="J001", policy=policy, basis="馆发〔2026〕3号"
        )
    (row,) = queries.policies(now())
    assert (row.policy, row.basis) == (policy, "馆发〔2026〕3号")


# --- the calendar -----------------------------------------------------------------------------------------------------


def test_the_worker_copies_what_is_missing_and_looks_at_what_is_due(cast: Cast, settings: Settings) -> None:
    walk = builders.at_state(cast, State.FILED)
    early = cast.clock.occasion(WORKER)

    (uid,) = actions.keep_up(occasion=early)
    assert Job.objects.get(uid=uid).kind == "REPLICATE"
    assert actions.keep_up(occasion=cast.clock.occasion(WORKER)) == []
    work_off()
    assert actions.keep_up(occasion=cast.clock.occasion(WORKER)) == []

    ObjectCopy.objects.filter(place__code="far").update(checked_at=now() - dt.timedelta(days=91))
    (uid,) = actions.keep_up(occasion=cast.clock.occasion(WORKER))
    work_off()
    job = Job.objects.get(uid=uid)
    assert (job.kind, job.total, job.done) == ("FIXITY_SWEEP", 1, 1)
    assert stage.line(walk.item_urn, "far").checked_at > now() - dt.timedelta(days=1)

    # What has just failed is not tried again every minute.
    stage.turn_byte(page_of(walk.item_urn, "far"))
    ObjectCopy.objects.filter(place__code="far").update(checked_at=now() - dt.timedelta(days=91))
    assert actions.keep_up(occasion=cast.clock.occasion(WORKER))
    work_off()
    ObjectCopy.objects.update(checked_at=now() - dt.timedelta(days=91))
    assert actions.keep_up(occasion=cast.clock.occasion(WORKER)) == []
    settings.ANJUAN_FIXITY_DAYS = 0


def test_a_sweep_goes_oldest_first_over_all_places_and_forgets_nobody(cast: Cast) -> None:
    walk = stage.replicated(cast, "A-1", "A-2")
    loose = builders.captured(cast, "A-3", persons=(builders.person(3),))
    base = now() - dt.timedelta(days=50)
    for age, row in enumerate(ObjectCopy.objects.order_by("pk")):
        ObjectCopy.objects.filter(pk=row.pk).update(checked_at=base - dt.timedelta(days=age))
    before = now()

    walked: list[str] = []
    while step := queries.after_for_sweep(before, walked[-1] if walked else "", 2, fresh=None):
        walked += step

    assert len(walked) == len(set(walked)) == queries.count_for_sweep(before, fresh=None) == 7
    units = [queries.parse_key(key) for key in walked]
    assert units[0] == (pk("local"), loose)
    rows = {(row.place_id, row.urn): row.checked_at for row in ObjectCopy.objects.all()}
    ages = [rows[unit] for unit in units[1:]]
    assert ages == sorted(ages) and {urn for _, urn in units[1:]} == set(walk.item_urns)
    assert {queries.parse_key(key)[0] for key in queries.after_for_sweep(before, "", 9, "far", fresh=None)} == {
        pk("far")
    }


@pytest.mark.acceptance("S4-C7")
def test_little_room_is_told_once_and_taken_back_when_there_is_more(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    builders.captured(cast, "A-1")
    free = {"bytes": 1}
    monkeypatch.setattr(FolderShelf, "room", lambda self: Room(free["bytes"], 10**9))

    with one_line("copies.warn_capacity"):
        left = actions.gauge(occasion=cast.clock.occasion(WORKER), today=cast.today())
    assert left["local"] is not None and left["local"] < 1
    told = notices.list_for(cast.actor(Post.KEEPER), Shown.OPEN, today=cast.today())
    assert [row.kind for row in told] == [NoticeKind.CAPACITY_SHORT]
    count = Entry.objects.count()
    actions.gauge(occasion=cast.clock.occasion(WORKER), today=cast.today())
    assert Entry.objects.count() == count
    free["bytes"] = 10**15
    actions.gauge(occasion=cast.clock.occasion(WORKER), today=cast.today())
    assert not notices.list_for(cast.actor(Post.KEEPER), Shown.OPEN, today=cast.today())


def test_a_sweep_of_one_place_looks_at_that_place_alone(cast: Cast) -> None:
    urn = stage.replicated(cast).item_urn
    before = {row.place.code: row.checked_at for row in ObjectCopy.objects.select_related("place")}

    with one_line("jobs.start"):
        actions.start_sweep(occasion=cast.occasion(Post.KEEPER), place_code="far")
    work_off()

    after = {row.place.code: row.checked_at for row in ObjectCopy.objects.select_related("place")}
    assert {code for code in after if after[code] != before[code]} == {"far"}
    assert stage.line(urn, "far").outcome == Outcome.GOOD
    with refused("R-009"):
        actions.start_sweep(occasion=cast.occasion(Post.KEEPER), place_code="nowhere")
    with refused("A-001"):
        actions.start_sweep(occasion=cast.occasion(Post.AUDITOR))
