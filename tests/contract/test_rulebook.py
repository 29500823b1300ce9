"""Drafts of the table, what adopting one changes, editions of the steps, conditions, and numbering of a fonds."""

import dataclasses
import datetime as dt

import pytest
from pytest_django import Settings

from anjuan.core import refcode
from anjuan.core.refusals import Refusal
from anjuan.core.retention import Term, TermKind
from anjuan.core.terms import Arrangement, Post, State
from anjuan.demo.office import SCHEDULE_IN_FORCE
from anjuan.desks.filing import actions as filing
from anjuan.desks.filing import queries as filing_queries
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake import queries as intake_queries
from anjuan.desks.rulebook import actions as rulebook
from anjuan.desks.rulebook import queries
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.schedule import actions, rules
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.actions import Heading
from anjuan.foundation.schedule.rules import RuleFacts, StepRow
from anjuan.records import actions as records
from anjuan.records import numbering
from anjuan.records import queries as record_queries
from anjuan.records.actions import fonds as fonds_actions
from anjuan.records.actions import terms
from anjuan.records.models import Fonds, Item, Volume
from anjuan.records.queries import subjects as record_subjects
from tests import builders
from tests.builders import captured, filed, one_line, refused, register, reviewed, sealed
from tests.cast import Cast

SINCE = dt.date(2024, 1, 1)


def draft(cast: Cast, code: str = "2024-新表", *, since: dt.date = SINCE, **terms: str) -> tuple[RuleFacts, ...]:
    """A draft on the version in force, with some terms changed: r01_2='30年'."""
    actions.open_draft(occasion=cast.rule_keeper(), heading=Heading(code, "新表", since), based_on=SCHEDULE_IN_FORCE)
    row, facts = schedule.draft_of(code)
    wanted = {tuple(name[1:].split("_")): term for name, term in terms.items()}
    changed = tuple(
        dataclasses.replace(one, term=wanted[one.key], is_confirmed=True) if one.key in wanted else one for one in facts
    )
    assert row.changed_at is not None
    actions.revise_draft(
        occasion=cast.rule_keeper(),
        heading=Heading(code, "新表", since),
        rows=changed,
        seen_at=row.changed_at,
    )
    return changed


def adopt(cast: Cast, code: str = "2024-新表") -> rulebook.Adopted:
    seen_at = schedule.draft_of(code)[0].changed_at
    assert seen_at is not None
    return rulebook.adopt(occasion=cast.rule_keeper(), code=code, seen_at=seen_at)


def rule_of(urn: str) -> tuple[str, str]:
    item = Item.objects.get(urn=urn)
    return item.rule_code, item.term


@pytest.mark.acceptance("S3-F13", "S3-P8", "S3-C12")
def test_open_records_take_the_new_rule_and_sealed_and_earlier_ones_keep_theirs(cast: Cast) -> None:
    done = sealed(cast, "SL-1")
    earlier = register(cast, "SL-2", persons=(builders.person(2),), formed=dt.date(2023, 12, 31))
    counter = register(cast, "SL-3", persons=(builders.person(3),))
    lying = reviewed(cast, "SL-4", persons=(builders.person(4),))
    volume = filed(cast, lying)
    kept = {urn: rule_of(urn) for urn in (done.item_urn, earlier)}
    facts = draft(cast, r01_2="30年")

    found = queries.rehearse("2024-新表", SINCE, facts)
    assert {effect.urn for effect in found.retermed} == {counter, lying}
    assert (found.volumes, found.sealed, found.is_clear) == (1, 1, True)
    assert rule_of(counter)[0].startswith(SCHEDULE_IN_FORCE), "a rehearsal changes nothing"
    with one_line("rulebook.adopt"):
        receipt = adopt(cast)

    assert (receipt.items, receipt.retermed) == (2, 2)
    assert {urn: rule_of(urn) for urn in kept} == kept
    assert rule_of(counter) == rule_of(lying) == ("2024-新表/01.2", "Y30")
    assert Volume.objects.get(urn=volume).term == "Y30"
    assert filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume).reference_code
    assert [row.code for row in schedule.version_rows()] == ["2024-新表", SCHEDULE_IN_FORCE]
    assert not schedule.drafts()


@pytest.mark.acceptance("S3-P8")
def test_a_volume_that_would_mix_terms_and_a_step_without_a_row_stand_in_the_way(cast: Cast) -> None:
    steps = [
        dataclasses.replace(schedule.step("PERSON_REGISTRATION"), code="OWN_STEP", rule_item_no="3", name="自设环节")
    ]
    actions.revise_steps(occasion=cast.rule_keeper(), steps=steps)
    urns = [
        reviewed(cast, "SL-1"),
        reviewed(cast, "SL-2", persons=(builders.person(2),), step="OWN_STEP"),
    ]
    filed(cast, *urns)
    facts = draft(cast, r01_2="30年")

    found = queries.rehearse("2024-新表", SINCE, facts)

    assert len(found.mixed) == 1 and not found.homeless
    with refused("H-026"):
        adopt(cast)
    row = schedule.draft_of("2024-新表")[0]
    assert row.changed_at is not None
    without = tuple(one for one in facts if one.key != ("09", "1"))
    actions.revise_draft(
        occasion=cast.rule_keeper(),
        heading=Heading("2024-新表", "新表", SINCE),
        rows=without,
        seen_at=row.changed_at,
    )
    assert queries.rehearse("2024-新表", SINCE, without).homeless == ("社会保险稽核",)


def test_a_term_lengthened_by_hand_is_not_shortened_by_a_new_table(cast: Cast) -> None:
    urn = register(cast, "SL-1", step="UNEMPLOYMENT_BENEFIT")
    Item.objects.filter(urn=urn).update(term="Y60")
    draft(cast, r05_3="30年")

    adopt(cast)

    assert rule_of(urn) == ("2024-新表/05.3", "Y60")


@pytest.mark.acceptance("STD-21")
def test_consent_is_asked_for_where_the_office_says_so_and_marked_missing_otherwise(
    cast: Cast, settings: Settings
) -> None:
    draft(cast)
    settings.ANJUAN_SCHEDULE_CONSENT = "require"
    with refused("H-025"):
        adopt(cast)
    settings.ANJUAN_SCHEDULE_CONSENT = "mark"
    adopt(cast)
    assert not schedule.version_of("2024-新表").has_consent

    with one_line("schedule.record_consent"):
        actions.record_consent(
            occasion=cast.rule_keeper(),
            code="2024-新表",
            consent_of="演示市档案局 演档函〔2024〕3号",
            consent_date=dt.date(2024, 2, 1),
        )

    assert schedule.version_of("2024-新表").has_consent
    with refused("H-008"):
        actions.record_consent(
            occasion=cast.rule_keeper(), code="2024-新表", consent_of="x", consent_date=dt.date(2999, 1, 1)
        )


def test_a_draft_is_changed_from_what_was_seen_and_adopted_from_what_was_rehearsed(cast: Cast) -> None:
    facts = draft(cast)
    stale = cast.clock.at - dt.timedelta(days=1)

    with refused("L-001"):
        actions.revise_draft(
            occasion=cast.rule_keeper(),
            heading=Heading("2024-新表", "新表", SINCE),
            rows=facts,
            seen_at=stale,
        )
    with refused("L-001"):
        rulebook.adopt(occasion=cast.rule_keeper(), code="2024-新表", seen_at=stale)
    with refused("H-006"):
        draft(cast)
    with one_line("schedule.drop_draft"):
        actions.drop_draft(occasion=cast.rule_keeper(), code="2024-新表")
    with pytest.raises(Refusal) as caught:
        schedule.draft_of("2024-新表")
    assert caught.value.code == "H-016"


def test_a_draft_that_moved_is_not_put_into_force_and_what_is_sealed_is_left_alone(cast: Cast) -> None:
    facts = draft(cast)
    done = sealed(cast, "SL-1")
    before = rule_of(done.item_urn)

    def deed(drafted_at: dt.datetime) -> None:
        with journal.writing(occasion=cast.rule_keeper(), act="rulebook.adopt", unit="schedule:x") as line:
            heading = Heading("2024-新表", "新表", SINCE)
            actions.put_in_force(line=line, heading=heading, rows=facts, drafted_at=drafted_at)
            pk = Item.objects.get(urn=done.item_urn).pk
            assert terms.apply_rules(line=line, changes={("2024-新表/01.2", "Y30"): [pk]}) == 0

    with refused("L-001"):
        deed(cast.clock.at - dt.timedelta(days=1))
    seen_at = schedule.draft_of("2024-新表")[0].changed_at
    assert seen_at is not None
    deed(seen_at)

    assert rule_of(done.item_urn) == before


def test_a_volume_is_not_sealed_over_a_table_that_was_adopted_meanwhile(cast: Cast) -> None:
    volume = filed(cast, reviewed(cast, "SL-1"))
    actor = cast.occasion(Post.FILER).actor
    before = filing_queries.fingerprint(filing_queries.sheet(actor, volume))
    draft(cast, r01_2="30年")

    adopt(cast)

    assert filing_queries.fingerprint(filing_queries.sheet(actor, volume)) != before


@pytest.mark.parametrize("post", [Post.HANDLER, Post.SUPERVISOR, Post.SYSTEM_ADMIN])
def test_only_an_archivist_drafts_revises_and_numbers(cast: Cast, post: Post) -> None:
    occasion = cast.occasion(post)

    with refused("A-001"):
        actions.open_draft(occasion=occasion, heading=Heading("X", "x", SINCE), based_on=SCHEDULE_IN_FORCE)
    with refused("A-001"):
        actions.revise_steps(occasion=occasion, steps=[])
    with refused("A-001"):
        fonds_actions.set_numbering(occasion=occasion, fonds_code="J001", template="x", reason="y")
    with refused("A-001"):
        fonds_actions.add_category(occasion=occasion, fonds_code="J001", code="11", name="干部人事")


# Editions ------------------------------------------------------------------------------------------------------------


def with_more(step: StepRow, **material: object) -> StepRow:
    usual = rules.MaterialRow("EXTRA", "补充证明", "Extra", True, False, True, False, (), "第一条")
    return dataclasses.replace(step, materials=(*step.materials, dataclasses.replace(usual, **material)))  # type: ignore[arg-type]


@pytest.mark.acceptance("S2-P4")
def test_records_keep_the_edition_they_were_registered_under(cast: Cast) -> None:
    before = captured(cast, "SL-1")
    with one_line("schedule.revise_steps"):
        changed = actions.revise_steps(
            occasion=cast.rule_keeper(), steps=[with_more(schedule.step("PERSON_REGISTRATION"))]
        )
    after = captured(cast, "SL-2", persons=(builders.person(2),))

    def missing(urn: str) -> list[str]:
        found = intake_queries.collected(cast.occasion(Post.HANDLER).actor, urn)
        return [obstacle.code for obstacle in found.obstacles]

    assert changed == ("PERSON_REGISTRATION",)
    assert (missing(before), missing(after)) == ([], ["I-003"])
    assert actions.revise_steps(occasion=cast.rule_keeper(), steps=[schedule.editions_of("AUDIT_CASE")[0]]) == ()
    with one_line("schedule.restore_step"):
        actions.restore_step(occasion=cast.rule_keeper(), code="PERSON_REGISTRATION", edition=1)
    assert [row.edition for row in schedule.editions_of("PERSON_REGISTRATION")] == [3, 2, 1]
    assert missing(after) == ["I-003"], "what was registered under the second edition keeps it"
    with refused("H-018"):
        actions.restore_step(occasion=cast.rule_keeper(), code="PERSON_REGISTRATION", edition=1)


def test_an_edition_to_come_holds_from_its_day_and_none_begins_in_the_past(cast: Cast) -> None:
    step = with_more(schedule.step("AUDIT_CASE"))
    tomorrow = cast.today() + dt.timedelta(days=1)

    with refused("H-017"):
        actions.revise_steps(occasion=cast.rule_keeper(), steps=[step], since_date=tomorrow - dt.timedelta(days=3))
    actions.revise_steps(occasion=cast.rule_keeper(), steps=[step], since_date=tomorrow)

    assert schedule.step("AUDIT_CASE", cast.clock.at).edition == 1
    assert schedule.step("AUDIT_CASE", cast.clock.at + dt.timedelta(days=2)).edition == 2
    with refused("H-017"):
        actions.revise_steps(occasion=cast.rule_keeper(), steps=[dataclasses.replace(step, filing_days=5)])
    with refused("H-012"):
        actions.revise_steps(
            occasion=cast.rule_keeper(), steps=[dataclasses.replace(step, code="OWN", rule_item_no="99")]
        )


def test_nothing_is_registered_under_a_withdrawn_step(cast: Cast) -> None:
    before = captured(cast, "SL-1")
    step = dataclasses.replace(schedule.step("PERSON_REGISTRATION"), is_retired=True)
    actions.revise_steps(occasion=cast.rule_keeper(), steps=[step])

    with refused("H-019"):
        register(cast, "SL-2", persons=(builders.person(2),))

    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=before)


@pytest.mark.acceptance("S3-C2", "S4-C1")
def test_a_condition_is_answered_at_the_counter_before_the_case_goes_on(cast: Cast) -> None:
    actions.revise_steps(
        occasion=cast.rule_keeper(),
        steps=[with_more(schedule.step("PERSON_REGISTRATION"), condition="有代办人", condition_en="by an agent")],
    )
    urn = captured(cast, "SL-1")

    with refused("L-004"):
        intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    with refused("H-005"):
        intake.answer_conditions(occasion=cast.occasion(Post.HANDLER), urn=urn, answers={"别的": True})
    with one_line("intake.answer_conditions"):
        intake.answer_conditions(occasion=cast.occasion(Post.HANDLER), urn=urn, answers={"有代办人": True})
    with refused("L-004"):
        intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    intake.answer_conditions(occasion=cast.occasion(Post.HANDLER), urn=urn, answers={"有代办人": False})
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)

    assert schedule.circumstances_of([urn])[urn] == {"有代办人": False}
    assert builders.states(urn) == {State.IN_REVIEW}


@pytest.mark.acceptance("STD-15")
def test_accounting_records_have_the_term_of_the_accounting_rule(cast: Cast) -> None:
    def rule(code: str) -> schedule.RuleRow:
        return schedule.rule_for(schedule.step(code), builders.FORMED)

    assert rule("MEDICAL_VOUCHER").term == Term(TermKind.YEARS, 30)
    assert rule("FUND_FINAL_ACCOUNT").term == Term(TermKind.PERMANENT)
    assert rule("FUND_BUDGET").term == Term(TermKind.ACCOUNTING), "a budget is no accounting record: it stays unsettled"
    assert rule("PENSION_VOUCHER").term == Term(TermKind.UNCONFIRMED), "a row from memory blocks whatever it says"
    urn = register(cast, "KJ-1", step="MEDICAL_VOUCHER")
    assert rule_of(urn) == (f"{SCHEDULE_IN_FORCE}/04.5", "Y30")
    assert rules.ACCOUNTING_TERMS.keys() == set(rules.AccountingClass)


# Fonds and numbering -------------------------------------------------------------------------------------------------


def number(cast: Cast, template: str) -> None:
    fonds_actions.set_numbering(occasion=cast.rule_keeper(), fonds_code="J001", template=template, reason="统一格式")


def test_a_fonds_is_numbered_anew_from_now_on_and_given_codes_stay(cast: Cast) -> None:
    before = sealed(cast, "SL-1")

    with one_line("records.set_numbering"):
        number(cast, "{fonds}-SB·{category}·{year}·{agency}-{volume:5}-{item:3}")
    after = sealed(cast, "SL-2", persons=(builders.person(2),))

    assert before.reference == "J001-ZY·SB·01·2024·BH-0001"
    assert after.reference == "J001-SB·01·2024·BH-00002"
    assert Volume.objects.get(urn=before.volume_urn).reference_code == before.reference


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{fonds}-{year}-{volume:4}", "F-001"),
        ("{fonds}-{category}·{year}·{agency}{volume:4}-{item:3}", "F-002"),
        (refcode.DEFAULT_TEMPLATE, "F-044"),
    ],
)
def test_a_template_that_is_malformed_ambiguous_or_the_same_is_refused(cast: Cast, template: str, code: str) -> None:
    with refused(code):
        number(cast, template)


@pytest.mark.acceptance("S4-N3")
def test_a_template_that_would_make_two_numbers_equal_is_refused(cast: Cast) -> None:
    elsewhere = cast.found_elsewhere()
    walk = sealed(cast, "SL-1")
    Volume.objects.get(urn=walk.volume_urn)
    from anjuan.foundation.accounts.models import Agency

    # A second centre's volume number 1 of the same year and category.
    twin = Volume.objects.get(urn=walk.volume_urn)
    twin.pk, twin.urn = None, "urn:uuid:twin"
    twin.agency = Agency.objects.get(code=elsewhere)
    twin.reference_code = "J001-ZY·SB·01·2024·HX-0001"
    twin.save(force_insert=True)

    with refused("F-041"):
        number(cast, "{fonds}-ZY·SB·{category}·{year}-{volume:4}-{item:3}")


def test_a_number_that_would_not_fit_or_be_read_as_another_is_refused(cast: Cast) -> None:
    walk = sealed(cast, "SL-1")
    Volume.objects.filter(urn=walk.volume_urn).update(volume_no=12, reference_code="J001-ZY·SB·01·2024·BH-0012")

    with refused("F-042"):
        number(cast, "{fonds}-ZY·SB·{category}·{year}·{agency}-{volume:1}-{item:3}")
    Fonds.objects.filter(code="J001").update(numbering_template="{fonds}-{category}·{year}·{agency}·{line}-{volume:4}")
    Volume.objects.filter(urn=walk.volume_urn).update(reference_code="J001-01·2024·BH·ZH-0012")
    with refused("F-043"):
        number(cast, "{fonds}-{category}·{year}·{line}·{agency}-{volume:4}")


@pytest.mark.acceptance("S1-F1", "S1-F2")
def test_a_case_beyond_insurance_goes_into_its_own_fonds_and_both_are_seen_together(cast: Cast) -> None:
    records.open_fonds(
        occasion=cast.rule_keeper(), code="R001", name="人事档案", agency_code="BH",
        categories={"11": "劳动合同鉴定档案"},
    )  # fmt: skip
    rule = RuleFacts("11", "劳动合同鉴定类", "1", "劳动合同鉴定材料", "10年", True)
    actions.open_draft(
        occasion=cast.rule_keeper(),
        heading=Heading("2024-新表", "新表", SINCE),
        rows=[*schedule.facts_of(SCHEDULE_IN_FORCE), rule],
    )
    adopt(cast)
    step = dataclasses.replace(
        schedule.step("PERSON_REGISTRATION"),
        code="CONTRACT_CHECK",
        name="劳动合同鉴定",
        category_code="11",
        rule_item_no="1",
    )
    actions.revise_steps(occasion=cast.rule_keeper(), steps=[step])

    insured = sealed(cast, "SL-1")
    beyond = sealed(cast, "LD-1", step="CONTRACT_CHECK")

    assert (insured.reference, beyond.reference) == ("J001-ZY·SB·01·2024·BH-0001", "R001-ZY·SB·11·2024·BH-0001")
    seen = record_subjects.items_concerning(
        cast.rule_keeper().actor,
        [row.pk for row in record_queries.subjects_of([insured.item_urn])[insured.item_urn]],
    )
    assert {row.urn for row in seen} == {insured.item_urn, beyond.item_urn}, "one person, two fonds, one list"


@pytest.mark.acceptance("S1-F1", "S1-F2")
def test_a_fonds_has_kinds_beyond_insurance_and_is_found_with_the_others(cast: Cast) -> None:
    occasion = cast.rule_keeper()
    records.open_fonds(
        occasion=occasion, code="R001", name="人事档案", agency_code="BH", categories={"11": "干部人事档案"}
    )
    with one_line("records.add_category"):
        fonds_actions.add_category(
            occasion=cast.rule_keeper(), fonds_code="R001", code="12", name="劳动合同鉴定档案",
            kind=Arrangement.BY_ITEM,
        )  # fmt: skip
    with one_line("records.arrange_category"):
        fonds_actions.arrange_category(
            occasion=cast.rule_keeper(), fonds_code="R001", code="11", kind=Arrangement.PERSON_DOSSIER
        )
    row = numbering.fonds_row("R001")
    assert [(one.code, one.arrangement) for one in row.categories] == [("11", "PERSON_DOSSIER"), ("12", "BY_ITEM")]
    assert [one.code for one in numbering.next_codes(row, template=row.template, agency_codes=["BH"], year=2026)] == [
        "R001-ZY·SB·11·2026·BH-R0001",
        "R001-ZY·SB·12·2026·BH-H0001",
    ]
    for code, name, wrong in (("12", "重复", "F-046"), ("1", "一位", "F-045"), ("13", " ", "F-045")):
        with refused(wrong):
            fonds_actions.add_category(occasion=cast.rule_keeper(), fonds_code="R001", code=code, name=name)
    with refused("F-048"):
        records.open_fonds(occasion=cast.rule_keeper(), code="R001", name="再立", agency_code="BH", categories={})
    with refused("R-009"):
        records.open_fonds(occasion=cast.rule_keeper(), code="R002", name="无此机构", agency_code="ZZ", categories={})


def test_a_category_with_open_volumes_keeps_its_arrangement(cast: Cast) -> None:
    filed(cast, reviewed(cast, "SL-1"))

    with refused("F-047"):
        fonds_actions.arrange_category(
            occasion=cast.rule_keeper(), fonds_code="J001", code="01", kind=Arrangement.BY_ITEM
        )
