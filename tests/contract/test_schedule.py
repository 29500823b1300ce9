"""The schedule: versions are never adopted twice, what is not confirmed says so, each day has its rule."""

import datetime as dt

import pytest

from anjuan.core import retention
from anjuan.core.refusals import Refusal
from anjuan.core.retention import Term, TermKind
from anjuan.core.terms import Post
from anjuan.demo.office import SCHEDULE_IN_FORCE
from anjuan.foundation.schedule import actions, queries
from anjuan.foundation.schedule.models import RetentionRule
from tests.builders import one_line, refused
from tests.cast import Cast

ROW = {
    "category_code": "03",
    "category_name": "养老保险待遇类",
    "item_no": "1",
    "material_name": "养老保险待遇核定材料",
    "retention": "100年",
    "confidence": "seen",
    "source_url": "",
    "note": "",
}


def adopt(
    cast: Cast, code: str, *rows: dict[str, str], since: dt.date = dt.date(2025, 1, 1), post: Post | None = None
) -> int:
    return actions.adopt_version(
        occasion=cast.occasion(post) if post else cast.rule_keeper(),
        code=code,
        title="新表",
        effective_date=since,
        approval_document="",
        consent_of="",
        rows=rows,
    )


def test_the_version_of_2009_stands_whole(cast: Cast) -> None:
    shipped = actions.shipped_rows(SCHEDULE_IN_FORCE)

    found = queries.rules_of(SCHEDULE_IN_FORCE)

    (version,) = queries.versions()
    assert (version.code, version.effective_date) == (SCHEDULE_IN_FORCE, dt.date(2009, 9, 1))
    assert len(found) == len(shipped) > 40
    assert set(queries.category_names()) >= {"01", "02", "03", "04", "05", "06", "07", "09"}


@pytest.mark.acceptance("S3-C12")
def test_a_row_that_was_not_read_in_a_public_text_is_unconfirmed_whatever_number_it_suggests(cast: Cast) -> None:
    stored = {(row.category_code, row.item_no): row for row in RetentionRule.objects.all()}

    for found in queries.rules_of(SCHEDULE_IN_FORCE):
        row = stored[found.category_code, found.item_no]
        assert found.term == (retention.parse(row.term) if row.is_confirmed else retention.UNCONFIRMED)
    for shipped in actions.shipped_rows(SCHEDULE_IN_FORCE):
        row = stored[shipped["category_code"], shipped["item_no"]]
        assert row.is_confirmed is (shipped["confidence"] == "seen" and shipped["retention"] != "待核实")
    assert any(not row.is_confirmed for row in stored.values())
    assert any(row.is_confirmed for row in stored.values())


@pytest.mark.acceptance("S3-C12", "STD-1")
def test_a_record_falls_under_the_version_in_force_when_it_was_formed(cast: Cast) -> None:
    step = queries.step("PENSION_RETIREMENT")
    with one_line("schedule.adopt_version"):
        adopt(cast, "2025-TEST", ROW)

    before, after = queries.rule_for(step, dt.date(2024, 12, 31)), queries.rule_for(step, dt.date(2025, 1, 1))

    assert (before.version_code, before.term) == (SCHEDULE_IN_FORCE, retention.UNCONFIRMED)
    assert (after.code, after.term) == ("2025-TEST/03.1", Term(TermKind.YEARS, 100))


def test_before_any_version_there_is_no_rule(cast: Cast) -> None:
    with pytest.raises(Refusal) as caught:
        queries.rule_for(queries.step("PENSION_RETIREMENT"), dt.date(2009, 8, 31))

    assert caught.value.code == "H-007"


def test_a_version_without_the_steps_row_gives_no_rule(cast: Cast) -> None:
    adopt(cast, "2025-TEST", ROW)

    with pytest.raises(Refusal) as caught:
        queries.rule_for(queries.step("AUDIT_CASE"), dt.date(2025, 6, 1))

    assert caught.value.code == "H-007"


def test_a_version_is_not_adopted_twice(cast: Cast) -> None:
    with refused("H-006"):
        adopt(cast, SCHEDULE_IN_FORCE, ROW)


def test_a_version_with_a_row_that_is_no_term_is_not_adopted_at_all(cast: Cast) -> None:
    with refused("H-001"):
        adopt(cast, "2025-TEST", ROW, ROW | {"item_no": "2", "retention": "很久"})


@pytest.mark.parametrize("post", [Post.HANDLER, Post.SYSTEM_ADMIN, Post.SUPERVISOR, Post.ARCHIVIST])
def test_only_the_archivist_of_the_top_agency_changes_the_schedule(cast: Cast, post: Post) -> None:
    with refused("A-001"):
        adopt(cast, "2025-TEST", ROW, post=post)
    with refused("A-001"):
        actions.enter_steps(occasion=cast.occasion(post), steps=[])


@pytest.mark.acceptance("STD-26")
def test_every_material_cites_its_legal_basis(cast: Cast) -> None:
    for step in queries.steps():
        assert step.legal_basis
        assert all(material.legal_basis for material in step.materials)
        assert [material.is_main for material in step.materials].count(True) == 1


def test_every_shipped_step_has_a_row_in_the_schedule(cast: Cast) -> None:
    for step in queries.steps():
        rule = queries.rule_for(step, dt.date(2024, 1, 1))
        assert rule.category_code == step.category_code
    assert {step.code for step in queries.steps()} == {facts["code"] for facts in actions.shipped_steps()}


def test_a_step_is_entered_with_its_list(cast: Cast) -> None:
    facts = {
        "code": "NEW_STEP", "name": "新业务", "name_en": "New", "category": "03", "rule": "1", "line": "PENSION",
        "basis": "第一条", "materials": [{"code": "MAIN_FORM", "name": "主表", "name_en": "Main", "main": True}],
    }  # fmt: skip

    with one_line("schedule.enter_steps"):
        actions.enter_steps(occasion=cast.rule_keeper(), steps=[facts])

    assert queries.step("NEW_STEP").material("MAIN_FORM").legal_basis == "第一条"


def test_an_unknown_step_or_material_is_refused(cast: Cast) -> None:
    with pytest.raises(Refusal) as step:
        queries.step("NOTHING")
    with pytest.raises(Refusal) as material:
        queries.step("AUDIT_CASE").material("NOTHING")

    assert (step.value.code, material.value.code) == ("H-004", "H-005")
