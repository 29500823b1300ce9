"""The arrows between rooms, held by import-linter."""

import importlinter.cli
from click.testing import CliRunner

from tests.architecture.source import settled

EXPECTED = {"strata", "desks", "facilities", "foundation", "inside", "pure", "doors", "checker", "verifier", "acyclic"}


def test_every_import_contract_is_kept() -> None:
    outcome = CliRunner().invoke(importlinter.cli.lint_imports_command, ["--no-cache"])

    assert outcome.exit_code == 0, outcome.output
    assert " 0 broken" in outcome.output


def test_no_contract_was_dropped_and_none_has_an_exception() -> None:
    contracts = settled()["tool"]["importlinter"]["contracts"]  # type: ignore[index]

    assert {contract["id"] for contract in contracts} >= EXPECTED
    assert not [contract["id"] for contract in contracts if "ignore_imports" in contract]
