"""What the machine finds in a volume, what a person says of it, and what then stands against passing it."""

import datetime as dt
import html
from typing import Any

import pytest
from django.urls import reverse

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, State
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries
from anjuan.facilities.assurance import actions
from anjuan.facilities.assurance.models import FindingAnswer, Threshold
from anjuan.facilities.assurance.queries import facts, findings
from anjuan.facilities.assurance.queries.findings import FoundRow, Verdict
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.records import queries as records
from anjuan.records.models import Item, Subject
from tests import builders
from tests.builders import ANSWERS, at_state, one_line, refused, sealed
from tests.cast import Cast


def found_in(urn: str) -> list[FoundRow]:
    return findings.found_in([urn])[urn]


def codes(urn: str) -> list[str]:
    return sorted(row.fault.code for row in found_in(urn) if row.fault.grade != "C")


def with_a_lost_character(cast: Cast, target: State = State.FILED) -> builders.Walked:
    """A volume in which somebody's name lost a character on the way."""
    walk = at_state(cast, target)
    Subject.objects.update(name="张?国")
    return walk


def answer(cast: Cast, walk: builders.Walked, verdict: Verdict, post: Post = Post.CHECKER) -> None:
    (row,) = [row for row in found_in(walk.volume_urn) if row.fault.code == "D03"]
    actions.answer_finding(
        occasion=cast.occasion(post), volume_urn=walk.volume_urn, place=row.finding.place, verdict=verdict
    )


def sign(cast: Cast, walk: builders.Walked) -> None:
    inspection.sign_self_check(occasion=cast.occasion(Post.CHECKER), volume_urn=walk.volume_urn, answers=ANSWERS)


# --- findings follow from the records


def test_a_good_volume_has_no_finding_that_a_person_must_answer(cast: Cast) -> None:
    assert codes(sealed(cast).volume_urn) == []


def test_a_finding_is_there_as_soon_as_the_record_is_wrong_and_gone_when_it_is_right(cast: Cast) -> None:
    walk = with_a_lost_character(cast)
    assert codes(walk.volume_urn) == ["D03"]

    Subject.objects.update(name="张建国")

    assert codes(walk.volume_urn) == []


@pytest.mark.acceptance("S3-C4", "S0-P3")
def test_a_date_that_cannot_be_stands_against_the_self_check_until_a_person_judged_it(cast: Cast) -> None:
    walk = at_state(cast, State.FILED)
    formed = Item.objects.get().formed_date
    Item.objects.update(formed_date=dt.date(1949, 12, 31))  # before the person was born
    assert "D05" in codes(walk.volume_urn)

    with refused("Q-009"):
        sign(cast, walk)

    Item.objects.update(formed_date=formed)
    sign(cast, walk)
    assert builders.states(walk.volume_urn) == {State.SELF_CHECKED}


def test_facts_of_many_volumes_are_read_in_as_many_queries_as_of_one(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    urns = [sealed(cast, f"SL-{number}").volume_urn for number in range(4)]

    with django_assert_max_num_queries(21):  # one of them asks what the business system states of the cases
        assert len(list(facts.facts_of(urns))) == 4


# --- what a person says of it


def test_what_a_person_said_is_kept_and_journaled(cast: Cast) -> None:
    walk = with_a_lost_character(cast)

    with one_line("assurance.answer_finding"):
        answer(cast, walk, Verdict.DISMISSED)

    kept = FindingAnswer.objects.get()
    assert (kept.code, kept.verdict, kept.outcome, kept.answered_by) == ("D03", "DISMISSED", "FAIL", "bh04")
    assert [row.verdict for row in found_in(walk.volume_urn) if row.fault.code == "D03"] == ["DISMISSED"]


def test_a_verdict_can_be_changed_and_does_not_outlive_what_it_was_said_of(cast: Cast) -> None:
    walk = with_a_lost_character(cast)
    answer(cast, walk, Verdict.CONFIRMED)
    answer(cast, walk, Verdict.DISMISSED)
    assert FindingAnswer.objects.get().verdict == Verdict.DISMISSED

    Subject.objects.update(name="张3国")  # another thing is wrong with the same name now

    assert [row.verdict for row in found_in(walk.volume_urn) if row.fault.code == "D03"] == [""]


def test_what_the_machine_does_not_find_cannot_be_answered(cast: Cast) -> None:
    walk = sealed(cast)
    with refused("Z-002"):
        actions.answer_finding(
            occasion=cast.occasion(Post.CHECKER),
            volume_urn=walk.volume_urn,
            place=("D03", walk.item_urn, 0, 0),
            verdict=Verdict.CONFIRMED,
        )


@pytest.mark.parametrize(("post", "code"), [(Post.FILER, "A-001"), (Post.KEEPER, "A-001"), (Post.AUDITOR, "R-009")])
def test_only_checking_posts_answer_findings(cast: Cast, post: Post, code: str) -> None:
    walk = with_a_lost_character(cast)
    with refused(code):
        answer(cast, walk, Verdict.DISMISSED, post)
    assert not FindingAnswer.objects.exists()


# --- what stands against passing


@pytest.mark.acceptance("S3-W14")
def test_a_self_check_is_not_signed_over_a_finding_that_nobody_judged(cast: Cast) -> None:
    walk = with_a_lost_character(cast)

    with refused("Q-009"):
        sign(cast, walk)
    answer(cast, walk, Verdict.DISMISSED)
    sign(cast, walk)

    assert builders.states(walk.volume_urn) == {State.SELF_CHECKED}


@pytest.mark.acceptance("S3-W14", "S3-W16")
def test_a_confirmed_fault_goes_back_and_is_asked_anew_once_it_was_answered(cast: Cast) -> None:
    walk = with_a_lost_character(cast)
    answer(cast, walk, Verdict.CONFIRMED)
    with refused("Q-010"):
        sign(cast, walk)
    raised = builders.fault(walk.item_urn, "D03")
    inspection.return_volume(occasion=cast.occasion(Post.CHECKER), volume_urn=walk.volume_urn, faults=[raised])
    (row,) = correction_queries.of_units([walk.volume_urn])
    corrections.answer_fault(occasion=cast.occasion(Post.FILER), pk=row.pk, answer="身份证上即如此")

    sheet = queries.sheet(cast.actor(Post.CHECKER), walk.volume_urn)

    assert [one.verdict for one in queries.findings_in(sheet) if one.fault.code == "D03"] == [""]


def test_pre_acceptance_waits_for_findings_as_well(cast: Cast) -> None:
    walk = with_a_lost_character(cast, State.APPLIED)
    occasion = builders.look_through(cast, Post.ACCEPTOR, walk.item_urn)

    with refused("Q-009"):
        inspection.pre_accept(occasion=occasion, volume_urn=walk.volume_urn)
    answer(cast, walk, Verdict.DISMISSED, Post.ACCEPTOR)
    inspection.pre_accept(occasion=occasion, volume_urn=walk.volume_urn)

    assert builders.states(walk.volume_urn) == {State.PRE_ACCEPTED}


def test_slight_faults_stand_against_nothing(cast: Cast) -> None:
    walk = sealed(cast)
    slight = [row for row in found_in(walk.volume_urn) if row.fault.grade == "C"]
    assert slight  # the pages of these tests are small scraps

    sign(cast, walk)


def test_what_was_counted_on_paper_is_held_against_the_catalogue(cast: Cast) -> None:
    walk = builders.on_paper(cast, State.APPLIED)
    (volume,) = records.volumes_by_urn([walk.volume_urn]).values()
    short = {walk.volume_urn: {"somebody else": 2, walk.item_urn: 2}}

    rows = findings.found_in([volume.urn], counted=short)[volume.urn]

    assert "V01" in {row.fault.code for row in rows}


# --- on the page


def place(urn: str, gate: str = "self_check") -> str:
    return reverse(f"inspection:{gate}", kwargs={"urn": urn})


def test_the_judge_view_shows_the_finding_with_its_sentence_and_two_answers(cast: Cast) -> None:
    walk = with_a_lost_character(cast)

    shown = html.unescape(cast.client(Post.CHECKER).get(place(walk.volume_urn)).content.decode())

    assert "姓名错或生僻字丢失" in shown and "占位符" in shown and "按证件更正姓名" in shown
    assert "是问题" in shown and "不是问题" in shown and "Q-009" in shown


def test_one_key_answers_and_the_list_of_faults_follows(cast: Cast) -> None:
    walk = with_a_lost_character(cast)
    checker = cast.client(Post.CHECKER)
    spelled = f"D03~{walk.item_urn}~0~0"
    address = reverse("inspection:answer_self_check", kwargs={"urn": walk.volume_urn, "place": spelled})

    confirmed = checker.post(address, {"choice": "CONFIRMED"}, headers={"HX-Request": "true"})
    said = html.unescape(confirmed.content.decode())
    assert confirmed.status_code == 200 and 'name="kept"' in said and "Q-010" in said

    dismissed = checker.post(address, {"choice": "DISMISSED"}, headers={"HX-Request": "true"})
    said = html.unescape(dismissed.content.decode())
    assert 'name="kept"' not in said and "Q-01" not in said and "Q-009" not in said

    plain = checker.post(address, {"choice": "CONFIRMED"})
    assert plain.status_code == 302
    assert 'name="kept"' in checker.get(place(walk.volume_urn)).content.decode()


def test_an_answer_to_what_is_not_there_is_refused_on_the_page(cast: Cast) -> None:
    walk = sealed(cast)
    address = reverse("inspection:answer_self_check", kwargs={"urn": walk.volume_urn, "place": "D03~x~0~0"})

    answer = cast.client(Post.CHECKER).post(address, {"choice": "CONFIRMED"})

    assert answer.status_code == 409 and "Z-002" in answer.content.decode()


@pytest.mark.parametrize(
    ("gate", "state", "may", "may_not"),
    [
        ("answer_self_check", State.FILED, Post.CHECKER, Post.FILER),
        ("answer_pre_acceptance", State.APPLIED, Post.ACCEPTOR, Post.KEEPER),
    ],
)
def test_who_may_answer_on_the_page(cast: Cast, gate: str, state: State, may: Post, may_not: Post) -> None:
    walk = with_a_lost_character(cast, state)
    address = reverse(f"inspection:{gate}", kwargs={"urn": walk.volume_urn, "place": f"D03~{walk.item_urn}~0~0"})

    assert cast.client(may_not).post(address, {"choice": "CONFIRMED"}).status_code == 403
    assert cast.client(Post.SYSTEM_ADMIN).post(address, {"choice": "CONFIRMED"}).status_code == 404
    assert cast.client(may).post(address, {"choice": "CONFIRMED"}).status_code == 302
    assert cast.client(may).get(address).status_code == 405


# --- thresholds


def test_a_threshold_of_the_house_is_set_with_a_reason_and_used_at_once(cast: Cast) -> None:
    walk = sealed(cast)
    assert "V12" not in {row.fault.code for row in found_in(walk.volume_urn)}

    with one_line("assurance.set_threshold"):
        actions.set_threshold(
            occasion=cast.occasion(Post.RECHECKER), code="V12", name="least", value=40, reason="标注样本上漏检"
        )

    assert "V12" in {row.fault.code for row in found_in(walk.volume_urn)}
    assert Threshold.objects.get().set_by == cast.actor(Post.RECHECKER).staff_code


@pytest.mark.parametrize(
    ("code", "name", "value", "reason", "refusal"),
    [
        ("V12", "least", 400.0, "x", "Z-003"),
        ("V12", "most", float("nan"), "x", "Z-003"),
        ("V12", "nonsense", 5.0, "x", "Z-003"),
        ("V99", "least", 5.0, "x", "Z-003"),
        ("V12", "least", 10.0, "  ", "Z-004"),
        ("V12", "least", 10.0, "\x00", "R-010"),
    ],
)
def test_thresholds_that_cannot_be_set(
    cast: Cast, code: str, name: str, value: float, reason: str, refusal: str
) -> None:
    with refused(refusal):
        actions.set_threshold(occasion=cast.occasion(Post.RECHECKER), code=code, name=name, value=value, reason=reason)
    assert not Threshold.objects.exists()


def test_only_the_archives_rechecker_sets_thresholds(cast: Cast) -> None:
    for post in (Post.CHECKER, Post.ACCEPTOR, Post.SYSTEM_ADMIN):
        with pytest.raises(Refusal) as caught:
            actions.set_threshold(occasion=cast.occasion(post), code="V12", name="least", value=10, reason="x")
        assert caught.value.code == "A-001"


def test_a_detector_tells_how_it_fared_with_people(cast: Cast) -> None:
    walk = with_a_lost_character(cast)
    answer(cast, walk, Verdict.CONFIRMED)

    rows = {row.detector.code: row for row in findings.detectors()}

    assert (rows["D03"].confirmed, rows["D03"].dismissed, rows["D03"].precision) == (1, 0, 1.0)
    assert rows["V01"].precision is None
    assert Item.objects.count() == 1


# --- the page of the detectors, and the API


def test_the_page_of_detectors_shows_each_with_its_thresholds_and_its_record_with_people(cast: Cast) -> None:
    walk = with_a_lost_character(cast)
    answer(cast, walk, Verdict.CONFIRMED)

    shown = html.unescape(cast.client(Post.ACCEPTOR).get(reverse("assurance:detectors")).content.decode())

    assert "姓名错或生僻字丢失" in shown and "1 处中 100% 是问题" in shown
    assert "题名最少字数: 6" in shown and "待核实" in shown
    assert 'name="value"' not in shown  # he may look, and sets nothing


def test_a_threshold_is_set_on_the_page_and_a_refused_one_keeps_what_was_typed(cast: Cast) -> None:
    client = cast.client(Post.RECHECKER)
    address = reverse("assurance:set_threshold", kwargs={"code": "V12", "name": "least"})

    refused_ = client.post(address, {"value": "viele", "reason": "样本上漏检"})
    shown = html.unescape(refused_.content.decode())
    assert refused_.status_code == 422 and "Z-003" in shown and 'value="viele"' in shown and "样本上漏检" in shown

    assert client.post(address, {"value": "12", "reason": "样本上漏检"}).status_code == 302
    assert Threshold.objects.get().value == 12
    assert "题名最少字数: 12" in client.get(reverse("assurance:detectors")).content.decode()


@pytest.mark.parametrize(
    ("post", "looks", "sets"),
    [(Post.RECHECKER, 200, 302), (Post.ACCEPTOR, 200, 403), (Post.KEEPER, 403, 403), (Post.AUDITOR, 404, 404)],
)
def test_who_may_see_detectors_and_set_thresholds(cast: Cast, post: Post, looks: int, sets: int) -> None:
    client = cast.client(post)
    address = reverse("assurance:set_threshold", kwargs={"code": "V12", "name": "least"})

    assert client.get(reverse("assurance:detectors")).status_code == looks
    assert client.post(address, {"value": "12", "reason": "x"}).status_code == sets
    assert client.get(address).status_code == 405


def test_the_api_tells_findings_and_takes_answers(cast: Cast) -> None:
    walk = with_a_lost_character(cast)
    checker = cast.program(cast.actor(Post.CHECKER).staff_code)
    address = f"/api/v1/volumes/{walk.volume_urn}/findings"

    (found,) = [row for row in checker.get(address).json() if row["code"] == "D03"]
    assert (found["grade"], found["outcome"], found["verdict"], found["reference"]) == (
        "B",
        "FAIL",
        "",
        walk.reference + "-001",
    )
    body = {"code": "D03", "item_urn": walk.item_urn, "verdict": "DISMISSED"}
    answered = checker.post(address, body, content_type="application/json")
    assert [row["verdict"] for row in answered.json() if row["code"] == "D03"] == ["DISMISSED"]
    assert checker.post(address, {**body, "code": "D04"}, content_type="application/json").status_code == 409
    assert checker.post(address, {**body, "verdict": "?"}, content_type="application/json").status_code == 422
    assert cast.program(cast.actor(Post.KEEPER).staff_code).get(address).status_code == 403
    assert cast.program(cast.actor(Post.AUDITOR).staff_code).get(address).status_code == 404
