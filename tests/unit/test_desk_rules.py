"""What each desk judges by itself: frozen facts in, decision or refusal out."""

import dataclasses
import datetime as dt
from collections.abc import Mapping

import pytest

from anjuan.core import retention
from anjuan.core.arrangement import Facet
from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.retention import Term, TermKind
from anjuan.core.terms import ADMINISTRATORS, AgencyProfile, Arrangement, Classification, Duty, Post, State, Verb
from anjuan.desks.certificates import rules as certificates
from anjuan.desks.filing import rules as filing
from anjuan.desks.filing.rules import Candidate, Scheme
from anjuan.desks.inspection import rules as inspection
from anjuan.desks.inspection.rules import Check, Counts
from anjuan.desks.intake import rules as intake
from anjuan.desks.intake.rules import Registration
from anjuan.desks.review import rules as review
from anjuan.desks.transfer import rules as transfer
from anjuan.desks.transfer.rules import Counted
from anjuan.facilities.corrections import rules as corrections
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.facilities.stacks import rules as stacks
from anjuan.foundation.accounts import rules as accounts
from anjuan.foundation.schedule.rules import MaterialRow, missing_materials
from anjuan.records import rules as records
from anjuan.records.rules import Employer, Person

TODAY = dt.date(2026, 5, 4)
SOMEBODY = (Person("林晓", "11010519491231002X"),)
Y30 = Term(TermKind.YEARS, 30)
BY_VOLUME = Scheme(Arrangement.BY_VOLUME, Classification.YEAR_LINE_STEP)


def material(code: str, *, required: bool = True, main: bool = False, scan: bool = True) -> MaterialRow:
    return MaterialRow(code, f"材料{code}", code, required, main, scan, False, (), "第六条")


def registration(
    *, formed: dt.date = TODAY, pages: int = 1, persons: tuple[Person, ...] = SOMEBODY, unit: Employer | None = None
) -> Registration:
    return Registration("SL-1", "STEP", "", formed, pages, persons, unit)


def candidate(
    urn: str,
    *,
    pages: int = 10,
    formed: str = "2024-01-01",
    agency: str = "BH",
    year: int = 2024,
    category: str = "03",
    line: str = "PENSION",
    term: Term = Y30,
) -> Candidate:
    facets = {
        Facet.AGENCY: agency,
        Facet.YEAR: str(year),
        Facet.CATEGORY: category,
        Facet.LINE: line,
        Facet.TERM: str(term),
        Facet.ROUTE: "TARGET",
    }
    return Candidate(urn, urn, BY_VOLUME, facets, formed, pages)


# --- intake


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"formed": TODAY + dt.timedelta(days=1)}, "I-002"),
        ({"formed": dt.date(1949, 9, 30)}, "I-002"),
        ({"pages": 0}, "I-005"),
        ({"pages": 2001}, "I-005"),
        ({"persons": ()}, "I-006"),
        ({"persons": SOMEBODY * 2}, "I-007"),
    ],
)
def test_a_registration_that_cannot_stand_is_refused(changed: Mapping[str, object], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        intake.check_registration(registration(**changed), today=TODAY, concerns_many=False)  # type: ignore[arg-type]

    assert caught.value.code == code


def test_the_borders_of_a_registration_are_inside() -> None:
    for fine in (registration(formed=dt.date(1949, 10, 1)), registration(pages=2000), registration(formed=TODAY)):
        intake.check_registration(fine, today=TODAY, concerns_many=False)
    intake.check_registration(registration(persons=SOMEBODY * 3), today=TODAY, concerns_many=True)
    intake.check_registration(registration(persons=(), unit=Employer("甲厂")), today=TODAY, concerns_many=False)


@pytest.mark.acceptance("S3-C2", "S4-C1")
def test_a_missing_main_form_and_a_missing_material_are_told_apart() -> None:
    listed = [
        material("MAIN", required=False, main=True),
        material("ID"),
        material("OTHER", required=False),
        material("PAPER", scan=False),
    ]

    found = missing_materials(listed, {"OTHER": 3})

    assert [(obstacle.code, obstacle.params["material"]) for obstacle in found] == [
        ("I-004", "材料MAIN"),
        ("I-003", "材料ID"),
    ]


@pytest.mark.acceptance("S3-C1", "S3-C10")
def test_as_many_images_as_paper_or_the_counts_are_said() -> None:
    (found,) = intake.obstacles(materials=[], pages_by_material={"A": 2, "B": 1}, paper_pages=4, open_faults=0)

    assert (found.code, dict(found.params)) == ("I-008", {"paper": 4, "images": 3})


def test_each_obstacle_takes_away_its_piece_of_evidence_and_no_other() -> None:
    everything = intake.evidence(())
    lacking = {
        "I-003": Evidence.MATERIALS_COMPLETE,
        "I-004": Evidence.MATERIALS_COMPLETE,
        "I-008": Evidence.PAGES_AGREE,
        "I-009": Evidence.FAULTS_ANSWERED,
    }

    assert everything == {Evidence.MATERIALS_COMPLETE, Evidence.PAGES_AGREE, Evidence.FAULTS_ANSWERED}
    for code, piece in lacking.items():
        assert everything - intake.evidence([Obstacle(code)]) == {piece}


# --- records


@pytest.mark.parametrize("value", ["", "   ", "\t", "a\x00b", "\ue000", "长" * 41, "\ud800"])
def test_a_text_that_cannot_be_kept_is_r_010(value: str) -> None:
    with pytest.raises(Refusal) as caught:
        records.text("题名", value, limit=40)

    assert caught.value.code == "R-010"


@pytest.mark.parametrize("name", ["𠮷野", "㐱", "买买提·艾力", "𰻝", "龦"])
def test_rare_names_are_kept_as_they_are(name: str) -> None:
    assert records.text("姓名", f" {name} ", limit=120) == name


def test_a_person_named_twice_is_r_007_even_if_typed_in_the_old_form() -> None:
    with pytest.raises(Refusal) as caught:
        records.persons((Person("林晓", "11010519491231002X"), Person("林晓", "110105491231002")))

    assert caught.value.code == "R-007"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("买买提·艾力", "买买提•艾力", True),
        ("买买提·艾力", "买买提．艾力", True),
        ("Ａ 林", "a林", True),
        ("林晓", "林笑", False),
        ("林晓", "林晓晓", False),
    ],
)
def test_a_dot_width_or_blank_makes_no_other_name(one: str, other: str, same: bool) -> None:
    assert records.same_name(one, other) is same


def test_an_employer_may_lack_its_code_but_not_have_a_wrong_one() -> None:
    assert records.employer(Employer(" 甲厂 ")) == Employer("甲厂", "")
    with pytest.raises(Refusal) as caught:
        records.employer(Employer("甲厂", "91350100M000100Y44"))
    assert caught.value.code == "R-005"


# --- review


def test_a_reviewer_must_have_opened_every_page_and_counted_as_many_as_paper() -> None:
    pages = [(1, 1), (1, 2), (2, 1)]

    assert review.evidence(pages=pages, seen=set(pages), paper_pages=3) == {Evidence.PAGES_SEEN, Evidence.PAGES_AGREE}
    assert review.evidence(pages=pages, seen={(1, 1), (2, 1)}, paper_pages=3) == {Evidence.PAGES_AGREE}
    assert review.evidence(pages=pages, seen=set(pages) | {(9, 9)}, paper_pages=4) == {Evidence.PAGES_SEEN}
    assert review.evidence(pages=[], seen=set(), paper_pages=1) == frozenset()


def test_a_reviewer_is_told_beforehand_what_stands_in_his_way() -> None:
    def found(staff: str, lies: set[Evidence]) -> list[tuple[str, object]]:
        said = review.obstacles(reference="SL-1", found=lies, staff_code=staff, handlers={"bh01"})
        return [(obstacle.code, obstacle.params.get("missing")) for obstacle in said]

    assert found("bh01", set()) == [("L-005", None)]
    assert found("bh02", {Evidence.PAGES_SEEN}) == [("L-004", Evidence.PAGES_AGREE)]
    assert found("bh02", {Evidence.PAGES_SEEN, Evidence.PAGES_AGREE}) == []
    assert review.obstacles(reference="x", found=set(), staff_code="bh01", handlers={"bh01"})[0].params == {
        "reference": "x",
        "verb": Verb.PASS_ITEM,
        "duty": Duty.HANDLED,
    }


# --- filing


@pytest.mark.acceptance("S3-W13")
def test_volumes_are_proposed_by_kin_in_order_of_date_within_the_page_limit() -> None:
    pool = [
        candidate("c", formed="2024-03-01", pages=90),
        candidate("a", formed="2024-01-01", pages=90),
        candidate("b", formed="2024-02-01", pages=90),
        candidate("other-year", year=2023),
        candidate("other-term", term=retention.PERMANENT),
        candidate("other-line", line="MEDICAL"),
        candidate("other-category", category="04"),
        candidate("other-agency", agency="HX"),
    ]

    proposals = filing.propose(pool, 200)

    assert ("a", "b") in {proposal.urns for proposal in proposals}
    assert ("c",) in {proposal.urns for proposal in proposals}
    assert len(proposals) == 7


def test_agency_paper_lies_before_unit_paper_and_conclusion_before_evidence_whatever_the_date() -> None:
    def ranked(urn: str, formed: str, *, seal: bool, conclusion: bool, class_place: int = 0) -> filing.Candidate:
        rank = filing.rank(class_place=class_place, has_agency_seal=seal, has_conclusion=conclusion)
        return dataclasses.replace(candidate(urn), formed=formed, rank=rank)

    pool = [
        ranked("unit", "2024-01-01", seal=False, conclusion=True),
        ranked("evidence", "2024-01-02", seal=True, conclusion=False),
        ranked("late", "2024-03-01", seal=True, conclusion=True),
        ranked("early", "2024-02-01", seal=True, conclusion=True),
        ranked("other class", "2023-01-01", seal=True, conclusion=True, class_place=1),
    ]

    (proposal,) = filing.propose(pool, 1000)

    assert proposal.urns == ("early", "late", "evidence", "unit", "other class")


def test_pages_and_thickness_both_limit_a_volume() -> None:
    assert filing.pages_that_fit(200, thickness_mm=40, sheet_tenths=1) == 200
    assert filing.pages_that_fit(200, thickness_mm=10, sheet_tenths=1) == 100
    assert filing.pages_that_fit(200, thickness_mm=1, sheet_tenths=400) == 1


def test_an_item_over_the_limit_gets_a_volume_of_its_own() -> None:
    proposals = filing.propose([candidate("a", pages=10), candidate("b", pages=500), candidate("c", pages=10)], 200)

    assert [proposal.urns for proposal in proposals] == [("a",), ("b",), ("c",)]
    assert filing.propose([], 200) == ()


@pytest.mark.parametrize(
    "other", [{"agency": "HX"}, {"year": 2023}, {"category": "04"}, {"line": "MEDICAL"}, {"term": retention.PERMANENT}]
)
def test_what_is_not_kin_is_never_mixed(other: dict[str, object]) -> None:
    with pytest.raises(Refusal) as caught:
        filing.must_be_kin(candidate("a").kinship, candidate("b", **other))  # type: ignore[arg-type]

    assert caught.value.code == "F-006"


def test_a_volume_is_sealed_neither_empty_nor_too_thick_nor_with_open_faults() -> None:
    def codes(items: int, pages: int, faults: int = 0) -> list[str]:
        contents = [filing.Content(f"A-{n}", 5, 5, ()) for n in range(items)]
        said = filing.obstacles(contents=contents, pages=pages, page_limit=200, open_faults=faults)
        return [obstacle.code for obstacle in said]

    assert codes(0, 0) == ["F-007"]
    assert codes(2, 201) == ["F-008"]
    assert codes(2, 200) == []
    assert codes(1, 500) == []
    assert codes(1, 5, faults=2) == ["I-009"]


def test_an_item_that_is_not_whole_keeps_its_volume_open() -> None:
    contents = [
        filing.Content("A-1", 5, 4, ()),
        filing.Content("A-2", 5, 5, (Obstacle("I-004", {"material": "登记表"}),)),
    ]

    said = filing.obstacles(contents=contents, pages=10, page_limit=200, open_faults=0)

    assert [obstacle.code for obstacle in said] == ["F-011", "I-004"]


# --- inspection

CHECKS = (Check("PAGES", "页数", "pages", "", True), Check("SEALS", "印章", "seals", "", False))


def test_a_checklist_needs_every_line_answered_and_none_failed() -> None:
    with pytest.raises(Refusal) as unanswered:
        inspection.judge_checklist(CHECKS, {}, {"PAGES": "PASS"})
    with pytest.raises(Refusal) as unknown:
        inspection.judge_checklist(CHECKS, {"SEALS": "MAYBE"}, {"PAGES": "PASS"})
    with pytest.raises(Refusal) as failed:
        inspection.judge_checklist(CHECKS, {"SEALS": "FAIL"}, {"PAGES": "PASS"})

    assert (unanswered.value.code, unknown.value.code, failed.value.code) == ("Q-001", "Q-001", "Q-002")
    assert inspection.judge_checklist(CHECKS, {"SEALS": "NA"}, {"PAGES": "PASS"}) == {"PAGES": "PASS", "SEALS": "NA"}


def test_a_person_cannot_turn_the_machines_no_into_a_yes() -> None:
    with pytest.raises(Refusal) as caught:
        inspection.judge_checklist(CHECKS, {"PAGES": "PASS", "SEALS": "PASS"}, {"PAGES": "FAIL"})

    assert caught.value.code == "Q-002"


@pytest.mark.acceptance("S3-C1", "S3-C2")
@pytest.mark.parametrize(
    ("counts", "failed"),
    [
        (Counts(10, 10, 10, 0, 0, True), set()),
        (Counts(11, 10, 10, 0, 0, True), {"PAGES"}),
        (Counts(10, 9, 10, 0, 0, True), {"PAGES"}),
        (Counts(10, 10, 9, 0, 0, True), {"PAGES"}),
        (Counts(10, 10, 10, 1, 0, True), {"PAGES"}),
        (Counts(10, 10, 10, 0, 1, True), {"MAIN_FORM"}),
        (Counts(10, 10, 10, 0, 0, False), {"RETENTION"}),
    ],
)
def test_the_machine_answers_from_counts(counts: Counts, failed: set[str]) -> None:
    assert {code for code, answer in inspection.prefill(counts).items() if answer == "FAIL"} == failed


@pytest.mark.parametrize("percent", [-1, 0, 9, 31, 100])
def test_the_recheck_ratio_stays_between_ten_and_thirty(percent: int) -> None:
    with pytest.raises(Refusal) as caught:
        inspection.check_recheck_percent(percent)

    assert caught.value.code == "Q-003"
    assert [inspection.check_recheck_percent(fine) for fine in (10, 30)] == [10, 30]


@pytest.mark.acceptance("S3-N5")
def test_the_recheck_ratio_is_never_below_what_the_problem_rate_asks() -> None:
    with pytest.raises(Refusal) as caught:
        inspection.check_recheck_percent(23, 24)
    assert caught.value.code == "Q-060"

    assert [inspection.check_recheck_percent(fine, 24) for fine in (24, 30)] == [24, 30]


# --- transfer


@pytest.mark.acceptance("S3-W17")
@pytest.mark.parametrize(
    "looks",
    [
        {},
        {"A": {"paper": True, "images": True}},
        {"A": {"paper": True, "images": True, "contents": False}},
        {"B": {"paper": True, "images": True, "contents": True}},
    ],
    ids=str,
)
def test_each_drawn_volume_is_looked_at_on_paper_images_and_contents(looks: dict[str, dict[str, bool]]) -> None:
    with pytest.raises(Refusal) as caught:
        transfer.check_witnessed(["A"], looks)

    assert caught.value.code == "T-003"


@pytest.mark.acceptance("S3-W18")
@pytest.mark.parametrize(
    ("counted", "code"),
    [
        ([("A", 10)], "T-004"),
        ([("A", 10), ("B", 20), ("C", 5)], "T-004"),
        ([("A", 10), ("B", 20), ("B", 20)], "T-004"),
        ([], "T-004"),
        ([("A", 10), ("B", 19)], "T-005"),
    ],
)
def test_a_count_that_differs_from_the_register_is_refused(counted: list[tuple[str, int]], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        transfer.check_count({"A": 10, "B": 20}, [Counted(*row) for row in counted])

    assert caught.value.code == code


def test_a_right_count_in_any_order_is_taken() -> None:
    transfer.check_count({"A": 10, "B": 20}, [Counted("B", 20), Counted("A", 10)])


# --- stacks, corrections, certificates, accounts


def test_a_volume_needs_its_paper_and_its_cover() -> None:
    assert [stacks.thickness_mm(pages) for pages in (0, 1, 10, 11, 200)] == [2, 3, 3, 4, 22]


def test_a_cell_takes_what_fits_to_the_millimetre() -> None:
    stacks.fits(cell="K1", width_mm=900, used_mm=890, needed_mm=10)
    with pytest.raises(Refusal) as caught:
        stacks.fits(cell="K1", width_mm=900, used_mm=890, needed_mm=11)

    assert caught.value.code == "S-003"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (RaisedFault("V99", "item"), "W-001"),
        (RaisedFault("V01", "elsewhere"), "W-006"),
        (RaisedFault("V01", "item", component_pk=9), "W-006"),
        (RaisedFault("V01", "item", component_pk=1, box=(0.5, 0.5, 0.6, 0.1)), "W-002"),
        (RaisedFault("V01", "item", component_pk=1, box=(-0.1, 0.5, 0.1, 0.1)), "W-002"),
        (RaisedFault("V01", "item", component_pk=1, box=(0.1, 0.1, 0.0, 0.1)), "W-002"),
        (RaisedFault("V01", "item", note="长" * 301), "W-003"),
        (RaisedFault("V01", "item", component_pk=1, page_no=0), "W-007"),
        (RaisedFault("V01", "item", component_pk=1, page_no=-1), "W-007"),
        (RaisedFault("V01", "item", component_pk=2, page_no=4), "W-007"),
        (RaisedFault("V01", "item", component_pk=1, page_no=2**63), "W-007"),
        (RaisedFault("V01", "item", page_no=1), "W-007"),
    ],
)
def test_a_fault_that_cannot_be_kept_is_refused(fault: RaisedFault, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        corrections.check_fault(fault, frozenset({"V01"}), {"item": {1: 1, 2: 3}})

    assert caught.value.code == code


def test_a_fault_of_the_whole_item_or_to_the_edge_of_a_page_is_kept() -> None:
    for fine in (
        RaisedFault("V01", "item"),
        RaisedFault("V01", "item", component_pk=2, page_no=1, box=(0, 0, 1, 1), note="长" * 300),
        RaisedFault("V01", "item", component_pk=2, page_no=3),
    ):
        corrections.check_fault(fine, frozenset({"V01"}), {"item": {1: 1, 2: 3}})


def test_only_the_person_asks_as_himself_and_anybody_else_names_a_basis() -> None:
    relation = certificates.Relation
    with pytest.raises(Refusal) as other:
        certificates.entitled(relation=relation.SELF, reader_id="1", subject_numbers=["2"], basis="")
    for capacity in set(relation) - {relation.SELF}:
        with pytest.raises(Refusal) as nothing:
            certificates.entitled(relation=capacity, reader_id="1", subject_numbers=["2"], basis="  ")
        assert nothing.value.code == "C-002"
        certificates.entitled(relation=capacity, reader_id="1", subject_numbers=[], basis="公函 1 号")

    assert other.value.code == "C-001"
    certificates.entitled(relation=relation.SELF, reader_id="2", subject_numbers=["2"], basis="")


@pytest.mark.parametrize("state", sorted(set(State) - {State.HELD}))
def test_nothing_but_held_records_is_attested(state: State) -> None:
    with pytest.raises(Refusal) as early:
        certificates.may_attest([("A", State.HELD), ("B", state)])

    assert early.value.code == "C-003"


def test_an_empty_choice_is_not_attested() -> None:
    with pytest.raises(Refusal) as caught:
        certificates.may_attest([])

    assert caught.value.code == "C-004"


def test_a_check_code_is_read_however_it_is_typed() -> None:
    code = certificates.check_code(bytes(range(9)))

    assert len(code) == 14
    assert not set(code) & set("AEIOU01")
    assert certificates.read_check_code(f" {code.lower().replace('-', ' ')} ") == code


@pytest.mark.acceptance("STD-8")
@pytest.mark.parametrize("administrator", sorted(ADMINISTRATORS))
def test_the_three_administrators_exclude_one_another_and_any_business_post(administrator: Post) -> None:
    for other in set(Post) - {administrator}:
        for held, wanted in ((other, administrator), (administrator, other)):
            with pytest.raises(Refusal) as caught:
                accounts.may_appoint("x", wanted, frozenset({held}), AgencyProfile.FULL)
            assert caught.value.code == "A-002"


def test_a_person_may_hold_several_business_posts_and_a_small_agency_borrows_some() -> None:
    accounts.may_appoint("x", Post.FILER, frozenset({Post.HANDLER}), AgencyProfile.SMALL)
    for post in ADMINISTRATORS | {Post.REVIEWER}:
        with pytest.raises(Refusal) as caught:
            accounts.may_appoint("x", post, frozenset(), AgencyProfile.SMALL)
        assert caught.value.code == "A-003"
