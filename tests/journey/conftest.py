"""One walked archive for all tests that only read it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tools import engines

from tests.journey import commands


@pytest.fixture(scope="session")
def walked_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A home in which the shipped sample has been walked once."""
    home = tmp_path_factory.mktemp("walked")
    return home, commands.walked(home)


@pytest.fixture
def own_home(walked_home: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    """A walked archive of one's own: a copy, since walking takes seconds and copying none."""
    return Path(shutil.copytree(walked_home[0], tmp_path / "home", symlinks=True))


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def engine(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """What the environment of a newcomer says of the engine: nothing, or a throw-away database on a PostgreSQL."""
    if request.param == "SQLite":
        yield {}
        return
    address, _ = engines.answering()
    if not address:
        assert os.environ.get("CI") != "true", "PostgreSQL does not answer"
        pytest.skip("PostgreSQL does not answer")
    name = f"anjuan_journey_{os.getpid()}"
    place, _, options = address.partition("?")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        yield {"ANJUAN_DATABASE": f"{place.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")}
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
