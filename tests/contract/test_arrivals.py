"""Many at once: what comes in together is what it would be one by one, and no crash or race leaves half of it."""

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anjuan.core.lifecycle import Evidence
from anjuan.core.refusals import Refusal, Severity
from anjuan.core.terms import Duty, Post, RestraintKind, State, Verb
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake.actions import batches
from anjuan.desks.intake.actions.batches import Case, TakenIn
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.repository import queries as stored
from anjuan.facilities.repository.backends.disk import digest_stream
from anjuan.facilities.repository.models import StoredFile, StoredObject
from anjuan.facilities.repository.rules import DepositReceipt, Inline, Source
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import queries as journal_queries
from anjuan.foundation.journal import rules as journal_rules
from anjuan.foundation.journal.actions import Line
from anjuan.foundation.journal.models import Member
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import actions, queries
from anjuan.records.actions import arrivals
from anjuan.records.models import Item, Participation, Subject
from anjuan.records.rules import Employer
from tests import builders
from tests.builders import refused
from tests.cast import Cast

AT = dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC)
Committing = Callable[..., AbstractContextManager[Any]]


def case(number: str, serial: int = 1, *, seed: int = 0, **more: Any) -> Case:
    persons = more.pop("persons", (builders.person(serial),))
    typed = builders.registration(number, persons=persons, paper_pages=2, **more)
    seeds = (seed or serial * 10, (seed or serial * 10) + 1)
    uploads = tuple(
        builders.upload(material, octets=builders.jpeg(page), name=f"{material}.jpg")
        for material, page in zip(builders.MATERIALS, seeds, strict=True)
    )
    return Case("BH", typed, uploads, submit=True)


def taking_in(cast: Cast, *cases: Case) -> list[TakenIn | Refusal]:
    return batches.take_in(occasion=cast.occasion(Post.HANDLER), cases=cases)


def only(answer: TakenIn | Refusal) -> TakenIn:
    assert isinstance(answer, TakenIn), answer
    return answer


def within(cast: Cast, deed: Callable[[Line], object], post: Post = Post.HANDLER) -> None:
    with journal.writing(occasion=cast.occasion(post), act="intake.take_in", unit="delivery:test") as line:
        deed(line)


# --- the spine


def test_what_comes_by_batch_is_what_the_counter_would_have_made(cast: Cast) -> None:
    people = (builders.person(1), builders.person(2))
    employer = Employer("甲厂", builders.credit_code(1))
    step, materials = "CONTRIBUTION_DECLARATION", ("MAIN_FORM", "PERSON_LIST")
    sent = dataclasses.replace(case("B", persons=people, employer=employer, step=step), submit=False)
    uploads = tuple(
        dataclasses.replace(one, material_code=code) for one, code in zip(sent.uploads, materials, strict=True)
    )
    urn = builders.register(cast, "H", persons=people, employer=employer, step=step)
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=uploads)

    (answer,) = taking_in(cast, dataclasses.replace(sent, uploads=uploads))

    other = only(answer).urn
    its_own = {"id", "urn", "acceptance_no", "registered_at", "state_since"}
    rows = [
        {name: value for name, value in row.items() if name not in its_own}
        for row in Item.objects.filter(urn__in=[urn, other]).values()
    ]
    assert rows[0] == rows[1]
    files = [
        [dataclasses.replace(row, pk=0, item_pk=0, item_urn="") for row in builders.components_of(each)]
        for each in (urn, other)
    ]
    assert files[0] == files[1]
    assert queries.subjects_of([urn])[urn] == queries.subjects_of([other])[other]
    assert queries.duties_of(urn) == queries.duties_of(other)
    kept = [stored.object_state(each) for each in (urn, other)]
    assert kept[0] and kept[1]
    assert {one.digests for one in kept[0].contents} == {one.digests for one in kept[1].contents}


def test_an_acceptance_number_taken_meanwhile_lands_nowhere_and_leaves_no_rows(cast: Cast) -> None:
    builders.register(cast, "T", persons=(builders.person(9),))
    step = schedule.step("PERSON_REGISTRATION")
    rule = schedule.rule_for(step, builders.FORMED)

    def arrival(number: str, serial: int) -> arrivals.Arrival:
        return arrivals.Arrival(
            urn=f"urn:uuid:{serial}",
            agency_code="BH",
            step=step,
            rule=rule,
            acceptance_no=number,
            title="题名",
            formed_date=builders.FORMED,
            paper_pages=1,
            persons=(builders.person(serial),),
            employer=None,
            files=(),
        )

    landings: list[arrivals.Landing] = []
    both = [arrival("T", 1), arrival("U", 2)]
    within(cast, lambda line: landings.append(arrivals.create_items(line=line, arrivals=both)))

    assert list(landings[0].pks) == ["urn:uuid:2"]
    assert landings[0].refused == {}
    assert not Subject.objects.filter(id_number=builders.number(1)).exists()
    assert not Participation.objects.filter(unit="urn:uuid:1").exists()


def test_items_move_together_and_each_is_judged(cast: Cast) -> None:
    urns = [builders.captured(cast, f"S-{serial}", persons=(builders.person(serial),)) for serial in (1, 2, 3)]
    everything = frozenset(Evidence)

    def submit(*which: str, evidence: frozenset[Evidence] = everything) -> None:
        within(
            cast,
            lambda line: actions.advance_items(line=line, urns=which, verb=Verb.SUBMIT, evidence=evidence),
        )

    with refused("L-004"):
        submit(*urns, evidence=frozenset())
    with refused("R-009"):
        submit(urns[0], "urn:uuid:none")
    within(
        cast,
        lambda line: actions.post_restraint(line=line, urn=urns[2], kind=RestraintKind.HOLD, reference="冻结"),
    )
    with refused("L-006"):
        submit(*urns)
    submit(*urns[:2])

    assert builders.states(*urns[:2]) == {State.IN_REVIEW}
    assert builders.states(urns[2]) == {State.COLLECTING}
    assert queries.duties_of(urns[0]) == {Duty.HANDLED: {"bh01"}}
    with refused("L-001"):
        submit(urns[0])


def test_the_rulebook_answers_as_the_schedule_does(cast: Cast) -> None:
    book = schedule.rulebook()

    for step in schedule.steps():
        for formed in (dt.date(2009, 8, 31), dt.date(2012, 1, 1), builders.FORMED):
            answers: list[object] = []
            for ask in (schedule.rule_for, book.rule_for):
                try:
                    answers.append(ask(step, formed))
                except Refusal as refusal:
                    answers.append(refusal.code)
            assert answers[0] == answers[1]


def test_twice_the_cases_take_hardly_more_statements(cast: Cast) -> None:
    def statements(first: int, count: int) -> int:
        cases = [case(f"Q-{n}", n) for n in range(first, first + count)]
        with CaptureQueriesContext(connection) as seen:
            answers = taking_in(cast, *cases)
        assert all(only(answer).state is State.IN_REVIEW for answer in answers)
        return len(seen)

    fifty, hundred = statements(1, 50), statements(101, 100)

    # SQLite takes a thousand values in one statement: the rows of a hundred cases are a few statements more.
    # Nine of these are the rows in the journal: marks, one look a table, digests.
    assert fifty <= 54
    assert hundred - fifty <= (9 if connection.vendor == "sqlite" else 0)


# --- the journal


def test_a_batch_act_commits_to_each_member_apart(cast: Cast) -> None:
    def deed(line: Line) -> None:
        line.say(cases=2)
        line.say_of("urn:uuid:a", person_1="林晓 1", empty="")
        line.say_of("urn:uuid:b", person_1="欧阳娜 2")

    within(cast, deed)

    (uid,) = Member.objects.values_list("entry_uid", flat=True).distinct()
    assert journal_queries.values_of([uid])[uid].keys() == {"cases"}
    for unit, value in (("urn:uuid:a", "林晓 1"), ("urn:uuid:b", "欧阳娜 2")):
        ((salt, shown),) = journal_queries.member_values(unit, [uid])[uid].values()
        committed = journal_queries.member_commitments(uid, unit)
        assert (shown, committed) == (value, {"person_1": journal_rules.commitment(bytes.fromhex(salt), value)})
        assert dict(journal_queries.members_of(uid))[unit] == journal_rules.member_digest(committed)
    journal.sequence()
    entry = journal_queries.latest_entry("urn:uuid:b", "intake.take_in")
    assert entry is not None and entry.members_count == 2
    assert entry.members_root == journal_rules.members_root(journal_queries.members_of(uid))
    assert b"\xe6\x9e\x97" not in journal_rules.leaf(entry)


# --- the store


def put(**files: bytes | Source) -> dict[str, DepositReceipt | Refusal]:
    found = repository.deposit_new(
        objects={
            f"urn:uuid:{name}": [file if isinstance(file, Source) else Inline("a.jpg", file)]
            for name, file in files.items()
        },
        message="capture",
        user_name="bh01",
        user_address="staff:bh01",
        at=AT,
    )
    return {urn.removeprefix("urn:uuid:"): one for urn, one in found.items()}


@pytest.mark.django_db
def test_objects_put_in_together_are_each_whole_and_one_that_is_refused_is_alone(
    home: Path, tmp_path: Path, django_capture_on_commit_callbacks: Committing
) -> None:
    path = tmp_path / "other.jpg"
    path.write_bytes(b"not what was said")

    found = put(a=b"one", b=Source("a.jpg", path, digests=digest_stream(b"what was said")), c=b"three", d=b"four")

    receipts = [one for one in found.values() if isinstance(one, DepositReceipt)]
    assert [name for name, one in found.items() if isinstance(one, Refusal)] == ["b"]
    assert isinstance(found["b"], Refusal) and found["b"].code == "B-004"
    with django_capture_on_commit_callbacks(execute=True):
        repository.record_deposits(receipts)
    assert [stored.read_document(one.urn, "a.jpg") for one in receipts] == [b"one", b"three", b"four"]
    assert (StoredObject.objects.count(), StoredFile.objects.count()) == (3, 3)
    assert [one for one in stored.store_findings() if one.severity is Severity.ERROR] == []
    assert repository.recover().unrecorded == ()
    again = put(a=b"one")["a"]
    assert isinstance(again, Refusal) and again.code == "B-002"
    with pytest.raises(Refusal, match="B-003"):
        repository.record_deposits(receipts)
    with pytest.raises(ValueError, match="not a new object"):
        repository.record_deposits([dataclasses.replace(receipts[0], base_version=1)])


# --- crashes and races


class Crash(BaseException):
    """The process is gone."""


def test_a_crash_between_bytes_and_rows_leaves_no_row_and_sending_again_doubles_none(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Committing
) -> None:
    cases = [case("B-1", 1), case("B-2", 2)]

    def crash(**given: Any) -> None:
        raise Crash

    before = builders.everything()
    with monkeypatch.context() as patched, pytest.raises(Crash):
        patched.setattr(arrivals, "create_items", crash)
        taking_in(cast, *cases)
    assert builders.everything() == before
    left = repository.recover().unrecorded
    assert len(left) == 2

    with django_capture_on_commit_callbacks(execute=True):
        answers = [only(answer) for answer in taking_in(cast, *cases)]

    assert Item.objects.count() == StoredObject.objects.count() == 2
    assert StoredFile.objects.count() == 4
    assert set(repository.recover().unrecorded) == set(left)
    assert not {answer.urn for answer in answers} & set(left)
    assert [one for one in stored.store_findings() if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize("step", ["advance_items", "record_deposits", "enter"])
def test_a_failure_at_any_step_of_the_rows_takes_all_of_them_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    rooms: dict[str, Any] = {"advance_items": actions, "record_deposits": repository, "enter": journal}

    def crash(*given: Any, **named: Any) -> None:
        raise Crash

    before = builders.everything()
    with monkeypatch.context() as patched, pytest.raises(Crash):
        patched.setattr(rooms[step], step, crash)
        taking_in(cast, case("B-1"))

    assert builders.everything() == before
    assert only(taking_in(cast, case("B-1"))[0]).state is State.IN_REVIEW


def overtaken(cast: Cast, monkeypatch: pytest.MonkeyPatch, colleague: Callable[[], object], *cases: Case) -> Any:
    """Take cases in, and let a colleague act once their bytes are in the store and their rows are not."""
    real = batches._deposit
    done: list[bool] = []

    def deposit(*given: Any) -> Any:
        found = real(*given)
        if not done:
            done.append(True)
            colleague()
        return found

    monkeypatch.setattr(batches, "_deposit", deposit)
    return taking_in(cast, *cases)


def test_of_two_stations_that_send_one_case_at_once_both_get_one_receipt(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs: list[Any] = []

    ours = overtaken(
        cast, monkeypatch, lambda: theirs.extend(taking_in(cast, case("B-1", 1))), case("B-1", 1), case("B-2", 2)
    )

    assert only(ours[0]) == dataclasses.replace(only(theirs[0]), is_repeat=True)
    assert not only(ours[1]).is_repeat
    assert Item.objects.count() == StoredObject.objects.count() == 2


def test_of_two_stations_with_other_bytes_under_one_number_the_second_is_told(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = journal_queries.waiting()

    (answer,) = overtaken(cast, monkeypatch, lambda: taking_in(cast, case("B-1", 1)), case("B-1", 1, seed=77))

    assert isinstance(answer, Refusal) and answer.code == "I-013"
    assert Item.objects.count() == 1
    assert journal_queries.waiting() == lines + 2  # theirs; and that ours is a conflict


def test_a_number_that_the_counter_registers_beside_the_batch_is_i_001(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_the_counter() -> None:
        builders.register(cast, "B-1", persons=(builders.person(5),))

    answers = overtaken(cast, monkeypatch, at_the_counter, case("B-1", 1), case("B-2", 2))

    assert isinstance(answers[0], Refusal) and answers[0].code == "I-001"
    assert only(answers[1]).state is State.IN_REVIEW


def test_a_person_registered_beside_the_batch_is_one_person(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def at_the_counter() -> None:
        builders.register(cast, "H-1", persons=(builders.person(1),))

    answers = overtaken(cast, monkeypatch, at_the_counter, case("B-1", 1))

    assert only(answers[0]).state is State.IN_REVIEW
    assert Subject.objects.count() == 1


def test_a_person_registered_under_another_name_at_the_last_moment_stops_the_batch(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = arrivals._misnamed

    def overtake(*given: Any) -> Any:
        found = real(*given)
        if not Subject.objects.exists():
            Subject.objects.create(urn="urn:uuid:x", kind="INSURED_PERSON", name="别人", id_number=builders.number(1))
        return found

    monkeypatch.setattr(arrivals, "_misnamed", overtake)
    with pytest.raises(Refusal, match="L-001"):
        taking_in(cast, case("B-1", 1))

    assert not Item.objects.exists()
    assert json.dumps([str(one) for one in Subject.objects.all()]) == "[]"
