"""What may be sent in from outside, how it stands, and how often somebody may try."""

import datetime as dt

import pytest

from anjuan.core.refusals import Refusal
from anjuan.core.terms import State
from anjuan.desks.intake.rules import declarations as rules
from anjuan.desks.intake.rules.declarations import DeclarationStatus, Stage
from anjuan.foundation.web import pace

NOW = dt.datetime(2026, 1, 5, 8, 0, tzinfo=dt.UTC)


def test_a_code_has_no_sign_that_is_taken_for_another_and_is_read_as_people_type_it() -> None:
    code = rules.inquiry_code(bytes(range(16)))

    assert len(code) == 14 and not set(code) & set("01IO")
    assert rules.code_digest("N", code) == rules.code_digest("N", f" {code.lower().replace('-', ' ')} ")
    assert rules.code_digest("N", code) != rules.code_digest("M", code)
    assert len({rules.inquiry_code(n.to_bytes(16, "big")) for n in range(500)}) == 500


def test_a_ticket_of_ones_own_making_is_none() -> None:
    assert rules.is_ticket("0f" * 16)
    assert not [text for text in ("", "x", "0F" * 16, "0f" * 17, "zz" * 16) if rules.is_ticket(text)]


@pytest.mark.parametrize(
    ("status", "cleared", "state", "stage"),
    [
        (DeclarationStatus.RECEIVED, False, None, Stage.RECEIVED),
        (DeclarationStatus.RETURNED, False, None, Stage.RETURNED),
        (DeclarationStatus.RECEIVED, True, None, Stage.CLEARED),
        (DeclarationStatus.RETURNED, True, None, Stage.CLEARED),
        (DeclarationStatus.ADMITTED, False, State.COLLECTING, Stage.ADMITTED),
        (DeclarationStatus.ADMITTED, True, State.IN_REVIEW, Stage.ADMITTED),
        (DeclarationStatus.ADMITTED, True, None, Stage.ADMITTED),
        (DeclarationStatus.ADMITTED, True, State.FILED, Stage.ON_FILE),
        (DeclarationStatus.ADMITTED, True, State.RETURNED, Stage.ON_FILE),
        (DeclarationStatus.ADMITTED, True, State.HELD, Stage.ARCHIVED),
    ],
)
def test_how_far_it_has_come(status: str, cleared: bool, state: State | None, stage: Stage) -> None:
    assert rules.stage(status, is_cleared=cleared, state=state) is stage


def too_often(minutes: int) -> Refusal:
    return Refusal("I-102", minutes=minutes)


def test_so_often_within_a_while_and_then_again() -> None:
    door = pace.Pace(within=dt.timedelta(minutes=15), refusal=too_often)
    for second in range(3):
        door.check("a", at=NOW, most=3)
        door.note("a", at=NOW + dt.timedelta(seconds=second))

    with pytest.raises(Refusal) as caught:
        door.check("a", at=NOW + dt.timedelta(minutes=14), most=3)
    assert caught.value.code == "I-102" and caught.value.params["minutes"] == 15
    door.check("b", at=NOW, most=3)
    door.check("a", at=NOW + dt.timedelta(minutes=15, seconds=1), most=3)


def test_it_holds_no_more_keys_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MOST_KEYS", 2)
    door = pace.Pace(within=dt.timedelta(minutes=1), refusal=too_often)
    for key in ("a", "b"):
        door.note(key, at=NOW)

    with pytest.raises(Refusal):
        door.check("c", at=NOW, most=3)
    door.check("a", at=NOW, most=3)
    door.check("c", at=NOW + dt.timedelta(minutes=2), most=3)
