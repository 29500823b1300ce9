"""What the business system delivers: kept once, never changed, whole or not at all."""

import dataclasses
import datetime as dt

from anjuan.core.terms import Post
from anjuan.facilities.business import actions, queries
from anjuan.facilities.business.rules import MOST_AT_ONCE, StatedCompletion, StatedFact
from tests import builders
from tests.builders import one_line, refused
from tests.cast import Cast


def fact(cast: Cast, serial: str = "F-1", **other: object) -> StatedFact:
    stated = StatedFact(serial, "CONTRIBUTION", builders.number(1), "PENSION", "2024-03", 80_000, cast.clock.at)
    return dataclasses.replace(stated, **other)  # type: ignore[arg-type]


def completion(cast: Cast, **other: object) -> StatedCompletion:
    at = cast.clock.at
    stated = StatedCompletion("BH", "WS-1", "PERSON_REGISTRATION", "甲", "乙", 2, at, at)
    return dataclasses.replace(stated, **other)  # type: ignore[arg-type]


def test_facts_are_kept_once_however_often_they_are_delivered(cast: Cast) -> None:
    stated = [fact(cast, "F-1"), fact(cast, "F-2", period="2024-04")]

    with one_line("business.take_facts"):
        first = actions.take_facts(occasion=cast.occasion(Post.INTERFACE), source="YW", stated=stated)
    again = actions.take_facts(occasion=cast.occasion(Post.INTERFACE), source="YW", stated=stated)

    assert (first.new, first.known, again.new, again.known) == (2, 0, 0, 2)
    assert [row.period for row in queries.facts_of(builders.number(1))] == ["2024-03", "2024-04"]


def test_a_correction_is_a_new_statement_and_the_old_one_stays(cast: Cast) -> None:
    before = fact(cast)
    actions.take_facts(occasion=cast.occasion(Post.INTERFACE), source="YW", stated=[before])

    with refused("D-003"):
        changed = dataclasses.replace(before, value_fen=1)
        actions.take_facts(occasion=cast.occasion(Post.INTERFACE), source="YW", stated=[changed])
    later = dataclasses.replace(before, value_fen=1, as_of=before.as_of + dt.timedelta(seconds=1))
    actions.take_facts(occasion=cast.occasion(Post.INTERFACE), source="YW", stated=[later])

    assert [row.value_fen for row in queries.facts_of(builders.number(1), kind="CONTRIBUTION")] == [1]
    assert queries.counts() == (2, 0)


def test_a_delivery_is_taken_whole_or_not_at_all(cast: Cast) -> None:
    interface = cast.occasion(Post.INTERFACE)

    with refused("D-001"):
        actions.take_facts(occasion=interface, source="YW", stated=[])
    with refused("D-001"):
        many = [fact(cast, f"F-{n}") for n in range(MOST_AT_ONCE + 1)]
        actions.take_facts(occasion=interface, source="YW", stated=many)
    wrong: list[dict[str, object]] = [
        {"source_serial": " "},
        {"kind": "GIFT"},
        {"period": "2024-13"},
        {"insurance_line": "PETS"},
        {"holder_number": "123"},
        {"value_fen": 10**15},
        {"as_of": interface.at + dt.timedelta(days=1)},
    ]
    for row in wrong:
        with refused("D-002"):
            actions.take_facts(occasion=interface, source="YW", stated=[fact(cast), fact(cast, "F-2", **row)])


def test_completions_are_the_interfaces_to_deliver(cast: Cast) -> None:
    with refused("A-001"):
        actions.take_completions(occasion=cast.occasion(Post.HANDLER), source="YW", stated=[completion(cast)])
    with refused("A-001"):
        actions.take_facts(occasion=cast.occasion(Post.SYSTEM_ADMIN), source="YW", stated=[fact(cast)])
    with refused("R-009"):
        elsewhere = completion(cast, agency_code="XX")
        actions.take_completions(occasion=cast.occasion(Post.INTERFACE), source="YW", stated=[elsewhere])
    with one_line("business.take_completions"):
        taken = actions.take_completions(occasion=cast.occasion(Post.INTERFACE), source="YW", stated=[completion(cast)])

    kept = queries.completion_of("BH", "WS-1")
    assert taken.new == 1 and kept is not None and (kept.handled_by, kept.reviewed_by) == ("甲", "乙")


def test_a_completion_names_two_people_and_says_when(cast: Cast) -> None:
    interface = cast.occasion(Post.INTERFACE)
    wrong: list[dict[str, object]] = [
        {"serial": ""},
        {"reviewed_by": ""},
        {"reviewed_by": "甲"},
        {"declared_pages": 0},
        {"completed_at": interface.at + dt.timedelta(days=1)},
    ]

    for row in wrong:
        with refused("D-002"):
            actions.take_completions(occasion=interface, source="YW", stated=[completion(cast, **row)])
    actions.take_completions(occasion=interface, source="YW", stated=[completion(cast)])
    with refused("D-003"):
        changed = completion(cast, declared_pages=9)
        same_time = queries.completion_of("BH", "WS-1")
        assert same_time is not None
        actions.take_completions(
            occasion=interface, source="YW", stated=[dataclasses.replace(changed, as_of=same_time.as_of)]
        )
