"""Business systems: cases that file themselves, conflicts that are kept, completed business held against records."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Duty, Post, State
from anjuan.desks.intake import actions as counter
from anjuan.desks.intake import tasks
from anjuan.desks.intake.actions import conflicts
from anjuan.desks.intake.queries import business_cases as queries
from anjuan.facilities.business.queries import reconciliation
from anjuan.facilities.business.queries.reconciliation import Gap
from anjuan.foundation.journal import queries as journal
from anjuan.records.models import Participation
from tests import builders
from tests.builders import completed, electronic, one_line, refused
from tests.cast import Cast
from tests.desk.batch_stage import case, pages, station

# Cases that file themselves ------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S0-W10", "S0-W12", "S1-W7")
def test_a_completed_single_set_files_itself_in_the_name_of_who_took_it_in(cast: Cast) -> None:
    urn = electronic(cast)
    assert tasks.file_completed() == 0
    completed(cast)

    with one_line("intake.close"):
        assert tasks.file_completed() == 1

    assert builders.states(urn) == {State.REVIEWED}
    line = next(one for one in journal.story_of(urn) if one.act == "intake.close")
    assert (line.values["automatic"], line.staff_code) == ("办结自动归档", "bh01")
    assert tasks.file_completed() == 0


def test_a_case_that_cannot_file_itself_says_why_once_and_goes_on_when_it_is_mended(cast: Cast) -> None:
    urn = electronic(cast, signed=False)
    completed(cast)

    with one_line("intake.note_unfiled"):
        assert tasks.file_completed() == 0
    assert tasks.file_completed() == 0  # nothing has changed: it is not tried again and again

    (row,) = queries.unfiled(cast.actor(Post.HANDLER))
    assert (row.urn, row.refusal.code) == (urn, "Z-001")
    assert len(queries.to_file(at=cast.clock.at + dt.timedelta(days=2))) == 1
    completed(cast)  # the business system states it anew
    assert [one.urn for one in queries.to_file(at=cast.clock.at)] == [urn]


def test_pages_that_are_not_as_declared_do_not_file(cast: Cast) -> None:
    electronic(cast)
    completed(cast, declared_pages=5)

    tasks.file_completed()

    assert len(queries.unfiled(cast.actor(Post.HANDLER))) == 1


def test_a_case_without_a_handler_of_today_is_noted_and_keeps_none_of_the_others_away(cast: Cast) -> None:
    first, second = electronic(cast), electronic(cast, "WS-002")
    for one in ("WS-001", "WS-002"):
        completed(cast, one)
    parts = Participation.objects.filter(unit=first, duty=Duty.HANDLED)
    parts.update(staff_code=cast.actor(Post.REVIEWER).staff_code)  # who has changed post

    assert tasks.file_completed() == 1

    assert builders.states(second) == {State.REVIEWED}
    (row,) = queries.unfiled(cast.actor(Post.HANDLER))
    assert (row.urn, row.refusal.code) == (first, "A-001")
    assert next(one for one in journal.story_of(first) if one.act == "intake.note_unfiled").staff_code == "WORKER"


def test_why_a_case_did_not_file_is_noted_of_a_case_alone(cast: Cast) -> None:
    with refused("R-009"):
        conflicts.note_unfiled(
            occasion=cast.occasion(Post.HANDLER), urn="urn:uuid:none", seen="x", refusal=Refusal("I-017")
        )


def test_of_those_who_took_it_in_a_handler_files_and_no_assistant(cast: Cast) -> None:
    urn = electronic(cast)
    completed(cast)
    helper = cast.hire("aa01", Post.ASSISTANT, "BH")
    Participation.objects.create(unit=urn, duty=Duty.HANDLED, staff_code=helper, at=cast.clock.at)

    assert tasks.file_completed() == 1

    assert next(one for one in journal.story_of(urn) if one.act == "intake.close").staff_code == "bh01"


def test_a_case_at_which_the_program_fails_keeps_none_of_the_others_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = electronic(cast), electronic(cast, "WS-002")
    for one in ("WS-001", "WS-002"):
        completed(cast, one)
    close = counter.close

    def stumbling(*, urn: str, **more: Any) -> Any:
        if urn == first:
            raise KeyError(urn)
        return close(urn=urn, **more)

    monkeypatch.setattr(counter, "close", stumbling)

    assert tasks.file_completed() == 1

    assert builders.states(second) == {State.REVIEWED}
    assert [row.refusal.code for row in queries.unfiled(cast.actor(Post.HANDLER))] == ["Y-006"]


# Conflicts -----------------------------------------------------------------------------------------------------------


def test_a_case_sent_again_with_other_bytes_is_kept_as_a_conflict_once(cast: Cast) -> None:
    first = case("P-1", 1)
    sender = station()
    sender.send([first], pages(first))
    other = pages(first, seed=2)

    for _ in range(3):
        answers = sender.send([dict(first, paper_pages=3)], other)

    assert answers[0]["refused"]["code"] == "I-013"
    (row,) = queries.conflicts(cast.actor(Post.HANDLER))
    assert (row.acceptance_no, row.differs) == ("P-1", ("paper_pages",))
    assert [file.is_known for file in row.files] == [False, False]
    assert queries.sent_file(row, 1).read_bytes() == other["P-1-MAIN_FORM"]
    with one_line("intake.settle_conflict"):
        conflicts.settle_conflict(occasion=cast.occasion(Post.HANDLER), uid=row.uid, note="以先送的为准")
    with refused("I-070"):
        conflicts.settle_conflict(occasion=cast.occasion(Post.HANDLER), uid=row.uid, note="再来")
    assert not queries.conflicts(cast.actor(Post.HANDLER))
    assert len(queries.conflicts(cast.actor(Post.HANDLER), settled=True)) == 1


def test_a_sending_without_a_record_leaves_no_conflict(cast: Cast) -> None:
    kept = conflicts.keep_conflict(
        occasion=cast.occasion(Post.HANDLER),
        agency_code="BH",
        registration=builders.registration("NONE"),
        sent_digest="0" * 64,
        uploads=[],
    )
    assert kept == ""


# Reconciliation ------------------------------------------------------------------------------------------------------


def stand(cast: Cast) -> dict[Gap, list[str]]:
    actor = cast.actor(Post.HANDLER)
    return {gap: [row.number for row in reconciliation.listed(actor, gap)] for gap in Gap}


@pytest.mark.acceptance("S4-C1")
def test_completed_business_is_held_against_the_records_both_ways(cast: Cast) -> None:
    completed(cast, "LOST")
    electronic(cast, "WAITS")
    completed(cast, "WAITS")
    completed(cast, "WAITS")  # stated twice: one case
    builders.register(cast, "PAPER", persons=(builders.person(5),))
    completed(cast, "PAPER")
    builders.register(cast, "ALONE", persons=(builders.person(6),))
    builders.sealed(cast, "DONE")
    completed(cast, "DONE")

    assert stand(cast) == {
        Gap.NO_RECORD: ["LOST"],
        Gap.NOT_FILED: ["WAITS", "PAPER"],
        Gap.NO_BUSINESS: ["ALONE"],
    }
    counts = {(one.gap, one.count) for one in reconciliation.counts(cast.actor(Post.HANDLER))}
    assert counts == {(Gap.NO_RECORD, 1), (Gap.NOT_FILED, 2), (Gap.NO_BUSINESS, 1)}
    tasks.file_completed()
    assert stand(cast)[Gap.NOT_FILED] == ["PAPER"]
    assert [row.number for row in reconciliation.every(cast.actor(Post.HANDLER), Gap.NO_RECORD)] == ["LOST"]


def test_the_pages_of_the_business_systems(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    first = case("P-1", 1)
    station().send([first], pages(first))
    station().send([first], pages(first, seed=2))
    completed(cast, "=cmd()")
    electronic(cast, signed=False)
    completed(cast)
    tasks.file_completed()
    client = cast.client(Post.HANDLER)

    text = client.get("/intake/business/").content.decode().replace("<wbr>", "")

    assert "P-1" in text and "Z-001" in text and "WS-001" in text
    listed = client.get("/intake/business/gaps/NO_RECORD/?agency=BH")
    assert "=cmd()" in listed.content.decode()
    export: Any = client.get("/intake/business/gaps/NO_RECORD/?as=csv")
    assert "'=cmd()" in b"".join(export.streaming_content).decode()
    (row,) = queries.conflicts(cast.actor(Post.HANDLER))
    assert "P-1" in client.get(f"/intake/business/conflicts/{row.uid}/").content.decode()
    saved: Any = client.get(f"/intake/business/conflicts/{row.uid}/1/")
    assert b"".join(saved.streaming_content).startswith(b"\xff\xd8") and "attachment" in saved["Content-Disposition"]
    assert client.get(f"/intake/business/conflicts/{row.uid}/9/").status_code == 404
    assert client.post(f"/intake/business/conflicts/{row.uid}/settle/", {"note": " "}).status_code == 422
    assert client.post(f"/intake/business/conflicts/{row.uid}/settle/", {"note": "以先送的为准"}).status_code == 302
    assert "以先送的为准" in client.get(f"/intake/business/conflicts/{row.uid}/").content.decode()
    assert client.get("/intake/business/gaps/NOTHING/").status_code == 404
    stranger = outsider(Post.HANDLER)
    assert stranger.get(f"/intake/business/conflicts/{row.uid}/").status_code == 404
    assert "=cmd()" not in stranger.get("/intake/business/gaps/NO_RECORD/").content.decode()
    assert cast.client(Post.SUPERVISOR).get("/intake/business/").status_code == 200
    assert cast.client(Post.REVIEWER).get("/intake/business/").status_code == 403


def test_a_program_reads_the_same(cast: Cast) -> None:
    first = case("P-1", 1)
    station().send([first], pages(first))
    station().send([first], pages(first, seed=2))
    completed(cast, "LOST")
    program = cast.program("bh01")

    (conflict,) = program.get("/api/v1/intake/conflicts").json()
    settle = f"/api/v1/intake/conflicts/{conflict['uid']}/settle"
    assert program.post(settle, json.dumps({"note": "好"}), content_type="application/json").status_code == 204
    assert {one["gap"]: one["count"] for one in program.get("/api/v1/intake/gaps").json()}["NO_RECORD"] == 1
    assert [one["number"] for one in program.get("/api/v1/intake/gaps/NO_RECORD").json()] == ["LOST"]
    assert program.get("/api/v1/intake/gaps/X").status_code == 404
    assert program.get("/api/v1/intake/unfiled").json() == []


def test_typing_is_told_from_taking_over(cast: Cast) -> None:
    first = case("P-1", 1)
    station().send([first], pages(first))
    builders.register(cast, "T-1", persons=(builders.person(5),))

    assert queries.retyping(["BH"], since=cast.clock.at - dt.timedelta(days=2)) == (1, 1)
    assert queries.retyping(["HX"], since=cast.clock.at - dt.timedelta(days=2)) == (0, 0)
