"""The example of the handbook is run as it is printed, against a served archive."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests import builders
from tests.architecture.source import ROOT
from tests.desk.batch_stage import case
from tests.journey import commands


def example() -> str:
    """The Python program of the page."""
    page = (ROOT / "docs/how-to/send-batches.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    return str(program)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    home = tmp_path / "home"
    with commands.served(home, tmp_path / "said") as address:
        yield address, home


class Sender:
    """The example, with a folder of scans to send."""

    def __init__(self, served: tuple[str, Path], folder: Path, cases: list[dict[str, Any]]) -> None:
        address, home = served
        folder.mkdir()
        for place, part in enumerate(file["part"] for one in cases for file in one["files"]):
            (folder / part).write_bytes(builders.jpeg(place + 1))
        (folder / "manifest.json").write_text(json.dumps({"cases": cases}), encoding="utf-8")
        program = folder.with_suffix(".py")
        program.write_text(example(), encoding="utf-8")
        password = (home / "keys" / "practice-password").read_text().strip()
        self.command = [sys.executable, str(program), address, "bh01", str(folder)]
        self.environment = {**os.environ, "ANJUAN_PASSWORD": password, "PYTHONIOENCODING": "utf-8"}

    def run(self) -> list[list[str]]:
        """What it printed: number and answer of each case."""
        done = subprocess.run(
            self.command, env=self.environment, capture_output=True, text=True, timeout=120, check=True
        )
        return [line.split("\t") for line in done.stdout.splitlines()]


def two_page_case(number: int) -> dict[str, Any]:
    return case(f"S-{number}", number, files=[(f"{number}-form.jpg", "MAIN_FORM"), (f"{number}-card.jpg", "ID_CARD")])


def test_the_sender_of_the_handbook_sends_and_can_be_run_again(served: tuple[str, Path], tmp_path: Path) -> None:
    cases = [two_page_case(number) for number in range(1, 61)]
    cases.append(case("S-bad", 99, files=[("bad.jpg", "MAIN_FORM")], persons=[]))
    sender = Sender(served, tmp_path / "scans", cases)

    first, second = sender.run(), sender.run()

    assert [number for number, _ in first] == [one["acceptance_no"] for one in cases]
    assert all(said.startswith("urn:uuid:") for _, said in first[:-1])
    assert first[-1][1].startswith("I-006")
    assert second == first


def test_two_stations_that_send_the_same_folder_at_once_get_the_same_receipts(
    served: tuple[str, Path], tmp_path: Path
) -> None:
    sender = Sender(served, tmp_path / "scans", [two_page_case(number) for number in range(1, 41)])

    with ThreadPoolExecutor(2) as stations:
        one, other = (station.result() for station in [stations.submit(sender.run) for _ in range(2)])

    assert one == other
    assert len({said for _, said in one}) == 40
    assert all(said.startswith("urn:uuid:") for _, said in one)
