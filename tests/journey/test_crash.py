"""The process dies after its n-th operation; the walk goes on and nothing acknowledged is lost or doubled (ask 18).

`make torture` tries every operation. Here a spread is tried, always the same: the operations after which something
new can be seen by others (a commit, a rename, a link), thinned to what a minute allows. Each test says how many of how
many were tried, and claims no more.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tools import engines

from tests.journey import commands
from tests.journey.torture import Torture

VISIBLE = {"commit", "replace", "rename", "link"}


def each(step: int) -> Callable[[Sequence[str]], list[int]]:
    """Each step-th of the operations after which others can see something new."""

    def choose(operations: Sequence[str]) -> list[int]:
        return [number for number, kind in enumerate(operations, 1) if kind in VISIBLE][::step]

    return choose


@pytest.fixture(scope="module")
def torture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Torture]:
    lanes = Torture(tmp_path_factory.mktemp("torture"))
    yield lanes
    lanes.close()


@pytest.mark.parametrize(("walk", "step"), [("journey", 5), ("batch", 3), ("founding", 13), ("migration", 40)])
def test_what_was_cut_off_goes_on_and_ends_as_if_nothing_had_happened(torture: Torture, walk: str, step: int) -> None:
    tally = torture.kill(walk, each(step))

    print(tally)
    assert tally.failures == []
    assert tally.kills == tally.tried > 1


def test_the_same_is_true_on_postgresql(tmp_path: Path) -> None:
    address, _ = engines.answering()
    if not address:
        assert os.environ.get("CI") != "true", "PostgreSQL does not answer"
        pytest.skip("PostgreSQL not reachable, not covered")
    torture = Torture(tmp_path, admin=address)
    try:
        tallies = [torture.kill("journey", each(12)), torture.kill("batch", each(8))]
    finally:
        torture.close()

    print(*tallies, sep="\n")
    assert [tally.failures for tally in tallies] == [[], []]
    assert all(tally.kills == tally.tried > 1 for tally in tallies)


def test_the_process_kills_itself_where_it_was_told_to(tmp_path: Path) -> None:
    outcome = commands.run(tmp_path, "doctor", "--json", ANJUAN_CRASH_AFTER="40")

    assert outcome.returncode == -9
    assert outcome.stdout == ""
    assert commands.run(tmp_path, "doctor").returncode in (0, 1)  # an office without keys is not well, but it answers


def test_the_operations_of_a_run_can_be_counted_without_killing_it(tmp_path: Path) -> None:
    outcome = commands.run(tmp_path, "doctor", "--json", ANJUAN_CRASH_COUNT="1")

    assert json.loads(outcome.stdout)
    assert outcome.stderr.startswith("operations: ")
    assert "commit" in outcome.stderr


def test_no_crash_is_rehearsed_in_a_real_archive(tmp_path: Path) -> None:
    outcome = commands.run(tmp_path, "doctor", ANJUAN_CRASH_AFTER="1", ANJUAN_PRACTICE="0")

    assert outcome.returncode == 1
    assert "E-007" in outcome.stderr
