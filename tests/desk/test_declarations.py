"""What units and citizens send in: received with its digests, returned, sent anew, accepted in one deed, cleared."""

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post, Route, State
from anjuan.desks.certificates import actions as certificates
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake import tasks
from anjuan.desks.intake.actions import clearing
from anjuan.desks.intake.actions import declarations as deeds
from anjuan.desks.intake.backends import spool
from anjuan.desks.intake.models import Declaration, FieldOrigin
from anjuan.desks.intake.queries import business_cases, likeness
from anjuan.desks.intake.queries import clearing as spent
from anjuan.desks.intake.queries import declarations as queries
from anjuan.desks.intake.queries import sendings as disk
from anjuan.desks.intake.rules import Registration
from anjuan.desks.intake.rules.declarations import MOST_BYTES, MOST_FILES, Stage
from anjuan.desks.review import actions as review
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.screening import queries as screening
from anjuan.facilities.screening.rules import Door
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.models import Entry, PrivateValue
from anjuan.records import queries as records
from anjuan.records.models import Item
from anjuan.records.rules import Employer, Person
from anjuan_verify.report import Verdict
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast
from tests.desk import declaration_stage as stage
from tests.desk.clamd_server import Scanner, listening
from tests.desk.test_batch_certificates import evidence_of, verdict
from tests.desk.test_deeds_at_once import between
from tests.desk.test_screening import infected


@pytest.fixture
def scanner(settings: Settings) -> Iterator[Scanner]:
    with listening() as found:
        settings.ANJUAN_CLAMD = found.address
        yield found


def confirmed(sent: stage.Sent, acceptance_no: str = "SL-SB-1", **more: object) -> Registration:
    """What was declared, with an acceptance number, as a handler confirms it."""
    row = queries.by_code(sent.number, sent.code)
    return dataclasses.replace(queries.registration_of(row, acceptance_no), **more)  # type: ignore[arg-type]


def admitted(cast: Cast, sent: stage.Sent, acceptance_no: str = "SL-SB-1", **more: object) -> str:
    return deeds.admit(
        occasion=cast.occasion(Post.HANDLER), uid=sent.uid, registration=confirmed(sent, acceptance_no, **more)
    ).urn


def returned(cast: Cast, sent: stage.Sent, **reasons: str) -> None:
    deeds.send_back(
        occasion=cast.occasion(Post.HANDLER), uid=sent.uid, reasons=reasons or {"ID_CARD": "反面没有拍"}, note="请尽快"
    )


def stage_of(sent: stage.Sent) -> Stage:
    return queries.progress(queries.by_code(sent.number, sent.code)).stage


@pytest.mark.acceptance("S0-R6", "S0-W11")
def test_what_is_sent_in_waits_in_the_spool_with_the_digests_of_its_bytes(cast: Cast, home: Path) -> None:
    uploads = stage.uploads(910)

    with one_line("intake.lodge"):
        sent = stage.lodged(cast, uploads=uploads)

    row = queries.by_code(sent.number.lower(), sent.code.lower().replace("-", " "))
    assert [file.sha256 for file in row.files] == [hashlib.sha256(one.path.read_bytes()).hexdigest() for one in uploads]
    assert {path.read_bytes() for path in stage.incoming(home)} == {one.path.read_bytes() for one in uploads}
    assert stage_of(sent) is Stage.RECEIVED and not Item.objects.exists()
    line = Entry.objects.get(act="intake.lodge")
    said = "".join(PrivateValue.objects.filter(entry_uid=line.uid).values_list("value", flat=True))
    person = builders.person(1)
    assert person.name not in said and person.id_number not in said and row.files[0].name not in said
    assert all(file.sha256 in said for file in row.files)


def test_the_code_is_kept_nowhere_and_opens_its_own_declaration_only(cast: Cast) -> None:
    one, other = stage.lodged(cast, 900), stage.lodged(cast, 920)

    row = Declaration.objects.get(uid=one.uid)
    assert one.code not in str(row.__dict__) and one.code.replace("-", "") not in str(row.__dict__)
    for number, code in ((one.number, other.code), ("SB20260101-00000000", one.code), (one.number, ""), ("", "")):
        with refused("I-101"):
            queries.by_code(number, code)


@pytest.mark.acceptance("S0-R6", "S0-W1", "S0-W11", "S4-W1")
def test_accepting_registers_and_captures_in_one_deed(cast: Cast, home: Path) -> None:
    sent = stage.lodged(cast)

    with one_line("intake.admit"):
        urn = admitted(cast, sent)

    row = queries.by_code(sent.number, sent.code)
    item = Item.objects.get(urn=urn)
    assert (item.acceptance_no, item.state, item.route) == ("SL-SB-1", State.COLLECTING, Route.TARGET)
    components = builders.components_of(urn)
    assert [(one.material_code, one.sha256) for one in components] == [(one.material, one.sha256) for one in row.files]
    for one in components:
        with repository.open_verified(urn, one.sha512) as stream:
            assert hashlib.sha512(stream.read()).hexdigest() == one.sha512
    assert dict(FieldOrigin.objects.filter(urn=urn).values_list("field", "origin")) == dict.fromkeys(
        ("title", "formed_date", "paper_pages", "person_name", "person_id"), "TAKEN"
    )
    assert business_cases.retyping(["BH"], since=cast.clock.at - dt.timedelta(days=1)) == (0, 1)
    line = Entry.objects.get(act="intake.admit")
    said = journal.values_of([line.uid])[line.uid]
    assert said["described_by"][1] == f"申报 {sent.number}" and said["person_1"][1].endswith(
        builders.person(1).id_number
    )
    assert stage_of(sent) is Stage.ADMITTED


def test_an_accepted_declaration_walks_on_to_its_certificate_and_its_sender_sees_how_far(cast: Cast) -> None:
    sent = stage.lodged(cast)
    urn = admitted(cast, sent)
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    himself = both_posts(cast)
    with refused("L-005"):  # who accepted it handled it
        review.pass_item(occasion=himself, urn=urn)
    review.pass_item(occasion=builders.look_through(cast, Post.REVIEWER, urn), urn=urn)
    walk = builders.Walked((urn,), volume_urn=builders.filed(cast, urn))
    assert stage_of(sent) is Stage.ADMITTED

    for state in builders.WAY:
        builders.step_to(cast, state, walk)
        assert stage_of(sent) is (Stage.ARCHIVED if state is State.HELD else Stage.ON_FILE)
    number = builders.requested(cast, builders.person(1), urn)
    certificates.issue(occasion=cast.occasion(Post.READING_DESK), certificate_no=number)
    assert verdict(number) is Verdict.VALID and "intake.admit" in evidence_of(number)


def both_posts(cast: Cast) -> Occasion:
    staff_code = cast.actor(Post.HANDLER).staff_code
    cast.promote(staff_code, Post.REVIEWER, "BH")
    return cast.occasion_of(staff_code)


def test_what_a_handler_changes_is_counted_as_changed(cast: Cast) -> None:
    urn = admitted(cast, stage.lodged(cast), title="王某参保登记", route=Route.SINGLE_SET)

    assert dict(FieldOrigin.objects.filter(urn=urn).values_list("field", "origin"))["title"] == "CHANGED"
    assert Item.objects.get(urn=urn).route == Route.SINGLE_SET


def test_the_acceptance_number_of_another_case_is_refused_and_the_declaration_still_waits(cast: Cast) -> None:
    builders.register(cast, "SL-SB-1", persons=(builders.person(5),))
    sent = stage.lodged(cast)

    with refused("I-001"):
        admitted(cast, sent)

    assert admitted(cast, sent, "SL-SB-2")


def test_of_two_handlers_the_second_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = stage.lodged(cast)
    colleague = cast.hire("colleague", Post.HANDLER, "BH")
    between(
        monkeypatch,
        deeds,
        "_deposited",
        lambda: deeds.send_back(occasion=cast.occasion_of(colleague), uid=sent.uid, reasons={"ID_CARD": "看不清"}),
    )

    with pytest.raises(Refusal) as caught:
        admitted(cast, sent)

    assert caught.value.code == "I-106" and not Item.objects.exists()
    assert stage_of(sent) is Stage.RETURNED
    for late in (lambda: admitted(cast, sent), lambda: returned(cast, sent)):
        with refused("I-106"):
            late()


def test_another_office_and_another_post_neither_see_nor_judge(cast: Cast) -> None:
    sent = stage.lodged(cast)
    cast.found_elsewhere()
    stranger = cast.hire("hx-h", Post.HANDLER, "HX")

    for occasion in (cast.occasion_of(stranger), cast.occasion(Post.REVIEWER), cast.occasion(Post.SYSTEM_ADMIN)):
        assert queries.waiting(occasion.actor) == [] and queries.count_waiting(occasion.actor) == 0
        with refused("R-009"):
            deeds.send_back(occasion=occasion, uid=sent.uid, reasons={"ID_CARD": "x"})
        with refused("R-009"):
            deeds.admit(occasion=occasion, uid=sent.uid, registration=confirmed(sent))


@pytest.mark.acceptance("S0-R6")
def test_what_is_returned_is_sent_anew_and_nothing_else(cast: Cast, home: Path) -> None:
    sent = stage.lodged(cast)
    before = {file.material: file for file in queries.by_code(sent.number, sent.code).files}
    with one_line("intake.send_back"):
        returned(cast, sent)
    row = queries.by_code(sent.number, sent.code)
    assert (row.returned, row.note, stage_of(sent)) == ({"ID_CARD": "反面没有拍"}, "请尽快", Stage.RETURNED)
    with refused("I-108"):
        deeds.lodge_again(occasion=stage.at_home(cast), **sent.key, uploads=stage.uploads(930))
    with refused("I-108"):
        deeds.lodge_again(occasion=stage.at_home(cast), **sent.key, uploads=stage.uploads(930, ["MAIN_FORM"]))

    with one_line("intake.lodge_again"):
        deeds.lodge_again(occasion=stage.at_home(cast), **sent.key, uploads=stage.uploads(930, ["ID_CARD"]))

    row = queries.by_code(sent.number, sent.code)
    after = {file.material: file for file in row.files}
    assert after["MAIN_FORM"] == before["MAIN_FORM"] and after["ID_CARD"].sha256 != before["ID_CARD"].sha256
    assert (row.round, row.returned, stage_of(sent)) == (2, {}, Stage.RECEIVED)
    assert len(stage.incoming(home)) == 2  # the replaced page is gone
    with refused("I-106"):
        deeds.lodge_again(occasion=stage.at_home(cast), **sent.key, uploads=stage.uploads(940, ["ID_CARD"]))
    assert [one.sha256 for one in builders.components_of(admitted(cast, sent))] == [one.sha256 for one in row.files]


def test_a_return_says_why_and_of_a_material_on_the_list(cast: Cast) -> None:
    sent = stage.lodged(cast)

    for reasons, code in (({}, "I-107"), ({"ID_CARD": "  "}, "I-107"), ({"NONE": "x"}, "H-005")):
        with refused(code):
            deeds.send_back(occasion=cast.occasion(Post.HANDLER), uid=sent.uid, reasons=reasons)


def test_what_is_not_whole_or_not_allowed_is_not_received(
    cast: Cast, home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = builders.upload("MAIN_FORM", seed=950)
    text = builders.upload("ID_CARD", octets=b"name;number\n", name="list.txt")
    broken = builders.upload("ID_CARD", octets=builders.jpeg(5)[:800])
    tries = {
        "I-105": stage.uploads(950, ["MAIN_FORM"]),
        "I-104": [],
        "I-109": [same, builders.upload("ID_CARD", octets=same.path.read_bytes())],
        "I-110": [same, text],
        "H-005": stage.uploads(950, ["MAIN_FORM", "NONE"]),
        "M-003": [same, broken],
    }
    for code, uploads in tries.items():
        with refused(code):
            lodge(cast, uploads)
    with refused("I-104"):
        lodge(cast, [same] * (MOST_FILES + 1))
    with refused("R-003"):
        lodge(cast, stage.uploads(950), facts=stage.facts(persons=(Person("王某", "999001196402290019"),)))
    with refused("I-006"):
        lodge(cast, stage.uploads(950), facts=stage.facts(persons=()))
    with refused("R-004"):
        lodge(cast, stage.uploads(950), facts=stage.facts(employer=Employer("某公司", "91999001MA")))
    with refused("I-075"):
        lodge(cast, stage.uploads(950), facts=stage.facts(answers={"没问过": True}))
    large = builders.upload("MAIN_FORM", octets=b"")
    with large.path.open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    with refused("I-103"):
        lodge(cast, [large])
    settings.ANJUAN_SUBMIT_STEPS = ("EMPLOYER_REGISTRATION",)
    with refused("I-100"):
        lodge(cast, stage.uploads(950))
    settings.ANJUAN_SUBMIT_STEPS, settings.ANJUAN_SUBMIT_AGENCIES = ("*",), ()
    with refused("I-100"):
        lodge(cast, stage.uploads(950))
    settings.ANJUAN_SUBMIT_AGENCIES = ("BH",)
    monkeypatch.setattr(disk, "free_bytes", lambda: 1000)
    with refused("I-112"):
        lodge(cast, stage.uploads(950))
    assert stage.incoming(home) == []


def lodge(cast: Cast, uploads: list[intake.Upload], *, facts: queries.Facts | None = None) -> deeds.Lodged:
    return deeds.lodge(
        occasion=stage.at_home(cast),
        agency_code="BH",
        step_code=stage.STEP,
        facts=facts or stage.facts(),
        uploads=uploads,
        ticket="t",
    )


@pytest.mark.acceptance("S0-C7")
def test_a_malicious_file_from_outside_goes_into_quarantine(cast: Cast, scanner: Scanner, home: Path) -> None:
    with refused("M-020"):
        lodge(cast, [builders.upload("MAIN_FORM", octets=infected()), *stage.uploads(950, ["ID_CARD"])])

    (row,) = screening.aside(cast.actor(Post.HANDLER))
    assert (row.door, row.sender_code, row.agency_code) == (Door.OUTSIDE, "APPLICANT", "BH")
    scanner.manner = "gone"
    with refused("M-021"):  # nothing is held for a stranger: he sends it again
        lodge(cast, stage.uploads(950))
    assert stage.incoming(home) == [] and len(screening.aside(cast.actor(Post.HANDLER))) == 1


def test_a_form_that_is_sent_twice_is_one_declaration(cast: Cast) -> None:
    sent = stage.lodged(cast, ticket="the same")

    with refused("I-114"):
        stage.lodged(cast, 990, ticket="the same")
    assert [one.uid for one in queries.waiting(cast.actor(Post.HANDLER))] == [sent.uid]


def test_of_a_form_that_is_sent_twice_at_once_the_second_is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, deeds, "_measured", lambda: stage.lodged(cast, 990, ticket="the same"))

    with pytest.raises(Refusal) as caught:
        stage.lodged(cast, 900, ticket="the same")

    assert caught.value.code == "I-114" and Declaration.objects.count() == 1


def test_bytes_that_changed_in_the_spool_are_not_captured(cast: Cast, home: Path) -> None:
    sent = stage.lodged(cast)
    stage.incoming(home)[0].write_bytes(builders.jpeg(4))

    with refused("I-113"):
        admitted(cast, sent)

    stage.incoming(home)[0].unlink()
    with refused("I-113"):
        admitted(cast, sent)


def test_equal_bytes_that_lie_in_a_record_are_noticed_before_and_after(cast: Cast) -> None:
    known = builders.register(cast, "SL-OLD")
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=known, uploads=[builders.upload("MAIN_FORM", seed=900)])
    sent = stage.lodged(cast, 900)

    elsewhere = queries.lying_elsewhere(cast.actor(Post.HANDLER), queries.by_code(sent.number, sent.code).files)
    assert [row.acceptance_no for row in elsewhere.values()] == ["SL-OLD"]
    urn = admitted(cast, sent)
    (twin,) = likeness.twins(cast.actor(Post.HANDLER), urn, records.components_of([urn])[urn])
    assert twin.is_exact and twin.reference == "SL-OLD"


# Clearing ------------------------------------------------------------------------------------------------------------

MONTH = dt.timedelta(days=31)


def test_what_was_never_accepted_is_cleared_with_its_particulars_and_says_so(cast: Cast, home: Path) -> None:
    old, young, back = stage.lodged(cast, 900), stage.lodged(cast, 920), stage.lodged(cast, 940)
    returned(cast, back)
    Declaration.objects.filter(uid__in=(old.uid, back.uid)).update(moved_at=timezone.now() - MONTH)
    Declaration.objects.filter(uid=young.uid).update(moved_at=timezone.now())

    assert tasks.clear_spent() == 2

    assert {path.parent.name for path in stage.incoming(home)} == {young.uid}
    row = queries.by_code(old.number, old.code)
    assert (row.facts, row.files, stage_of(old), stage_of(young)) == (None, (), Stage.CLEARED, Stage.RECEIVED)
    assert Entry.objects.filter(act="intake.clear_delivery", unit=f"declaration:{old.uid}").count() == 1
    assert builders.person(1).name not in str(Declaration.objects.get(uid=old.uid).__dict__)
    with refused("I-111"):
        returned(cast, old)
    with refused("I-111"):
        queries.registration_of(row)
    with refused("I-111"):
        deeds.lodge_again(occasion=stage.at_home(cast), **back.key, uploads=stage.uploads(960, ["ID_CARD"]))
    assert tasks.clear_spent() == 0


def test_an_accepted_one_is_cleared_from_the_spool_and_goes_on_to_tell_its_progress(cast: Cast, home: Path) -> None:
    sent = stage.lodged(cast)
    urn = admitted(cast, sent)
    Declaration.objects.update(moved_at=timezone.now() - MONTH)

    assert tasks.clear_spent() == 1

    assert stage.incoming(home) == [] and stage_of(sent) is Stage.ADMITTED
    assert len(builders.components_of(urn)) == 2


def test_one_that_moves_while_it_is_being_cleared_stays(cast: Cast) -> None:
    sent = stage.lodged(cast)
    Declaration.objects.update(moved_at=timezone.now() - MONTH)
    (one,) = spent.spent(timezone.now() - dt.timedelta(days=30))
    returned(cast, sent)

    with refused("L-001"):
        clearing.clear_delivery(occasion=cast.occasion(Post.HANDLER), spent=one)


# Killed in between ---------------------------------------------------------------------------------------------------


def test_killed_between_bytes_and_row_nothing_was_received_and_the_bytes_go(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(spool, "lay_beside", killed_after(spool.lay_beside))
        stage.lodged(cast)

    assert not Declaration.objects.exists() and len(stage.incoming(home)) == 2
    left = spent.leftovers(timezone.now() + dt.timedelta(days=1))
    assert [path.parent.name for path in left] == ["declarations"]


def test_killed_while_it_is_sent_anew_it_still_waits_for_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = stage.lodged(cast)
    returned(cast, sent)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(spool, "lay_beside", killed_after(spool.lay_beside))
        deeds.lodge_again(occasion=stage.at_home(cast), **sent.key, uploads=stage.uploads(930, ["ID_CARD"]))

    assert stage_of(sent) is Stage.RETURNED
    deeds.lodge_again(occasion=stage.at_home(cast), **sent.key, uploads=stage.uploads(930, ["ID_CARD"]))
    assert len(builders.components_of(admitted(cast, sent))) == 2


def test_killed_between_store_and_rows_it_still_waits_and_is_accepted_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = stage.lodged(cast)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(deeds, "_deposited", killed_after(deeds._deposited))
        admitted(cast, sent)

    assert stage_of(sent) is Stage.RECEIVED and not Item.objects.exists()
    assert len(builders.components_of(admitted(cast, sent))) == 2


def killed_after(step: object) -> object:
    def die(*given: object, **named: object) -> object:
        step(*given, **named)  # type: ignore[operator]
        raise KeyboardInterrupt

    return die
