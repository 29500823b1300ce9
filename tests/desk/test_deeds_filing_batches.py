"""Proposals and what is done with many at once: order, moves, acceptance in acts, sealing and printing as jobs."""

import dataclasses
import datetime as dt
import io

import pikepdf
import pytest
from django.conf import settings
from django_tasks_db.models import DBTaskResult
from pytest_django import DjangoAssertNumQueries

from anjuan.core.terms import Arrangement, Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.filing import queries
from anjuan.desks.filing.rules import MOST_AT_ONCE, in_acts
from anjuan.facilities.jobs import queries as jobs
from anjuan.facilities.jobs import tasks as job_tasks
from anjuan.facilities.jobs.rules import JobStatus
from anjuan.facilities.repository import actions as repository_actions
from anjuan.facilities.repository import queries as repository
from anjuan.foundation.journal.models import Entry
from anjuan.records import models
from anjuan.records import queries as records
from tests import builders
from tests.builders import filed, one_line, person, refused, reviewed
from tests.cast import Cast


def work_off() -> None:
    while waiting := DBTaskResult.objects.filter(status="READY").order_by("enqueued_at").first():
        waiting.delete()
        job_tasks.run_chunk.call(*waiting.args_kwargs["args"])


def pool(cast: Cast, count: int, **registered: object) -> list[str]:
    return [reviewed(cast, f"SL-{n:03}", persons=(person(n),), **registered) for n in range(1, count + 1)]


def proposed(cast: Cast) -> list[tuple[str, ...]]:
    return [row.proposal.urns for row in queries.proposals(cast.actor(Post.FILER))]


def accept_all(cast: Cast) -> list[str]:
    rows = queries.proposals(cast.actor(Post.FILER))
    chosen = [filing.Chosen(row.title, row.proposal.urns) for row in rows]
    return [one.urn for one in filing.open_volumes(occasion=cast.occasion(Post.FILER), chosen=chosen)]


@pytest.mark.acceptance("S3-W13", "S4-W2", "S3-R3")
def test_every_proposal_is_accepted_in_one_act_with_one_line(cast: Cast) -> None:
    urns = pool(cast, 5)
    models.Fonds.objects.update(volume_page_limit=4)  # two items of two pages a volume

    with one_line("filing.open_volumes"):
        volumes = accept_all(cast)

    found = [records.get_volume_for(cast.actor(Post.FILER), urn) for urn in volumes]
    assert [(row.item_count, row.page_count) for row in found] == [(2, 4), (2, 4), (1, 2)]
    assert builders.states(*volumes, *urns) == {State.FILING}
    assert [[item.urn for item in records.items_of(urn)] for urn in volumes] == [urns[:2], urns[2:4], urns[4:]]
    assert Entry.objects.get(act="filing.open_volumes").members_count == 8
    assert proposed(cast) == []


def test_accepting_is_all_or_nothing(cast: Cast) -> None:
    one, other = pool(cast, 2)
    filer = cast.occasion(Post.FILER)
    medical = reviewed(cast, "SL-9", step="OUTPATIENT_MEDICAL", materials=("MAIN_FORM", "RECEIPTS"))

    with refused("F-006"):
        filing.open_volumes(occasion=filer, chosen=[filing.Chosen("甲", (one,)), filing.Chosen("乙", (other, medical))])
    with refused("F-007"):
        filing.open_volumes(occasion=filer, chosen=[filing.Chosen("甲", ())])
    with refused("R-009"):
        filing.open_volumes(occasion=filer, chosen=[filing.Chosen("甲", ("urn:uuid:none",))])
    with refused("F-021"):
        many = tuple(f"urn:{n}" for n in range(MOST_AT_ONCE))
        filing.open_volumes(occasion=filer, chosen=[filing.Chosen("甲", many), filing.Chosen("乙", (one,))])
    with refused("A-001"):
        filing.open_volumes(occasion=cast.occasion(Post.CHECKER), chosen=[filing.Chosen("甲", (one,))])


def test_a_dossier_that_is_open_already_is_not_opened_again(cast: Cast) -> None:
    models.Category.objects.filter(code="01").update(arrangement=Arrangement.PERSON_DOSSIER)
    filed(cast, reviewed(cast, "SL-1"))
    more = reviewed(cast, "SL-2")

    with refused("F-014"):
        filing.open_volumes(occasion=cast.occasion(Post.FILER), chosen=[filing.Chosen("甲", (more,))])


def test_the_number_of_statements_does_not_grow_with_the_items(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for count in (2, 8):
        urns = [reviewed(cast, f"N{count}-{n}", persons=(person(n + 1),)) for n in range(count)]
        with django_assert_max_num_queries(200) as seen:
            filing.open_volumes(occasion=cast.occasion(Post.FILER), chosen=[filing.Chosen("甲", tuple(urns))])
        counts.append(len(seen))

    assert counts[0] == counts[1]


def test_items_lie_agency_paper_first_then_by_date_and_acceptance_number(cast: Cast) -> None:
    late = reviewed(cast, "SL-3", persons=(person(1),), formed=dt.date(2024, 5, 1))
    second = reviewed(cast, "SL-2", persons=(person(2),), formed=dt.date(2024, 3, 1))
    first = reviewed(cast, "SL-1", persons=(person(3),), formed=dt.date(2024, 3, 1))

    assert proposed(cast) == [(first, second, late)]


@pytest.mark.acceptance("S0-W2")
def test_an_item_is_moved_to_another_proposal_and_a_volume_begins_where_the_clerk_says(cast: Cast) -> None:
    a, b, c, d = pool(cast, 4)
    models.Fonds.objects.update(volume_page_limit=6)
    filer = cast.occasion(Post.FILER)
    assert proposed(cast) == [(a, b, c), (d,)]

    with one_line("filing.move_proposed"):
        filing.move_proposed(occasion=filer, item_urns=[a], beside_urn=d)
    assert proposed(cast) == [(b, c), (d, a)]
    filing.move_proposed(occasion=filer, item_urns=[c])
    assert proposed(cast) == [(b,), (c,), (d, a)]
    accept_all(cast)
    assert proposed(cast) == []
    assert not queries.moves_of(filer.actor)


def test_a_move_that_would_mix_or_overfill_is_refused(cast: Cast) -> None:
    a, _b, c = pool(cast, 3)
    models.Fonds.objects.update(volume_page_limit=2)
    medical = reviewed(cast, "SL-9", step="OUTPATIENT_MEDICAL", materials=("MAIN_FORM", "RECEIPTS"))
    filer = cast.occasion(Post.FILER)

    with refused("F-006"):
        filing.move_proposed(occasion=filer, item_urns=[a], beside_urn=medical)
    with refused("F-008"):
        filing.move_proposed(occasion=filer, item_urns=[a], beside_urn=c)
    with refused("F-007"):
        filing.move_proposed(occasion=filer, item_urns=[])
    with refused("R-009"):
        filing.move_proposed(occasion=filer, item_urns=[a], beside_urn="urn:uuid:none")
    with refused("A-001"):
        filing.move_proposed(occasion=cast.occasion(Post.HANDLER), item_urns=[a])


def test_thickness_limits_a_volume_as_pages_do(cast: Cast) -> None:
    a, b = pool(cast, 2)
    settings.ANJUAN_SHEET_TENTHS_MM, before = 200, settings.ANJUAN_SHEET_TENTHS_MM  # two pages are the 40 mm
    try:
        assert proposed(cast) == [(a,), (b,)]
    finally:
        settings.ANJUAN_SHEET_TENTHS_MM = before


def test_acts_hold_whole_proposals_of_at_most_so_many_items() -> None:
    assert in_acts([200, 200, 200, 600, 10]) == [[0, 1], [2], [3], [4]]
    assert in_acts([]) == []


@pytest.mark.acceptance("S3-W13", "S0-W3", "S4-N3")
def test_many_volumes_are_sealed_as_a_job_in_the_name_of_who_started_it(cast: Cast) -> None:
    pool(cast, 4)
    models.Fonds.objects.update(volume_page_limit=4)
    volumes = accept_all(cast)
    empty = filed(cast, last := reviewed(cast, "SL-9"))
    filing.release(occasion=cast.occasion(Post.FILER), item_urn=last)

    with one_line("filing.start_sealing"):
        uid = filing.start_sealing(occasion=cast.occasion(Post.FILER), volume_urns=[*volumes, empty])
    work_off()

    ended = jobs.get_for(cast.actor(Post.FILER), uid)
    assert (ended.status, ended.done, ended.failed) == (JobStatus.DONE_WITH_LIST, 2, 1)
    assert [(one.urn, one.refusal.code) for one in jobs.failed_of(uid)] == [(empty, "F-007")]
    found = [records.get_volume_for(cast.actor(Post.FILER), urn) for urn in volumes]
    assert [row.reference_code[-4:] for row in found] == ["0001", "0002"]
    assert set(Entry.objects.filter(act="filing.seal").values_list("staff_code", flat=True)) == {
        cast.actor(Post.FILER).staff_code
    }


def test_sealing_many_is_refused_before_it_begins_where_it_cannot_be(cast: Cast) -> None:
    volume = filed(cast, reviewed(cast, "SL-1"))
    models.Category.objects.filter(code="01").update(arrangement=Arrangement.PERSON_DOSSIER)
    dossier = filed(cast, reviewed(cast, "SL-2"))

    with refused("F-007"):
        filing.start_sealing(occasion=cast.occasion(Post.FILER), volume_urns=[])
    with refused("A-001"):
        filing.start_sealing(occasion=cast.occasion(Post.CHECKER), volume_urns=[volume])
    with refused("F-012"):
        filing.start_sealing(occasion=cast.occasion(Post.FILER), volume_urns=[volume, dossier])


@pytest.mark.acceptance("STD-4")
def test_papers_of_many_volumes_are_one_file_that_stays(cast: Cast) -> None:
    walks = [builders.sealed(cast, f"SL-{n}", persons=(person(n),)) for n in (1, 2, 3)]
    filer = cast.occasion(Post.FILER)

    with one_line("filing.start_printing"):
        uid = filing.start_printing(
            occasion=filer, volume_urns=[walk.volume_urn for walk in walks], forms=["cover", "note", "box_label"]
        )
    work_off()

    with pikepdf.open(io.BytesIO((queries.print_folder(uid) / "whole.pdf").read_bytes())) as paper:
        assert len(paper.pages) == 6  # a box label is a box's, and none of these is one
    assert queries.get_print_for(filer.actor, uid).volumes == [walk.volume_urn for walk in walks]
    with refused("R-009"):
        queries.get_print_for(cast.actor(Post.CHECKER), uid)
    with refused("A-001"):
        queries.get_print_for(dataclasses.replace(filer.actor, appointments=()), uid)  # lost his posts since


def test_printing_many_is_refused_without_volumes_forms_or_a_seal(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-1")
    volume = filed(cast, reviewed(cast, "SL-2"))
    filer = cast.occasion(Post.FILER)

    with refused("F-007"):
        filing.start_printing(occasion=filer, volume_urns=[], forms=["cover"])
    with refused("P-003"):
        filing.start_printing(occasion=filer, volume_urns=[walk.volume_urn], forms=[])
    with refused("P-003"):
        filing.start_printing(occasion=filer, volume_urns=[walk.volume_urn], forms=["cover", "certificate"])
    with refused("L-001"):
        filing.start_printing(occasion=filer, volume_urns=[volume], forms=["cover"])
    with refused("R-009"):
        filing.start_printing(occasion=filer, volume_urns=["urn:uuid:none"], forms=["cover"])
    with refused("A-001"):
        filing.start_printing(occasion=cast.occasion(Post.HANDLER), volume_urns=[walk.volume_urn], forms=["cover"])


def test_versions_of_many_objects_are_written_together_and_a_row_that_moved_on_stops_them(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-1", "SL-2")
    at = cast.clock.at
    wanted = {
        urn: repository_actions.Wanted(
            dict(repository.inventory_of(urn).state), (repository_actions.Inline("more.json", b"{}"),), "again"
        )
        for urn in walk.item_urns
    }

    receipts = repository_actions.write_versions(objects=wanted, user_name="x", user_address="urn:x", at=at)
    repository_actions.record_versions(receipts)

    assert [repository.head(urn) for urn in walk.item_urns] == [receipt.version for receipt in receipts]
    with refused("B-003"):
        repository_actions.record_versions(receipts)
