"""The auditor at the log, in a real browser: every state of the page, at both widths."""

import re
from pathlib import Path

import pytest

from tests.journey.browser import Desk, must_be_here, opened
from tests.journey.commands import python, served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def chromium_is_here() -> None:
    must_be_here()


PASSWORD = """
from anjuan.demo import office
print(office.password())
"""
KEYS = """
import datetime as dt
from anjuan.facilities.signing import actions
from anjuan.facilities.signing.rules import KeyKind
from anjuan.foundation.accounts import occasions, queries
officer = queries.actor_for("sj91", on=occasions.today())
actions.rotate(occasion=occasions.now(officer), kind=KeyKind.LOG)
actions.revoke(occasion=occasions.now(officer), kind=KeyKind.LOG, generation=1, reason="演练：介质遗失")
"""


@pytest.mark.acceptance("S4-C5")
def test_the_auditor_takes_the_root_proves_an_entry_and_compares(own_home: Path, tmp_path: Path) -> None:
    password = python(own_home, PASSWORD).strip()
    python(own_home, KEYS)

    with served(own_home, tmp_path / "serve.log") as base, opened() as browser:
        desk = Desk(browser, base, "sj92", password)
        desk.visit("/evidence/")
        desk.look("evidence-first")
        desk.primary()
        desk.look("evidence-root-taken")
        page = desk.page
        page.fill("#entry", "3")
        page.click("section[aria-labelledby=verify] button")
        page.wait_for_load_state("load")
        assert "已证明" in page.inner_text("section[aria-labelledby=verify]")
        desk.look("evidence-proven")
        sizes = re.findall(r"[\d,]+", page.inner_text("section[aria-labelledby=days] td.num"))
        desk.visit(f"/evidence/?old={sizes[0].replace(',', '')}&new={sizes[0].replace(',', '')}#compare")
        assert "未改动" in page.inner_text("section[aria-labelledby=compare]")
        with page.expect_download() as download:
            page.locator("a[href$='stamp.tsr']").first.click()
        assert download.value.suggested_filename.endswith(".tsr")
        desk.close()
