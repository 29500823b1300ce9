"""Handing over: apply, draw, witness, dispatch, receive by count."""

import dataclasses
import datetime as dt

import pytest

from anjuan.core import retention, sampling
from anjuan.core.terms import Custody, Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.transfer import actions as transfer
from anjuan.desks.transfer import queries, rules
from anjuan.desks.transfer.models import Batch
from anjuan.desks.transfer.rules import Counted
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.foundation.ledger import queries as ledger
from anjuan.records import queries as records
from tests import builders
from tests.builders import at_state, count, fault, looks, one_line, page_counts, refused, step_to
from tests.cast import Cast


def applied(cast: Cast, volumes: int) -> tuple[str, list[builders.Walked]]:
    """One batch of several volumes, all pre-accepted. Returns its number and the walks."""
    walks = [at_state(cast, State.SELF_CHECKED, f"SL-{place}") for place in range(volumes)]
    receipt = transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn for walk in walks])
    for walk in walks:
        walk.batch_no = receipt.batch_no
        step_to(cast, State.PRE_ACCEPTED, walk)
    return receipt.batch_no, walks


def draw(cast: Cast, batch_no: str, post: Post = Post.SUPERVISOR) -> tuple[str, ...]:
    return transfer.draw_sample(occasion=cast.occasion(post), batch_no=batch_no)


@pytest.mark.acceptance("S0-W5", "S3-W15")
def test_an_application_draws_up_the_register_of_its_volumes(cast: Cast) -> None:
    walks = [at_state(cast, State.SELF_CHECKED, f"SL-{place}") for place in range(2)]

    with one_line("transfer.apply"):
        receipt = transfer.apply(
            occasion=cast.occasion(Post.ARCHIVIST),
            volume_urns=[walks[0].volume_urn, walks[1].volume_urn, walks[0].volume_urn],
        )

    sheet = queries.sheet(cast.actor(Post.ARCHIVIST), receipt.batch_no)
    assert (receipt.volumes, receipt.pages) == (2, 4)
    assert [row.volume.reference for row in queries.names_for_register(sheet)] == [walk.reference for walk in walks]
    assert builders.states(*(walk.volume_urn for walk in walks)) == {State.APPLIED}


@pytest.mark.acceptance("S3-R4")
def test_an_application_is_made_once_by_the_archivist_for_one_agency(cast: Cast) -> None:
    walk = at_state(cast, State.SELF_CHECKED)

    with refused("T-001"):
        transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[])
    with refused("A-001"):
        transfer.apply(occasion=cast.occasion(Post.FILER), volume_urns=[walk.volume_urn])
    with refused("R-009"):
        transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn, "urn:uuid:none"])
    step_to(cast, State.APPLIED, walk)
    with refused("L-001"):
        transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn])


def test_one_volume_that_cannot_go_keeps_the_whole_application_back(cast: Cast) -> None:
    ready, early = at_state(cast, State.SELF_CHECKED, "SL-1"), at_state(cast, State.FILED, "SL-2")

    with refused("L-002"):
        transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[ready.volume_urn, early.volume_urn])


def test_batches_are_numbered_by_agency_and_by_the_year_of_the_agencys_calendar(cast: Cast) -> None:
    cast.clock.at = dt.datetime(2030, 12, 30, 4, 0, tzinfo=dt.UTC)
    old = at_state(cast, State.APPLIED, "SL-1").batch_no
    last = at_state(cast, State.SELF_CHECKED, "SL-2")
    cast.clock.at = dt.datetime(2030, 12, 31, 16, 30, tzinfo=dt.UTC)  # half past midnight of New Year in Shanghai

    step_to(cast, State.APPLIED, last)

    assert (old, last.batch_no) == ("BH-2030-0001", "BH-2031-0001")


# --- the witness


@pytest.mark.acceptance("S3-W17", "S3-N3")
def test_the_sample_is_what_anybody_recomputes_from_the_checkpoint(cast: Cast) -> None:
    batch_no, walks = applied(cast, 5)

    with one_line("transfer.draw_sample"):
        drawn = draw(cast, batch_no)

    checkpoint = ledger.latest_checkpoint()
    sheet = queries.sheet(cast.actor(Post.SUPERVISOR), batch_no)
    by_urn = {walk.volume_urn: walk.reference for walk in walks}
    assert checkpoint is not None and checkpoint.size == sheet.batch.checkpoint_size
    seed = sampling.seed_of(checkpoint.root, batch_no, *builders.nonces_of(batch_no, *by_urn), *sorted(by_urn))
    assert sheet.batch.seed == seed
    assert drawn == tuple(by_urn[urn] for urn in sampling.draw(list(by_urn), 3, seed))
    assert {row.volume.reference for row in sheet.drawn} == set(drawn)
    with refused("L-001"):
        draw(cast, batch_no)


def test_nothing_is_drawn_before_every_volume_was_pre_accepted(cast: Cast) -> None:
    walk = at_state(cast, State.APPLIED)

    with refused("T-002"):
        draw(cast, walk.batch_no)
    with refused("A-001"):
        draw(cast, walk.batch_no, Post.ACCEPTOR)
    with refused("R-009"):
        draw(cast, "BH-0-0")


def test_a_batch_whose_volumes_all_went_back_has_nothing_to_draw(cast: Cast) -> None:
    walk = at_state(cast, State.APPLIED)
    inspection.return_volume(
        occasion=cast.occasion(Post.ACCEPTOR), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn)]
    )

    with refused("T-006"):
        draw(cast, walk.batch_no)


def test_a_batch_waits_for_its_witness_only_while_there_is_something_to_witness(cast: Cast) -> None:
    supervisor = cast.actor(Post.SUPERVISOR)
    walks = [at_state(cast, State.SELF_CHECKED, f"SL-{place}") for place in range(2)]
    receipt = transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn for walk in walks])
    waiting = [queries.count_waiting_for(supervisor, Post.SUPERVISOR)]
    for walk in walks:
        step_to(cast, State.PRE_ACCEPTED, walk)
        waiting.append(queries.count_waiting_for(supervisor, Post.SUPERVISOR))

    assert waiting == [0, 0, 1], "none accepted, one of two, both"
    assert [row.batch_no for row in queries.waiting_for(supervisor, Post.SUPERVISOR)] == [receipt.batch_no]

    for walk in walks:
        assert [row.batch_no for row in queries.batches(supervisor)] == [receipt.batch_no]
        transfer.refuse_witness(
            occasion=cast.occasion(Post.SUPERVISOR),
            batch_no=receipt.batch_no,
            volume_urn=walk.volume_urn,
            faults=[fault(walk.item_urn)],
        )

    assert queries.count_waiting_for(supervisor, Post.SUPERVISOR) == 0
    assert queries.batches(supervisor) == []
    assert not queries.stage_counts(supervisor)
    assert queries.sheet(supervisor, receipt.batch_no).present == (), "who knows its number still finds it"


@pytest.mark.acceptance("S3-W17")
def test_the_witness_signs_for_each_drawn_volume_on_paper_images_and_contents(cast: Cast) -> None:
    batch_no, walks = applied(cast, 4)
    drawn = draw(cast, batch_no)
    supervisor = cast.occasion(Post.SUPERVISOR)
    half = {**looks(drawn), drawn[-1]: {"paper": True, "images": True}}

    with refused("T-003"):
        transfer.witness(occasion=supervisor, batch_no=batch_no, looks=looks(drawn[:-1]), counted=page_counts(drawn))
    with refused("T-003"):
        transfer.witness(occasion=supervisor, batch_no=batch_no, looks=half, counted=page_counts(drawn))
    with one_line("transfer.witness"):
        transfer.witness(occasion=supervisor, batch_no=batch_no, looks=looks(drawn), counted=page_counts(drawn))

    assert builders.states(*(walk.volume_urn for walk in walks)) == {State.WITNESSED}
    with refused("L-001"):
        transfer.witness(occasion=supervisor, batch_no=batch_no, looks=looks(drawn), counted=page_counts(drawn))


@pytest.mark.parametrize("code", ["bh03", "bh04", "bh05"], ids=["who filed", "who checked", "who applied"])
def test_who_made_the_batch_does_not_witness_it(cast: Cast, code: str) -> None:
    batch_no, _ = applied(cast, 1)
    cast.promote(code, Post.SUPERVISOR, "BH")
    drawn = draw(cast, batch_no)

    with refused("L-005"):
        transfer.witness(
            occasion=cast.occasion_of(code), batch_no=batch_no, looks=looks(drawn), counted=page_counts(drawn)
        )


def test_steps_come_one_after_another(cast: Cast) -> None:
    batch_no, _ = applied(cast, 1)
    receiver = cast.occasion(Post.RECEIVER)

    with refused("T-007"):
        transfer.witness(occasion=cast.occasion(Post.SUPERVISOR), batch_no=batch_no, looks={}, counted={})
    with refused("T-007"):
        transfer.dispatch(occasion=cast.occasion(Post.ARCHIVIST), batch_no=batch_no)
    with refused("T-007"):
        transfer.receive(occasion=receiver, batch_no=batch_no, counted=count(receiver, batch_no))


@pytest.mark.acceptance("S3-W17")
def test_a_volume_refused_by_the_witness_leaves_the_batch_and_the_others_go_on(cast: Cast) -> None:
    batch_no, walks = applied(cast, 4)
    draw(cast, batch_no)
    supervisor, back = cast.occasion(Post.SUPERVISOR), walks[0]

    with refused("W-004"):
        transfer.refuse_witness(occasion=supervisor, batch_no=batch_no, volume_urn=back.volume_urn, faults=[])
    with one_line("transfer.refuse_witness"):
        transfer.refuse_witness(
            occasion=supervisor, batch_no=batch_no, volume_urn=back.volume_urn, faults=[fault(back.item_urn, "V05")]
        )
    with refused("R-009"):
        transfer.refuse_witness(
            occasion=supervisor, batch_no=batch_no, volume_urn=back.volume_urn, faults=[fault(back.item_urn, "V05")]
        )
    drawn = [row.volume.reference for row in queries.sheet(supervisor.actor, batch_no).drawn]
    transfer.witness(occasion=supervisor, batch_no=batch_no, looks=looks(drawn), counted=page_counts(drawn))

    assert builders.states(back.volume_urn) == {State.RETURNED}
    assert builders.states(*(walk.volume_urn for walk in walks[1:])) == {State.WITNESSED}


def test_a_volume_mended_after_the_witness_goes_in_a_new_batch(cast: Cast) -> None:
    batch_no, (back, _) = applied(cast, 2)
    draw(cast, batch_no)
    transfer.refuse_witness(
        occasion=cast.occasion(Post.SUPERVISOR),
        batch_no=batch_no,
        volume_urn=back.volume_urn,
        faults=[fault(back.item_urn)],
    )
    for row in correction_queries.of_units([back.volume_urn]):
        corrections.answer_fault(occasion=cast.occasion(Post.FILER), pk=row.pk, answer="已补盖")
    filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=back.volume_urn)

    for state in (State.SELF_CHECKED, State.APPLIED, State.PRE_ACCEPTED):
        step_to(cast, state, back)

    assert back.batch_no != batch_no
    assert [row.volume.urn for row in queries.sheet(cast.actor(Post.SUPERVISOR), back.batch_no).present] == [
        back.volume_urn
    ]
    assert back.volume_urn not in {
        row.volume.urn for row in queries.sheet(cast.actor(Post.SUPERVISOR), batch_no).present
    }


# --- out of the door and in


@pytest.mark.acceptance("S0-W5", "S3-W18")
def test_custody_goes_with_the_paper_and_the_archive_gives_an_accession_number(cast: Cast) -> None:
    walk = at_state(cast, State.WITNESSED)
    receiver = cast.occasion(Post.RECEIVER)

    def custody() -> Custody:
        return records.get_volume_for(receiver.actor, walk.volume_urn).custody

    assert custody() is Custody.AGENCY
    with one_line("transfer.dispatch"):
        transfer.dispatch(occasion=cast.occasion(Post.ARCHIVIST), batch_no=walk.batch_no, vehicle="津A·00001")
    assert custody() is Custody.IN_TRANSIT
    with one_line("transfer.receive"):
        accession = transfer.receive(occasion=receiver, batch_no=walk.batch_no, counted=count(receiver, walk.batch_no))

    assert custody() is Custody.ARCHIVE
    assert (accession.accession_no, accession.volumes, accession.pages) == (f"JS-{walk.batch_no}", 1, 2)


@pytest.mark.acceptance("S3-W18")
def test_nothing_is_received_while_the_count_differs(cast: Cast) -> None:
    walk = at_state(cast, State.IN_TRANSIT)
    receiver = cast.occasion(Post.RECEIVER)
    (right,) = count(receiver, walk.batch_no)

    for code, counted in {
        "T-004": [],
        "T-005": [Counted(right.reference, right.pages - 1)],
    }.items():
        with refused(code):
            transfer.receive(occasion=receiver, batch_no=walk.batch_no, counted=counted)
    for counted in ([right, right], [right, Counted("J001-X", 1)]):
        with refused("T-004"):
            transfer.receive(occasion=receiver, batch_no=walk.batch_no, counted=counted)


def test_who_applied_does_not_receive(cast: Cast) -> None:
    walk = at_state(cast, State.IN_TRANSIT)
    cast.promote("bh05", Post.RECEIVER, "BH")
    occasion = cast.occasion_of("bh05")

    with refused("L-005"):
        transfer.receive(occasion=occasion, batch_no=walk.batch_no, counted=count(occasion, walk.batch_no))


def test_a_step_taken_is_not_taken_again(cast: Cast) -> None:
    walk = at_state(cast, State.RECEIVED)
    receiver = cast.occasion(Post.RECEIVER)

    with refused("L-001"):
        transfer.dispatch(occasion=cast.occasion(Post.ARCHIVIST), batch_no=walk.batch_no)
    with refused("L-001"):
        transfer.receive(occasion=receiver, batch_no=walk.batch_no, counted=count(receiver, walk.batch_no))
    with refused("R-009"):
        transfer.refuse_witness(
            occasion=cast.occasion(Post.SUPERVISOR), batch_no="BH-0", volume_urn=walk.volume_urn, faults=[]
        )


@pytest.mark.parametrize("post", [Post.ACCEPTOR, Post.RECHECKER])
def test_another_post_takes_no_step(cast: Cast, post: Post) -> None:
    batch_no, _ = applied(cast, 1)
    draw(cast, batch_no)
    occasion = cast.occasion(post)

    with refused("A-001"):
        transfer.witness(occasion=occasion, batch_no=batch_no, looks={}, counted={})
    with refused("A-001"):
        transfer.dispatch(occasion=occasion, batch_no=batch_no)
    with refused("A-001"):
        transfer.receive(occasion=occasion, batch_no=batch_no, counted=[])


def test_another_centre_does_not_find_the_batch(cast: Cast) -> None:
    batch_no, _ = applied(cast, 1)
    elsewhere = cast.hire("hx06", Post.SUPERVISOR, cast.found_elsewhere())

    with refused("R-009"):
        transfer.draw_sample(occasion=cast.occasion_of(elsewhere), batch_no=batch_no)

    assert queries.batches(cast.occasion_of(elsewhere).actor) == []
    assert Batch.objects.count() == 1


@pytest.mark.parametrize("vehicle", ["津A\x00·00001", "津A\ue000", "长" * 61])
def test_a_vehicle_that_cannot_be_written_down_is_refused(cast: Cast, vehicle: str) -> None:
    walk = at_state(cast, State.WITNESSED)

    with refused("R-010"):
        transfer.dispatch(occasion=cast.occasion(Post.ARCHIVIST), batch_no=walk.batch_no, vehicle=vehicle)


@pytest.mark.acceptance("S3-W17", "S3-N3")
def test_the_witness_counts_the_paper_of_each_drawn_volume(cast: Cast) -> None:
    batch_no, _ = applied(cast, 2)
    drawn = draw(cast, batch_no)
    supervisor, right = cast.occasion(Post.SUPERVISOR), page_counts(drawn)

    with refused("T-040"):
        transfer.witness(occasion=supervisor, batch_no=batch_no, looks=looks(drawn), counted={drawn[0]: 2})
    with refused("T-041"):
        transfer.witness(occasion=supervisor, batch_no=batch_no, looks=looks(drawn), counted=right | {drawn[1]: 9})
    with one_line("transfer.witness"):
        transfer.witness(occasion=supervisor, batch_no=batch_no, looks=looks(drawn), counted=right)


@pytest.mark.acceptance("S3-N3")
def test_each_category_and_term_gives_its_share_of_the_sample() -> None:
    @dataclasses.dataclass(frozen=True)
    class Kind:
        urn: str
        category_code: str
        term: retention.Term

    terms = {"A": retention.Term(retention.TermKind.PERMANENT), "B": retention.Term(retention.TermKind.YEARS, 50)}
    volumes = [
        Kind(f"{name}{place}", name, terms[name]) for name, many in (("A", 30), ("B", 70)) for place in range(many)
    ]

    drawn = rules.sample(rules.strata(volumes), "ab" * 32)

    assert len(drawn) == 5
    assert sorted(urn[0] for urn in drawn) == [
        "A",
        "B",
        "B",
        "B",
        "B",
    ]  # 1.5 and 3.5: equal remainders, the larger one first
    assert rules.sample(rules.strata(reversed(volumes)), "ab" * 32) == drawn
