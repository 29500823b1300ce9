"""The arrows between rooms, held by import-linter."""

import subprocess
import sys

from tests.architecture.source import ROOT, settled

EXPECTED = {
    "strata",
    "bridges",
    "desks",
    "facilities",
    "foundation",
    "inside",
    "pure",
    "doors",
    "checker",
    "verifier",
    "acyclic",
}


def test_every_import_contract_is_kept() -> None:
    # In a process of its own: the linter sets up logging as it likes, and other tests read the log.
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"]

    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert " 0 broken" in outcome.stdout


def test_no_contract_was_dropped_and_none_has_an_exception() -> None:
    contracts = settled()["tool"]["importlinter"]["contracts"]  # type: ignore[index]

    assert {contract["id"] for contract in contracts} >= EXPECTED
    assert not [contract["id"] for contract in contracts if "ignore_imports" in contract]
