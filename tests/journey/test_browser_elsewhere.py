"""Archives that ask one another: a real server, asked by itself over the network, beside one that is not there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journey.browser import Desk, must_be_here, opened
from tests.journey.commands import clean_environment, python, run, served

pytestmark = pytest.mark.browser

PASSWORD = """
from anjuan.demo import office
print(office.password())
"""
WHO = """
from anjuan.records.models import Subject
subject = Subject.objects.exclude(id_number="").order_by("pk").first()
print(subject.id_number, subject.name, sep="|")
"""


@pytest.fixture(scope="module", autouse=True)
def chromium_is_here() -> None:
    must_be_here()


def test_one_question_is_asked_of_several_archives(tmp_path: Path, own_home: Path) -> None:
    run(own_home, "search", "rebuild")
    password = python(own_home, PASSWORD)
    number, name = python(own_home, WHO).split("|")

    with served(own_home, tmp_path / "serve.log") as base, opened() as browser:
        desk = Desk(browser, base, "sj05", password)
        desk.visit("/find/")
        assert desk.page.locator("a:has-text('其他档案馆')").count() == 0
        _named(own_home, base, password)
        let_in = run(own_home, "archives")
        assert let_in.returncode == 1  # one of the three is not there
        assert "LX  临县社会保险档案馆" in let_in.stdout
        assert "账号可用" in let_in.stdout.splitlines()[0]
        assert "连不上" in let_in.stdout.splitlines()[1]

        desk.visit(f"/find/?q={number}")
        desk.page.click("a:has-text('其他档案馆')")
        desk.page.wait_for_load_state("load")
        desk.look("elsewhere-form")
        desk.page.fill("#along-purpose", "异地核实工龄")
        desk.page.click("main .along button[type=submit]")
        desk.page.wait_for_selector("#site-LX")
        said = desk.page.inner_text("main")
        assert "2 家没有答复" in said
        assert "账号不被接受" in said
        assert name in desk.page.inner_text("section:has(#site-LX)")
        assert number not in desk.page.inner_text("section:has(#site-LX)")
        desk.look("elsewhere-answered")
        desk.close()

        auditor = Desk(browser, base, "sj92", password)
        auditor.visit("/elsewhere/register/")
        shown = auditor.page.inner_text("main")
        assert "李婷（sj05）" in shown  # as the archive that was asked knows her
        assert number not in shown
        auditor.look("elsewhere-register")
        auditor.close()

    # The command asks while nobody serves: nobody answers, it says so and ends.
    asked = subprocess.run(
        [
            sys.executable,
            "-m",
            "anjuan",
            "search",
            "elsewhere",
            number,
            "--staff",
            "sj05",
            "--purpose",
            "核实",
            "--json",
        ],
        input=f"{password}\n",
        env=clean_environment(own_home),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert asked.returncode == 1, asked.stderr
    told = json.loads(asked.stdout)
    assert told["here"] > 0
    assert {reply["outcome"] for reply in told["replies"]} == {"UNREACHABLE"}


def _named(home: Path, base: str, password: str) -> None:
    told = [
        ("LX", "临县社会保险档案馆", base, "sj05", password),
        ("GX", "高县社会保险档案馆", "http://127.0.0.1:9", "sj05", password),
        ("MX", "茂县社会保险档案馆", base, "sj12", "not-this"),
    ]
    tables = [
        f'[[archive]]\nkey = "{key}"\nname = "{name}"\naddress = "{address}"\nstaff_code = "{staff}"\n'
        f"password = '{word}'\nseconds = 8\n"
        for key, name, address, staff, word in told
    ]
    (home / "archives.toml").write_text("\n".join(tables), encoding="utf-8")
    (home / "archives.toml").chmod(0o600)
