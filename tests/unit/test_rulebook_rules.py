"""The table and the steps in spreadsheets: blank leaves alone, swapped columns are told, wrong cells are named."""

import dataclasses

import pytest

from anjuan.core.refusals import Refusal
from anjuan.core.workbooks import Sheet
from anjuan.desks.rulebook import rules
from anjuan.foundation.schedule import actions as schedule
from anjuan.foundation.schedule.rules import Change, RuleFacts, StepRow, check_rows, check_step, compare

TABLE = (
    RuleFacts("01", "社会保险管理类", "1", "参保单位登记材料", "永久", True, "附件"),
    RuleFacts("01", "社会保险管理类", "2", "参保人员登记材料", "100年", True, "附件"),
    RuleFacts("03", "养老保险待遇类", "1", "养老待遇核定材料", "待核实", False),
)
STEPS = tuple(schedule.shipped(facts) for facts in schedule.shipped_steps())


def sheet(*rows: tuple[str, ...]) -> Sheet:
    return Sheet("表", rows)


def read_rules(*rows: tuple[str, ...]) -> tuple[tuple[RuleFacts, ...], tuple[rules.CellError, ...]]:
    return rules.merge_rules(TABLE, rules.read(sheet(*rows), rules.RULE_COLUMNS, ("category_code", "item_no")))


@pytest.mark.acceptance("S3-F13")
def test_two_versions_are_compared_row_by_row() -> None:
    after = (
        dataclasses.replace(TABLE[0], term="Y30"),
        TABLE[1],
        RuleFacts("11", "干部人事类", "1", "干部人事档案", "永久", True),
    )

    found = {(one.row.category_code, one.row.item_no): one for one in compare(TABLE, after)}

    assert found["01", "1"].change is Change.CHANGED and found["01", "1"].fields == ("term",)
    assert found["01", "2"].change is Change.SAME
    assert found["03", "1"].change is Change.REMOVED
    assert found["11", "1"].change is Change.ADDED


def test_a_term_spelled_another_way_is_the_same_term() -> None:
    (one, *_) = compare(TABLE[1:2], (dataclasses.replace(TABLE[1], term="Y100"),))

    assert one.change is Change.SAME


def test_a_table_that_is_downloaded_and_uploaded_again_changes_nothing() -> None:
    after, errors = rules.merge_rules(
        TABLE, rules.read(rules.rule_sheet(TABLE), rules.RULE_COLUMNS, ("category_code", "item_no"))
    )

    assert (errors, all(one.change is Change.SAME for one in compare(TABLE, after))) == ((), True)


def test_a_blank_leaves_alone_a_word_empties_and_a_row_is_removed_only_when_asked() -> None:
    heading = ("类别代码", "条目号", "材料名称", "保管期限", "依据", "删除")

    after, errors = read_rules(heading, ("1", "1", "", "50年", "无", ""), ("03", "1", "", "", "", "是"))

    kept = {row.key: row for row in after}
    assert errors == ()
    assert kept["01", "1"] == dataclasses.replace(TABLE[0], term="50年", source="")
    assert kept["01", "2"] == TABLE[1] and ("03", "1") not in kept


def test_columns_may_stand_in_any_order_but_not_under_the_wrong_name() -> None:
    fine, _ = read_rules(("保管期限", "条目号", "类别代码"), ("30年", "2", "01"))
    assert {row.term for row in fine if row.key == ("01", "2")} == {"30年"}

    with pytest.raises(Refusal) as caught:
        read_rules(
            ("类别代码", "条目号", "材料名称", "保管期限"), ("01", "1", "永久", "登记表"), ("01", "2", "30年", "变更表")
        )

    assert caught.value.code == "H-023"
    assert {"材料名称", "保管期限"} == {caught.value.params["first"], caught.value.params["second"]}


def test_each_wrong_cell_is_named_with_its_row_and_column() -> None:
    heading = ("类别代码", "条目号", "材料名称", "保管期限", "已核实")

    after, errors = read_rules(
        heading, ("01", "1", "登记表", "很久", "是"), ("01", "2", "", "30年", "大概"), ("", "9", "x", "永久", "是")
    )

    assert [(error.row, error.column, error.place) for error in errors] == [
        (2, "保管期限", "D2"), (3, "已核实", "E3"), (4, "类别代码", "A4"),
    ]  # fmt: skip
    assert {row.key: row for row in after} == {row.key: row for row in TABLE}
    with pytest.raises(Refusal) as caught:
        rules.must_be_right(errors)
    assert (caught.value.code, caught.value.params["row"]) == ("H-024", 2)


def test_a_sheet_without_the_columns_that_name_a_row_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        read_rules(("材料名称",), ("登记表",))

    assert caught.value.code == "H-022" and "条目号" in str(caught.value.params["columns"])


def test_an_unconfirmed_term_is_never_confirmed_by_a_sheet() -> None:
    after, _ = read_rules(("类别代码", "条目号", "已核实"), ("03", "1", "是"))

    assert not next(row for row in after if row.key == ("03", "1")).is_confirmed


@pytest.mark.parametrize(
    "rows", [(), (TABLE[0], TABLE[0]), (TABLE[0], dataclasses.replace(TABLE[1], category_name="别名"))]
)
def test_a_table_has_rows_one_of_a_number_and_one_name_a_category(rows: tuple[RuleFacts, ...]) -> None:
    with pytest.raises(Refusal) as caught:
        check_rows(rows)

    assert caught.value.code in ("H-008", "H-015")


# Steps ---------------------------------------------------------------------------------------------------------------


def steps_read(steps: Sheet, materials: Sheet) -> tuple[tuple[StepRow, ...], tuple[rules.CellError, ...]]:
    return rules.merge_steps(
        STEPS,
        rules.read(steps, rules.STEP_COLUMNS, ("code",)),
        rules.read(materials, rules.MATERIAL_COLUMNS, ("step", "code")),
    )


def test_steps_that_are_downloaded_and_uploaded_again_are_the_same() -> None:
    after, errors = steps_read(*rules.step_sheets(STEPS))

    known = {step.code: step for step in STEPS}
    assert errors == () and len(after) == len(STEPS)
    assert all(step.same_as(known[step.code]) for step in after)


def test_a_sheet_changes_a_step_adds_a_material_and_takes_one_off() -> None:
    after, errors = steps_read(
        sheet(("环节代码", "归档期限（天）", "风险等级"), ("REFUND", "10", "低")),
        sheet(
            ("环节代码", "材料代码", "材料名称", "条件", "法律依据", "删除"),
            ("REFUND", "BANK", "银行账户证明", "退至他人账户", "第一条", ""),
            ("REFUND", "OTHER", "", "", "", "是"),
        ),
    )

    (refund,) = after
    assert errors == () and (refund.filing_days, refund.risk) == (10, "LOW")
    assert refund.material("BANK").condition == "退至他人账户"
    assert "OTHER" not in [material.code for material in refund.materials]


@pytest.mark.acceptance("STD-26")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"legal_basis": ""}, "H-008"),
        ({"code": "lower"}, "H-008"),
        ({"filing_days": 0}, "H-008"),
        ({"category_code": "1"}, "H-008"),
        ({"insurance_line": "NONE"}, "H-008"),
        ({"materials": ()}, "H-010"),
    ],
)
def test_a_step_that_cannot_stand_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_step(dataclasses.replace(STEPS[0], **change))  # type: ignore[arg-type]

    assert caught.value.code == code


@pytest.mark.acceptance("STD-26")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"legal_basis": " "}, "H-009"),
        ({"one_of": "一人组"}, "H-011"),
        ({"code": "MAIN_FORM"}, "H-008"),
        ({"default_pages": 0}, "H-008"),
        ({"is_main": True}, "H-010"),
    ],
)
def test_a_material_that_must_be_collected_cites_its_basis(change: dict[str, object], code: str) -> None:
    first, second, *rest = STEPS[0].materials
    step = dataclasses.replace(
        STEPS[0],
        materials=(first, dataclasses.replace(second, **change), *rest),  # type: ignore[arg-type]
    )

    with pytest.raises(Refusal) as caught:
        check_step(step)

    assert caught.value.code == code


@pytest.mark.acceptance("STD-24", "STD-26", "S2-P4")
def test_the_starter_set_has_five_steps_a_category_each_with_source_basis_and_grade() -> None:
    counted = {f"{number:02}": 0 for number in range(1, 10)}
    for step in STEPS:
        check_step(step)
        counted[step.category_code] += 1
        assert step.source and step.legal_basis
        assert all(material.legal_basis for material in step.materials if material.is_required)

    assert len(STEPS) >= 60 and len({step.code for step in STEPS}) == len(STEPS)
    assert min(counted.values()) >= 5
    assert {step.risk for step in STEPS} == set(rules.RISKS.values())
    assert {step.confidence for step in STEPS} == set(rules.CONFIDENCES.values())
    assert sum(step.confidence == "UNCONFIRMED" for step in STEPS) == 12
