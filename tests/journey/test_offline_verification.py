"""A stranger verifies a certificate with the small program alone."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.journey import commands

Walked = tuple[Path, dict[str, Any]]


def test_a_genuine_certificate_is_valid_with_the_trust_file_and_unknown_without(walked_home: Walked) -> None:
    _, walk = walked_home

    trusted = commands.verify(walk["certificate"], "--trust", walk["trust"])
    alone = commands.verify(walk["certificate"])

    assert trusted.returncode == 0
    assert alone.returncode == 2


def test_any_changed_byte_makes_it_invalid(walked_home: Walked, tmp_path: Path) -> None:
    _, walk = walked_home
    genuine = Path(walk["certificate"]).read_bytes()
    drawn = random.Random(20261121)
    places = [*sorted(drawn.sample(range(len(genuine)), 12)), 0, len(genuine) - 1]

    for place in places:
        changed = bytearray(genuine)
        changed[place] ^= 1 << drawn.randrange(8)
        forged = tmp_path / "forged.pdf"
        forged.write_bytes(changed)

        assert commands.verify(str(forged), "--trust", walk["trust"]).returncode == 1, place


def test_another_archives_trust_file_does_not_vouch_for_it(walked_home: Walked, tmp_path: Path) -> None:
    _, walk = walked_home
    other = commands.walked(tmp_path / "other")

    outcome = commands.verify(walk["certificate"], "--trust", other["trust"])

    assert outcome.returncode == 1


def test_the_evidence_shows_only_the_person_it_was_issued_for(walked_home: Walked) -> None:
    _, walk = walked_home

    outcome = commands.verify(walk["certificate"], "--trust", walk["trust"], "--json")
    evidence = embedded_evidence(Path(walk["certificate"]))

    assert json.loads(outcome.stdout)
    shown = [
        field["value"]
        for entry in evidence["entries"]
        for name, field in entry["disclosed"].items()
        if name.startswith("person_")
    ]
    assert shown
    assert set(shown) == {evidence["facts"]["subject"]}


def embedded_evidence(certificate: Path) -> dict[str, Any]:
    import pikepdf

    with pikepdf.open(certificate) as pdf:
        found: dict[str, Any] = json.loads(pdf.attachments["evidence.json"].get_file().read_bytes())
    return found


@pytest.mark.parametrize("flag", ["-I"])
def test_the_verifier_runs_as_one_file_without_the_archive_installed(
    walked_home: Walked, tmp_path: Path, flag: str
) -> None:
    from anjuan_verify import build

    _, walk = walked_home
    program = tmp_path / "anjuan-verify.pyz"
    build.build(program, trust=Path(walk["trust"]))

    outcome = subprocess.run(
        [sys.executable, flag, "-S", str(program), walk["certificate"]],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.returncode == 0, outcome.stdout
