"""The main job in one command: scans in a folder, a verified certificate out."""

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from anjuan.core.terms import Post
from anjuan.demo.journey import SAMPLE
from tests.journey import commands

Walked = tuple[Path, dict[str, Any]]


@pytest.mark.acceptance(
    "S0-W1", "S0-W2", "S0-W3", "S0-W4", "S0-W5", "S0-W6", "S0-W7", "S0-W8", "S0-W9", "S3-W11", "S3-W12", "S3-W13"
)
@pytest.mark.acceptance("S3-W14", "S3-W15", "S3-W16", "S3-W17", "S3-W18", "S3-W19", "S4-W1")
def test_the_sample_walks_from_the_counter_to_a_verified_certificate(walked_home: Walked) -> None:
    _, walk = walked_home

    assert walk["result"] == "verified"
    assert len(walk["steps"]) >= 10
    posts = {step["post"] for step in walk["steps"]}
    wanted = {post.value for post in Post} - {
        "SYSTEM_ADMIN",
        "SECURITY_OFFICER",
        "AUDITOR",
        "PROCESSOR",
        "INTERFACE",
        "ASSISTANT",
    }
    assert posts == wanted
    assert all(step["name"] and step["seconds"] >= 0 for step in walk["steps"])
    assert Path(walk["certificate"]).stat().st_size > 10_000


def test_the_sample_walks_on_whichever_engine_and_the_index_is_made_beside_it(
    engine: dict[str, str], tmp_path: Path
) -> None:
    home = tmp_path / "home"

    walk = commands.walked(home, **engine)
    rebuilt = commands.run(home, "search", "rebuild", **engine)
    health = commands.run(home, "doctor", "--json", **engine)

    assert walk["result"] == "verified"
    assert rebuilt.returncode == 0 and "the index is whole" in rebuilt.stdout
    assert all(line["well"] for line in json.loads(health.stdout)), health.stdout
    vendor = "postgresql" if engine else "sqlite"
    assert vendor in next(line["en"] for line in json.loads(health.stdout) if line["topic"] == "database")
    assert (home / "search.db").exists() is (vendor == "sqlite")


def test_walking_again_finds_everything_done_and_is_still_verified(walked_home: Walked) -> None:
    home, first = walked_home

    again = commands.walked(home, "--resume")

    assert again["result"] == "verified"
    assert again["certificate"] == first["certificate"]


def test_a_journey_killed_at_any_moment_goes_on_where_it_stood(tmp_path: Path) -> None:
    for number, pause in enumerate((1.5, 2.0, 2.6, 3.3)):
        home = tmp_path / f"killed-{number}"
        process = subprocess.Popen(
            [sys.executable, "-m", "anjuan", "journey"],
            env=commands.clean_environment(home),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()

        walk = commands.walked(home, "--resume")

        assert walk["result"] == "verified"
        assert commands.run(home, "ocfl", "validate", str(home / "store")).returncode == 0
        assert commands.run(home, "doctor").returncode == 0


def test_the_store_is_valid_ocfl_and_the_doctor_is_content(walked_home: Walked) -> None:
    home, _ = walked_home

    validation = commands.run(home, "ocfl", "validate", "--json", str(home / "store"))
    health = commands.run(home, "doctor", "--json")

    assert validation.returncode == 0
    assert not [finding for finding in json.loads(validation.stdout) if finding["severity"] == "ERROR"]
    assert health.returncode == 0
    assert all(line["well"] for line in json.loads(health.stdout))


def test_one_changed_byte_in_the_store_is_found_with_the_specifications_code(
    walked_home: Walked, tmp_path: Path
) -> None:
    home, _ = walked_home
    copy = tmp_path / "store"
    subprocess.run(["cp", "-r", str(home / "store"), str(copy)], check=True)
    victim = next(path for path in sorted(copy.rglob("content/capture/*.jpg")))
    octets = bytearray(victim.read_bytes())
    octets[len(octets) // 2] ^= 1
    victim.chmod(0o644)
    victim.write_bytes(octets)

    validation = commands.run(home, "ocfl", "validate", "--json", str(copy))

    assert validation.returncode == 1
    assert {"E092", "E093"} & {finding["code"] for finding in json.loads(validation.stdout)}


def test_a_folder_of_ones_own_scans_in_gb18030_with_english_headers_is_walked(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    for name in ("001.jpg", "003.jpg"):
        (folder / name).write_bytes((SAMPLE / name).read_bytes())
    rows = [
        ["file", "acceptance_no", "step", "material", "name", "id_number", "formed_date"],
        ["001.jpg", "OWN-1", "参保人员登记", "参保登记表", "欧阳𬭎·买买提", "999001197003120020", "2024/3/5"],
        ["003.jpg", "OWN-1", "参保人员登记", "身份证复印件", "", "", ""],
    ]
    with (folder / "mine.csv").open("w", encoding="gb18030", newline="") as handle:
        csv.writer(handle).writerows(rows)

    walk = commands.walked(tmp_path / "home", "--input", str(folder))

    assert walk["result"] == "verified"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (None, "E-001"),
        ([["file", "acceptance_no", "step"], ["no.jpg", "A-1", "PENSION_RETIREMENT"]], "E-003"),
        ([["file", "acceptance_no", "step"], ["../x.jpg", "A-1", "PENSION_RETIREMENT"]], "E-003"),
        ([["file", "acceptance_no", "step"], ["a.jpg", "A-1", "NO_SUCH_STEP"]], "E-002"),
        ([["file", "acceptance_no", "step"], ["a.jpg", "", "PENSION_RETIREMENT"]], "E-002"),
    ],
    ids=["no table", "missing file", "file outside", "unknown step", "no number"],
)
def test_a_folder_that_cannot_be_used_is_refused_before_anything_is_taken_in(
    tmp_path: Path, rows: list[list[str]] | None, code: str
) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    (folder / "a.jpg").write_bytes((SAMPLE / "001.jpg").read_bytes())
    if rows is not None:
        with (folder / "t.csv").open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows(rows)

    outcome = commands.run(tmp_path / "home", "journey", "--input", str(folder))

    assert outcome.returncode == 1
    assert code in outcome.stderr
    assert not (tmp_path / "home" / "store").exists()


def test_a_folder_that_names_nobody_says_so_at_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    (folder / "a.jpg").write_bytes((SAMPLE / "001.jpg").read_bytes())
    (folder / "b.jpg").write_bytes((SAMPLE / "003.jpg").read_bytes())
    table = "file,acceptance_no,step,material,employer_name,formed_date\n"
    table += "a.jpg,U-1,EMPLOYER_REGISTRATION,MAIN_FORM,演示单位,2025-01-02\n"
    table += "b.jpg,U-1,EMPLOYER_REGISTRATION,LICENCE,演示单位,2025-01-02\n"
    (folder / "t.csv").write_text(table, encoding="utf-8")

    outcome = commands.run(tmp_path / "home", "journey", "--input", str(folder))

    assert outcome.returncode == 1
    assert "E-005" in outcome.stderr


def test_a_real_archive_refuses_to_walk_practice_people_through_itself(tmp_path: Path) -> None:
    outcome = commands.run(tmp_path / "home", "journey", ANJUAN_PRACTICE="0")

    assert outcome.returncode == 1
    assert "E-004" in outcome.stderr
