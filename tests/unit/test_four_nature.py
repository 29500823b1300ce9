"""Four-nature tests as rules: every item of every stage, from facts to an outcome."""

from dataclasses import replace

import pytest

from anjuan.core import assurance
from anjuan.core.assurance import FileFacts, Outcome, RecordFacts, Stage

FILE = FileFacts("登记表.pdf", "fmt/95", True, True, True, 1, True, True)
GOOD = RecordFacts(
    files=(FILE,),
    completion_agrees=True,
    pages=2,
    declared_pages=2,
    missing_materials=(),
    missing_fields=(),
    judged=dict.fromkeys(
        ("L01", "L03", "L04", "L05", "L11", "D02", "D04", "D05", "D06", "D07", "D08", "D09", "D13", "D14", "V11"),
        Outcome.PASS,
    ),
    is_package_sound=True,
    package_files=1,
    registered_files=1,
    has_own_record=True,
    has_scanner=True,
    deeds=3,
)


def said(facts: RecordFacts, stage: Stage = Stage.TRANSFER) -> dict[str, Outcome]:
    return {result.code: result.outcome for result in assurance.judge(stage, facts)}


@pytest.mark.acceptance("STD-6")
@pytest.mark.parametrize("stage", list(Stage))
def test_a_good_record_passes_every_item_of_every_stage(stage: Stage) -> None:
    found = said(GOOD, stage)

    assert set(found.values()) <= {Outcome.PASS, Outcome.NOT_APPLICABLE}
    assert [code for code, outcome in found.items() if outcome is Outcome.NOT_APPLICABLE] == (
        ["U7"] if stage is Stage.STORAGE else []
    )
    assert assurance.passes(assurance.judge(stage, GOOD))


@pytest.mark.acceptance("STD-6")
@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("A1", replace(GOOD, files=(replace(FILE, is_verified=False),))),
        ("A2", replace(GOOD, files=(replace(FILE, is_signature_valid=False),))),
        ("A3", replace(GOOD, completion_agrees=False)),
        ("A4", replace(GOOD, judged={"L05": Outcome.FAIL})),
        ("A5", replace(GOOD, judged={"D02": Outcome.FAIL})),
        ("A6", replace(GOOD, judged={"D07": Outcome.FAIL})),
        ("A7", replace(GOOD, judged={"D05": Outcome.FAIL})),
        ("A8", replace(GOOD, judged={"D08": Outcome.FAIL})),
        ("A9", replace(GOOD, judged={"V11": Outcome.FAIL})),
        ("A10", replace(GOOD, judged={"D09": Outcome.FAIL})),
        ("A11", replace(GOOD, judged={"L04": Outcome.FAIL})),
        ("A12", replace(GOOD, judged={"L03": Outcome.FAIL})),
        ("A13", replace(GOOD, is_package_sound=False)),
        ("C1", replace(GOOD, declared_pages=3)),
        ("C2", replace(GOOD, missing_materials=("身份证",))),
        ("C3", replace(GOOD, missing_fields=("题名",))),
        ("C4", replace(GOOD, judged={"L04": Outcome.FAIL})),
        ("C5", replace(GOOD, judged={"D06": Outcome.FAIL})),
        ("C6", replace(GOOD, judged={"L11": Outcome.FAIL})),
        ("C7", replace(GOOD, judged={"D14": Outcome.FAIL})),
        ("C8", replace(GOOD, files=(replace(FILE, is_readable=False),))),
        ("C9", replace(GOOD, judged={"D13": Outcome.FAIL})),
        ("C10", replace(GOOD, has_own_record=False)),
        ("C11", replace(GOOD, package_files=2)),
        ("U2", replace(GOOD, files=(replace(FILE, is_readable=False),))),
        ("U3", replace(GOOD, has_own_record=False)),
        ("U5", replace(GOOD, files=(replace(FILE, is_verified=False),))),
        ("U6", replace(GOOD, files=(replace(FILE, is_readable=False),))),
        ("S1", replace(GOOD, files=(replace(FILE, is_clean=False),))),
        ("S4", replace(GOOD, is_package_sound=False)),
        ("S5", replace(GOOD, deeds=0)),
    ],
)
def test_each_item_fails_on_its_own_fault(code: str, wrong: RecordFacts) -> None:
    assert said(wrong)[code] is Outcome.FAIL
    assert said(GOOD)[code] is Outcome.PASS
    has_veto = next(test.has_veto for test in assurance.tests() if test.code == code)
    assert (
        code in {one.code for one in assurance.standing_against(assurance.judge(Stage.TRANSFER, wrong))}
    ) is has_veto


@pytest.mark.parametrize(
    ("code", "facts", "outcome"),
    [
        ("U1", replace(GOOD, files=(replace(FILE, format_id="fmt/999"),)), Outcome.UNSURE),
        ("A2", replace(GOOD, files=(replace(FILE, is_signature_valid=None),)), Outcome.UNSURE),
        ("A10", replace(GOOD, judged={"D09": Outcome.UNSURE}), Outcome.UNSURE),
        ("S2", replace(GOOD, has_scanner=False), Outcome.UNSURE),
        ("S3", replace(GOOD, has_scanner=False), Outcome.NOT_APPLICABLE),
        ("A9", replace(GOOD, judged={}), Outcome.NOT_APPLICABLE),
        ("A13", replace(GOOD, is_package_sound=None), Outcome.NOT_APPLICABLE),
        ("C10", replace(GOOD, has_own_record=None), Outcome.NOT_APPLICABLE),
        ("C11", replace(GOOD, package_files=None), Outcome.NOT_APPLICABLE),
    ],
)
def test_what_a_machine_cannot_say_is_left_to_a_person_or_does_not_apply(
    code: str, facts: RecordFacts, outcome: Outcome
) -> None:
    assert said(facts)[code] is outcome


def test_a_fault_outranks_a_doubt_and_a_test_without_veto_stops_nobody() -> None:
    facts = replace(GOOD, judged={"D02": Outcome.UNSURE, "D04": Outcome.FAIL}, has_scanner=False)

    assert said(facts)["A5"] is Outcome.FAIL
    assert assurance.passes(assurance.judge(Stage.TRANSFER, facts))


def test_the_scheme_names_the_standards_items_with_how_sure_each_is() -> None:
    rows = assurance.tests()

    assert len({row.code for row in rows}) == len(rows)
    assert {row.confidence for row in rows} <= {"", "S2", "M", "M?"}
    assert all(bool(row.standard) is bool(row.confidence) for row in rows)
    assert {nature: sum(row.nature is nature for row in rows) for nature in assurance.Nature} == {
        assurance.Nature.AUTHENTIC: 13,
        assurance.Nature.COMPLETE: 11,
        assurance.Nature.USABLE: 7,
        assurance.Nature.SAFE: 5,
    }
