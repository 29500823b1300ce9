"""What a deed was judged on still holds when it is done: colleagues who come between, and rounds after a return.

A competing deed is called at the exact point inside the first where it would come between judging and writing.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from anjuan.core import sampling
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries as inspection_queries
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake import holding
from anjuan.desks.review import actions as review
from anjuan.desks.transfer import actions as transfer
from anjuan.desks.transfer import queries as transfer_queries
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.sealing import actions as sealing
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries as journal_queries
from anjuan.foundation.ledger import actions as ledger
from anjuan.foundation.ledger import queries as ledger_queries
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records.models import Item
from tests import builders
from tests.builders import at_state, looks, page_counts, person, refused, reviewed, step_to
from tests.cast import Cast


def between(monkeypatch: pytest.MonkeyPatch, room: Any, name: str, colleague: Callable[[], object]) -> None:
    """Let a colleague act once, right after a step of somebody else's deed."""
    real = getattr(room, name)
    done: list[bool] = []

    def step(*given: Any, **named: Any) -> Any:
        answer = real(*given, **named)
        if not done:
            done.append(True)
            colleague()
        return answer

    monkeypatch.setattr(room, name, step)


def answer_all(cast: Cast, walk: builders.Walked, post: Post = Post.HANDLER) -> None:
    for row in correction_queries.of_units([walk.volume_urn, *walk.item_urns]):
        if row.is_open:
            corrections.answer_fault(occasion=cast.occasion(post), pk=row.pk, answer="已整改")


def returned(cast: Cast, *acceptance_nos: str) -> builders.Walked:
    walk = at_state(cast, State.APPLIED, *acceptance_nos)
    inspection.return_volume(
        occasion=cast.occasion(Post.ACCEPTOR),
        volume_urn=walk.volume_urn,
        faults=[builders.fault(walk.item_urns[0])],
    )
    return walk


# --- filing


def test_an_item_put_in_while_the_seal_is_written_stops_the_seal(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, late = reviewed(cast, "A-1"), reviewed(cast, "A-2", persons=(person(2),))
    volume = builders.filed(cast, inside)

    def put_in() -> None:
        filing.add_item(occasion=cast.occasion(Post.FILER), volume_urn=volume, item_urn=late)

    between(monkeypatch, sealing, "write_sealed", put_in)
    with pytest.raises(Refusal, match="L-001"):
        filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)

    sealed = filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)
    assert [code for _, code in sealed.items] == list(
        Item.objects.order_by("item_no").values_list("reference_code", flat=True)
    )
    assert len(sealed.items) == 2


def test_a_new_order_while_the_seal_is_written_stops_the_seal(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = reviewed(cast, "A-1"), reviewed(cast, "A-2", persons=(person(2),))
    volume = builders.filed(cast, one, two)

    def turn_round() -> None:
        filing.arrange(occasion=cast.occasion(Post.FILER), volume_urn=volume, item_urns=[two, one])

    between(monkeypatch, sealing, "write_sealed", turn_round)
    with pytest.raises(Refusal, match="L-001"):
        filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)


def test_nothing_is_put_into_a_volume_that_was_sealed_a_moment_ago(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, late = reviewed(cast, "A-1"), reviewed(cast, "A-2", persons=(person(2),))
    volume = builders.filed(cast, inside)

    def seal() -> None:
        filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)

    between(monkeypatch, filing, "_open_sheet", seal)
    with pytest.raises(Refusal, match="L-001"):
        filing.add_item(occasion=cast.occasion(Post.FILER), volume_urn=volume, item_urn=late)

    assert Item.objects.get(urn=late).state == State.REVIEWED


def test_a_mended_item_must_be_whole_before_it_goes_on(cast: Cast) -> None:
    walk = returned(cast, "A-1")
    pk = builders.components_of(walk.item_urn)[-1].pk
    intake.withdraw_page(occasion=cast.occasion(Post.HANDLER), component_pk=pk)
    answer_all(cast, walk)

    with refused("F-011"):
        filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)


def test_a_page_taken_out_while_the_volume_is_sealed_anew_is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = returned(cast, "A-1")
    answer_all(cast, walk)
    pk = builders.components_of(walk.item_urn)[-1].pk

    def resubmit() -> None:
        filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)

    between(monkeypatch, holding, "changeable", resubmit)
    with pytest.raises(Refusal, match="L-001"):
        intake.withdraw_page(occasion=cast.occasion(Post.HANDLER), component_pk=pk)

    sealed = json.loads(repository.read_document(walk.item_urn, "record.json"))["files"]
    assert [file["sha512"] for file in sealed] == [row.sha512 for row in builders.components_of(walk.item_urn)]


# --- the counter


def test_a_page_captured_beside_the_submission_is_refused_once_the_item_has_left(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    urn = builders.captured(cast, "A-1")
    before = len(builders.components_of(urn))

    def submit() -> None:
        intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)

    between(monkeypatch, holding, "deposit", submit)
    with pytest.raises(Refusal, match="L-001"):
        intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=[builders.upload("OTHER")])

    assert len(builders.components_of(urn)) == before


def test_who_captured_a_page_may_not_review_it(cast: Cast) -> None:
    colleague = cast.hire("bh77", Post.HANDLER, "BH")
    cast.promote(colleague, Post.REVIEWER, "BH")
    urn = builders.register(cast, "A-1")
    intake.capture(
        occasion=cast.occasion_of(colleague),
        urn=urn,
        uploads=[builders.upload("MAIN_FORM"), builders.upload("ID_CARD")],
    )
    item = record_queries.get_item_for(cast.actor(Post.HANDLER), urn)
    pages = len(builders.components_of(urn))
    if item.paper_pages != pages:
        intake.correct_page_count(occasion=cast.occasion(Post.HANDLER), urn=urn, paper_pages=pages)
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)

    with refused("L-005"):
        review.pass_item(occasion=builders.look_through(cast, colleague, urn), urn=urn)


def test_who_mended_a_returned_volume_may_not_check_it(cast: Cast) -> None:
    mender = cast.hire("bh78", Post.HANDLER, "BH")
    cast.promote(mender, Post.CHECKER, "BH")
    walk = returned(cast, "A-1")
    pk = builders.components_of(walk.item_urn)[0].pk
    better = builders.upload("MAIN_FORM", octets=builders.jpeg(991))
    intake.replace_page(occasion=cast.occasion_of(mender), component_pk=pk, upload=better)
    answer_all(cast, walk)
    filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)

    assert mender in record_queries.duties_of(walk.volume_urn)[Duty.MENDED]
    with refused("L-005"):
        inspection.sign_self_check(
            occasion=cast.occasion_of(mender), volume_urn=walk.volume_urn, answers=builders.ANSWERS
        )


def test_a_record_is_held_only_at_the_stage_it_was_seen_at(cast: Cast) -> None:
    urn = builders.captured(cast, "A-1")

    with journal.writing(occasion=cast.occasion(Post.HANDLER), act="search.reveal", unit=urn):
        records.hold_at(urn=urn, states=(State.COLLECTING,))
    with (
        pytest.raises(Refusal, match="L-001"),
        journal.writing(occasion=cast.occasion(Post.HANDLER), act="search.reveal", unit=urn),
    ):
        records.hold_at(urn=urn, states=(State.REVIEWED,))


# --- batches and samples


def test_a_volume_that_came_back_is_in_one_batch_only(cast: Cast) -> None:
    one = at_state(cast, State.SELF_CHECKED, "A-1")
    other = at_state(cast, State.SELF_CHECKED, "B-1", persons=(person(2),))
    first = transfer.apply(
        occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[one.volume_urn, other.volume_urn]
    ).batch_no
    inspection.return_volume(
        occasion=cast.occasion(Post.ACCEPTOR), volume_urn=one.volume_urn, faults=[builders.fault(one.item_urn)]
    )
    answer_all(cast, one)
    filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=one.volume_urn)
    step_to(cast, State.SELF_CHECKED, one)
    second = transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[one.volume_urn]).batch_no
    for walk in (one, other):
        step_to(cast, State.PRE_ACCEPTED, walk)

    for batch_no, expected in ((first, other), (second, one)):
        drawn = transfer.draw_sample(occasion=cast.occasion(Post.SUPERVISOR), batch_no=batch_no)
        assert drawn == (expected.reference,)
        moved = transfer.witness(
            occasion=cast.occasion(Post.SUPERVISOR), batch_no=batch_no, looks=looks(drawn), counted=page_counts(drawn)
        )
        assert [step.urn for step in moved] == [expected.volume_urn]


def test_refusing_what_was_drawn_does_not_thin_out_the_sample(cast: Cast) -> None:
    walks = [at_state(cast, State.SELF_CHECKED, f"A-{n}", persons=(person(n),)) for n in range(1, 6)]
    batch_no = transfer.apply(
        occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn for walk in walks]
    ).batch_no
    for walk in walks:
        step_to(cast, State.PRE_ACCEPTED, walk)
    drawn = transfer.draw_sample(occasion=cast.occasion(Post.SUPERVISOR), batch_no=batch_no)
    assert len(drawn) == 3
    for walk in [walk for walk in walks if walk.reference in drawn][:2]:
        transfer.refuse_witness(
            occasion=cast.occasion(Post.SUPERVISOR),
            batch_no=batch_no,
            volume_urn=walk.volume_urn,
            faults=[builders.fault(walk.item_urn)],
        )

    sheet = transfer_queries.sheet(cast.actor(Post.SUPERVISOR), batch_no)
    assert len(sheet.present) == len(sheet.drawn) == 3
    with refused("T-003"):
        transfer.witness(
            occasion=cast.occasion(Post.SUPERVISOR),
            batch_no=batch_no,
            looks=looks([reference for reference in drawn]),
            counted=page_counts(drawn),
        )


def test_a_batch_of_which_nothing_is_left_is_not_witnessed(cast: Cast) -> None:
    walk = at_state(cast, State.PRE_ACCEPTED, "A-1")
    batch_no = walk.batch_no
    transfer.draw_sample(occasion=cast.occasion(Post.SUPERVISOR), batch_no=batch_no)
    transfer.refuse_witness(
        occasion=cast.occasion(Post.SUPERVISOR),
        batch_no=batch_no,
        volume_urn=walk.volume_urn,
        faults=[builders.fault(walk.item_urn)],
    )

    with refused("T-006"):
        transfer.witness(occasion=cast.occasion(Post.SUPERVISOR), batch_no=batch_no, looks={}, counted={})


def test_the_hour_of_drawing_has_no_influence_on_the_seed(cast: Cast) -> None:
    walk = at_state(cast, State.PRE_ACCEPTED, "A-1")
    ledger.catch_up(at=cast.clock.at)
    entry = journal_queries.latest_entry(walk.volume_urn, "inspection.pre_accept")
    assert entry is not None
    fixed = ledger_queries.first_checkpoint_past(entry.position)
    for number in range(3):  # whoever waits, and adds lines, gets the same root
        builders.register(cast, f"LATER-{number}", persons=(person(20 + number),))
        ledger.catch_up(at=cast.clock.at)

    transfer.draw_sample(occasion=cast.occasion(Post.SUPERVISOR), batch_no=walk.batch_no)

    batch = transfer_queries.sheet(cast.actor(Post.SUPERVISOR), walk.batch_no).batch
    assert batch.checkpoint_size == fixed.size
    nonces = builders.nonces_of(walk.batch_no, walk.volume_urn)
    assert batch.seed == sampling.seed_of(fixed.root, walk.batch_no, *nonces, walk.volume_urn)
    again = ledger.first_checkpoint_after(units=[walk.volume_urn], acts=["inspection.pre_accept"], at=cast.clock.at)
    assert again.size == fixed.size


def test_of_two_recheckers_who_draw_at_once_one_finds_the_lot_drawn(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_state(cast, State.RECEIVED, "A-1")
    lot = inspection_queries.lots(cast.actor(Post.RECHECKER))[0]

    def draw() -> inspection_queries.DrawRow:
        return inspection.draw_recheck(
            occasion=cast.occasion(Post.RECHECKER), agency_code=lot.agency_code, acceptor_code=lot.acceptor_code
        )

    between(monkeypatch, sampling, "draw", draw)
    with pytest.raises(Refusal, match="L-001"):
        draw()

    assert len(inspection_queries.draws(cast.actor(Post.RECHECKER))) == 1
