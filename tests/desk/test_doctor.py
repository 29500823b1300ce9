"""Health in plain words: what is broken is a line of the report, whatever it is, and never its end."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError

from anjuan.config import doctor
from anjuan.core.terms import State
from anjuan.foundation.ledger import actions as ledger
from anjuan.foundation.ledger import queries as ledger_queries
from tests import builders
from tests.cast import Cast
from tests.journey import commands


@pytest.fixture
def logged(cast: Cast, home: Path) -> Path:
    """The folder of a log with a checkpoint."""
    builders.at_state(cast, State.FILED)
    ledger.catch_up(at=cast.clock.at)
    assert ledger_queries.latest_checkpoint() is not None
    return home / "log"


def report() -> dict[str, doctor.Line]:
    return {line.topic: line for line in doctor.examine()}


def drop_tiles(log: Path) -> None:
    shutil.rmtree(log / "tile")


def drop_state(log: Path) -> None:
    (log / "state").unlink()


def drop_all(log: Path) -> None:
    shutil.rmtree(log)


def garble_state(log: Path) -> None:
    (log / "state").write_text("many")


def test_a_whole_log_is_well(logged: Path) -> None:
    assert report()["log"].is_well


@pytest.mark.parametrize("harm", [drop_tiles, drop_state, drop_all, garble_state])
def test_a_log_that_lacks_a_file_is_one_line_that_says_what_to_do(logged: Path, harm: Callable[[Path], None]) -> None:
    harm(logged)

    found = report()

    assert set(found) == set(TOPICS)
    assert not found["log"].is_well
    assert "安全审计员" in found["log"].zh and "auditor" in found["log"].en
    assert found["database"].is_well and found["keys"].is_well


TOPICS = ["database", "space", "journal", "work", "log", "keys", "store", "copies", "openings", "search", "archives"]


@pytest.mark.parametrize("topic", TOPICS)
def test_each_check_that_breaks_is_a_line_of_its_own_and_quotes_no_row(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, topic: str
) -> None:
    def broken() -> doctor.Line:
        raise DatabaseError("Key (id_number)=(999001197003120020) already exists.")

    monkeypatch.setattr(doctor, f"_{topic}", broken)

    found = report()

    assert len(found) == len(TOPICS)
    assert not found[topic].is_well
    assert found[topic].zh.endswith("（DatabaseError）。")
    assert "99900119" not in found[topic].zh + found[topic].en


def test_a_database_that_does_not_open_ends_in_a_report_and_exit_code_one(tmp_path: Path) -> None:
    (tmp_path / "anjuan.db").write_bytes(b"this is no database" * 400)

    outcome = commands.run(tmp_path, "doctor")

    assert outcome.returncode == 1
    assert "Traceback" not in outcome.stderr
    assert "数据库打不开" in outcome.stdout and "does not open" in outcome.stdout
