"""The checking posts' deeds: the signed self-check, pre-acceptance by images, the drawn re-check."""

import pytest

from anjuan.core import sampling
from anjuan.core.terms import Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries
from anjuan.desks.inspection.models import SampleDraw, SelfCheck
from anjuan.desks.inspection.queries import history
from anjuan.desks.transfer import actions as transfer
from anjuan.desks.transfer import queries as transfer_queries
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.foundation.ledger import queries as ledger
from anjuan.records import models
from anjuan.records import queries as records
from tests import builders
from tests.builders import ANSWERS, at_state, fault, look_through, one_line, refused, sealed, step_to
from tests.cast import Cast

ACCEPTOR = "sj01"


def sign(cast: Cast, volume: str, who: str = "bh04", **answers: str) -> None:
    inspection.sign_self_check(occasion=cast.occasion_of(who), volume_urn=volume, answers=ANSWERS | answers)


def mend(cast: Cast, walk: builders.Walked) -> None:
    """Answer what is open, seal anew, check anew, apply anew."""
    for row in correction_queries.of_units([walk.volume_urn]):
        if row.is_open:
            corrections.answer_fault(occasion=cast.occasion(Post.FILER), pk=row.pk, answer="已整改")
    filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)
    step_to(cast, State.SELF_CHECKED, walk)
    step_to(cast, State.APPLIED, walk)


# --- the self-check


@pytest.mark.acceptance("S0-W4", "S3-W14")
def test_a_signed_self_check_keeps_every_answer_and_who_gave_it(cast: Cast) -> None:
    walk = sealed(cast)

    with one_line("inspection.sign_self_check"):
        sign(cast, walk.volume_urn)

    kept = SelfCheck.objects.get(volume_urn=walk.volume_urn)
    assert set(kept.answers) == {check.code for check in queries.checklist()}
    assert set(kept.answers.values()) == {"PASS"}
    assert kept.signed_by == "bh04"
    assert builders.states(walk.volume_urn, walk.item_urn) == {State.SELF_CHECKED}


@pytest.mark.acceptance("S3-W14", "S3-C3", "S3-C5")
@pytest.mark.parametrize("code", ["SEALS", "DATES", "PAGE_NUMBERS"])
def test_seals_dates_and_page_numbers_are_lines_that_a_person_answers(cast: Cast, code: str) -> None:
    walk = sealed(cast)
    line = {check.code: check for check in queries.checklist()}[code]

    assert not line.auto
    with refused("Q-001"):
        sign(cast, walk.volume_urn, **{code: ""})
    with refused("Q-002"):
        sign(cast, walk.volume_urn, **{code: "FAIL"})


@pytest.mark.acceptance("S3-C1", "S0-C3")
def test_the_machine_counts_and_nobody_overrules_it(cast: Cast) -> None:
    walk = sealed(cast)
    models.Item.objects.filter(urn=walk.item_urn).update(paper_pages=9)

    with refused("Q-002"):
        sign(cast, walk.volume_urn, PAGES="PASS")


@pytest.mark.acceptance("S3-C2")
def test_an_item_without_its_main_form_fails_the_check(cast: Cast) -> None:
    walk = sealed(cast)
    models.Component.objects.filter(material_code="MAIN_FORM").update(material_code="OTHER")

    with refused("Q-002"):
        sign(cast, walk.volume_urn, MAIN_FORM="PASS")


@pytest.mark.acceptance("S3-W14", "S3-W15")
def test_without_the_signed_self_check_there_is_no_application(cast: Cast) -> None:
    walk = sealed(cast)

    with refused("L-002"):
        transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn])


def test_who_filed_a_volume_does_not_check_it_nor_return_it(cast: Cast) -> None:
    walk = sealed(cast)
    cast.promote("bh03", Post.CHECKER, "BH")

    with refused("L-005"):
        sign(cast, walk.volume_urn, who="bh03")
    with refused("L-005"):
        inspection.return_volume(
            occasion=cast.occasion_of("bh03"), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn)]
        )


def test_signing_twice_is_l_001_and_another_post_does_not_sign(cast: Cast) -> None:
    walk = sealed(cast)

    with refused("L-003"):
        sign(cast, walk.volume_urn, who="bh05")
    sign(cast, walk.volume_urn)
    with refused("L-001"):
        sign(cast, walk.volume_urn)


def test_a_volume_is_returned_with_faults_or_not_at_all(cast: Cast) -> None:
    walk = sealed(cast)
    checker = cast.occasion(Post.CHECKER)

    with refused("W-004"):
        inspection.return_volume(occasion=checker, volume_urn=walk.volume_urn, faults=[])
    with refused("W-006"):
        inspection.return_volume(occasion=checker, volume_urn=walk.volume_urn, faults=[fault("urn:uuid:other")])
    with one_line("inspection.return_volume"):
        inspection.return_volume(occasion=checker, volume_urn=walk.volume_urn, faults=[fault(walk.item_urn, "S08")])

    assert builders.states(walk.volume_urn, walk.item_urn) == {State.RETURNED}


# --- pre-acceptance


@pytest.mark.acceptance("S3-W16", "S3-N4", "S3-R7")
def test_a_volume_is_accepted_by_its_images_once_every_page_was_opened(cast: Cast) -> None:
    walk = at_state(cast, State.APPLIED, "SL-1", "SL-2")
    acceptor = cast.occasion(Post.ACCEPTOR)

    with refused("L-004"):
        inspection.pre_accept(occasion=acceptor, volume_urn=walk.volume_urn)
    look_through(cast, Post.ACCEPTOR, walk.item_urns[0])
    with refused("L-004"):
        inspection.pre_accept(occasion=acceptor, volume_urn=walk.volume_urn)
    look_through(cast, Post.ACCEPTOR, walk.item_urns[1])
    with one_line("inspection.pre_accept"):
        inspection.pre_accept(occasion=acceptor, volume_urn=walk.volume_urn)

    assert builders.states(walk.volume_urn) == {State.PRE_ACCEPTED}
    with refused("L-001"):
        inspection.pre_accept(occasion=acceptor, volume_urn=walk.volume_urn)


def test_who_applied_does_not_accept(cast: Cast) -> None:
    walk = at_state(cast, State.APPLIED)
    cast.promote("bh05", Post.ACCEPTOR, "BH")

    with refused("L-005"):
        inspection.pre_accept(occasion=look_through(cast, "bh05", *walk.item_urns), volume_urn=walk.volume_urn)


@pytest.mark.acceptance("S3-W16", "S3-C3")
def test_a_volume_returned_at_pre_acceptance_goes_the_whole_way_again(cast: Cast) -> None:
    walk = at_state(cast, State.APPLIED)
    first_batch = walk.batch_no
    with one_line("inspection.return_volume"):
        inspection.return_volume(
            occasion=cast.occasion(Post.ACCEPTOR), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn, "S01")]
        )
    with refused("L-001"):
        transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn])

    mend(cast, walk)
    step_to(cast, State.PRE_ACCEPTED, walk)

    assert walk.batch_no != first_batch
    assert not correction_queries.of_units([walk.volume_urn])
    assert transfer_queries.sheet(cast.actor(Post.ARCHIVIST), first_batch).batch.stage == "APPLIED"


# --- the re-check


def draw(cast: Cast, percent: int = 10, acceptor: str = ACCEPTOR, who: str = "sj03") -> queries.DrawRow:
    return inspection.draw_recheck(
        occasion=cast.occasion_of(who), agency_code="BH", acceptor_code=acceptor, percent=percent
    )


@pytest.mark.acceptance("S3-W19", "S3-N2")
def test_the_draw_is_what_anybody_recomputes_from_the_checkpoint(cast: Cast) -> None:
    urns = [at_state(cast, State.RECEIVED, f"SL-{place}").volume_urn for place in range(4)]

    with one_line("inspection.draw_recheck"):
        drawn = draw(cast, percent=30)

    checkpoint = ledger.latest_checkpoint()
    assert checkpoint is not None and checkpoint.size == drawn.checkpoint_size
    lot = history.lot_of(drawn.draw_no)
    assert lot is not None and len(lot.nonces) == 4  # the acceptor's, one of each acceptance
    seed = sampling.seed_of(checkpoint.root, drawn.draw_no, *(value for _, value in lot.nonces), *sorted(urns))
    assert drawn.seed == seed
    assert drawn.drawn == sampling.draw(urns, 2, seed)
    assert set(drawn.lot) == set(urns)


@pytest.mark.acceptance("S3-N2", "S3-R8")
@pytest.mark.parametrize("percent", [9, 31])
def test_a_ratio_outside_ten_to_thirty_is_refused(cast: Cast, percent: int) -> None:
    at_state(cast, State.RECEIVED)

    with refused("Q-003"):
        draw(cast, percent=percent)


def test_a_lot_is_drawn_once_and_there_must_be_one(cast: Cast) -> None:
    with refused("Q-004"):
        draw(cast)
    at_state(cast, State.RECEIVED)
    with refused("Q-004"):
        draw(cast, acceptor="sj99")
    draw(cast)
    with refused("Q-004"):
        draw(cast)


def test_another_post_neither_draws_nor_passes(cast: Cast) -> None:
    at_state(cast, State.RECEIVED)

    with refused("A-001"):
        draw(cast, who=ACCEPTOR)
    drawn = draw(cast)
    with refused("A-001"):
        inspection.pass_recheck(occasion=cast.occasion(Post.ACCEPTOR), draw_no=drawn.draw_no)
    with refused("R-009"):
        inspection.pass_recheck(occasion=cast.occasion(Post.RECHECKER), draw_no="FH-0")


@pytest.mark.acceptance("S3-W19", "S3-R8")
def test_the_lot_is_held_once_every_page_of_the_sample_was_opened_again(cast: Cast) -> None:
    walks = [at_state(cast, State.RECEIVED, f"SL-{place}") for place in range(3)]
    drawn = draw(cast)
    rechecker = cast.occasion(Post.RECHECKER)

    with refused("L-004"):
        inspection.pass_recheck(occasion=rechecker, draw_no=drawn.draw_no)
    look_through(cast, Post.RECHECKER, *(item.urn for urn in drawn.drawn for item in records.items_of(urn)))
    with one_line("inspection.pass_recheck"):
        moved = inspection.pass_recheck(occasion=rechecker, draw_no=drawn.draw_no)

    assert len(drawn.drawn) == 1
    assert {step.urn for step in moved} == {walk.volume_urn for walk in walks}
    assert builders.states(*(walk.volume_urn for walk in walks)) == {State.HELD}
    assert SampleDraw.objects.get().passed_at is not None
    with refused("L-001"):
        inspection.pass_recheck(occasion=rechecker, draw_no=drawn.draw_no)


def test_who_accepted_does_not_recheck(cast: Cast) -> None:
    walk = at_state(cast, State.RECEIVED)
    cast.promote(ACCEPTOR, Post.RECHECKER, "SJ")
    drawn = draw(cast, who=ACCEPTOR)

    with refused("L-005"):
        inspection.pass_recheck(occasion=look_through(cast, ACCEPTOR, *walk.item_urns), draw_no=drawn.draw_no)
