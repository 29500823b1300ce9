"""One walked archive for all tests that only read it."""

from pathlib import Path
from typing import Any

import pytest

from tests.journey import commands


@pytest.fixture(scope="session")
def walked_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A home in which the shipped sample has been walked once."""
    home = tmp_path_factory.mktemp("walked")
    return home, commands.walked(home)
