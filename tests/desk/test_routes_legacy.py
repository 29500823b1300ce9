"""Paper first: the whole way of a volume from the counter to the shelf, by the deeds of each post."""

import datetime as dt
import json

import pytest

from anjuan.core.refusals import Severity
from anjuan.core.terms import Custody, Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries as inspection_queries
from anjuan.desks.intake import actions as intake
from anjuan.desks.review import actions as review
from anjuan.desks.transfer import actions as transfer
from anjuan.desks.transfer import queries as transfer_queries
from anjuan.desks.workshop import actions as workshop
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.facilities.notices import queries as notices
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.actions import RECORD_NAME
from anjuan.facilities.stacks import actions as stacks
from anjuan.facilities.stacks import queries as stack_queries
from anjuan.records import queries as records
from tests import builders
from tests.builders import count_paper, fault, on_paper, one_line, paper_step_to, refused
from tests.cast import Cast


@pytest.mark.acceptance("S0-C1")
def test_paper_goes_to_review_without_an_image_and_the_reviewer_counts(cast: Cast) -> None:
    (urn,) = on_paper(cast, State.IN_REVIEW, paper_pages=3).item_urns
    reviewer = cast.occasion(Post.REVIEWER)

    with refused("V-001"):
        review.pass_item(occasion=reviewer, urn=urn, counted_pages=2)
    with refused("L-004"):
        review.pass_item(occasion=reviewer, urn=urn)
    with one_line("review.pass_item"):
        review.pass_item(occasion=reviewer, urn=urn, counted_pages=3)

    assert builders.states(urn) == {State.REVIEWED}


@pytest.mark.acceptance("S3-W1")
def test_paper_is_filed_and_numbered_at_the_agency_before_any_scan(cast: Cast) -> None:
    walk = on_paper(cast, State.SELF_CHECKED, "SL-1", "SL-2")

    assert walk.reference
    for item in records.items_of(walk.volume_urn):
        catalogue = json.loads(repository.read_document(item.urn, RECORD_NAME))
        assert (catalogue["route"], catalogue["files"]) == ("LEGACY", [])
        assert catalogue["reference_code"] == item.reference_code
    ledger = inspection_queries.sheet(cast.actor(Post.CHECKER), walk.volume_urn).ledger
    assert (ledger.paper, ledger.images, ledger.catalogue) == (4, None, 4)


@pytest.mark.acceptance("S3-W2")
def test_a_volume_is_kept_a_year_at_the_agency_and_applied_for_after_it(cast: Cast) -> None:
    walk = on_paper(cast, State.SELF_CHECKED)
    sealed_date = cast.today()

    with refused("T-009"):
        transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn])
    cast.clock.at += dt.timedelta(days=364)
    with refused("T-009"):
        transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn])
    cast.clock.at += dt.timedelta(days=1)
    transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn])

    assert cast.today() == sealed_date + dt.timedelta(days=365)
    assert builders.states(walk.volume_urn) == {State.APPLIED}


@pytest.mark.acceptance("S3-W3")
def test_the_archivist_applies_with_a_register_for_one_route_at_a_time(cast: Cast) -> None:
    paper = on_paper(cast, State.SELF_CHECKED, "SL-1")
    imaged = builders.at_state(cast, State.SELF_CHECKED, "SL-2", persons=(builders.person(2),))
    cast.clock.at += dt.timedelta(days=366)

    with refused("T-008"):
        transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[paper.volume_urn, imaged.volume_urn])
    with refused("A-001"):
        transfer.apply(occasion=cast.occasion(Post.FILER), volume_urns=[paper.volume_urn])
    receipt = transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[paper.volume_urn])

    facts = transfer_queries.register_facts(transfer_queries.sheet(cast.actor(Post.ARCHIVIST), receipt.batch_no))
    assert paper.reference in json.dumps(facts, ensure_ascii=False, default=str)


@pytest.mark.acceptance("S3-W4")
def test_a_spot_check_on_paper_opens_the_way_for_the_vehicle(cast: Cast) -> None:
    walks = [on_paper(cast, State.SELF_CHECKED, f"SL-{n}", persons=(builders.person(n),)) for n in range(1, 6)]
    cast.clock.at += dt.timedelta(days=366)
    urns = [walk.volume_urn for walk in walks]
    batch_no = transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=urns).batch_no

    with refused("T-010"):
        transfer.draw_sample(occasion=cast.occasion(Post.SUPERVISOR), batch_no=batch_no)
    with refused("T-002"):
        transfer.dispatch(occasion=cast.occasion(Post.ARCHIVIST), batch_no=batch_no)
    category = records.volumes_by_urn(urns)[urns[0]].category_code
    with refused("A-001"):
        inspection.freeze_lot(occasion=cast.occasion(Post.ARCHIVIST), agency_code="BH", category_code=category)
    with one_line("inspection.freeze_lot"):
        lot = inspection.freeze_lot(occasion=cast.occasion(Post.ACCEPTOR), agency_code="BH", category_code=category)
    with refused("A-001"):
        inspection.draw_spot(occasion=cast.occasion(Post.ARCHIVIST), draw_no=lot.draw_no)
    with one_line("inspection.draw_spot"):
        draw = inspection.draw_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=lot.draw_no)
    assert set(draw.drawn) <= set(urns) == set(draw.lot)
    with refused("Q-004"):
        inspection.freeze_lot(occasion=cast.occasion(Post.ACCEPTOR), agency_code="BH", category_code=category)
    with refused("L-001"):
        inspection.draw_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=lot.draw_no)
    with refused("L-004"):
        inspection.pass_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=draw.draw_no)
    count_paper(cast, Post.ACCEPTOR, *draw.drawn)
    with one_line("inspection.pass_spot"):
        inspection.pass_spot(occasion=cast.occasion(Post.ACCEPTOR), draw_no=draw.draw_no)
    transfer.dispatch(occasion=cast.occasion(Post.ARCHIVIST), batch_no=batch_no, vehicle="演A·00001")

    assert builders.states(*urns) == {State.IN_TRANSIT}


@pytest.mark.acceptance("S3-W5", "S3-R7", "S0-C3")
def test_received_paper_is_accepted_item_by_item_and_page_by_page(cast: Cast) -> None:
    walk = on_paper(cast, State.RECEIVED, "SL-1", "SL-2")
    one, two = walk.item_urns
    right = {one: 2, two: 2}

    def check(counted: dict[str, int], *, main: bool = True, seals: bool = True, post: Post = Post.ACCEPTOR) -> None:
        inspection.check_paper(
            occasion=cast.occasion(post),
            volume_urn=walk.volume_urn,
            counted=counted,
            has_main_forms=main,
            has_seals=seals,
        )

    with refused("L-004"):
        inspection.accept(occasion=cast.occasion(Post.ACCEPTOR), volume_urn=walk.volume_urn)
    with refused("Q-005"):
        check({one: 2})
    with refused("Q-006"):
        check({one: 2, two: 3})
    with refused("Q-007"):
        check(right, main=False)
    with refused("Q-007"):
        check(right, seals=False)
    with refused("A-001"):
        check(right, post=Post.RECHECKER)
    with one_line("inspection.check_paper"):
        check(right)
    with one_line("inspection.accept"):
        moved = inspection.accept(occasion=cast.occasion(Post.ACCEPTOR), volume_urn=walk.volume_urn)

    assert moved.target is State.ACCEPTED


def test_what_is_not_paper_first_is_not_counted_on_paper(cast: Cast) -> None:
    imaged = builders.at_state(cast, State.APPLIED, "SL-1")
    sealed = on_paper(cast, State.FILED, "SL-2", persons=(builders.person(2),))

    for walk in (imaged, sealed):
        with refused("Q-008"):
            inspection.check_paper(
                occasion=cast.occasion(Post.ACCEPTOR),
                volume_urn=walk.volume_urn,
                counted={walk.item_urn: 2},
                has_main_forms=True,
                has_seals=True,
            )


@pytest.mark.acceptance("S3-W6")
def test_the_recheck_of_paper_counts_the_drawn_volumes_again(cast: Cast) -> None:
    walk = on_paper(cast, State.ACCEPTED)
    rechecker = cast.occasion(Post.RECHECKER)
    acceptor = cast.actor(Post.ACCEPTOR).staff_code
    draw = inspection.draw_recheck(occasion=rechecker, agency_code="BH", acceptor_code=acceptor, on_paper=True)

    with refused("L-004"):  # the acceptor's count does not stand for the re-checker's
        inspection.pass_recheck(occasion=cast.occasion(Post.RECHECKER), draw_no=draw.draw_no)
    count_paper(cast, Post.RECHECKER, walk.volume_urn)
    inspection.pass_recheck(occasion=cast.occasion(Post.RECHECKER), draw_no=draw.draw_no)

    assert 10 <= draw.percent <= 30
    assert builders.states(walk.volume_urn) == {State.RECHECKED}


@pytest.mark.acceptance("S3-W8")
@pytest.mark.parametrize("gate", [State.RECEIVED, State.ACCEPTED])
def test_what_fails_in_the_archive_is_mended_there_by_the_agency(cast: Cast, gate: State) -> None:
    walk = on_paper(cast, gate)
    post = Post.ACCEPTOR if gate is State.RECEIVED else Post.RECHECKER

    inspection.return_volume(
        occasion=cast.occasion(post), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn, note="缺经办章")]
    )
    volume = records.get_volume_for(cast.actor(Post.FILER), walk.volume_urn)
    told = notices.list_for(cast.actor(Post.FILER), notices.Shown.OPEN, today=cast.today())
    with refused("L-004"):
        filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)
    for row in correction_queries.of_units([walk.volume_urn, *walk.item_urns]):
        corrections.answer_fault(occasion=cast.occasion(Post.ARCHIVIST), pk=row.pk, answer="已补盖经办章")
    moved = filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)

    assert (volume.state, volume.custody) == (State.MENDING, Custody.ARCHIVE)
    assert [row.reference for row in told] == [walk.reference]
    assert (moved.source, moved.target) == (State.MENDING, State.RECEIVED)
    with refused("L-004"):  # it is counted anew
        inspection.accept(occasion=cast.occasion(Post.ACCEPTOR), volume_urn=walk.volume_urn)


@pytest.mark.acceptance("S3-W9")
def test_the_workshop_leads_a_volume_through_six_stations(cast: Cast) -> None:
    walk = on_paper(cast, State.RECHECKED)
    paper_step_to(cast, State.IN_WORKSHOP, walk)
    assert builders.states(walk.volume_urn) == {State.IN_WORKSHOP}
    paper_step_to(cast, State.HELD, walk)

    catalogue = json.loads(repository.read_document(walk.item_urn, RECORD_NAME))
    assert [row["material"] for row in catalogue["files"]] == list(builders.MATERIALS)
    assert set(repository.inventory_of(walk.item_urn).state) == {
        RECORD_NAME,
        *(row["name"] for row in catalogue["files"]),
    }
    assert builders.states(walk.volume_urn, *walk.item_urns) == {State.HELD}


@pytest.mark.acceptance("S3-W10")
def test_a_processed_volume_goes_to_the_store_room(cast: Cast) -> None:
    walk = on_paper(cast, State.HELD)

    cell = stack_queries.suggest_cell(cast.actor(Post.KEEPER), 20)
    assert cell is not None
    stacks.shelve(occasion=cast.occasion(Post.KEEPER), volume_urn=walk.volume_urn, cell_code=cell.code)

    assert stack_queries.places_of([walk.volume_urn])[walk.volume_urn].cell_code == cell.code


def test_a_volume_on_its_shelf_is_whole_and_out_of_the_workshops_sight(cast: Cast) -> None:
    walk = on_paper(cast, State.HELD)

    assert not [found for found in repository.store_findings() if found.severity is Severity.ERROR]
    with refused("R-009"):  # once it is shelved, the workshop does not see it any more
        workshop.finish(occasion=cast.occasion(Post.PROCESSOR), volume_urn=walk.volume_urn)
    with refused("I-010"):
        intake.capture(occasion=cast.occasion(Post.HANDLER), urn=walk.item_urn, uploads=[builders.upload("MAIN_FORM")])
