"""Arrangement kinds and orders of classification (整理方式、分类方案): what may lie together, how it is numbered."""

import datetime as dt
import json
from typing import Any

import pytest

from anjuan.core import arrangement
from anjuan.core.terms import Arrangement, Classification, Closing, InsuranceLine, Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.filing import queries
from anjuan.facilities.numbering.models import Run
from anjuan.facilities.repository import actions as repository_actions
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.actions import RECORD_NAME
from anjuan.facilities.sealing import actions as sealing
from anjuan.foundation.accounts.actions import FOUNDER
from anjuan.foundation.schedule import actions as schedule
from anjuan.records import actions as record_actions
from anjuan.records import queries as records
from anjuan.records.actions import volumes
from anjuan.records.queries import subjects as record_subjects
from anjuan.records.rules import Employer
from tests import builders
from tests.builders import person, refused, reviewed
from tests.cast import Cast

CATEGORIES = {"01": "社会保险管理类", "02": "社会保险费征缴类", "03": "养老保险待遇类"}
BY_LINE = "{fonds}-ZY·SB·{category}·{year}·{agency}-{line}-{volume:4}-{item:3}"
ACME = Employer("演示一厂", builders.credit_code(1))


def fonds(
    cast: Cast,
    kind: Arrangement = Arrangement.BY_VOLUME,
    *,
    classification: Classification = Classification.YEAR_LINE_STEP,
    **more: Any,
) -> None:
    """A fonds of the centre itself, whose registrations (01) are arranged in this way."""
    record_actions.open_fonds(
        occasion=cast.clock.occasion(FOUNDER),
        code="J002",
        name="滨海业务档案",
        agency_code="BH",
        categories=CATEGORIES,
        classification=classification,
        arranged={"01": kind},
        **more,
    )


def medical_step(cast: Cast) -> str:
    """A registration of one line only, in the category of those of all lines."""
    (step,) = [dict(row) for row in schedule.shipped_steps() if row["code"] == "PERSON_REGISTRATION"]
    step |= {"code": "MEDICAL_REGISTRATION", "line": "MEDICAL"}
    schedule.enter_steps(occasion=cast.clock.occasion(FOUNDER), steps=[step])
    return "MEDICAL_REGISTRATION"


def opened(cast: Cast, *urns: str) -> str:
    return filing.open_volume(occasion=cast.occasion(Post.FILER), item_urns=urns).urn


def seal(cast: Cast, volume: str, **closing: Any) -> filing.Sealed:
    return filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume, **closing)


def codes(cast: Cast, volume: str) -> list[str]:
    return [item.reference_code for item in records.items_of(volume)]


# Orders of classification ----------------------------------------------------------------------------------------


@pytest.mark.acceptance("STD-3")
def test_by_year_and_step_lines_lie_together(cast: Cast) -> None:
    fonds(cast, classification=Classification.YEAR_STEP)
    one, other = reviewed(cast, "SL-1"), reviewed(cast, "SL-2", step=medical_step(cast))

    (proposed,) = queries.proposals(cast.actor(Post.FILER))
    volume = opened(cast, one, other)

    assert set(proposed.proposal.urns) == {one, other} and proposed.insurance_line is InsuranceLine.ALL
    assert records.get_volume_for(cast.actor(Post.FILER), volume).insurance_line == InsuranceLine.ALL


@pytest.mark.acceptance("STD-3")
def test_by_year_line_and_step_lines_never_mix_and_each_has_its_run_of_numbers(cast: Cast) -> None:
    fonds(cast, template=BY_LINE)
    step = medical_step(cast)
    every = [reviewed(cast, f"SL-{n}") for n in (1, 2)]
    medical = reviewed(cast, "SL-3", step=step)

    assert len(queries.proposals(cast.actor(Post.FILER))) == 2
    with refused("F-006"):
        filing.open_volume(occasion=cast.occasion(Post.FILER), item_urns=[every[0], medical])
    sealed = [seal(cast, opened(cast, urn)).reference_code for urn in (*every, medical)]

    assert [code[-7:] for code in sealed] == ["ZH-0001", "ZH-0002", "YB-0001"]


# By item ---------------------------------------------------------------------------------------------------------


@pytest.mark.acceptance("STD-3")
def test_by_item_the_numbers_run_through_the_year_over_the_boxes(cast: Cast) -> None:
    fonds(cast, Arrangement.BY_ITEM)
    boxes = [
        opened(cast, *(reviewed(cast, f"SL-{box}{n}", persons=(person(box * 10 + n),)) for n in range(2)))
        for box in range(2)
    ]
    first, second = (seal(cast, box) for box in boxes)

    assert [first.reference_code[-5:], second.reference_code[-5:]] == ["H0001", "H0002"]
    assert [code[-5:] for box in boxes for code in codes(cast, box)] == ["00001", "00002", "00003", "00004"]
    head = codes(cast, boxes[0])[0][:-5]
    assert volumes.next_item_serial(volume_urn=boxes[1], head=head) == 5
    assert volumes.next_item_serial(volume_urn=boxes[1], head=head, former=[f"{head}00007", "旧-1"]) == 8


def test_by_item_the_numbers_go_on_after_the_highest_when_runs_were_not_kept(cast: Cast) -> None:
    fonds(cast, Arrangement.BY_ITEM)
    first, second = (opened(cast, reviewed(cast, f"SL-{n}", persons=(person(n),))) for n in (1, 2))
    seal(cast, first)
    filing.renumber(occasion=cast.occasion(Post.ARCHIVIST), volume_urn=first, reason="编错")
    Run.objects.all().delete()  # as after a rebuild

    assert codes(cast, first)[0][-5:] == "00002"
    assert [code[-5:] for _, code in seal(cast, second).items] == ["00003"]


# One person, one dossier -----------------------------------------------------------------------------------------


@pytest.mark.acceptance("S0-W17")
def test_a_persons_dossier_grows_over_years_and_kinds_of_business(cast: Cast) -> None:
    fonds(cast, Arrangement.PERSON_DOSSIER)
    first = reviewed(cast, "SL-1", formed=dt.date(2022, 5, 1))
    volume = opened(cast, first)
    later = reviewed(cast, "SL-2", formed=dt.date(2024, 6, 1))
    (proposed,) = queries.proposals(cast.actor(Post.FILER))

    with refused("F-014"):
        filing.open_volume(occasion=cast.occasion(Post.FILER), item_urns=[later])
    filing.add_item(occasion=cast.occasion(Post.FILER), volume_urn=volume, item_urn=later)

    assert proposed.dossier is not None and proposed.dossier.urn == volume
    assert [item.year for item in records.items_of(volume)] == [2022, 2024]
    assert queries.sheet(cast.actor(Post.FILER), volume).page_limit is None
    with refused("F-012"):
        seal(cast, volume)


def test_another_persons_paper_never_lies_in_a_dossier(cast: Cast) -> None:
    fonds(cast, Arrangement.PERSON_DOSSIER)
    volume = opened(cast, reviewed(cast, "SL-1"))
    other = reviewed(cast, "SL-2", persons=(person(2),))

    with refused("F-006"):
        filing.add_item(occasion=cast.occasion(Post.FILER), volume_urn=volume, item_urn=other)


@pytest.mark.acceptance("S0-W17")
def test_closing_a_dossier_sets_the_clock_of_its_term(cast: Cast) -> None:
    fonds(cast, Arrangement.PERSON_DOSSIER)
    urn = reviewed(cast, "SL-1", formed=dt.date(2022, 5, 1))
    volume = opened(cast, urn)
    filer = cast.actor(Post.FILER)
    growing = records.get_item_for(filer, urn)

    with refused("I-002"):
        seal(cast, volume, closing=Closing.DEATH, closed_date=cast.today() + dt.timedelta(days=1))
    sealed = seal(cast, volume, closing=Closing.DEATH, closed_date=dt.date(2025, 8, 15))

    kept = records.get_item_for(filer, urn)
    catalogue = json.loads(repository.read_document(urn, RECORD_NAME))
    assert growing.retention_ends_date is None  # nothing runs out while it grows
    assert kept.retention_ends_date == dt.date(2126, 1, 1)  # a hundred years, from the year after the closing
    assert catalogue["retention"]["ends"] == "2126-01-01"
    assert records.get_volume_for(filer, volume).closed_date == dt.date(2025, 8, 15)
    assert sealed.reference_code.endswith("R0001")


def test_a_person_may_have_a_new_dossier_after_the_first_is_closed(cast: Cast) -> None:
    fonds(cast, Arrangement.PERSON_DOSSIER)
    seal(cast, opened(cast, reviewed(cast, "SL-1")), closing=Closing.TRANSFER_OUT, closed_date=dt.date(2025, 8, 15))

    back = opened(cast, reviewed(cast, "SL-2"))

    assert builders.states(back) == {State.FILING}


def test_only_what_grows_is_closed(cast: Cast) -> None:
    volume = opened(cast, reviewed(cast, "SL-1"))

    with refused("F-013"):
        seal(cast, volume, closing=Closing.DEATH, closed_date=dt.date(2025, 8, 15))
    volumes.close_dossier(volume_urn=volume, closed_date=dt.date(2025, 8, 15))
    assert records.get_volume_for(cast.actor(Post.FILER), volume).closed_date == dt.date(2025, 8, 15)


@pytest.mark.acceptance("STD-16")
def test_a_form_of_many_persons_lies_in_nobodys_dossier_and_each_finds_it(cast: Cast) -> None:
    record_actions.open_fonds(
        occasion=cast.clock.occasion(FOUNDER),
        code="J002",
        name="滨海业务档案",
        agency_code="BH",
        categories=CATEGORIES,
        arranged={"02": Arrangement.PERSON_DOSSIER},
    )
    step = {"step": "CONTRIBUTION_DECLARATION", "materials": ("MAIN_FORM", "PERSON_LIST")}
    many = reviewed(cast, "SL-1", persons=(person(1), person(2)), employer=ACME, **step)
    alone = reviewed(cast, "SL-2", persons=(person(1),), employer=ACME, **step)

    kinds = {row.proposal.urns: row.kind for row in queries.proposals(cast.actor(Post.FILER))}
    volume = opened(cast, many)

    assert kinds == {(many,): Arrangement.BY_VOLUME, (alone,): Arrangement.PERSON_DOSSIER}
    seen = records.get_volume_for(cast.actor(Post.FILER), volume)
    assert (seen.arrangement, seen.subject_pk) == (Arrangement.BY_VOLUME, None)
    seal(cast, volume)
    for serial in (1, 2):
        (subject,), _cut = record_subjects.find_subjects(cast.actor(Post.FILER), id_number=builders.number(serial))
        assert many in {item.urn for item in record_subjects.items_concerning(cast.actor(Post.FILER), [subject.pk])}


# One employer, one dossier ---------------------------------------------------------------------------------------


def test_an_employers_dossier_mixes_years(cast: Cast) -> None:
    fonds(cast, Arrangement.EMPLOYER_DOSSIER)
    step = {"step": "EMPLOYER_REGISTRATION", "materials": ("MAIN_FORM", "LICENCE"), "persons": (), "employer": ACME}
    old = reviewed(cast, "SL-1", formed=dt.date(2021, 1, 5), **step)
    new = reviewed(cast, "SL-2", formed=dt.date(2024, 1, 5), **step)

    (proposed,) = queries.proposals(cast.actor(Post.FILER))
    sealed = seal(cast, opened(cast, old, new))

    assert (proposed.kind, proposed.proposal.urns) == (Arrangement.EMPLOYER_DOSSIER, (old, new))
    assert sealed.reference_code.endswith("D0001")
    assert [code[-9:] for _, code in sealed.items] == ["D0001-001", "D0001-002"]


# Sealing ---------------------------------------------------------------------------------------------------------


def test_a_sealed_version_is_written_anew_over_the_old_and_keeps_its_pages(cast: Cast) -> None:
    walk = builders.sealed(cast)
    filer = cast.actor(Post.FILER)
    volume, items = records.get_volume_for(filer, walk.volume_urn), records.items_of(walk.volume_urn)
    before = repository.inventory_of(walk.item_urn)

    (written,) = sealing.write_sealed(
        occasion=cast.occasion(Post.FILER),
        volume=volume,
        volume_code=volume.reference_code,
        items=items,
        item_codes={item.urn: item.reference_code for item in items},
    )

    assert written.receipt.version == (repository.head(walk.item_urn) or 0) + 1  # bytes only, until it is recorded
    repository_actions.record_deposit(written.receipt)
    after = repository.inventory_of(walk.item_urn)
    assert set(after.state) == set(before.state)
    assert after.state[RECORD_NAME] != before.state[RECORD_NAME]


def test_every_kind_says_what_it_shares() -> None:
    assert set(arrangement.kinds()) == set(Arrangement)
