"""After the seal: an item inserted for a named fault, earlier issues kept, notes, supplementary volumes; dossiers."""

import datetime as dt
import json
import re

import pytest

from anjuan.core.terms import Arrangement, Closing, Custody, Post, RestraintKind, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.filing import queries, rules
from anjuan.desks.inspection import actions as inspection
from anjuan.facilities.condition import actions as condition
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.facilities.numbering import queries as numbering
from anjuan.facilities.numbering.models import Claim, Run
from anjuan.facilities.printing.rules import FormName
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.actions import RECORD_NAME
from anjuan.foundation.journal import actions as journal
from anjuan.records import actions as record_actions
from anjuan.records import models
from anjuan.records import queries as records
from anjuan.records.rules import Employer
from tests import builders
from tests.builders import fault, filed, one_line, person, refused, reviewed
from tests.cast import Cast


def returned(cast: Cast, code: str = "V03") -> tuple[builders.Walked, int]:
    walk = builders.sealed(cast, "SL-1", "SL-2")
    inspection.return_volume(
        occasion=cast.occasion(Post.CHECKER), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn, code)]
    )
    return walk, correction_queries.of_units([walk.volume_urn])[0].pk


@pytest.mark.acceptance("S3-W13", "S3-C5", "S4-N3")
def test_a_missing_item_comes_into_the_returned_volume_and_the_papers_are_issued_anew(cast: Cast) -> None:
    walk, pk = returned(cast)
    missing = reviewed(cast, "SL-3", persons=(person(3),), materials=("MAIN_FORM", "ID_CARD", "OTHER"))
    filer = cast.occasion(Post.FILER)
    before = [item.reference_code for item in records.items_of(walk.volume_urn)]

    with one_line("filing.insert_item"):
        code = filing.insert_item(occasion=filer, volume_urn=walk.volume_urn, item_urn=missing, correction_pk=pk)
    corrections.answer_fault(occasion=filer, pk=pk, answer="已补入")
    filing.resubmit(occasion=filer, volume_urn=walk.volume_urn)

    assert code == f"{walk.reference}-003"
    assert [item.reference_code for item in records.items_of(walk.volume_urn)] == [*before, code]
    assert builders.states(walk.volume_urn, missing) == {State.FILED}
    pages = [(first, last) for _, first, last in queries.sheet(filer.actor, walk.volume_urn).first_pages]
    assert pages == [(1, 2), (3, 4), (5, 7)]
    document = json.loads(repository.read_document(missing, RECORD_NAME))
    assert (document["volume"]["item_no"], document["volume"]["first_page"], document["volume"]["last_page"]) == (
        3,
        5,
        7,
    )
    newest, first = queries.issues_of(walk.volume_urn)
    assert [row[1:] for row in first.rows] == [(before[0], 1, 2), (before[1], 3, 4)]
    assert [row[1:] for row in newest.rows][-1] == (code, 5, 7)
    assert "V03" in newest.reason
    note = queries.printed_facts(filer.actor, walk.volume_urn, FormName.NOTE)
    assert code in str(note["added"]) and note["item_count"] == "3" and note["page_count"] == "7"
    old = queries.issue_facts(filer.actor, walk.volume_urn, 1)
    assert len(old["rows"]) == 2 and "第 1 版" in str(old["title"])  # type: ignore[arg-type]


def test_who_inserted_does_not_check(cast: Cast) -> None:
    walk, pk = returned(cast)
    missing, filer = reviewed(cast, "SL-3", persons=(person(3),)), cast.occasion(Post.FILER)
    cast.promote("bh03", Post.CHECKER, "BH")
    filing.insert_item(occasion=filer, volume_urn=walk.volume_urn, item_urn=missing, correction_pk=pk)
    corrections.answer_fault(occasion=filer, pk=pk, answer="已补入")
    filing.resubmit(occasion=filer, volume_urn=walk.volume_urn)
    builders.dismiss_findings(cast, Post.CHECKER, walk.volume_urn)

    with refused("L-005"):
        inspection.sign_self_check(
            occasion=cast.occasion_of("bh03"), volume_urn=walk.volume_urn, answers=builders.ANSWERS
        )


def test_only_for_what_a_fault_says_is_missing(cast: Cast) -> None:
    walk, pk = returned(cast, "I06")
    missing, filer = reviewed(cast, "SL-3", persons=(person(3),)), cast.occasion(Post.FILER)

    with refused("F-018"):
        filing.insert_item(occasion=filer, volume_urn=walk.volume_urn, item_urn=missing, correction_pk=pk)
    with refused("R-009"):
        filing.insert_item(occasion=filer, volume_urn=walk.volume_urn, item_urn=missing, correction_pk=999)


def test_what_is_inserted_is_kin_reviewed_and_put_in_by_the_filing_clerk(cast: Cast) -> None:
    walk, pk = returned(cast)
    other = reviewed(cast, "SL-8", step="OUTPATIENT_MEDICAL", materials=("MAIN_FORM", "RECEIPTS"))
    waiting = builders.submitted(cast, "SL-9", persons=(person(9),))
    ready = reviewed(cast, "SL-7", persons=(person(7),))

    def insert(item: str, post: Post = Post.FILER) -> None:
        filing.insert_item(occasion=cast.occasion(post), volume_urn=walk.volume_urn, item_urn=item, correction_pk=pk)

    with refused("F-006"):
        insert(other)
    with refused("L-002"):
        insert(waiting)
    with refused("A-001"):
        insert(ready, Post.CHECKER)


def test_an_open_or_received_volume_takes_nothing_this_way_and_neither_does_a_box(cast: Cast) -> None:
    walk, pk = returned(cast)
    missing, filer = reviewed(cast, "SL-3", persons=(person(3),)), cast.occasion(Post.FILER)
    models.Volume.objects.filter(urn=walk.volume_urn).update(state=State.MENDING)
    with refused("F-017"):
        filing.insert_item(occasion=filer, volume_urn=walk.volume_urn, item_urn=missing, correction_pk=pk)
    models.Volume.objects.filter(urn=walk.volume_urn).update(state=State.RETURNED, arrangement=Arrangement.BY_ITEM)
    with refused("F-022"):
        filing.insert_item(occasion=filer, volume_urn=walk.volume_urn, item_urn=missing, correction_pk=pk)


@pytest.mark.acceptance("S3-W13")
def test_after_the_receipt_a_note_and_a_supplementary_volume_take_the_place_of_inserting(cast: Cast) -> None:
    walk = builders.at_state(cast, State.HELD, "SL-1")
    late = reviewed(cast, "SL-2", persons=(person(2),))
    filer = cast.occasion(Post.FILER)

    with one_line("filing.annotate"):
        filing.annotate(occasion=filer, volume_urn=walk.volume_urn, kind="MISSING", text="缺身份证复印件，已另存")
    with one_line("filing.open_supplement"):
        urn = filing.open_supplement(occasion=filer, of_urn=walk.volume_urn, item_urns=[late])
    sealed = filing.seal(occasion=filer, volume_urn=urn)

    assert records.get_volume_for(filer.actor, urn).title.endswith("（补充卷）")
    assert sealed.reference_code.endswith("-0002")
    assert queries.supplements_of(urn) == (walk.volume_urn, [])
    assert queries.supplements_of(walk.volume_urn) == ("", [urn])
    note = queries.printed_facts(filer.actor, walk.volume_urn, FormName.NOTE)
    assert "缺身份证复印件" in str(note["missing"]) and "补充卷" in str(note["remark"])
    assert walk.reference in str(queries.printed_facts(filer.actor, urn, FormName.NOTE)["remark"])
    assert builders.states(walk.volume_urn) == {State.HELD}


def test_notes_and_supplements_are_refused_where_they_do_not_belong(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-1")
    late = reviewed(cast, "SL-2", persons=(person(2),))
    volume = filed(cast, reviewed(cast, "SL-3", persons=(person(3),)))
    filer = cast.occasion(Post.FILER)

    with refused("F-019"):
        filing.open_supplement(occasion=filer, of_urn=walk.volume_urn, item_urns=[late])
    with refused("F-007"):
        filing.open_supplement(occasion=filer, of_urn=walk.volume_urn, item_urns=[])
    with refused("L-001"):
        filing.annotate(occasion=filer, volume_urn=volume, kind="REMARK", text="说明")
    with refused("R-010"):
        filing.annotate(occasion=filer, volume_urn=walk.volume_urn, kind="OTHER", text="说明")
    with refused("R-010"):
        filing.annotate(occasion=filer, volume_urn=walk.volume_urn, kind="REMARK", text=" ")
    with refused("A-001"):
        filing.annotate(occasion=cast.occasion(Post.CHECKER), volume_urn=walk.volume_urn, kind="REMARK", text="说明")


# --- dossiers


def dossier(cast: Cast, *urns: str) -> str:
    models.Category.objects.update(arrangement=Arrangement.PERSON_DOSSIER)
    return filed(cast, *urns)


def closed(cast: Cast) -> str:
    urn = dossier(cast, reviewed(cast, "SL-1"))
    filing.seal(
        occasion=cast.occasion(Post.FILER),
        volume_urn=urn,
        closing=Closing.TRANSFER_OUT,
        closed_date=cast.today(),
    )
    return urn


@pytest.mark.acceptance("S0-W17")
def test_loose_material_comes_into_its_class_for_years_until_the_dossier_is_closed(cast: Cast) -> None:
    registration = reviewed(cast, "SL-1")
    urn = dossier(cast, registration)
    later = reviewed(cast, "SL-3", formed=dt.date(2025, 1, 5))
    entitlement = reviewed(
        cast,
        "SL-2",
        step="PENSION_RETIREMENT",
        materials=materials_of("PENSION_RETIREMENT"),
        formed=dt.date(2024, 6, 1),
    )
    filer = cast.occasion(Post.FILER)

    with one_line("filing.add_items"):
        assert filing.add_items(occasion=filer, volume_urn=urn, item_urns=[entitlement, later]) == 2

    assert [item.urn for item in records.items_of(urn)] == [registration, later, entitlement]
    remarks = [row["remark"] for row in queries.printed_facts(filer.actor, urn, FormName.CONTENTS)["rows"]]  # type: ignore[attr-defined]
    assert remarks == ["1 参保登记与变更", "1 参保登记与变更", "3 待遇核定与支付"]
    filing.seal(occasion=filer, volume_urn=urn, closing=Closing.DEATH, closed_date=cast.today())
    late = reviewed(cast, "SL-4")
    with refused("L-001"):
        filing.add_items(occasion=filer, volume_urn=urn, item_urns=[late])
    with refused("F-007"):
        filing.add_items(occasion=filer, volume_urn=urn, item_urns=[])


def materials_of(step: str) -> tuple[str, ...]:
    from anjuan.foundation.schedule import queries as schedule

    return tuple(row.code for row in schedule.step(step).materials if row.is_required or row.is_main)


@pytest.mark.acceptance("S0-W17")
def test_a_closed_dossier_is_sent_on_with_its_notice_and_custody_follows_the_receipt(cast: Cast) -> None:
    urn, filer = closed(cast), cast.occasion(Post.FILER)

    with one_line("filing.prepare_forwarding"):
        notice = filing.prepare_forwarding(
            occasion=filer, volume_urn=urn, to_name="邻市社会保险经办中心（演示）", reason="跨省转移"
        )
    assert re.fullmatch(r"ZD-BH-\d{4}-0001", notice)
    with refused("L-006"):
        inspection.sign_self_check(occasion=cast.occasion(Post.CHECKER), volume_urn=urn, answers=builders.ANSWERS)
    with refused("L-001"):
        filing.take_receipt(occasion=filer, notice_no=notice, receiver_name="王某", receipt_date=cast.today())
    with one_line("filing.send_forwarding"):
        filing.send_forwarding(occasion=filer, notice_no=notice, means="机要")
    assert records.get_volume_for(filer.actor, urn).custody is Custody.IN_TRANSIT
    row = queries.get_forwarding_for(filer.actor, notice)
    assert not row.is_overdue(cast.today()) and row.is_overdue(cast.today() + dt.timedelta(days=31))
    assert queries.count_overdue(filer.actor, cast.today() + dt.timedelta(days=31)) == 1
    with refused("F-025"):
        filing.take_receipt(
            occasion=filer, notice_no=notice, receiver_name="王某", receipt_date=cast.today() + dt.timedelta(days=1)
        )
    with one_line("filing.take_receipt"):
        filing.take_receipt(occasion=filer, notice_no=notice, receiver_name="王某", receipt_date=cast.today())

    volume = records.get_volume_for(filer.actor, urn)
    assert volume.custody is Custody.FORWARDED
    assert {item.custody for item in records.items_of(urn)} == {Custody.FORWARDED}
    assert not records.restraints_of([urn]), "the hold is lifted: custody says who answers now"
    checker = cast.occasion(Post.CHECKER)
    with refused("R-080"):
        inspection.sign_self_check(occasion=checker, volume_urn=urn, answers=builders.ANSWERS)
    with refused("R-080"):
        condition.note_damage(occasion=filer, unit=urn, kind="MOULD", note="霉斑")
    assert records.volumes_at(checker.actor, State.FILED, Post.CHECKER) == []
    assert records.count_volumes_at(checker.actor, State.FILED, Post.CHECKER) == 0
    assert queries.volume_numbered(filer.actor, volume.reference_code) == urn, "it stays findable"
    with refused("F-070"):
        filing.cancel_forwarding(occasion=filer, notice_no=notice, reason="误开")
    facts = queries.forwarding_facts(filer.actor, notice)
    assert facts["receiver_name"] == "王某" and facts["reference_code"] == volume.reference_code
    with refused("F-023"):
        filing.prepare_forwarding(occasion=filer, volume_urn=urn, to_name="别处", reason="再转")
    with refused("L-001"):
        filing.send_forwarding(occasion=filer, notice_no=notice, means="机要")


@pytest.mark.acceptance("S0-W17")
@pytest.mark.parametrize(("is_sent", "held_at"), [(False, State.FILED), (True, State.FILED), (True, State.HELD)])
def test_a_forwarding_is_called_back_before_its_receipt_and_its_number_stays_voided(
    cast: Cast, is_sent: bool, held_at: State
) -> None:
    urn, filer = closed(cast), cast.occasion(Post.FILER)
    custody = Custody.ARCHIVE if held_at is State.HELD else Custody.AGENCY
    models.Volume.objects.filter(urn=urn).update(state=held_at, custody=custody)
    notice = filing.prepare_forwarding(occasion=filer, volume_urn=urn, to_name="邻市", reason="转移")
    if is_sent:
        filing.send_forwarding(occasion=filer, notice_no=notice, means="机要")
    with refused("A-001"):
        filing.cancel_forwarding(occasion=cast.occasion(Post.SUPERVISOR), notice_no=notice, reason="误开")
    with refused("R-010"):
        filing.cancel_forwarding(occasion=filer, notice_no=notice, reason=" ")

    with one_line("filing.cancel_forwarding"):
        filing.cancel_forwarding(occasion=cast.occasion(Post.FILER), notice_no=notice, reason="单位名称写错")

    assert records.get_volume_for(filer.actor, urn).custody is custody
    assert {item.custody for item in records.items_of(urn)} == {custody}
    assert not records.restraints_of([urn])
    row = queries.get_forwarding_for(filer.actor, notice)
    assert (row.stage, row.cancel_reason) == ("CANCELLED", "单位名称写错")
    run, number = rules.notice_place(notice)
    assert [(one.number, one.code) for one in numbering.voided_in([run])[run]] == [(number, notice)]
    assert "作废" in str(queries.forwarding_facts(filer.actor, notice)["notice_no"])
    with refused("L-001"):
        filing.cancel_forwarding(occasion=filer, notice_no=notice, reason="再撤")
    with refused("L-001"):
        filing.send_forwarding(occasion=filer, notice_no=notice, means="机要")
    with refused("L-001"):
        filing.take_receipt(occasion=filer, notice_no=notice, receiver_name="王某", receipt_date=cast.today())
    again = filing.prepare_forwarding(occasion=cast.occasion(Post.FILER), volume_urn=urn, to_name="邻市", reason="转移")
    assert again[-4:] == "0002"


def test_only_the_forwardings_own_hold_is_lifted(cast: Cast) -> None:
    urn, filer = closed(cast), cast.occasion(Post.FILER)
    notice = filing.prepare_forwarding(occasion=filer, volume_urn=urn, to_name="邻市", reason="转移")
    with journal.writing(occasion=cast.occasion(Post.ARCHIVIST), act="filing.annotate", unit=urn) as line:
        record_actions.post_restraint(line=line, urn=urn, kind=RestraintKind.HOLD, reference="法院（2024）1 号")

    filing.cancel_forwarding(occasion=filer, notice_no=notice, reason="误开")

    assert records.restraints_of([urn]) == {RestraintKind.HOLD}


def test_notice_numbers_have_no_gap_after_a_refusal_and_go_on_after_the_highest_when_runs_were_not_kept(
    cast: Cast,
) -> None:
    urn, filer = closed(cast), cast.occasion(Post.FILER)
    other = dossier(cast, reviewed(cast, "SL-2", persons=(person(2),)))
    filing.seal(occasion=filer, volume_urn=other, closing=Closing.DEATH, closed_date=cast.today())
    first = filing.prepare_forwarding(occasion=filer, volume_urn=urn, to_name="邻市", reason="转移")
    models.Restraint.objects.update(lifted_at=cast.clock.at)
    with refused("F-024"):
        filing.prepare_forwarding(occasion=filer, volume_urn=urn, to_name="邻市", reason="转移")
    Run.objects.all().delete()  # as after a rebuild

    second = filing.prepare_forwarding(occasion=filer, volume_urn=other, to_name="邻市", reason="转移")

    assert (first[-4:], second[-4:]) == ("0001", "0002")
    assert not Claim.objects.exists()


def test_what_is_no_closed_dossier_is_not_sent_on_and_not_twice(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-9", persons=(person(9),))
    filer = cast.occasion(Post.FILER)
    with refused("F-023"):
        filing.prepare_forwarding(occasion=filer, volume_urn=walk.volume_urn, to_name="别处", reason="转")
    growing = dossier(cast, reviewed(cast, "SL-8", persons=(person(8),)))
    with refused("F-023"):
        filing.prepare_forwarding(occasion=filer, volume_urn=growing, to_name="别处", reason="转")
    urn = closed(cast)
    with refused("R-010"):
        filing.prepare_forwarding(occasion=filer, volume_urn=urn, to_name="", reason="转")
    with refused("A-001"):
        filing.prepare_forwarding(occasion=cast.occasion(Post.CHECKER), volume_urn=urn, to_name="别处", reason="转")
    filing.prepare_forwarding(occasion=filer, volume_urn=urn, to_name="别处", reason="转")
    with refused("L-006"):
        filing.prepare_forwarding(occasion=filer, volume_urn=urn, to_name="别处", reason="转")
    models.Restraint.objects.update(lifted_at=cast.clock.at)
    with refused("F-024"):
        filing.prepare_forwarding(occasion=filer, volume_urn=urn, to_name="别处", reason="转")


@pytest.mark.acceptance("S0-W17")
def test_an_employers_dossier_is_sent_on_without_a_closing(cast: Cast) -> None:
    models.Category.objects.filter(code="01").update(arrangement=Arrangement.EMPLOYER_DOSSIER)
    employer = Employer("演示一厂", builders.credit_code(1))
    materials = materials_of("EMPLOYER_REGISTRATION")
    item = reviewed(cast, "SL-1", persons=(), step="EMPLOYER_REGISTRATION", materials=materials, employer=employer)
    urn, filer = filed(cast, item), cast.occasion(Post.FILER)
    filing.seal(occasion=filer, volume_urn=urn)

    notice = filing.prepare_forwarding(occasion=filer, volume_urn=urn, to_name="邻市（演示）", reason="单位迁出")

    facts = queries.forwarding_facts(filer.actor, notice)
    assert facts["holder"] == employer.name and facts["holder_number"] == employer.credit_code
