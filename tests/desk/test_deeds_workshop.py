"""The workshop operator's deeds: take in, sign six stations, send back, return, finish."""

import pytest

from anjuan.core.terms import Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.intake import actions as intake
from anjuan.desks.workshop import actions as workshop
from anjuan.desks.workshop import queries
from anjuan.desks.workshop.models import StationPass, WorkOrder
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.facilities.repository import queries as repository
from anjuan.records import models
from anjuan.records import queries as records
from tests import builders
from tests.builders import Walked, fault, on_paper, one_line, refused, scan, sign_station
from tests.cast import Cast

LATE = ("LAMINATE", "BOX", "STAMP")


def complete(cast: Cast, walk: Walked, station: str, *, who: str = "", note: str = "") -> None:
    occasion = cast.occasion_of(who) if who else cast.occasion(Post.PROCESSOR)
    workshop.complete(occasion=occasion, volume_urn=walk.volume_urn, station=station, note=note)


def scanned(cast: Cast, *stations: str) -> Walked:
    """A volume of two items in the workshop, scanned, with these stations signed."""
    walk = on_paper(cast, State.IN_WORKSHOP, "SL-1", "SL-2")
    scan(cast, *walk.item_urns)
    for station in stations:
        sign_station(cast, walk, station)
    return walk


def done(cast: Cast, walk: Walked) -> list[str]:
    return [one.station for one in queries.sheet(cast.actor(Post.PROCESSOR), walk.volume_urn).bench.passes]


def test_a_rechecked_volume_is_taken_in_once(cast: Cast) -> None:
    walk = on_paper(cast, State.RECHECKED)
    operator = cast.actor(Post.PROCESSOR)
    assert [volume.urn for volume in queries.waiting(operator)] == [walk.volume_urn]

    with refused("U-001"):
        complete(cast, walk, "SCAN")
    with one_line("workshop.take_in"):
        workshop.take_in(occasion=cast.occasion(Post.PROCESSOR), volume_urn=walk.volume_urn)
    with refused("L-001"):
        workshop.take_in(occasion=cast.occasion(Post.PROCESSOR), volume_urn=walk.volume_urn)

    assert builders.states(walk.volume_urn, walk.item_urn) == {State.IN_WORKSHOP}
    assert [volume.urn for volume in queries.in_work(operator)] == [walk.volume_urn]
    assert (queries.count_waiting(operator), queries.count_in_work(operator)) == (0, 1)


@pytest.mark.acceptance("S3-R9")
def test_the_workshop_is_the_operators_and_shows_nothing_else(cast: Cast) -> None:
    sealed = on_paper(cast, State.FILED, "SL-1")
    walk = on_paper(cast, State.IN_WORKSHOP, "SL-2", persons=(builders.person(2),))
    operator = cast.actor(Post.PROCESSOR)

    assert {row.urn for row in records.volumes_visible_to(operator)} == {walk.volume_urn}
    assert {row.urn for row in records.items_visible_to(operator)} == set(walk.item_urns)
    with refused("R-009"):
        workshop.take_in(occasion=cast.occasion(Post.PROCESSOR), volume_urn=sealed.volume_urn)
    with refused("A-001"):
        workshop.complete(occasion=cast.occasion(Post.KEEPER), volume_urn=walk.volume_urn, station="SCAN")
    with refused("R-009"):
        workshop.finish(occasion=cast.occasion(Post.SYSTEM_ADMIN), volume_urn=walk.volume_urn)


def test_scanning_is_signed_when_every_item_has_its_pages_and_its_materials(cast: Cast) -> None:
    walk = on_paper(cast, State.IN_WORKSHOP, "SL-1", "SL-2")
    first, second = walk.item_urns
    scan(cast, first)

    with refused("U-004"):
        complete(cast, walk, "SCAN")
    intake.capture(
        occasion=cast.occasion(Post.PROCESSOR),
        urn=second,
        uploads=[builders.upload("MAIN_FORM"), builders.upload("OTHER")],
    )
    with refused("U-005"):
        complete(cast, walk, "SCAN")
    other = builders.components_of(second)[1]
    intake.withdraw_page(occasion=cast.occasion(Post.PROCESSOR), component_pk=other.pk)
    intake.capture(occasion=cast.occasion(Post.PROCESSOR), urn=second, uploads=[builders.upload("ID_CARD")])
    with one_line("workshop.complete"):
        complete(cast, walk, "SCAN", note="2 号扫描仪")

    (one,) = queries.sheet(cast.actor(Post.PROCESSOR), walk.volume_urn).bench.passes
    assert (one.station, one.done_by, one.note) == ("SCAN", cast.actor(Post.PROCESSOR).staff_code, "2 号扫描仪")
    with refused("L-001"):
        complete(cast, walk, "SCAN")


def test_the_workshop_does_not_recount_what_was_accepted_on_paper(cast: Cast) -> None:
    walk = on_paper(cast, State.IN_WORKSHOP)

    with refused("I-018"):
        intake.correct_page_count(occasion=cast.occasion(Post.PROCESSOR), urn=walk.item_urn, paper_pages=1)
    with refused("A-001"):
        intake.capture(occasion=cast.occasion(Post.HANDLER), urn=walk.item_urn, uploads=[builders.upload("MAIN_FORM")])


def test_stations_are_signed_in_their_order(cast: Cast) -> None:
    walk, second = scanned(cast), builders.second_operator(cast)

    for station in ("QC", "ATTACH", *LATE):
        with refused("U-002"):
            complete(cast, walk, station, who=second)
    with refused("R-009"):
        complete(cast, walk, "POLISH")
    with refused("R-010"):
        complete(cast, walk, "SCAN", note="长" * 301)


@pytest.mark.acceptance("S3-R9")
def test_the_images_are_checked_page_by_page_by_somebody_who_scanned_none(cast: Cast) -> None:
    walk = scanned(cast)
    second = builders.second_operator(cast)
    cast.hire("sj17", Post.PROCESSOR, "SJ")
    # The second signs the scanning of the first's pages: he, too, answers for the scan.
    complete(cast, walk, "SCAN", who="sj17")

    for maker in (cast.actor(Post.PROCESSOR).staff_code, "sj17"):
        builders.look_through(cast, maker, *walk.item_urns)
        with refused("U-007"):
            complete(cast, walk, "QC", who=maker)
    builders.look_through(cast, second, walk.item_urns[0])
    with refused("U-006"):
        complete(cast, walk, "QC", who=second)
    builders.look_through(cast, second, *walk.item_urns)
    complete(cast, walk, "QC", who=second)

    assert done(cast, walk) == ["SCAN", "QC"]


def test_linking_writes_each_sealed_version_anew_with_its_images(cast: Cast) -> None:
    walk = scanned(cast, "SCAN", "QC")
    before = {urn: repository.head(urn) or 0 for urn in walk.item_urns}

    with one_line("workshop.complete"):
        complete(cast, walk, "ATTACH")

    for item in records.items_of(walk.volume_urn):
        assert (repository.head(item.urn) or 0) == before[item.urn] + 1
        images = [name for name in repository.inventory_of(item.urn).state if name.startswith(item.reference_code)]
        assert len(images) == 2
    assert done(cast, walk)[-1] == "ATTACH"


@pytest.mark.parametrize("station", ["QC", "ATTACH", "BOX"])
def test_pages_that_change_after_a_signature_stop_the_next(cast: Cast, station: str) -> None:
    order = [one.code for one in queries.stations()]
    walk = scanned(cast, *order[: order.index(station)])
    page = builders.components_of(walk.item_urn)[0]
    intake.replace_page(
        occasion=cast.occasion(Post.PROCESSOR), component_pk=page.pk, upload=builders.upload("MAIN_FORM")
    )
    second = builders.second_operator(cast)
    builders.look_through(cast, second, *walk.item_urns)

    with refused("U-003"):
        complete(cast, walk, station, who=second)


def test_a_volume_whose_pages_changed_after_the_last_signature_does_not_leave(cast: Cast) -> None:
    walk = scanned(cast, *(one.code for one in queries.stations()))
    page = builders.components_of(walk.item_urn)[0]
    intake.replace_page(
        occasion=cast.occasion(Post.PROCESSOR), component_pk=page.pk, upload=builders.upload("MAIN_FORM")
    )

    with refused("L-004"):
        workshop.finish(occasion=cast.occasion(Post.PROCESSOR), volume_urn=walk.volume_urn)


def test_what_the_image_check_sends_back_is_signed_anew_from_the_scan_on(cast: Cast) -> None:
    walk = scanned(cast)
    second = cast.occasion_of(builders.second_operator(cast))
    with refused("U-008"):
        workshop.send_back(occasion=second, volume_urn=walk.volume_urn, reason="第 2 页歪斜")
    sign_station(cast, walk, "SCAN")
    sign_station(cast, walk, "QC")

    with refused("R-010"):
        workshop.send_back(occasion=second, volume_urn=walk.volume_urn, reason=" ")
    with one_line("workshop.send_back"):
        fallen = workshop.send_back(occasion=second, volume_urn=walk.volume_urn, reason="第 2 页歪斜")

    sheet = queries.sheet(cast.actor(Post.PROCESSOR), walk.volume_urn)
    assert fallen == ("SCAN", "QC")
    assert sheet.bench.passes == ()
    assert [(one.station, one.reason) for one in sheet.undone] == [("SCAN", "第 2 页歪斜"), ("QC", "第 2 页歪斜")]
    assert sheet.next_station == queries.stations()[0]
    for station in queries.stations():
        sign_station(cast, walk, station.code)
    assert StationPass.objects.filter(undone_at=None).count() == 6


def test_a_volume_leaves_when_all_six_are_signed_and_not_before(cast: Cast) -> None:
    walk = scanned(cast, "SCAN", "QC", "ATTACH", "LAMINATE", "BOX")

    with refused("L-004"):
        workshop.finish(occasion=cast.occasion(Post.PROCESSOR), volume_urn=walk.volume_urn)
    sign_station(cast, walk, "STAMP")
    with one_line("workshop.finish"):
        moved = workshop.finish(occasion=cast.occasion(Post.PROCESSOR), volume_urn=walk.volume_urn)

    assert moved.target is State.HELD
    assert WorkOrder.objects.get(volume_urn=walk.volume_urn).finished_at is not None
    assert records.get_volume_for(cast.actor(Post.KEEPER), walk.volume_urn).is_imaged


@pytest.mark.acceptance("S3-W8")
def test_wrong_paper_found_in_the_workshop_is_mended_accepted_and_processed_anew(cast: Cast) -> None:
    walk = scanned(cast, "SCAN")
    second = builders.second_operator(cast)

    with refused("W-004"):
        workshop.return_volume(occasion=cast.occasion_of(second), volume_urn=walk.volume_urn, faults=[])
    with one_line("workshop.return_volume"):
        workshop.return_volume(
            occasion=cast.occasion_of(second), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn)]
        )
    assert builders.states(walk.volume_urn) == {State.MENDING}
    assert WorkOrder.objects.get(volume_urn=walk.volume_urn).abandoned_at is not None
    for row in correction_queries.of_units([walk.volume_urn, *walk.item_urns]):
        corrections.answer_fault(occasion=cast.occasion(Post.ARCHIVIST), pk=row.pk, answer="已补章")
    filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)
    for state in (State.ACCEPTED, State.RECHECKED, State.IN_WORKSHOP):
        builders.paper_step_to(cast, state, walk)

    assert done(cast, walk) == []
    for station in queries.stations():  # who returned it, and scanned nothing, may still check the images
        sign_station(cast, walk, station.code)
    workshop.finish(occasion=cast.occasion(Post.PROCESSOR), volume_urn=walk.volume_urn)
    assert builders.states(walk.volume_urn) == {State.HELD}


def test_half_scanned_items_do_not_stand_against_the_mending(cast: Cast) -> None:
    walk = on_paper(cast, State.IN_WORKSHOP)
    intake.capture(occasion=cast.occasion(Post.PROCESSOR), urn=walk.item_urn, uploads=[builders.upload("MAIN_FORM")])
    workshop.return_volume(
        occasion=cast.occasion(Post.PROCESSOR), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn)]
    )
    for row in correction_queries.of_units([walk.volume_urn, *walk.item_urns]):
        corrections.answer_fault(occasion=cast.occasion(Post.ARCHIVIST), pk=row.pk, answer="已补章")

    moved = filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)

    assert moved.target is State.RECEIVED


def test_a_volume_under_a_restraint_stays_in_the_workshop(cast: Cast) -> None:
    walk = scanned(cast, *(one.code for one in queries.stations()))
    models.Restraint.objects.create(
        unit=walk.volume_urn, kind="HOLD", reference="冻结", posted_by="sj91", posted_at=cast.clock.at
    )

    with refused("L-006"):
        workshop.finish(occasion=cast.occasion(Post.PROCESSOR), volume_urn=walk.volume_urn)


def test_the_acceptor_who_mended_does_not_accept(cast: Cast) -> None:
    walk = on_paper(cast, State.RECEIVED)
    cast.promote(cast.actor(Post.ACCEPTOR).staff_code, Post.ARCHIVIST, "SJ")
    inspection.return_volume(
        occasion=cast.occasion(Post.ACCEPTOR), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn)]
    )
    for row in correction_queries.of_units([walk.volume_urn, *walk.item_urns]):
        corrections.answer_fault(occasion=cast.occasion(Post.ACCEPTOR), pk=row.pk, answer="已补章")
    filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)
    builders.count_paper(cast, Post.ACCEPTOR, walk.volume_urn)

    with refused("L-005"):
        inspection.accept(occasion=cast.occasion(Post.ACCEPTOR), volume_urn=walk.volume_urn)
