"""Batches over the API: what is taken in, what is refused beside it, what is sent again, and who may send."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anjuan.core.refusals import Severity
from anjuan.core.terms import Duty, Post, State
from anjuan.facilities.repository import actions as repository_actions
from anjuan.facilities.repository import queries as repository
from anjuan.foundation.journal import actions as entries
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.models import Entry
from anjuan.foundation.schedule import actions as revising
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import queries as records
from anjuan.records.models import Item, Subject
from tests import builders
from tests.cast import Cast
from tests.desk.batch_stage import PATH, Station, case, pages, station


def codes(answers: list[dict[str, Any]]) -> list[str]:
    return [one["refused"]["code"] if one["refused"] else "" for one in answers]


# What comes in -----------------------------------------------------------------------------------------------------


def test_a_batch_is_registered_captured_and_submitted_as_one_act(cast: Cast) -> None:
    cases = [case(f"P-{serial}", serial) for serial in range(1, 4)]

    sender = station()

    with builders.one_line("intake.take_in"):
        answers = sender.send(cases, sent := pages(*cases))

    assert [(one["place"], one["acceptance_no"]) for one in answers] == [(1, "P-1"), (2, "P-2"), (3, "P-3")]
    for one, asked in zip(answers, cases, strict=True):
        receipt = one["accepted"]
        assert (receipt["version"], receipt["pages"], receipt["state"]) == (1, 2, "IN_REVIEW")
        item = records.get_item_for(cast.actor(Post.HANDLER), receipt["urn"])
        assert (item.acceptance_no, item.state, item.title) == (one["acceptance_no"], State.IN_REVIEW, "参保人员登记")
        rows = builders.components_of(item.urn)
        assert [row.material_code for row in rows] == list(builders.MATERIALS)
        assert [repository.read_verified(item.urn, row.sha512) for row in rows] == [
            sent[file["part"]] for file in asked["files"]
        ]
        assert [row.id_number for row in records.subjects_of([item.urn])[item.urn]] == [
            asked["persons"][0]["id_number"]
        ]
        assert records.duties_of(item.urn) == {Duty.HANDLED: {"bh01"}}
        assert not [found for found in repository.findings_of(item.urn) if found.severity is Severity.ERROR]
    entry = Entry.objects.get(act="intake.take_in")
    assert (entry.members_count, entry.unit.partition(":")[0]) == (3, "delivery")


def test_the_story_of_an_item_says_what_the_batch_said_of_it_and_of_no_other(cast: Cast) -> None:
    cases = [case(f"P-{serial}", serial) for serial in (1, 2)]

    answers = station().send(cases, pages(*cases))

    (line,) = journal.story_of(answers[1]["accepted"]["urn"])
    assert line.act == "intake.take_in"
    assert line.values["acceptance_no"] == "P-2"
    assert line.values["person_1"] == f"参保人〇〇二 {builders.number(2)}"
    assert line.values["cases"] == "2"
    assert builders.number(1) not in json.dumps(dict(line.values))


def test_a_case_that_lacks_something_stays_at_the_counter_and_says_what(cast: Cast) -> None:
    lacking = case("P-1", files=[("only", "MAIN_FORM")])
    waiting = case("P-2", 2, submit=False)

    answers = station().send([lacking, waiting], pages(lacking, waiting))

    assert [one["accepted"]["state"] for one in answers] == ["COLLECTING", "COLLECTING"]
    assert [one["code"] for one in answers[0]["accepted"]["missing"]] == ["I-003"]
    assert answers[1]["accepted"]["missing"] == []


def test_persons_and_employers_are_put_on_record_once(cast: Cast) -> None:
    builders.register(cast, "OLD", persons=(builders.person(1),))
    employer = {"name": "甲厂", "credit_code": builders.credit_code(1)}
    nameless = {"name": "乙厂", "credit_code": ""}
    cases = [
        case("P-1", 1, employer=employer),
        case("P-2", 2, employer=employer),
        case("P-3", 2, employer=nameless),
        case("P-4", 1, employer=nameless),
    ]

    assert codes(station().send(cases, pages(*cases))) == [""] * 4

    assert sorted(Subject.objects.values_list("name", flat=True)) == sorted(
        ["参保人〇〇一", "参保人〇〇二", "甲厂", "乙厂"]
    )


# A bad case beside good ones ---------------------------------------------------------------------------------------


@pytest.mark.acceptance("S0-W11")
def test_bad_cases_are_refused_by_themselves_and_the_rest_comes_in(cast: Cast) -> None:
    agency = cast.found_elsewhere()
    builders.register(cast, "TAKEN", persons=(builders.person(8),))
    cases = [
        case("P-1", 1),
        case("P-2", 2, formed_date="2999-01-01"),
        case("P-3", 3, persons=[{"name": "林晓", "id_number": "999001196402290OO"}]),
        case("P-4", 4, step_code="NOTHING"),
        case("P-5", 5, agency_code=agency),
        case("P-6", 6, agency_code="XX"),
        case("P-7", 7, files=[("p7", "DISMISSAL")]),
        case("P-8", 8, persons=[{"name": "另一个人", "id_number": builders.number(8)}]),
        case("P-9", 9, files=[], paper_pages=1),
        case("TAKEN", 10),
        case("P-11", 1, persons=[{"name": "也是别人", "id_number": builders.number(1)}]),
        case("P-12", 12, formed_date="1990-13-45"),
        case("P-13", 13, paper_pages=10**400),
        case("P-14", 14, formed_date="2000-01-01"),
        {"acceptance_no": "P-15"},
        "no case at all",
        case("P-17", 17),
    ]
    sent = pages(*[one for one in cases if isinstance(one, dict) and "files" in one])
    sent["broken"] = builders.jpeg(5)[:-300]
    cases.append(case("P-18", 18, files=[("broken", "MAIN_FORM")]))

    sender = station()

    before = set(Entry.objects.values_list("uid", flat=True))
    answers = sender.send(cases, sent)

    fresh = Entry.objects.exclude(uid__in=before)
    assert sorted(fresh.values_list("act", flat=True)) == ["intake.take_in", "screening.keep_aside"]
    assert codes(answers) == [
        "", "I-002", "R-001", "H-004", "A-001", "R-009", "H-005", "R-008", "I-011", "I-001", "R-008", "A-010",
        "I-005", "H-007", "A-010", "A-010", "", "M-003",
    ]  # fmt: skip
    assert set(Item.objects.values_list("acceptance_no", flat=True)) == {"TAKEN", "P-1", "P-17"}
    refused = answers[1]["refused"]
    assert "2999-01-01" in refused["zh"] and "2999-01-01" in refused["en"]
    assert refused["remedy_zh"] and refused["remedy_en"] and refused["clause"]


def test_a_batch_of_nothing_but_bad_cases_leaves_no_line(cast: Cast) -> None:
    bad, sender = case("P-1", persons=[]), station()
    before = builders.everything()

    assert codes(sender.send([bad], pages(bad))) == ["I-006"]

    assert builders.everything() == before


def test_a_part_that_did_not_come_or_stands_twice_is_told_and_one_nobody_named_too(cast: Cast) -> None:
    shared = [case("P-1", 1, files=[("one", "MAIN_FORM")]), case("P-2", 2, files=[("one", "MAIN_FORM")])]
    missing, good = case("P-3", 3), case("P-4", 4)
    cases = [*shared, missing, good]
    sent = pages(*shared, good) | {"spare": builders.jpeg(77)}

    answer = station().raw(json.dumps({"cases": cases}), sent).json()

    assert codes(answer["answers"]) == ["I-016", "I-016", "I-015", ""]
    assert answer["unclaimed"] == ["spare"]


def test_a_part_that_arrives_twice_is_not_chosen_from(cast: Cast) -> None:
    one = case("P-1", files=[("page", "MAIN_FORM")])
    twice = [SimpleUploadedFile("a.jpg", builders.jpeg(1)), SimpleUploadedFile("b.jpg", builders.jpeg(2))]
    sender = station()

    answer = sender.client.post(PATH, {"manifest": json.dumps({"cases": [one]}), "page": twice}, headers=sender.headers)

    assert codes(answer.json()["answers"]) == ["I-016"]


def test_the_same_page_twice_in_one_case_is_refused(cast: Cast) -> None:
    one = case("P-1")
    page = builders.jpeg(3)

    assert codes(station().send([one], {file["part"]: page for file in one["files"]})) == ["I-012"]


def test_two_equal_pages_are_kept_where_the_sender_says_that_they_are_two_sheets(cast: Cast) -> None:
    one = case("P-1", repeats=True)
    page = builders.jpeg(3)

    (answer,) = station().send([one], {file["part"]: page for file in one["files"]})

    rows = builders.components_of(answer["accepted"]["urn"])
    assert len(rows) == 2 and len({row.sha512 for row in rows}) == 1
    assert repository.read_verified(answer["accepted"]["urn"], rows[1].sha512) == page


def changing(number: str, **more: Any) -> dict[str, Any]:
    """A case whose list asks something only where an agent acts."""
    files = [(f"{number}-form", "MAIN_FORM"), (f"{number}-proof", "CHANGE_PROOF")]
    employer = {"name": "甲厂", "credit_code": builders.credit_code(1)}
    return case(number, files=files, step_code="EMPLOYER_CHANGE", persons=[], employer=employer, **more)


def test_answers_to_the_conditions_of_the_list_come_with_the_case(cast: Cast) -> None:
    cases = [
        changing("E-1"),
        changing("E-2", answers={"有代办人": False}),
        changing("E-3", answers={"有代办人": True}),
        changing("E-4", answers={"下雨": True}),
    ]
    sent = pages(*cases)
    sender = station()

    answers = sender.send(cases, sent)

    assert codes(answers) == ["", "", "", "I-075"]
    missing = [[one["code"] for one in answer["accepted"]["missing"]] for answer in answers[:3]]
    assert missing[0] == ["H-014"] and missing[1] == [] and "H-014" not in missing[2] and missing[2]
    assert [answer["accepted"]["state"] for answer in answers[:3]] == ["COLLECTING", "IN_REVIEW", "COLLECTING"]
    urn = answers[1]["accepted"]["urn"]
    assert schedule.circumstances_of([urn])[urn] == {"有代办人": False}
    assert codes(sender.send(cases[:2], sent)) == ["", ""]  # sent again they have their receipts
    other = changing("E-2", answers={"有代办人": True})
    assert codes(sender.send([other], sent)) == ["I-013"]


def test_answers_of_many_cases_are_kept_in_one_statement(
    cast: Cast, django_assert_num_queries: Callable[..., Any]
) -> None:
    said = {f"urn:uuid:{at}": {"有代办人": True, "有供养亲属": False} for at in range(50)}
    with entries.writing(occasion=cast.occasion(Post.HANDLER), act="intake.take_in", unit="delivery:x") as line:
        with django_assert_num_queries(1):
            revising.answer_fresh(line=line, answers=said)
        with django_assert_num_queries(0):
            revising.answer_fresh(line=line, answers={"urn:uuid:none": {}})
    assert schedule.circumstances_of(["urn:uuid:7"])["urn:uuid:7"] == {"有代办人": True, "有供养亲属": False}


def test_a_program_registers_with_answers(cast: Cast) -> None:
    body = changing("E-9", answers={"有代办人": False})
    body = {name: body[name] for name in body if name not in ("files", "submit")}
    program = cast.program(cast.actor(Post.HANDLER).staff_code)

    def registered(body: dict[str, Any]) -> Any:
        return program.post("/api/v1/intake/items", json.dumps(body), content_type="application/json").json()

    assert registered({**body, "answers": {"下雨": True}})["code"] == "I-075"
    urn = registered(body)["urn"]
    assert schedule.circumstances_of([urn])[urn] == {"有代办人": False}


# Sent again --------------------------------------------------------------------------------------------------------


def test_what_is_sent_again_gets_the_receipt_it_had_and_nothing_changes(cast: Cast) -> None:
    cases = [case("P-1", 1), case("P-2", 2, files=[("only", "MAIN_FORM")])]
    sender = station()
    first = sender.send(cases, pages(*cases))
    before = builders.everything()

    second = sender.send(cases, pages(*cases))

    assert builders.everything() == before
    assert [one["accepted"].pop("is_repeat") for one in second] == [True, True]
    assert [one["accepted"].pop("is_repeat") for one in first] == [False, False]
    assert second == first


def test_the_receipt_stays_the_one_it_had_after_the_item_has_gone_on(cast: Cast) -> None:
    one = case("P-1")
    sender = station()
    (first,) = sender.send([one], pages(one))
    urn = first["accepted"]["urn"]
    from anjuan.desks.review import actions as review

    review.pass_item(occasion=builders.look_through(cast, Post.REVIEWER, urn), urn=urn)

    (again,) = sender.send([one], pages(one))

    assert again["accepted"]["state"] == "IN_REVIEW"
    assert builders.states(urn) == {State.REVIEWED}


@pytest.mark.parametrize(
    "change",
    [
        {"title": "另一个题名"},
        {"paper_pages": 3},
        {"persons": [{"name": "参保人〇〇二", "id_number": builders.number(2)}]},
        {"employer": {"name": "甲厂"}},
        {"seed": 2},
    ],
    ids=["title", "page count", "person", "employer", "bytes"],
)
def test_the_same_number_with_other_facts_or_bytes_is_a_conflict_and_changes_nothing(
    cast: Cast, change: dict[str, Any]
) -> None:
    one = case("P-1")
    sender = station()
    sender.send([one], pages(one))
    before = builders.everything()
    seed = change.pop("seed", 1)

    answers = sender.send([one | change], pages(one, seed=seed))

    assert codes(answers) == ["I-013"]
    now = builders.everything()
    told = {
        "journal.Entry",
        "journal.PrivateValue",
        "journal.RowDigest",
        "intake.SentConflict",
    }  # kept, to be looked at
    assert {table for table in before if now[table] != before[table]} == told


def test_a_number_twice_in_one_batch_is_taken_in_once(cast: Cast) -> None:
    one, other = case("P-1", 1), case("P-1", 2)
    sent = pages(one)
    twin = case("P-1", 1, files=[(f"{file['part']}-again", file["material"]) for file in one["files"]])
    for file, again in zip(one["files"], twin["files"], strict=True):
        again["name"] = file["name"]
        sent[again["part"]] = sent[file["part"]]
    other["files"] = [{"part": "other", "material": "MAIN_FORM", "name": ""}]
    sent["other"] = builders.jpeg(99)

    answers = station().send([one, twin, other], sent)

    assert codes(answers) == ["", "", "I-013"]
    assert answers[1]["accepted"]["urn"] == answers[0]["accepted"]["urn"]
    assert Item.objects.count() == 1


def test_a_number_twice_that_is_refused_the_first_time_is_refused_the_second(cast: Cast) -> None:
    builders.register(cast, "OLD", persons=(builders.person(1, "林晓"),))
    one = case("P-1", 1)
    two = one | {"files": [{"part": "x", "material": "MAIN_FORM", "name": ""}]}

    answers = station().send([one, two], pages(one) | {"x": builders.jpeg(7)})

    assert codes(answers) == ["R-008", "R-008"]


# What no station should send ---------------------------------------------------------------------------------------


def test_more_than_a_hundred_files_or_cases_are_refused_whole(cast: Cast) -> None:
    sender = station()
    one = case("P-1", files=[(f"p{place}", "OTHER") for place in range(101)])

    too_many = sender.raw(json.dumps({"cases": [one]}), dict.fromkeys((f"p{n}" for n in range(101)), b"x"))
    too_long = sender.raw(json.dumps({"cases": [case(f"P-{n}") for n in range(101)]}))

    for answer in (too_many, too_long):
        assert (answer.status_code, answer.json()["code"]) == (413, "I-014")
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "no json",
        "[]",
        '{"cases": {}}',
        '{"cases": []}',
        "[" * 100_000,
        '{"cases": ' + "[" * 900 + "]" * 900 + "}",
        '{"cases": [' + '{"a":' * 900 + "1" + "}" * 900 + "]}",
        '{"cases": [{"paper_pages": ' + "9" * 5000 + "}]}",
        json.dumps({"cases": [case("P\x00-1")]}),
        json.dumps({"cases": [case("P-1", title="\ud800")]}),
        json.dumps({"cases": [case("P-1", files=[("a\x00b", "MAIN_FORM")])]}),
    ],
    ids=range(12),
)
def test_a_hostile_manifest_is_refused_and_nothing_is_written(cast: Cast, manifest: str) -> None:
    sender = station()
    before = builders.everything()

    answer = sender.raw(manifest)

    if answer.status_code == 200:  # it nests, but it is a list of things that are no cases
        assert set(codes(answer.json()["answers"])) == {"A-010"}
    else:
        assert (answer.status_code, answer.json()["code"]) == (422, "A-010")
    assert builders.everything() == before


def test_strange_numbers_and_types_in_a_case_are_refused_with_the_place(cast: Cast) -> None:
    strange: list[dict[str, Any]] = [
        {"paper_pages": 1e308},
        {"paper_pages": "many"},
        {"formed_date": -(10**30)},
        {"persons": "林晓"},
        {"files": [{"part": 7, "material": "MAIN_FORM"}]},
        {"submit": "perhaps"},
        {"employer": []},
        {"acceptance_no": None},
    ]

    answers = station().send([case("P-1") | one for one in strange])

    assert codes(answers) == ["A-010"] * len(strange)
    for one, answer in zip(strange, answers, strict=True):
        assert next(iter(one)) in answer["refused"]["en"]


def test_names_from_outside_never_name_a_place_on_our_disk(cast: Cast) -> None:
    one = case("P-1", files=[("../../etc/passwd", "MAIN_FORM")])
    one["files"][0]["name"] = "..\\..\\甲\x1f.jpg"

    (answer,) = station().send([one], pages(one))

    (row,) = builders.components_of(answer["accepted"]["urn"])
    assert row.original_name == "甲.jpg"
    assert row.logical_name.startswith("capture/")


# Who may -----------------------------------------------------------------------------------------------------------


def test_nobody_who_is_not_logged_in_sends_a_batch(client: Client, cast: Cast) -> None:
    one = case("P-1")

    answer = client.post(PATH, {"manifest": json.dumps({"cases": [one]})})

    assert (answer.status_code, answer.json()["code"]) == (401, "A-007")


@pytest.mark.parametrize("post", [Post.REVIEWER, Post.FILER, Post.SYSTEM_ADMIN])
def test_another_post_sends_no_batch(cast: Cast, post: Post) -> None:
    one = case("P-1")

    answer = station(post).raw(json.dumps({"cases": [one]}), pages(one))

    assert (answer.status_code, answer.json()["code"]) == (403, "A-001")
    assert not Item.objects.exists()


def test_another_centre_takes_in_nothing_here_and_is_shown_no_receipt(
    cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    one = case("P-1")
    station().send([one], pages(one))
    outsider(Post.HANDLER)
    stranger = Station("hx-handler")

    answers = stranger.send([one, case("P-2", 2)], pages(one, case("P-2", 2)))

    assert codes(answers) == ["A-001", "A-001"]
    assert Item.objects.count() == 1


# How much it costs -------------------------------------------------------------------------------------------------


def test_more_cases_than_one_act_takes_are_several_acts(cast: Cast) -> None:
    cases = [case(f"P-{n}", n, files=[(f"p{n}", "MAIN_FORM")]) for n in range(1, 52)]

    answers = station().send(cases, pages(*cases))

    assert [one["acceptance_no"] for one in answers] == [f"P-{n}" for n in range(1, 52)]
    assert codes(answers) == [""] * 51
    assert [entry.members_count for entry in Entry.objects.filter(act="intake.take_in").order_by("id")] == [50, 1]


def test_what_came_in_leaves_no_mark_for_recovery_and_nothing_in_staging(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    one = case("P-1")

    with django_capture_on_commit_callbacks(execute=True):
        station().send([one], pages(one))

    staging = Path(repository.place()).parent / "staging"
    assert [path.name for path in staging.rglob("*") if path.is_file() and path.parent.name != "locks"] == []
    assert repository_actions.recover().unrecorded == ()
