"""A single electronic set: filed on the business system's completion and four-nature tests, never on paper."""

import json

import pytest

from anjuan.core.assurance import Outcome, Stage
from anjuan.core.terms import Custody, Post, State
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake import queries as intake_queries
from anjuan.desks.transfer import actions as transfer
from anjuan.facilities.assurance import actions as assurance
from anjuan.facilities.assurance import queries as assurance_queries
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.actions import RECORD_NAME
from anjuan.facilities.stacks import actions as stacks
from anjuan.foundation.journal import actions as journal
from anjuan.records import queries as records
from tests import builders
from tests.builders import completed, electronic, one_line, refused, single_set
from tests.cast import Cast


def close(cast: Cast, urn: str, post: Post = Post.HANDLER) -> None:
    intake.close(occasion=cast.occasion(post), urn=urn)


@pytest.mark.acceptance("S0-W10", "S0-W12")
def test_a_completed_case_is_filed_at_once_with_its_report(cast: Cast) -> None:
    urn = electronic(cast)
    completed(cast)

    with one_line("intake.close"):
        close(cast, urn)

    report = assurance_queries.latest_of([urn], Stage.FILING)[urn]
    assert builders.states(urn) == {State.REVIEWED}
    assert report.is_passed and report.tested_by == cast.actor(Post.HANDLER).staff_code
    assert {result.code: result.outcome for result in report.results}["A2"] is Outcome.PASS


@pytest.mark.acceptance("S0-W12")
def test_nothing_is_filed_before_the_business_system_says_it_is_completed(cast: Cast) -> None:
    urn = electronic(cast)

    def obstacles() -> list[str]:
        return [one.code for one in intake_queries.collected(cast.actor(Post.HANDLER), urn).obstacles]

    assert obstacles() == ["I-017"]
    with refused("L-004"):
        close(cast, urn)
    completed(cast)

    assert obstacles() == []
    close(cast, urn)


def test_an_unsigned_main_form_is_not_filed(cast: Cast) -> None:
    urn = electronic(cast, signed=False)
    completed(cast)

    with refused("Z-001"):
        close(cast, urn)


def test_a_completion_of_another_step_is_not_this_case(cast: Cast) -> None:
    urn = electronic(cast)
    completed(cast, step="PENSION_RETIREMENT")

    with refused("Z-001"):
        close(cast, urn)


def test_pages_that_differ_from_what_the_business_system_declared_are_not_filed(cast: Cast) -> None:
    urn = electronic(cast)
    completed(cast, declared_pages=3)

    with refused("Z-001"):
        close(cast, urn)


def test_only_the_counter_closes_and_only_on_this_route(cast: Cast) -> None:
    urn = electronic(cast)
    completed(cast)

    with refused("A-001"):
        close(cast, urn, Post.REVIEWER)
    with refused("L-002"):
        intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    imaged = builders.captured(cast, "SL-1", persons=(builders.person(2),))
    with refused("L-002"):
        close(cast, imaged)


def test_a_report_is_kept_with_the_deed_it_rests_on(cast: Cast) -> None:
    urn = electronic(cast)
    completed(cast)
    item = records.get_item_for(cast.actor(Post.HANDLER), urn)
    found = assurance_queries.examine([item], Stage.FILING)

    assurance.must_pass(found, reference=item.reference)
    with journal.writing(occasion=cast.occasion(Post.HANDLER), act="intake.close", unit=urn) as line:
        assurance.keep(line=line, found=found)

    assert assurance_queries.latest_of([urn], Stage.FILING)[urn].results == found[0].results
    assert assurance_queries.latest_of([urn], Stage.TRANSFER) == {}


@pytest.mark.acceptance("S0-W10")
def test_a_single_set_goes_on_line_from_its_completion_to_the_store(cast: Cast) -> None:
    walk = single_set(cast, State.HELD, "WS-001", "WS-002")

    volume = records.get_volume_for(cast.actor(Post.KEEPER), walk.volume_urn)
    catalogue = json.loads(repository.read_document(walk.item_urn, RECORD_NAME))
    assert (volume.state, volume.custody) == (State.HELD, Custody.ARCHIVE)
    assert (catalogue["route"], len(catalogue["files"])) == ("SINGLE_SET", 2)
    assert assurance_queries.latest_of(walk.item_urns, Stage.TRANSFER).keys() == set(walk.item_urns)
    with refused("S-005"):
        stacks.shelve(occasion=cast.occasion(Post.KEEPER), volume_urn=walk.volume_urn, cell_code="K1-01-A-1-1")


def test_pre_acceptance_rests_on_the_tests_and_not_on_looking(cast: Cast) -> None:
    walk = single_set(cast, State.APPLIED)

    with refused("A-001"):
        inspection.pre_accept(occasion=cast.occasion(Post.RECHECKER), volume_urn=walk.volume_urn)
    with one_line("inspection.pre_accept"):
        inspection.pre_accept(occasion=cast.occasion(Post.ACCEPTOR), volume_urn=walk.volume_urn)

    assert builders.states(walk.volume_urn) == {State.PRE_ACCEPTED}


def test_a_single_set_has_no_vehicle_and_no_paper_to_witness(cast: Cast) -> None:
    walk = single_set(cast, State.PRE_ACCEPTED)
    drawn = transfer.draw_sample(occasion=cast.occasion(Post.SUPERVISOR), batch_no=walk.batch_no)
    on_screen = {reference: {"images": True, "contents": True} for reference in drawn}
    transfer.witness(occasion=cast.occasion(Post.SUPERVISOR), batch_no=walk.batch_no, looks=on_screen, counted={})

    with refused("L-002"):
        transfer.dispatch(occasion=cast.occasion(Post.ARCHIVIST), batch_no=walk.batch_no)
    builders.step_to(cast, State.RECEIVED, walk)

    assert builders.states(walk.volume_urn) == {State.RECEIVED}
