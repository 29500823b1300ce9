"""A fault found once is looked for elsewhere, and a campaign is held, in a real browser at both widths."""

from pathlib import Path

import pytest

from tests.journey.browser import Desk, must_be_here, opened
from tests.journey.commands import python, served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def chromium_is_here() -> None:
    must_be_here()


PREPARE = """
    from django.core.management import call_command
    call_command("migrate", verbosity=0)
    from anjuan.demo import folder, office
    from anjuan.demo.journey import SAMPLE, Journey
    office.found()
    from anjuan.foundation.schedule import queries as schedule
    walk = Journey(folder=SAMPLE)
    walk.cases = folder.read(SAMPLE, schedule.steps())
    walk._register(); walk._capture(); walk._submit(); walk._review(); walk._file(); walk._seal()
    print(office.password())
"""


@pytest.mark.acceptance("S0-P4")
def test_a_checker_sweeps_a_fault_and_an_acceptor_looks_back(tmp_path: Path) -> None:
    home = tmp_path / "home"
    password = python(home, PREPARE).splitlines()[-1]

    with served(home, tmp_path / "serve.log") as base, opened() as browser:
        checker = Desk(browser, base, "bh04", password)
        page = checker.page
        checker.visit("/inspection/campaigns/")
        checker.look("campaigns-empty")
        checker.visit("/inspection/self-check/")
        checker.primary()
        page.click("[data-open-return]")
        page.select_option("#return-fault", "S01")
        page.click("#return [name=deed][value=return]")
        page.wait_for_load_state("load")
        offer = page.locator(".done a")
        assert "可能有同样问题" in offer.inner_text()
        checker.look("sweep-offered")
        offer.click()
        checker.look("sweep")
        checker.primary()
        checker.look("sweep-begun")
        checker.primary()
        assert page.locator("#verdict button").is_disabled()
        checker.look("campaign-unit")
        checker.turn_all_pages()
        page.wait_for_timeout(4000)
        checker.primary()
        assert "没有发现问题" in page.inner_text(".done")
        checker.look("sweep-judged")
        checker.visit("/inspection/campaigns/")
        checker.look("campaigns")

        acceptor = Desk(browser, base, "sj01", password)
        page = acceptor.page
        acceptor.visit("/inspection/campaigns/new/?agency=BH&count=1")
        acceptor.look("campaign-rehearsed")
        page.fill("#name", "2026年度业务档案回头看")
        page.fill("#reason", "达标验收后复查")
        page.click("section#counted .btn-primary")
        page.wait_for_load_state("load")
        acceptor.primary()
        page.click("#put-off summary")
        page.fill("#put-off-reason", "等纸质档案")
        acceptor.look("campaign-unit-put-off")
        page.click("#put-off button")
        page.wait_for_load_state("load")
        acceptor.primary()
        page.click("[data-open-return]")
        page.select_option("#return-fault", "S01")
        page.click("#return [name=deed][value=return]")
        page.wait_for_load_state("load")
        assert "已记录" in page.inner_text(".head .why")
        acceptor.look("campaign")
        page.click("main details:last-of-type summary")
        page.fill("#closing-note", "其余下月再看")
        page.click("main details:last-of-type button")
        page.wait_for_load_state("load")
        acceptor.look("campaign-report")
        with page.expect_download() as download:
            page.click(".head .do .btn-primary")
        assert download.value.suggested_filename.startswith("HTK-")
        acceptor.close()
        checker.close()
