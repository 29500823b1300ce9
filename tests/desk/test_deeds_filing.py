"""The filing clerk's deeds: make a volume, order it, seal and number it, mend what came back."""

import datetime as dt
import json

import pytest

from anjuan.core import refcode
from anjuan.core.refusals import Severity
from anjuan.core.terms import Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.filing import queries
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries as inspection_queries
from anjuan.desks.intake import actions as intake
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.facilities.numbering import actions as numbering
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.actions import RECORD_NAME
from anjuan.records import models
from anjuan.records import queries as records
from tests import builders
from tests.builders import at_state, fault, filed, one_line, refused, reviewed
from tests.cast import Cast


@pytest.mark.acceptance("S0-W2", "S0-W3", "S3-W13")
def test_reviewed_items_go_into_a_volume_in_the_order_given(cast: Cast) -> None:
    urns = [reviewed(cast, f"SL-{place}") for place in range(3)]

    with one_line("filing.open_volume"):
        opened = filing.open_volume(occasion=cast.occasion(Post.FILER), item_urns=urns[::-1])

    volume = records.get_volume_for(cast.actor(Post.FILER), opened.urn)
    assert [item.urn for item in records.items_of(opened.urn)] == urns[::-1]
    assert (volume.state, volume.item_count, volume.page_count) == (State.FILING, 3, 6)
    assert builders.states(*urns) == {State.FILING}


@pytest.mark.acceptance("S3-W13")
def test_the_machine_proposes_a_volume_of_what_waits(cast: Cast) -> None:
    one, other = (
        reviewed(cast, "SL-1"),
        reviewed(cast, "SL-2", step="OUTPATIENT_MEDICAL", materials=("MAIN_FORM", "RECEIPTS")),
    )

    proposed = queries.proposals(cast.actor(Post.FILER))

    assert sorted(row.proposal.urns for row in proposed) == sorted([(one,), (other,)])


@pytest.mark.acceptance("STD-3")
def test_items_that_are_not_kin_are_never_mixed(cast: Cast) -> None:
    one, other = (
        reviewed(cast, "SL-1"),
        reviewed(cast, "SL-2", step="OUTPATIENT_MEDICAL", materials=("MAIN_FORM", "RECEIPTS")),
    )

    with refused("F-006"):
        filing.open_volume(occasion=cast.occasion(Post.FILER), item_urns=[one, other])
    volume = filed(cast, one)
    with refused("F-006"):
        filing.add_item(occasion=cast.occasion(Post.FILER), volume_urn=volume, item_urn=other)


@pytest.mark.acceptance("S4-W6")
def test_a_volume_is_made_of_something_reviewed_by_a_filing_clerk(cast: Cast) -> None:
    urn = builders.submitted(cast)

    with refused("F-007"):
        filing.open_volume(occasion=cast.occasion(Post.FILER), item_urns=[])
    with refused("L-002"):
        filing.open_volume(occasion=cast.occasion(Post.FILER), item_urns=[urn])
    with refused("A-001"):
        filing.open_volume(occasion=cast.occasion(Post.HANDLER), item_urns=[urn])
    with refused("R-009"):
        filing.open_volume(occasion=cast.occasion(Post.FILER), item_urns=["urn:uuid:none"])


def test_an_item_lies_in_one_volume(cast: Cast) -> None:
    urn = reviewed(cast)
    filed(cast, urn)

    with refused("L-001"):
        filing.open_volume(occasion=cast.occasion(Post.FILER), item_urns=[urn])


@pytest.mark.acceptance("S0-W2")
def test_the_order_is_changed_an_item_added_and_taken_out_until_the_seal(cast: Cast) -> None:
    first, second, third = (reviewed(cast, f"SL-{place}") for place in range(3))
    volume = filed(cast, first, second)
    filer = cast.occasion(Post.FILER)

    def order() -> list[tuple[int | None, str]]:
        return [(item.item_no, item.urn) for item in records.items_of(volume)]

    with one_line("filing.add_item"):
        filing.add_item(occasion=filer, volume_urn=volume, item_urn=third)
    with one_line("filing.arrange"):
        filing.arrange(occasion=filer, volume_urn=volume, item_urns=[third, first, second])
    assert order() == [(1, third), (2, first), (3, second)]
    with one_line("filing.release"):
        filing.release(occasion=filer, item_urn=first)
    assert order() == [(1, third), (2, second)]
    assert builders.states(first) == {State.REVIEWED}


def test_an_order_that_is_not_the_volumes_items_is_refused(cast: Cast) -> None:
    first, second = reviewed(cast, "SL-1"), reviewed(cast, "SL-2")
    volume = filed(cast, first, second)

    for order in ([first], [first, first], [first, second, "urn:uuid:none"], []):
        with refused("F-009"):
            filing.arrange(occasion=cast.occasion(Post.FILER), volume_urn=volume, item_urns=order)


@pytest.mark.acceptance("S0-W3", "S3-W13", "S4-W4", "S4-N3", "STD-5")
def test_a_sealed_volume_has_its_number_and_its_images_are_named_by_it(cast: Cast) -> None:
    volume = filed(cast, reviewed(cast, "SL-1"), reviewed(cast, "SL-2"))

    with one_line("filing.seal"):
        receipt = filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)

    rule = refcode.template(refcode.DEFAULT_TEMPLATE)
    assert receipt.reference_code == "J001-ZY·SB·01·2024·BH-0001"
    assert [code for _, code in receipt.items] == [f"{receipt.reference_code}-00{place}" for place in (1, 2)]
    for urn, code in receipt.items:
        names = set(repository.inventory_of(urn).state)
        assert names == {RECORD_NAME, f"{code}/0001.jpg", f"{code}/0002.jpg"}
        assert refcode.parse(rule, code).text == code
        assert not [found for found in repository.findings_of(urn) if found.severity is Severity.ERROR]


@pytest.mark.acceptance("S4-W4")
def test_the_sealed_record_says_in_the_store_what_each_page_is_and_whom_it_concerns(cast: Cast) -> None:
    walk = builders.sealed(cast, persons=(builders.person(3, "𠮷野"),))

    document = json.loads(repository.read_document(walk.item_urn, RECORD_NAME))

    rows = builders.components_of(walk.item_urn)
    assert document["reference_code"] == f"{walk.reference}-001"
    assert document["subjects"][0]["name"] == "𠮷野"
    assert [file["sha512"] for file in document["files"]] == [row.sha512 for row in rows]
    assert [file["original_name"] for file in document["files"]] == [row.original_name for row in rows]


def test_numbers_run_on_from_one_within_year_category_and_agency(cast: Cast) -> None:
    codes = [builders.sealed(cast, f"SL-{place}").reference for place in range(3)]
    other_year = builders.sealed(cast, "SL-8", formed=dt.date(2023, 5, 1)).reference

    assert [code[-4:] for code in codes] == ["0001", "0002", "0003"]
    assert other_year.endswith("·2023·BH-0001")


def test_a_number_that_a_record_bears_all_the_same_is_f_010_and_sealing_again_takes_the_next(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    builders.sealed(cast, "SL-1")
    volume = filed(cast, reviewed(cast, "SL-2"))
    with monkeypatch.context() as race:
        race.setattr(numbering, "claim", lambda **said: (1,))  # a run that was tampered with
        with refused("F-010"):
            filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)

    receipt = filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)

    assert receipt.reference_code.endswith("-0002")
    assert not [found for found in repository.store_findings() if found.severity is Severity.ERROR]


def test_an_empty_or_too_thick_volume_is_not_sealed(cast: Cast) -> None:
    urns = [reviewed(cast, "SL-1"), reviewed(cast, "SL-2")]
    volume = filed(cast, *urns)
    models.Fonds.objects.update(volume_page_limit=3)

    with refused("F-008"):
        filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)
    for urn in urns:
        filing.release(occasion=cast.occasion(Post.FILER), item_urn=urn)
    with refused("F-007"):
        filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)


def test_a_serial_that_outgrew_its_width_is_f_004(cast: Cast) -> None:
    volume = filed(cast, reviewed(cast, "SL-2"))
    models.Fonds.objects.update(numbering_template="{fonds}·{category}·{year}·{agency}-{volume:1}-{item:1}")
    builders.sealed(cast, "SL-1")
    models.Volume.objects.filter(volume_no=1).update(volume_no=9)

    with refused("F-004"):
        filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)


def test_what_is_sealed_is_sealed(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-1", "SL-2")
    filer, waiting = cast.occasion(Post.FILER), reviewed(cast, "SL-3")

    with refused("L-001"):
        filing.seal(occasion=filer, volume_urn=walk.volume_urn)
    with refused("L-001"):
        filing.arrange(occasion=filer, volume_urn=walk.volume_urn, item_urns=walk.item_urns[::-1])
    with refused("L-001"):
        filing.add_item(occasion=filer, volume_urn=walk.volume_urn, item_urn=waiting)
    with refused("L-001"):
        filing.release(occasion=filer, item_urn=walk.item_urn)
    with refused("I-010"):
        intake.capture(occasion=filer, urn=walk.item_urn, uploads=[builders.upload("OTHER")])


@pytest.mark.parametrize("post", [Post.HANDLER, Post.CHECKER, Post.ARCHIVIST, Post.KEEPER])
def test_another_post_neither_seals_nor_orders(cast: Cast, post: Post) -> None:
    urn = reviewed(cast)
    volume = filed(cast, urn)

    with refused("A-001"):
        filing.seal(occasion=cast.occasion(post), volume_urn=volume)
    with refused("A-001"):
        filing.arrange(occasion=cast.occasion(post), volume_urn=volume, item_urns=[urn])
    with refused("L-003"):
        filing.release(occasion=cast.occasion(post), item_urn=urn)


def returned(cast: Cast) -> tuple[builders.Walked, int]:
    """A sealed volume that the self-check sent back. Returns it and the open fault."""
    walk = builders.sealed(cast)
    inspection.return_volume(
        occasion=cast.occasion(Post.CHECKER), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn, "I06")]
    )
    return walk, correction_queries.of_units([walk.volume_urn])[0].pk


def test_a_returned_volume_is_mended_and_sealed_anew_under_the_same_number(cast: Cast) -> None:
    walk, pk = returned(cast)
    filer, (row, *_) = cast.occasion(Post.FILER), builders.components_of(walk.item_urn)

    with refused("L-004"):
        filing.resubmit(occasion=filer, volume_urn=walk.volume_urn)
    intake.replace_page(occasion=filer, component_pk=row.pk, upload=builders.upload())
    corrections.answer_fault(occasion=filer, pk=pk, answer="已重扫")
    with one_line("filing.resubmit"):
        filing.resubmit(occasion=filer, volume_urn=walk.volume_urn)

    document = json.loads(repository.read_document(walk.item_urn, RECORD_NAME))
    assert builders.states(walk.volume_urn, walk.item_urn) == {State.FILED}
    assert document["reference_code"] == f"{walk.reference}-001"
    assert document["files"][0]["sha512"] == builders.components_of(walk.item_urn)[0].sha512 != row.sha512
    assert repository.read_verified(walk.item_urn, row.sha512)


def test_only_a_returned_volume_is_resubmitted_and_not_by_who_checked_it(cast: Cast) -> None:
    walk, pk = returned(cast)
    corrections.answer_fault(occasion=cast.occasion(Post.FILER), pk=pk, answer="已重扫")
    cast.promote("bh04", Post.FILER, "BH")

    with refused("L-005"):
        filing.resubmit(occasion=cast.occasion_of("bh04"), volume_urn=walk.volume_urn)
    filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)
    with refused("L-001"):
        filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)


def test_a_returned_item_keeps_its_page_count_in_step_with_the_volume(cast: Cast) -> None:
    walk, pk = returned(cast)
    filer = cast.occasion(Post.FILER)

    intake.capture(occasion=filer, urn=walk.item_urn, uploads=[builders.upload("OTHER")])
    intake.correct_page_count(occasion=filer, urn=walk.item_urn, paper_pages=3)
    corrections.answer_fault(occasion=filer, pk=pk, answer="已补页")
    filing.resubmit(occasion=filer, volume_urn=walk.volume_urn)

    ledger = inspection_queries.sheet(filer.actor, walk.volume_urn).ledger
    assert (ledger.paper, ledger.images, ledger.catalogue) == (3, 3, 3)
    assert ledger.agrees


def test_a_volume_on_its_way_is_read_by_whoever_walks_with_it(cast: Cast) -> None:
    walk = at_state(cast, State.SELF_CHECKED)

    facts = queries.sheet(cast.actor(Post.ARCHIVIST), walk.volume_urn)

    assert [(first, last) for _, first, last in facts.first_pages] == [(1, 2)]
